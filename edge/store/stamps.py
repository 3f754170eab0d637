"""Where the instants of a row come from, so that rows made without a clock can be put right (architecture §2.6)."""

from __future__ import annotations

from dataclasses import dataclass

from edge.telephony import ClockSource, Moment


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which boot stamped a row, and how far its wall clock was from its monotonic one."""

    boot: str
    """Kernel boot id (/proc/sys/kernel/random/boot_id): the monotonic clock counts from there."""
    wall_minus_mono: float
    """Seconds."""
    stamped: bool
    """False: the wall clock was nobody's; the row waits for `restamp_rows`."""

    @classmethod
    def at(cls, boot: str, now: Moment, clock: ClockSource) -> Stamp:
        return cls(boot, now.wall - now.mono, clock is not ClockSource.NONE)
