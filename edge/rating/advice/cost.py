"""What a hotline's month costs under a plan: without a bundle and with each that the plan sells.

Bundles are activated on the first of the month, so their 31 days hold all of it and only running out matters: minutes
are drawn in the order of the calls (rating §9, 12 to 16), and what they cover is the first so many seconds of their
direction, or all of them with `renew`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from edge.rating.advice.ladder import priced, rounded_vnd
from edge.rating.bands import BandTable
from edge.rating.columns import Whole
from edge.rating.tariff import Bundle

_SECONDS_PER_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Option:
    """A bundle choice of one hotline and what depends on it."""

    bundle: int | None
    renew: bool
    tiers_vnd: int
    """The calls that tiers price."""
    bundles_vnd: int = 0
    periods: int = 0
    """Bundle periods that start within the month."""

    @property
    def total_vnd(self) -> int:
        return self.tiers_vnd + self.bundles_vnd


@dataclass(frozen=True, slots=True)
class GroupCost:
    """A hotline (or product of requests) under one plan."""

    name: str
    fixed_vnd: int
    """Calls whose price depends on no bundle: flat prices and calls abroad."""
    sms_vnd: int
    requests_vnd: int
    discount_vnd: int
    tier_s: int
    """Seconds that the tiers would price: how busy the hotline is."""
    unrated: Mapping[str, int]
    """`reason` of the charge's rule to the number of records."""
    options: Sequence[Option]
    """No bundle first."""


def reason(rule: str) -> str:
    """The last part of a rule: of one that is unrated what is missing."""
    return rule.rpartition("/")[2]


@dataclass(slots=True)
class _Counter:
    """The calls that move one counter, in their order."""

    at: Whole
    """Their places among all tier-priced calls of the hotline."""
    table: Whole
    tables: Sequence[BandTable]
    directions: frozenset[str]
    seconds: Whole
    uncovered_vnd: int = field(init=False)

    def __post_init__(self) -> None:
        self.uncovered_vnd = self.cost(self.seconds)

    def cost(self, seconds: Whole) -> int:
        ends = np.cumsum(seconds)
        total = int(ends[-1])
        if len(self.tables) == 1:
            return rounded_vnd(priced(self.tables[0], ends, seconds, total))
        amount = 0
        for index, table in enumerate(self.tables):
            rows = self.table == index
            amount += rounded_vnd(priced(table, ends[rows], seconds[rows], total))
        return amount


class TierCalls:
    """The tier-priced calls of one hotline and month."""

    def __init__(self, tables: Sequence[BandTable], table: Whole, second: Whole, billed_s: Whole) -> None:
        self._tables = tables
        self._table = table
        self._second = second
        self._billed_s = billed_s
        self._counters = [self._counter(name) for name in dict.fromkeys(each.counter for each in tables)]
        self._counters = [counter for counter in self._counters if len(counter.at)]

    @property
    def total_s(self) -> int:
        """All their seconds."""
        return int(self._billed_s.sum())

    def options(self, bundles: Mapping[int, Bundle], month_end_s: int) -> list[Option]:
        """No bundle, then each bundle with its rest to the tiers and renewed."""
        uncovered_vnd = sum(counter.uncovered_vnd for counter in self._counters)
        options = [Option(None, renew=False, tiers_vnd=uncovered_vnd)]
        draws = {name: _Draw(self, name, month_end_s) for name in {bundle.direction for bundle in bundles.values()}}
        for number, bundle in sorted(bundles.items()):
            draw = draws[bundle.direction]
            size_s = bundle.minutes * _SECONDS_PER_MINUTE
            for renew, rest_vnd, periods in (
                (False, draw.rest_vnd(size_s), 1),
                (True, draw.all_covered_vnd, 1 + draw.renewals(size_s)),
            ):
                options.append(Option(number, renew, rest_vnd, bundle.price_vnd * periods, periods))
        return options

    def of_direction(self, name: str) -> Whole:
        """The places of the calls that a bundle of that direction covers."""
        mine = [index for index, table in enumerate(self._tables) if table.name == name]
        return np.flatnonzero(np.isin(self._table, mine))

    def drawn(self, places: Whole) -> tuple[Whole, Whole]:
        """Answered and billed seconds of the calls at `places`."""
        return self._second[places], self._billed_s[places]

    def cost_vnd(self, direction: str, covered_s: Whole) -> int:
        """The price of what `covered_s` (by call) leaves over."""
        amount = 0
        for counter in self._counters:
            if direction in counter.directions:
                amount += counter.cost(counter.seconds - covered_s[counter.at])
            else:
                amount += counter.uncovered_vnd
        return amount

    @property
    def calls(self) -> int:
        """How many they are."""
        return len(self._billed_s)

    def _counter(self, name: str) -> _Counter:
        mine = [index for index, table in enumerate(self._tables) if table.counter == name]
        at = np.flatnonzero(np.isin(self._table, mine))
        places = np.searchsorted(mine, self._table[at])
        tables = [self._tables[index] for index in mine]
        return _Counter(at, places, tables, frozenset(table.name for table in tables), self._billed_s[at])


class _Draw:
    """How bundles of one direction are used up."""

    def __init__(self, calls: TierCalls, direction: str, month_end_s: int) -> None:
        self._calls = calls
        self._direction = direction
        self._month_end_s = month_end_s
        self._places = calls.of_direction(direction)
        self._second, self._billed_s = calls.drawn(self._places)
        self._ends = np.cumsum(self._billed_s)
        self._total_s = int(self._billed_s.sum())
        self.all_covered_vnd = self._cost(self._billed_s)

    def rest_vnd(self, size_s: int) -> int:
        """What the tiers price after the first `size_s` seconds."""
        if size_s >= self._total_s:
            return self.all_covered_vnd
        before = self._ends - self._billed_s
        return self._cost(np.clip(size_s - before, 0, self._billed_s))

    def renewals(self, size_s: int) -> int:
        """How many further periods start within the month.

        The k-th starts in the second in which k × size_s are used up, never before the (k-1)-th; so the first that
        would start past the month ends the count.
        """
        if size_s > self._total_s:
            return 0
        before = self._ends - self._billed_s
        last_spent_s = self._second + (self._ends // size_s * size_s - before)  # none: not after the call began
        late = np.flatnonzero(last_spent_s >= self._month_end_s)
        if not len(late):
            return self._total_s // size_s
        first = int(late[0])
        # Used up by the last second of the month, if that call is spent second by second.
        used_s = int(before[first]) + self._month_end_s - 1 - int(self._second[first])
        return used_s // size_s

    def _cost(self, covered_s: Whole) -> int:
        covered = np.zeros(self._calls.calls, dtype=np.int64)
        covered[self._places] = covered_s
        return self._calls.cost_vnd(self._direction, covered)
