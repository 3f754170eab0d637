"""A real pty: hosts come and go, the device vanishes and comes back."""

from __future__ import annotations

import asyncio
import errno
import os
import time

import pytest

from sim_hardware.errors import WorldError
from sim_hardware.ptys import BACKLOG_BYTES, PtyPort


def open_host(path):
    return os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)


async def read_all(host, want, within_s=3.0):
    """What the host reads until it has `want` bytes."""
    data, give_up = b"", time.monotonic() + within_s
    while len(data) < want and time.monotonic() < give_up:
        try:
            data += os.read(host, 65536)
        except BlockingIOError:
            await asyncio.sleep(0.001)
    return data


async def until(condition, within_s=3.0):
    give_up = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < give_up, "did not happen"
        await asyncio.sleep(0.001)


def run(scenario):
    """`scenario(new_port, got)` in a loop; ports are closed after it."""

    async def main():
        ports = []

        def new_port(link, on_data=lambda _: None):
            ports.append(PtyPort(asyncio.get_running_loop(), link, on_data))
            return ports[-1]

        try:
            await scenario(new_port)
        finally:
            for port in ports:
                port.close()

    asyncio.run(main())


def test_bytes_pass_raw_both_ways_and_hosts_come_and_go(tmp_path):
    async def scenario(new_port):
        got = []
        port = new_port(tmp_path / "gsm-1-at", got.append)
        for visit in range(1, 4):
            host = open_host(port.path)
            os.write(host, b"AT\r\x00\x03\x1a")
            await until(lambda visit=visit: b"".join(got).count(b"\x1a") == visit)
            port.write(b"\r\nOK\r\n\x00\xff\x11\x13")
            assert await read_all(host, 10) == b"\r\nOK\r\n\x00\xff\x11\x13"
            os.close(host)
        assert b"".join(got) == b"AT\r\x00\x03\x1a" * 3

    run(scenario)
    assert list(tmp_path.iterdir()) == []


def test_vanish_hangs_up_the_host_and_reappear_is_a_new_device(tmp_path):
    async def scenario(new_port):
        port = new_port(tmp_path / "gsm-1-at")
        host = open_host(port.path)
        port.vanish()
        assert not port.path.exists()
        assert not port.present
        with pytest.raises(OSError, match="Input/output") as error:
            os.write(host, b"AT\r")
        assert error.value.errno == errno.EIO
        assert os.read(host, 10) == b""
        os.close(host)
        port.write(b"nobody")
        port.vanish()
        port.reappear(tmp_path / "gsm-9-at")
        host = open_host(tmp_path / "gsm-9-at")
        port.write(b"RDY")
        assert await read_all(host, 3) == b"RDY"
        os.close(host)

    run(scenario)
    assert list(tmp_path.iterdir()) == []


def test_a_host_that_never_reads_blocks_nothing_and_loses_only_whole_chunks(tmp_path):
    async def scenario(new_port):
        port = new_port(tmp_path / "gsm-1-audio")
        chunk = bytes(range(64)) * 5
        sent = 4 * BACKLOG_BYTES // len(chunk)
        for _ in range(sent):
            port.write(chunk)
        assert port.dropped_bytes > 0
        assert port.dropped_bytes % len(chunk) == 0
        host = open_host(port.path)
        rest = sent * len(chunk) - port.dropped_bytes
        data = await read_all(host, rest)
        assert data == chunk * (rest // len(chunk))
        os.close(host)

    run(scenario)


def test_unread_bytes_are_seen(tmp_path):
    async def scenario(new_port):
        port = new_port(tmp_path / "a")
        port.write(b"x" * 1000)
        await until(lambda: port.unread_bytes == 1000)

    run(scenario)


def test_a_link_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("mine")

    async def scenario(new_port):
        with pytest.raises(WorldError, match="file"):
            new_port(tmp_path / "file")
        with pytest.raises(WorldError, match="beneath"):
            new_port(tmp_path / "file" / "beneath")

    run(scenario)
    assert (tmp_path / "file").read_text() == "mine"
