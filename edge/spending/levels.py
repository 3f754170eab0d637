"""Which levels of which budgets people have been told of: each once (A086).

100 is a level too. So is, in a way, that a call is barred or cut: a budget is then *closed*, either because less than a
block is left, or because calls in progress hold the rest. Nothing more is told of a closed budget; those calls may end
early, then it is open again, and the levels that come are told as ever. After a start, whatever the stored charges have
passed already counts as told.
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
        self._closed: set[tuple[Mark, str]] = set()
        self._told_closed: set[tuple[Mark, str]] = set()
        """Since the last level: a budget that opens and closes again and again is told of once."""

    def passed(self, budget: Budget, vnd: int, seconds: int) -> int | None:
        """The highest level that was passed since somebody was told last; it counts as told from now on."""
        level = _level(budget, vnd, seconds)
        if not self._note(budget, level):
            return None
        self._told_closed.discard(budget.mark)
        return level

    def would_pass(self, budget: Budget, vnd: int, seconds: int) -> bool:
        """Whether there would be something to tell; notes nothing."""
        return not self.is_closed(budget) and _level(budget, vnd, seconds) > self._told.get(budget.mark, 0)

    def exhausted(self, budget: Budget) -> bool:
        """A call was barred or cut by it; True if nobody has been told so since the last level."""
        is_news = budget.mark not in self._told_closed and self._told.get(budget.mark, 0) < REACHED
        self._closed.add(budget.mark)
        self._told_closed.add(budget.mark)
        return is_news

    def is_closed(self, budget: Budget) -> bool:
        """A call was barred or cut by it; whoever sees that there is room again opens it."""
        return budget.mark in self._closed

    def open(self, budget: Budget) -> None:
        """There is room in it: calls have ended early, or one was let through."""
        self._closed.discard(budget.mark)

    def take_as_told(self, budget: Budget, vnd: int, seconds: int) -> None:
        """What was past at the start has been told before it; also that calls were barred, where hardly any room is."""
        self.passed(budget, vnd, seconds)
        if budget.stops and not has_room(budget, vnd, seconds):
            self.exhausted(budget)

    def forget(self, budget: Budget) -> None:
        """A call is over: its own limit is of no use to anybody."""
        self._told.pop(budget.mark, None)
        self._closed.discard(budget.mark)
        self._told_closed.discard(budget.mark)

    def forget_before(self, day: str, month: str) -> None:
        """Drops days and months that are over; calls in progress stay."""
        first = {LimitPeriod.DAY.value: day, LimitPeriod.MONTH.value: month}
        self._told = {mark: level for mark, level in self._told.items() if mark[1] >= first.get(mark[0][1], "")}
        for marks in (self._closed, self._told_closed):
            marks.difference_update([mark for mark in marks if mark[1] < first.get(mark[0][1], "")])

    def _note(self, budget: Budget, level: int) -> bool:
        if level <= self._told.get(budget.mark, 0):
            return False
        self._told[budget.mark] = level
        return True


def has_room(budget: Budget, vnd: int, seconds: int) -> bool:
    """Whether these, of a budget, leave the first block of a call inside the country."""
    no_money = budget.vnd is not None and budget.vnd - vnd < FIRST_BLOCK_VND
    no_time = budget.seconds is not None and budget.seconds - seconds < FIRST_BLOCK_S
    return not no_money and not no_time


def _level(budget: Budget, vnd: int, seconds: int) -> int:
    """The highest one reached; 0: none."""
    percent = budget.percent(vnd, seconds)
    return max((each for each in (*budget.limit.warn_percent, REACHED) if each <= percent), default=0)
