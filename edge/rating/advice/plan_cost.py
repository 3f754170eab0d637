"""A month under one plan: every hotline's cost with each bundle, and what depends on no call (fees, VAT)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from edge.rating.advice.abroad import Terms, cost_abroad, terms_of
from edge.rating.advice.cost import GroupCost, TierCalls, reason
from edge.rating.advice.exact import cost_exactly
from edge.rating.advice.ladder import priced, rounded_vnd
from edge.rating.advice.month import Group, MonthUsage, month_bounds_s
from edge.rating.advice.rows import LARGEST, PlanRows, Way, find_rows
from edge.rating.bands import BandTable
from edge.rating.columns import Whole
from edge.rating.instant import Instant, local_day
from edge.rating.invoice import Invoice, make_invoice, month_days
from edge.rating.rows import RowFinder
from edge.rating.subscriptions import Subscriptions
from edge.rating.tariff import Bundle, Plan, Tariff

_LAST_S = 253_402_275_599  # 9999-12-31T23:59:59+07:00
_LONGEST_MONTH = 31


@dataclass(frozen=True, slots=True)
class PlanCost:
    """What the choices of one plan are made of."""

    plan: Plan
    version: Tariff
    """That of the first of the month, else of its last day."""
    also: Sequence[Tariff]
    """Versions that take over within the month."""
    fees: Invoice
    """The invoice of the month without any usage."""
    groups: Sequence[GroupCost]
    sells_bundles: bool


def cost_plan(month: MonthUsage, finder: RowFinder, subscriptions: Subscriptions) -> PlanCost | None:
    """None where no version of the plan is valid in the month. Raises UsageError for a number that is none."""
    plan = finder.plan
    fees = make_invoice(plan, month.period, subscriptions, [], [], [])
    first_day, last_day = month_days(month.period)
    version = plan.at(first_day) or plan.at(last_day)
    if fees is None or version is None:
        return None
    rows = find_rows(month, finder)
    terms = [terms_of(row, plan) for row in rows.rows]
    groups = [_cost_group(month, group, rows, terms) for group in month.groups]
    also = [each for each in plan.versions if first_day < each.valid_from <= last_day and each is not version]
    sold, _ = _offer(plan, first_day)
    return PlanCost(plan, version, also, fees, groups, bool(sold))


def _cost_group(month: MonthUsage, group: Group, rows: PlanRows, terms: Sequence[Terms | None]) -> GroupCost:
    first_day, _ = month_days(month.period)
    sold, _ = _offer(rows.finder.plan, first_day)
    bundles = sold if group.is_hotline else {}
    within = slice(group.start, group.stop)
    billed_s, units, second = rows.billed_s[within], month.units[within], month.second[within]
    # Every product and sum below is at most all the usage of the group at the dearest price.
    most = (group.stop - group.start) * (int(billed_s.max()) + int(units.max()))
    fits = rows.fits and most * (int(rows.price_vnd.max()) + 60) < LARGEST
    if not fits or (bundles and not _same_bundles(rows.finder.plan, first_day, int((second + billed_s).max()))):
        return cost_exactly(month, group, rows, sorted(bundles))
    _, end_s = month_bounds_s(month.period)
    return _Arrays(rows, month.situation[within], second, billed_s, units).cost(group, terms, bundles, end_s)


def _same_bundles(plan: Plan, first_day: date, last_s: int) -> bool:
    """Whether from the first of the month to the end of its last call the same bundles are sold, for all of it."""
    last_day = local_day(Instant(min(last_s, _LAST_S), ""))
    starts_and_ends = {day for version in plan.versions for day in (version.valid_from, version.valid_to)}
    changes = [day for day in starts_and_ends if day is not None and first_day < day <= last_day]
    bundles, days = _offer(plan, first_day)
    return days >= _LONGEST_MONTH and all(_offer(plan, day) == (bundles, days) for day in changes)


def _offer(plan: Plan, day: date) -> tuple[Mapping[int, Bundle], int]:
    """The bundles that are sold on a day, and for how many days."""
    version = plan.at(day)
    return ({}, 0) if version is None else (version.bundles, version.bundle_days)


class _Arrays:
    """One group's records under one plan."""

    def __init__(self, rows: PlanRows, situation: Whole, second: Whole, billed_s: Whole, units: Whole) -> None:
        self._rows = rows
        self._situation = situation
        self._way = rows.way[situation]
        self._second = second
        self._billed_s = billed_s
        self._units = units

    def cost(
        self, group: Group, terms: Sequence[Terms | None], bundles: Mapping[int, Bundle], month_end_s: int
    ) -> GroupCost:
        abroad_at = self._places(Way.ABROAD)
        abroad = cost_abroad(terms, self._situation[abroad_at], self._billed_s[abroad_at])
        tiers_at = self._places(Way.TIERS)
        table = self._rows.table[self._situation[tiers_at]]
        tables, table = _used(self._rows.tables, table)
        tiers = TierCalls(tables, table, self._second[tiers_at], self._billed_s[tiers_at])
        return GroupCost(
            group.name,
            self._flat_vnd() + abroad.amount_vnd,
            self._per_unit_vnd(),
            self._counted_vnd(),
            abroad.discount_vnd,
            tiers.total_s,
            self._unrated(abroad.unrated),
            tiers.options(bundles, month_end_s),
        )

    def _places(self, way: Way) -> Whole:
        return np.flatnonzero(self._way == way)

    def _flat_vnd(self) -> int:
        at = self._places(Way.FLAT)
        return rounded_vnd(self._billed_s[at] * self._rows.price_vnd[self._situation[at]])

    def _per_unit_vnd(self) -> int:
        at = self._places(Way.PER_UNIT)
        return int((self._units[at] * self._rows.price_vnd[self._situation[at]]).sum())

    def _counted_vnd(self) -> int:
        at = self._places(Way.COUNTED)
        table = self._rows.table[self._situation[at]]
        units = self._units[at]
        amount = 0
        for counter in {each.counter for each in self._rows.tables}:
            mine = [index for index, each in enumerate(self._rows.tables) if each.counter == counter]
            here = np.isin(table, mine)
            counted = units[here]
            ends = np.cumsum(counted)
            for index in mine:
                rows = table[here] == index
                if rows.any():
                    total = int(ends[-1])
                    amount += int(priced(self._rows.tables[index], ends[rows], counted[rows], total).sum())
        return amount

    def _unrated(self, abroad: Mapping[int, int]) -> Mapping[str, int]:
        found: Counter[str] = Counter()
        at = self._places(Way.UNRATED)
        for situation, number in zip(*np.unique(self._situation[at], return_counts=True), strict=True):
            found[reason(self._rows.rows[situation].rule)] += int(number)
        for situation, number in abroad.items():
            found[reason(self._rows.rows[situation].unrated_rule)] += number
        return found


def _used(tables: Sequence[BandTable], table: Whole) -> tuple[list[BandTable], Whole]:
    """The tables that occur, and their indices in that shorter list."""
    used, index = np.unique(table, return_inverse=True)
    return [tables[each] for each in used.tolist()], index
