"""The board that the configuration names, ready to be started: what the composition root calls once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from hal.errors import ConfigurationError
from hal.interfaces import Board, BoardSink, ByteStream, Clock, Supervisor
from hal.mcu import McuSupervisor
from hal.pin_map import read_pin_map


def open_supervisor(
    stream: ByteStream,
    clock: Clock,
    sink: BoardSink,
    families: Sequence[str | None],
    version: tuple[int, int, int],
    settings: Mapping[str, int],
) -> tuple[Board, Supervisor]:
    """A HAT with a microcontroller: board and supervisor are the same."""
    driver = McuSupervisor(stream, clock, sink, secrets.randbits(32), families, version, settings)
    return driver, driver


def open_gpio(pin_map: str, clock: Clock, sink: BoardSink, slots: int) -> Board:
    """A HAT without one. Raises `ConfigurationError` for a pin map that cannot be used or has too few slots."""
    from hal.gpio import GpioBoard  # only this kind of board pays for gpiozero, a fifth of a second at every start

    found = read_pin_map(pin_map)
    if len(found.slots) < slots:
        raise ConfigurationError(f"pin map {pin_map}: {len(found.slots)} slots for {slots} lines")
    return GpioBoard(found, clock, sink)
