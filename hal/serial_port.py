"""A serial port as a `ByteStream`: pyserial underneath, non-blocking, read by the event loop.

Opens a real tty, a pty or a link to either. Raw 8N1 (pyserial's default), exclusive: flock by pyserial, TIOCEXCL on
real devices. A pty is not marked TIOCEXCL, because the mark would outlive a killed holder while the other end is open.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import logging
import os
import termios
from collections.abc import Callable
from pathlib import Path

import serial

from hal.errors import PortError

_log = logging.getLogger(__name__)

_READ_BYTES = 16_384
DEFAULT_BAUD = 115_200


class SerialByteStream:
    """One port; may be opened again after it was closed or lost, also when its node has been made anew."""

    def __init__(self, path: str | Path, baud: int = DEFAULT_BAUD) -> None:
        self._path = str(path)
        self._baud = baud
        self._port: serial.Serial | None = None
        self._fd = -1
        self._on_data: Callable[[bytes], None] = lambda _data: None
        self._on_lost: Callable[[str], None] = lambda _reason: None

    def open(self, on_data: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        """Raises `PortError` (an `OSError`) when the port is away, in use or not ours to open.

        What to look at depends on what should be at its other end: that is for the driver to say.
        """
        self.close()
        try:
            port = serial.Serial(self._path, self._baud, timeout=0, write_timeout=0, exclusive=True)
        except (OSError, ValueError, termios.error) as error:  # termios.error: pyserial lets it through (unplugged)
            raise PortError(f"{self._path}: {_words(error)}") from error
        self._port = port
        self._fd = port.fileno()
        self._on_data, self._on_lost = on_data, on_lost
        if not os.ttyname(self._fd).startswith("/dev/pts/"):
            fcntl.ioctl(self._fd, termios.TIOCEXCL)
        asyncio.get_running_loop().add_reader(self._fd, self._readable)

    def write(self, data: bytes) -> int:
        """Bytes taken; 0 when the device does not drain or is gone (which `on_lost` tells)."""
        if self._port is None:
            return 0
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            return 0
        except OSError as error:
            asyncio.get_running_loop().call_soon(self._lose, self._port, f"write failed: {error.strerror}")
            return 0

    def close(self) -> None:
        """Harmless when closed."""
        port, self._port = self._port, None
        if port is None:
            return
        asyncio.get_running_loop().remove_reader(self._fd)
        try:
            port.close()
        except OSError as error:  # a device that is gone may say so once more
            _log.debug("%s: closing: %s", self._path, error)

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(self._port, f"read failed: {error.strerror}")
            return
        if data:
            self._on_data(data)
        else:
            self._lose(self._port, "the device is gone")

    def _lose(self, port: serial.Serial | None, reason: str) -> None:
        """Once at most, and only for the port it is about."""
        if port is None or port is not self._port:
            return
        self.close()
        self._on_lost(f"{self._path}: {reason}")


def _words(error: Exception) -> str:
    """That somebody else holds it (flock by pyserial, TIOCEXCL) is told by errno only."""
    taken = isinstance(error, OSError) and error.errno in (errno.EAGAIN, errno.EBUSY)
    return "another program is on it" if taken else str(error)
