"""A serial port without a tty, so that modem, network and driver can run in one loop of virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path


class MemoryPort:
    """The modem's end is a `Port`; the host's end is `host_write` and the callback `on_host_data`.

    Each chunk arrives in a turn of the loop of its own, in order, as bytes from a tty do.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, link: Path, on_data: Callable[[bytes], None]) -> None:
        self.on_data = on_data
        self.on_host_data: Callable[[bytes], None] = _nobody
        self.on_hang_up: Callable[[], None] = _nothing
        self._loop = loop
        self._link = link
        self._present = True

    @property
    def path(self) -> Path:
        """A name only: nothing stands there."""
        return self._link

    @property
    def present(self) -> bool:
        return self._present

    @property
    def unread_bytes(self) -> int:
        return 0

    def host_write(self, data: bytes) -> None:
        """The host sends; lost while the device is unplugged."""
        self._loop.call_soon(self._to_modem, data)

    def write(self, data: bytes) -> None:
        if self._present:
            self._loop.call_soon(self._to_host, data)

    def vanish(self) -> None:
        if self._present:
            self._present = False
            self._loop.call_soon(self.on_hang_up)

    def reappear(self, new_link: Path | None) -> None:
        self._present = True
        if new_link is not None:
            self._link = new_link

    def close(self) -> None:
        self.vanish()

    def _to_modem(self, data: bytes) -> None:
        if self._present:
            self.on_data(data)

    def _to_host(self, data: bytes) -> None:
        if self._present:
            self.on_host_data(data)


def _nobody(_data: bytes) -> None:
    """No host has opened the port."""


def _nothing() -> None:
    """No host notices."""
