"""Which levels of which budgets people have been told of: each once (A086).

100 is a level too. It is also reached when a call is barred or cut, which happens while a remainder smaller than a
block is left. After a start, whatever the stored charges have passed already counts as told.
"""

from __future__ import annotations

from edge.dialplan.limits import LimitPeriod
from edge.spending.budgets import Budget, Mark
from edge.spending.legs import FIRST_BLOCK_S

REACHED = 100
FIRST_BLOCK_VND = 100
"""What a first block costs at most inside the country, rounded up: a remainder below it is as good as none."""


class Levels:
    def __init__(self) -> None:
        self._told: dict[tuple[Mark, str], int] = {}

    def passed(self, budget: Budget, vnd: int, seconds: int) -> int | None:
        """The highest level that was passed since somebody was told last; it counts as told from now on."""
        level = _level(budget, vnd, seconds)
        return level if self._note(budget, level) else None

    def would_pass(self, budget: Budget, vnd: int, seconds: int) -> bool:
        """Whether there would be something to tell; notes nothing."""
        return _level(budget, vnd, seconds) > self._told.get(budget.mark, 0)

    def exhausted(self, budget: Budget) -> bool:
        """A call was barred or cut by it; True if nobody has been told yet."""
        return self._note(budget, REACHED)

    def is_exhausted(self, budget: Budget) -> bool:
        return self._told.get(budget.mark, 0) >= REACHED

    def take_as_told(self, budget: Budget, vnd: int, seconds: int) -> None:
        """What was past at the start has been told before it."""
        self.passed(budget, vnd, seconds)
        no_money = budget.vnd is not None and budget.vnd - vnd < FIRST_BLOCK_VND
        no_time = budget.seconds is not None and budget.seconds - seconds < FIRST_BLOCK_S
        if no_money or no_time:
            self._note(budget, REACHED)

    def forget(self, budget: Budget) -> None:
        """A call is over: its own limit is of no use to anybody."""
        self._told.pop(budget.mark, None)

    def forget_before(self, day: str, month: str) -> None:
        """Drops days and months that are over; calls in progress stay."""
        first = {LimitPeriod.DAY.value: day, LimitPeriod.MONTH.value: month}
        self._told = {mark: level for mark, level in self._told.items() if mark[1] >= first.get(mark[0][1], "")}

    def _note(self, budget: Budget, level: int) -> bool:
        if level <= self._told.get(budget.mark, 0):
            return False
        self._told[budget.mark] = level
        return True


def _level(budget: Budget, vnd: int, seconds: int) -> int:
    """The highest one reached; 0: none."""
    percent = budget.percent(vnd, seconds)
    return max((each for each in (*budget.limit.warn_percent, REACHED) if each <= percent), default=0)
