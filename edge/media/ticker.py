"""The 20 ms clock of all audio: absolute deadlines on the loop's own time, so that it never drifts.

Tick n is due at start + n · interval, whatever earlier ticks cost. A loop that was held up runs what it missed, but at
most `catch_up` ticks in a row: more would flood the modems with old audio; the rest is skipped and counted. Works on
any loop with `time` and `call_at`, a virtual-time one included.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TickStatistics:
    ticks: int = 0
    """Ran, late ones included."""
    late: int = 0
    """Ran one interval or more after they were due."""
    skipped: int = 0
    """Never ran: the machine stood still for longer than is caught up."""
    worst_lag_s: float = 0.0


class Ticker:
    """Calls `on_tick` every `interval_s` while started. A tick that raises does not stop the clock."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        on_tick: Callable[[], None],
        interval_s: float = 0.02,
        catch_up: int = 3,
    ) -> None:
        self._loop = loop
        self._on_tick = on_tick
        self._interval_s = interval_s
        self._catch_up = catch_up
        self._started_at = 0.0
        self._due = 0
        """Number of the next tick."""
        self._handle: asyncio.TimerHandle | None = None
        self._ticks = self._late = self._skipped = 0
        self._worst_lag_s = 0.0

    @property
    def running(self) -> bool:
        return self._handle is not None

    @property
    def statistics(self) -> TickStatistics:
        return TickStatistics(self._ticks, self._late, self._skipped, self._worst_lag_s)

    def start(self) -> None:
        """The first tick comes one interval from now. Starting twice is starting once."""
        if self._handle is None:
            self._started_at = self._loop.time()
            self._due = 1
            self._arm()

    def stop(self) -> None:
        """No tick after this, even from within a tick."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _arm(self) -> None:
        self._handle = self._loop.call_at(self._started_at + self._due * self._interval_s, self._fire)

    def _fire(self) -> None:
        lag_s = self._loop.time() - (self._started_at + self._due * self._interval_s)
        # A timer of whole milliseconds (uvloop) may fire a little early: int() of a small negative lag is 0.
        missed = int(lag_s / self._interval_s)
        wanted = 1 + missed
        runs = min(wanted, self._catch_up)
        self._due += wanted
        self._worst_lag_s = max(self._worst_lag_s, lag_s)
        self._late += min(missed, runs)
        self._skipped += wanted - runs
        # Armed before the work: an error in a tick reaches the loop's handler and the clock goes on.
        self._arm()
        for _ in range(runs):
            if self._handle is None:
                return
            self._ticks += 1
            self._on_tick()
