"""What the modem will do later: timers in seconds of the modem's own clock, due in order of time, then of making.

Pure: nothing here waits. `EmulatedModem.handle` takes what is due; `next_deadline` says when to come back.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(order=True, slots=True)
class Timer:
    """One planned action; `cancel` makes it never happen."""

    due_s: float
    order: int
    action: Callable[[], None] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.cancelled = True


class Agenda:
    """A heap of timers."""

    def __init__(self) -> None:
        self._timers: list[Timer] = []
        self._made = 0

    def add(self, due_s: float, action: Callable[[], None]) -> Timer:
        self._made += 1
        timer = Timer(due_s, self._made, action)
        heapq.heappush(self._timers, timer)
        return timer

    @property
    def next_deadline(self) -> float | None:
        while self._timers and self._timers[0].cancelled:
            heapq.heappop(self._timers)
        return self._timers[0].due_s if self._timers else None

    def take_due(self, now_s: float) -> Timer | None:
        """The earliest timer due at `now_s`, taken out; None when nothing is due."""
        due_s = self.next_deadline
        if due_s is None or due_s > now_s:
            return None
        return heapq.heappop(self._timers)

    def clear(self) -> None:
        """Forget everything (power lost)."""
        self._timers.clear()
