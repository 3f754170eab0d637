"""A board of the test's own: it keeps what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hal.errors import PortError, SupervisorError
from hal.interfaces import (
    BoardReadings,
    BoxLamp,
    HostState,
    LineLamp,
    LogRecord,
    StopReason,
    SupervisorReady,
)

READY = SupervisorReady("0.1.0", 2, frozenset({"updates"}), True, "a", False, False, "power on", StopReason.WATCHDOG, 1)


class KeptBoard:
    """A board that keeps what it is told."""

    slots = 2
    readings: BoardReadings | None = BoardReadings(5000, 0, 41.5, "good", 60, 0, 0, 120_000)

    def __init__(self) -> None:
        self.beats: list[HostState] = []
        self.lines: dict[int, LineLamp] = {}
        self.box: BoxLamp | None = None
        self.cycled: list[int] = []
        self.switched: list[tuple[int, str]] = []
        self.log: tuple[LogRecord, ...] | None = ()
        self.families: dict[int, str] = {}
        self.started = self.closed = False
        self.absent = ""
        """Why it cannot be had."""

    def start(self) -> None:
        if self.absent:
            raise PortError(self.absent)
        self.started = True

    async def close(self) -> None:
        self.closed = True

    def set_family(self, slot: int, family: str) -> None:
        self.families[slot] = family

    def beat(self, state: HostState) -> None:
        self.beats.append(state)

    def show_line(self, slot: int, lamp: LineLamp) -> None:
        self.lines[slot] = lamp

    def show_box(self, lamp: BoxLamp) -> None:
        self.box = lamp

    def switch_on(self, slot: int) -> None:
        self.switched.append((slot, "on"))

    def switch_off(self, slot: int) -> None:
        self.switched.append((slot, "off"))

    def cycle(self, slot: int) -> None:
        self.cycled.append(slot)

    async def read_log(self) -> tuple[LogRecord, ...]:
        if self.log is None:
            raise SupervisorError("LOG_READ: no answer")
        return self.log

    async def update(self, image: bytes, progress: Callable[[int, int], None]) -> None:
        for sent in (len(image) // 2, len(image)):
            progress(sent, len(image))
            await asyncio.sleep(0.05)
        if b"unheard" in image:
            raise IndexError("a word of a newer supervisor")
        if b"bad" in image:
            raise SupervisorError("the supervisor refused the firmware: signature")
