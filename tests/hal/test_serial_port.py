"""A real pty under the real driver stream."""

from __future__ import annotations

import asyncio
import os
import pty
import termios
import tty

import pytest
import serial

from hal.clock import SystemClock
from hal.errors import PortError
from hal.serial_port import SerialByteStream


async def until(condition, within_s=5.0):
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in the kernel
            await asyncio.sleep(0.005)


@pytest.mark.system
def test_a_pty_through_a_link_both_ways_exclusive_lost_and_again(tmp_path):
    async def story() -> None:
        master, slave = pty.openpty()
        tty.setraw(slave)
        link = tmp_path / "gsm-1-at"
        link.symlink_to(os.ttyname(slave))
        heard, lost = bytearray(), []
        port = SerialByteStream(link)
        port.open(heard.extend, lost.append)
        assert port.write(b"AT\r") == 3
        assert os.read(master, 10) == b"AT\r"
        os.write(master, b"\r\nOK\r\n")
        await until(lambda: bytes(heard) == b"\r\nOK\r\n")
        with pytest.raises(PortError, match="another program"):
            SerialByteStream(link).open(heard.extend, lost.append)
        os.close(slave)
        os.close(master)
        await until(lambda: bool(lost))
        assert len(lost) == 1
        assert port.write(b"AT\r") == 0
        with pytest.raises(PortError, match="gsm-1-at"):
            port.open(heard.extend, lost.append)
        port.close()

    asyncio.run(story())


def test_a_port_that_is_not_there(tmp_path):
    async def story() -> None:
        with pytest.raises(PortError, match="none") as told:
            SerialByteStream(tmp_path / "none").open(lambda _data: None, lambda _reason: None)
        assert "modem" not in str(told.value), "what is at the other end is not the port's to say"

    asyncio.run(story())


def test_the_clock_runs():
    clock = SystemClock()
    first, second = clock.now(), clock.now()
    assert second.mono >= first.mono
    assert first.wall > 1_700_000_000


def test_a_device_that_goes_while_it_is_opened_is_a_port_error(tmp_path, monkeypatch):
    """pyserial lets termios.error through, which is no OSError: the line would be dead until the next start."""

    def gone(*_arguments, **_options):
        raise termios.error(5, "Input/output error")

    async def story() -> None:
        monkeypatch.setattr(serial, "Serial", gone)
        with pytest.raises(PortError, match="Input/output error"):
            SerialByteStream(tmp_path / "tty").open(lambda _data: None, lambda _reason: None)

    asyncio.run(story())
