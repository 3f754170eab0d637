"""Which clock the box may believe (architecture §2.6): NTP's, else the clock chip's, else the mobile network's.

A Raspberry Pi without a clock chip starts in 1970 (or where it stopped) and jumps when NTP arrives. The network's time
(CLTS/CCLK) is used as an offset of our own, never set on the machine.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from pathlib import Path

from edge.telephony import ClockSource, Moment

OLDEST_PLAUSIBLE_WALL_S = 1_767_225_600.0
"""2026-01-01: a clock that says less has not been set."""
NETWORK_TOLERANCE_S = 2.0
"""CCLK has whole seconds: a machine clock this close to the network's is as good and jumps less."""

_TIME_ERROR = 5
"""adjtimex(2): the clock is not synchronised."""


class _Timex(ctypes.Structure):
    """struct timex is at most 208 bytes; only the return value is read."""

    _fields_ = (("modes", ctypes.c_uint), ("rest", ctypes.c_byte * 252))


def ntp_synchronised() -> bool:
    """What the kernel knows of an NTP daemon's work."""
    try:
        answer = int(ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(_Timex())))
    except (AttributeError, OSError):
        return False
    return answer not in (-1, _TIME_ERROR)


def has_clock_chip() -> bool:
    return any(Path("/sys/class/rtc").glob("rtc*"))


class BoxClock:
    """Implements `Clock`. `source` says what the wall part rests on; `refresh` is called every some seconds.

    Between two looks the wall part runs with the monotonic clock: when NTP sets the machine, ours jumps only together
    with its source, and never while it still claims to be the network's.
    """

    def __init__(
        self,
        mono: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        synchronised: Callable[[], bool] = ntp_synchronised,
        chip: Callable[[], bool] = has_clock_chip,
    ) -> None:
        self._mono = mono
        self._wall = wall
        self._synchronised = synchronised
        self._chip = chip
        self._wall_minus_mono = wall() - mono()
        self._network_heard = False
        self.source = ClockSource.NONE
        self.refresh()

    def now(self) -> Moment:
        mono = self._mono()
        return Moment(mono, mono + self._wall_minus_mono)

    def refresh(self) -> bool:
        """Looks again at what the machine offers. True when the source changed."""
        before = self.source
        wall = self._wall()
        of_machine, plausible = wall - self._mono(), wall >= OLDEST_PLAUSIBLE_WALL_S
        # Once set by NTP the clock stays good for this boot: a crystal strays by seconds a day, no more.
        if self._synchronised() or before is ClockSource.NTP:
            self.source, self._wall_minus_mono = ClockSource.NTP, of_machine
        elif plausible and self._chip():
            self.source, self._wall_minus_mono = ClockSource.RTC, of_machine
        elif self._network_heard:
            self.source = ClockSource.NETWORK
        else:
            self.source = ClockSource.NONE
        return self.source is not before

    def network_told(self, wall: float) -> bool:
        """The mobile network's time, POSIX seconds. True when the source changed by it."""
        if self.source in (ClockSource.NTP, ClockSource.RTC) or wall < OLDEST_PLAUSIBLE_WALL_S:
            return False
        difference = wall - self.now().wall
        if abs(difference) > NETWORK_TOLERANCE_S:
            self._wall_minus_mono += difference
        self._network_heard = True
        return self.refresh()
