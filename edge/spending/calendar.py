"""Which local day, month and night an instant belongs to. Wall time serves this and nothing else here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from edge.dialplan.limits import FraudGuard, LimitPeriod

DAY_S = 86_400
LOCAL_OFFSET_S = 7 * 3600
"""Asia/Ho_Chi_Minh: no summer time since 1975."""
CLOCK_UNSET_BEFORE = 1_577_836_800.0
"""2020-01-01: a box whose clock says less has not been told the time yet."""
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def day_of(wall: float) -> int:
    """Days since 1970-01-01, local."""
    return int((wall + LOCAL_OFFSET_S) // DAY_S)


@lru_cache(maxsize=512)
def label_of(period: LimitPeriod, day: int) -> str:
    """The name of the day (`2026-11-22`) or of its month (`2026-11`)."""
    text = date.fromordinal(day + _EPOCH_ORDINAL).isoformat()
    return text if period is LimitPeriod.DAY else text[:7]


def local(wall: float) -> datetime:
    """The instant on a local clock, without a zone: for words."""
    return datetime.fromtimestamp(wall + LOCAL_OFFSET_S, UTC).replace(tzinfo=None)


def local_text(wall: float) -> str:
    """ISO 8601 with zone, to the second."""
    return local(wall).isoformat(timespec="seconds") + "+07:00"


@dataclass(frozen=True, slots=True)
class Nights:
    """The nights of the fraud guard, in seconds of the local day; they may go past midnight."""

    begins_s: int
    ends_s: int

    @classmethod
    def of(cls, guard: FraudGuard) -> Nights:
        return cls(_seconds(guard.night_begins), _seconds(guard.night_ends))

    def around(self, start: float, end: float) -> Iterator[tuple[int, int]]:
        """(begin, end) in POSIX seconds of every night that an interval touches."""
        length = (self.ends_s - self.begins_s) % DAY_S
        for day in range(day_of(start) - 1, day_of(end) + 1):
            begin = day * DAY_S + self.begins_s - LOCAL_OFFSET_S
            if begin <= end and start < begin + length:
                yield begin, begin + length

    def at(self, wall: float) -> tuple[int, int] | None:
        """The night that it is now, if it is one."""
        return next(self.around(wall, wall), None)


def _seconds(clock: str) -> int:
    """`22:00`, validated with the settings."""
    hours, minutes = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60
