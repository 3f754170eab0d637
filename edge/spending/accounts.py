"""What has been spent: stored charges added up by whom they are for and by local day and month.

A charge is kept by its item and replaced when it is revised, so that the sums always are those of the newest revisions.
Sums of departments are those of their extensions, as the extensions are now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from edge.dialplan.limits import LimitPeriod, LimitScope
from edge.spending.calendar import day_of, label_of
from edge.spending.spent import Spent

AccountKey = tuple[str, str, str]
"""Scope (extension, hotline or company), subject, day or month."""

_PERIODS = (LimitPeriod.DAY, LimitPeriod.MONTH)


def account_key(scope: LimitScope, subject: str, label: str) -> AccountKey:
    return (scope.value, subject, label)


class Accounts:
    def __init__(self) -> None:
        self._items: dict[str, Spent] = {}
        self._sums: dict[AccountKey, tuple[int, int]] = {}

    def put(self, spent: Spent) -> Spent | None:
        """Takes a charge or its revision; returns what it replaces."""
        before = self._items.get(spent.item)
        if before is not None:
            self._move(before, -1)
        if spent.outgoing:
            self._items[spent.item] = spent
            self._move(spent, 1)
        elif before is not None:
            del self._items[spent.item]
        return before

    def used(self, keys: Iterable[AccountKey]) -> tuple[int, int]:
        """(VND, billed seconds) of some accounts together."""
        vnd = seconds = 0
        for key in keys:
            held = self._sums.get(key)
            if held is not None:
                vnd += held[0]
                seconds += held[1]
        return vnd, seconds

    def spenders(self) -> set[tuple[str | None, str | None]]:
        """(calling extension, hotline) of everything that is known."""
        return {(spent.calling_extension, spent.hotline) for spent in self._items.values()}

    def items(self) -> Iterator[Spent]:
        return iter(self._items.values())

    def forget_before(self, wall: float) -> None:
        """Drops charges of before an instant, and the sums that only they made."""
        old = [spent for spent in self._items.values() if spent.answered_at < wall]
        for spent in old:
            self._move(spent, -1)
            del self._items[spent.item]
        self._sums = {key: held for key, held in self._sums.items() if held != (0, 0)}

    def _move(self, spent: Spent, sign: int) -> None:
        vnd, seconds = sign * (spent.amount_vnd or 0), sign * spent.billed_s
        for key in _keys(spent):
            held_vnd, held_s = self._sums.get(key, (0, 0))
            self._sums[key] = (held_vnd + vnd, held_s + seconds)


def _keys(spent: Spent) -> Iterator[AccountKey]:
    day = day_of(spent.answered_at)
    for period in _PERIODS:
        label = label_of(period, day)
        yield account_key(LimitScope.COMPANY, "", label)
        if spent.hotline is not None:
            yield account_key(LimitScope.HOTLINE, spent.hotline, label)
        if spent.calling_extension is not None:
            yield account_key(LimitScope.EXTENSION, spent.calling_extension, label)
