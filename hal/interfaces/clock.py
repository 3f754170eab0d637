"""What time is: durations from the monotonic clock, stamps for people from the wall clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant, read once per decision: durations come from `mono`, stamps for people from `wall`."""

    mono: float
    """Seconds of the machine's monotonic clock (Linux: since boot)."""
    wall: float
    """POSIX seconds, UTC; wrong by decades until some clock source has spoken."""


class Clock(Protocol):
    def now(self) -> Moment: ...
