"""A serial port of an emulated modem: one pseudo terminal behind a link of a stable name.

Invariants: `write` never blocks and never raises for a host that is slow, absent or gone; what the host does not read
is dropped as whole chunks, oldest first, beyond `BACKLOG_BYTES`. The port keeps the slave side open itself, so hosts
may come and go as on a real tty. `vanish` is the unplugged USB device: the link goes first, then the host's descriptor
is hung up (its reads end, its writes give EIO).
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import struct
import termios
import tty
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sim_hardware.errors import WorldError

BACKLOG_BYTES = 65_536
"""Beyond the kernel's own buffer (4–68 kB): enough for every answer of a modem, little enough to be forgotten."""
READ_BYTES = 65_536


class Port(Protocol):
    """What a modem's shell needs of a serial port: `PtyPort` in real time, `MemoryPort` in virtual time."""

    on_data: Callable[[bytes], None]

    @property
    def path(self) -> Path: ...

    @property
    def present(self) -> bool: ...

    @property
    def unread_bytes(self) -> int: ...

    def write(self, data: bytes) -> None: ...

    def vanish(self) -> None: ...

    def reappear(self, new_link: Path | None) -> None: ...

    def close(self) -> None: ...


OpenPort = Callable[[asyncio.AbstractEventLoop, Path, Callable[[bytes], None]], Port]


class PtyPort:
    """A pty whose slave stands at `link`; bytes from the host reach `on_data` on the loop.

    Raises `WorldError` when the pty or the link cannot be made.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, link: Path, on_data: Callable[[bytes], None]) -> None:
        self.on_data = on_data
        self.dropped_bytes = 0
        self._loop = loop
        self._link = link
        self._master = -1
        self._slave = -1
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._device = ""
        self._open()

    @property
    def path(self) -> Path:
        """The link's path; the host opens this."""
        return self._link

    @property
    def present(self) -> bool:
        """False while the device is unplugged or closed."""
        return self._master >= 0

    @property
    def unread_bytes(self) -> int:
        """What lies in the tty's input buffer, not yet read by any host (at most 4 kB: the line discipline's)."""
        if self._slave < 0:
            return 0
        (count,) = struct.unpack("i", fcntl.ioctl(self._slave, termios.FIONREAD, b"\0\0\0\0"))
        return int(count)

    def write(self, data: bytes) -> None:
        """Send one chunk to the host; what the tty does not take now follows later, in order."""
        if self._master < 0 or not data:
            return
        if self._waiting:
            self._enqueue(data)
            return
        taken = self._write_now(data)
        if taken < len(data) and self._master >= 0:
            self._enqueue(data[taken:])
            self._loop.add_writer(self._master, self._drain)

    def vanish(self) -> None:
        """Unplug: the link disappears and an open host is hung up. Harmless when already gone."""
        if self._master < 0:
            return
        self._remove_link()
        self._loop.remove_reader(self._master)
        self._loop.remove_writer(self._master)
        master, slave = self._master, self._slave
        self._master = self._slave = -1
        self._waiting.clear()
        self._waiting_bytes = 0
        os.close(slave)
        os.close(master)  # the last descriptor of the master: the kernel hangs up every open slave

    def reappear(self, new_link: Path | None) -> None:
        """Plug in again as a fresh pty, under `new_link` when given. Harmless when it never left."""
        if self._master >= 0:
            return
        if new_link is not None:
            self._link = new_link
        self._open()

    def close(self) -> None:
        """End the port for good."""
        self.vanish()

    def _open(self) -> None:
        try:
            master, slave = pty.openpty()
        except OSError as error:
            raise WorldError(f"no pty for {self._link}: {error}") from error
        try:
            tty.setraw(slave)
            os.set_blocking(master, False)
            self._device = os.ttyname(slave)
            self._make_link()
        except OSError as error:
            os.close(slave)
            os.close(master)
            raise WorldError(f"cannot link {self._link} to a pty: {error}") from error
        self._master, self._slave = master, slave
        self._loop.add_reader(master, self._readable)

    def _make_link(self) -> None:
        """Put the link in place in one step, so that a host polling for it never sees half of it."""
        if self._link.exists() and not self._link.is_symlink():
            raise FileExistsError(f"{self._link} exists and is no link of ours")
        self._link.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._link.with_name(f".{self._link.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(self._device)
        fresh.replace(self._link)

    def _remove_link(self) -> None:
        """Remove the link unless another port has taken the name meanwhile."""
        if self._link.is_symlink() and str(self._link.readlink()) == self._device:
            self._link.unlink(missing_ok=True)

    def _readable(self) -> None:
        try:
            data = os.read(self._master, READ_BYTES)
        except BlockingIOError:
            return
        except OSError:  # EIO cannot last while we hold the slave; a spurious one is no data
            return
        if data:
            self.on_data(data)

    def _write_now(self, data: bytes) -> int:
        try:
            return os.write(self._master, data)
        except BlockingIOError:
            return 0
        except OSError:
            self.dropped_bytes += len(data)
            return len(data)

    def _enqueue(self, data: bytes) -> None:
        """Queue a chunk; drop whole old chunks, but never the rest of one that is half out (samples would shift)."""
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        while self._waiting_bytes > BACKLOG_BYTES and len(self._waiting) > 2:
            old = self._waiting[1]
            del self._waiting[1]
            self._waiting_bytes -= len(old)
            self.dropped_bytes += len(old)

    def _drain(self) -> None:
        while self._waiting:
            chunk = self._waiting[0]
            taken = self._write_now(chunk)
            self._waiting_bytes -= taken
            if taken < len(chunk):
                self._waiting[0] = chunk[taken:]
                return
            self._waiting.popleft()
        self._loop.remove_writer(self._master)
