"""Helpers of the system tests: the world as a process, and a host script that speaks raw AT on a pty."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from contextlib import asynccontextmanager

import numpy as np

from sim_hardware.control import ask


class WorldProcess:
    def __init__(self, process, ready):
        self.process = process
        self.control = ready["control"]
        self.lines = {line["line"]: line for line in ready["lines"]}

    async def ask(self, **request):
        return await ask(self.control, **request)


@asynccontextmanager
async def world(directory, *options):
    """A running world; after the block it must have ended cleanly within 2 s of SIGTERM."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sim_hardware.world", "--dir", str(directory), *options, stdout=asyncio.subprocess.PIPE
    )
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 10)
        assert line.startswith(b"READY "), line
        yield WorldProcess(process, json.loads(line[6:]))
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 2) == 0
        assert await process.stdout.read() == b"", "nothing but READY on stdout"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


class Host:
    """One descriptor on a pty; all that came in is kept."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self.data = bytearray()
        asyncio.get_running_loop().add_reader(self.fd, self._readable)

    def _readable(self):
        try:
            data = os.read(self.fd, 65536)
        except BlockingIOError:
            return
        if not data:
            asyncio.get_running_loop().remove_reader(self.fd)
        self.data += data

    def write(self, data):
        os.write(self.fd, data)

    async def command(self, text, answer="OK"):
        self.data.clear()
        self.write(text.encode() + b"\r")
        await self.expect(answer)

    async def expect(self, text, within_s=5.0):
        await until(lambda: text.encode() in self.data, f"{text!r} in {bytes(self.data)!r}", within_s)

    def close(self):
        asyncio.get_running_loop().remove_reader(self.fd)
        os.close(self.fd)


class AudioHost(Host):
    """Plays one sound on its own 20 ms clock, keeps what it hears."""

    def __init__(self, path, sound):
        super().__init__(path)
        self.task = asyncio.get_running_loop().create_task(self._play(sound))

    async def _play(self, sound):
        loop = asyncio.get_running_loop()
        start, frames = loop.time(), len(sound) // 160
        for index in range(frames):
            self.write(sound[index * 160 : (index + 1) * 160].tobytes())
            await asyncio.sleep(max(0.0, start + (index + 1) * 0.02 - loop.time()))

    @property
    def heard(self):
        return np.frombuffer(bytes(self.data[: len(self.data) // 2 * 2]), dtype=np.int16)

    def close(self):
        self.task.cancel()
        super().close()


async def until(condition, what="it", within_s=5.0):
    give_up = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < give_up, f"did not happen in {within_s} s: {what}"
        await asyncio.sleep(0.005)


def likeness(heard, said):
    """Highest normalised correlation of `said` somewhere in `heard`, and at which sample."""
    heard, said = heard.astype(float), said.astype(float)
    size = 1 << (len(heard) + len(said)).bit_length()
    product = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(said, size)), size)[: max(1, len(heard))]
    energy = np.concatenate([[0.0], np.cumsum(heard**2)])
    ends = np.minimum(np.arange(len(product)) + len(said), len(heard))
    norm = np.sqrt((energy[ends] - energy[: len(product)]) * np.sum(said**2)) + 1e-9
    norm[energy[ends] - energy[: len(product)] < 0.05 * np.sum(said**2)] = np.inf
    score = product / norm
    best = int(np.argmax(score))
    return float(score[best]), best
