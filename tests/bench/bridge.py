"""Two modems' voices, bridged by the box: `PcmPacer`, port, `PcmPort`, `MediaEngine`, and the same way back.

The ports are ptys with `SerialByteStream`, or `MemoryPort` in virtual time; all else is the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from edge.calls.actions import SetHearing
from edge.media.media_engine import MediaEngine
from edge.media.prompts import PromptLibrary
from edge.telephony import CallId, Frame, LegId, LineId, RecordingId
from hal.audio.pcm_port import PcmPort
from hal.interfaces import AudioStatistics, ByteStream, Clock
from hal.serial_port import SerialByteStream
from sim_hardware.pcm import FRAME_S, ModemClock, PcmPacer
from sim_hardware.ptys import PtyPort
from tests.bench.sounds import Ear, Mouth

EVERY_FRAMES = 8
"""A burst each 160 ms."""
CALL = CallId("c1")
LEGS = (LegId("c1.1"), LegId("c1.2"))


class NoRecorder:
    def start(self, recording: RecordingId, call: CallId, started_wall: float) -> None: ...

    def feed(self, recording: RecordingId, left: Frame | None, right: Frame | None) -> None: ...

    def stop(self, recording: RecordingId) -> None: ...


class MemoryPort:
    """Both ends of a PCM port without a tty: for the pacer what `PtyPort` is, for the box a `ByteStream`."""

    unread_bytes = 0

    def __init__(self) -> None:
        self.on_data: Callable[[bytes], None] = lambda _data: None
        self._to_host: Callable[[bytes], None] | None = None

    def send(self, data: bytes) -> None:
        """From the modem."""
        if self._to_host is not None:
            self._to_host(data)

    def open(self, on_data: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        self._to_host = on_data

    def close(self) -> None:
        self._to_host = None

    def write(self, data: bytes) -> int:
        """From the host."""
        self.on_data(data)
        return len(data)


class _ModemEnd:
    """A `MemoryPort` as the pacer sees it."""

    unread_bytes = 0

    def __init__(self, port: MemoryPort) -> None:
        self._port = port

    @property
    def on_data(self) -> Callable[[bytes], None]:
        return self._port.on_data

    @on_data.setter
    def on_data(self, heard: Callable[[bytes], None]) -> None:
        self._port.on_data = heard

    def write(self, data: bytes) -> None:
        self._port.send(data)


def _nothing(_given: object) -> None:
    """Nobody listens to events; every leg has its port already."""


@dataclass
class Side:
    """One modem and its port."""

    mouth: Mouth
    ear: Ear
    """Behind the modem's own buffer, when the modem took it out."""
    smooth_ear: Ear
    """The same on the modem's even clock: what the person hears."""
    at_port: Ear
    """At the port: what the box has written."""
    pacer: PcmPacer
    port: PcmPort
    counted: AudioStatistics = field(default_factory=AudioStatistics)
    """Of the port, when all was stopped."""


class Bridge:
    """Build it on a running loop; `start`, let time pass, `stop`, look at `sides`."""

    def __init__(self, clock: Clock, drifts_ppm: tuple[float, float], folder: Path | None, jitter_ms: float) -> None:
        """`folder`: where the links of the ptys stand; None: in memory."""
        self._loop = asyncio.get_running_loop()
        self._clock = clock
        self._stack = ExitStack()
        self.sides = [self._side(index, ppm, folder, jitter_ms) for index, ppm in enumerate(drifts_ppm)]
        self.media = MediaEngine(
            self._loop, clock, PromptLibrary(), NoRecorder(), lambda _event: None, lambda _line: None
        )

    async def start(self, rng: Random) -> None:
        """The three clocks (two modems, the mixer) begin anywhere within 20 ms of each other."""
        for side, leg in zip(self.sides, LEGS, strict=True):
            side.pacer.open()
            await asyncio.sleep(rng.uniform(0, FRAME_S))
            side.port.set_open(is_open=True)
            self.media.leg_added(leg, LineId("gsm"), side.port)
            self.media.leg_audio_open(leg)
        for listener, speaker in (LEGS, LEGS[::-1]):
            self.media.perform(SetHearing(listener, speaker, 1.0))

    def stop(self) -> None:
        self.media.close()
        for side in self.sides:
            side.counted = side.port.statistics
            side.pacer.close()
            side.port.close()
        self._stack.close()

    def _side(self, index: int, drift_ppm: float, folder: Path | None, jitter_ms: float) -> Side:
        modem_end, stream = self._ends(index, folder)
        modem_clock = ModemClock(self._loop.time(), drift_ppm)
        ear, smooth_ear, at_port = Ear(), Ear(), Ear()

        def now() -> float:
            return self._clock.now().mono

        def due() -> float:
            """Of the tick that runs now, without its jitter; the pacer has armed the next one already."""
            return modem_clock.monotonic_s(pacer._due_s - FRAME_S)

        def heard(frame: bytes) -> None:
            ear.hear(frame, now())
            smooth_ear.hear(frame, due())

        mouth = Mouth(now, due, EVERY_FRAMES)
        pacer = PcmPacer(self._loop, modem_end, modem_clock, mouth.frame, heard, Random(index), jitter_ms=jitter_ms)
        take = modem_end.on_data

        def arrives(data: bytes) -> None:
            at_port.hear(data, now())
            take(data)

        modem_end.on_data = arrives
        return Side(mouth, ear, smooth_ear, at_port, pacer, PcmPort(f"gsm-{index}", stream, self._clock))

    def _ends(self, index: int, folder: Path | None) -> tuple[Any, ByteStream]:
        if folder is None:
            memory = MemoryPort()
            return _ModemEnd(memory), memory
        pty = PtyPort(self._loop, folder / f"pcm-{index}", lambda _data: None)
        self._stack.callback(pty.close)
        return pty, SerialByteStream(pty.path)
