"""Bytes in and out of the machine: a stream, and the catalogue of what is plugged in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class ByteStream(Protocol):
    """A serial port, a pty or an emulator in the same loop. Callbacks come on the event loop."""

    def open(self, on_data: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        """Starts delivering. Raises `OSError` when the port cannot be had; `on_lost(reason)` comes once at most."""
        ...

    def write(self, data: bytes) -> int:
        """Never blocks. Returns how many bytes were taken (0 when the device does not drain)."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class PortInfo:
    """One serial port as the machine lists it."""

    path: str
    vendor_id: int | None = None
    product_id: int | None = None
    interface: int | None = None
    """USB bInterfaceNumber: what tells AT from PCM where numbers of nodes do not."""
    usb_path: str | None = None


@dataclass(frozen=True, slots=True)
class ModemPorts:
    at: str
    audio: str | None
    family: str | None = None


class PortCatalogue(Protocol):
    def ports(self) -> list[PortInfo]: ...

    def modems(self) -> list[ModemPorts]:
        """Pairs of AT and audio ports by USB table; refuses an ambiguous match."""
        ...
