"""A group priced by the exact rater, choice by choice: for the rare month that arrays do not fit.

Such are numbers so large that a product might not fit into 64 bits, and bundles that are sold otherwise by another
version of the plan while they run.
"""

from __future__ import annotations

from collections import Counter

from edge.rating.advice.cost import GroupCost, Option, reason
from edge.rating.advice.month import Group, MonthUsage, month_bounds_s
from edge.rating.advice.rows import PlanRows, Way
from edge.rating.bundles import BundleEntry
from edge.rating.charge import Status
from edge.rating.instant import Instant, local_month
from edge.rating.invoice import make_invoice
from edge.rating.rater import Rated, rate_entries
from edge.rating.rows import Entry
from edge.rating.subscriptions import Subscriptions


def cost_exactly(month: MonthUsage, group: Group, plan_rows: PlanRows, bundles: list[int]) -> GroupCost:
    """As the arrays would, one record at a time; `bundles` are numbers that are sold on the first."""
    start_s, end_s = month_bounds_s(month.period)
    entries = _entries(month, group, plan_rows)
    plain, amounts = _invoiced(month, entries, plan_rows, None, end_s)
    unrated = Counter(reason(charge.rule) for charge in plain.charges if charge.status is Status.UNRATED)
    tiers = [index for index, entry in enumerate(entries) if _way(month, plan_rows, group, index) is Way.TIERS]
    tiers_vnd = _sum(plain, tiers)
    options = [Option(None, renew=False, tiers_vnd=tiers_vnd)]
    for number in bundles:
        for renew in (False, True):
            bought = BundleEntry(
                "bundle",
                group.name,
                number,
                Instant(start_s, ""),
                auto_renew=True,
                auto_renew_off_at=None,
                renew_when_spent=renew,
            )
            rated, with_bundle = _invoiced(month, entries, plan_rows, bought, end_s)
            periods = sum(local_month(period.start) == month.period for period in rated.periods)
            options.append(Option(number, renew, _sum(rated, tiers), with_bundle["bundle"], periods))
    return GroupCost(
        group.name,
        amounts["voice"] - tiers_vnd,
        amounts["sms"],
        amounts["requests"],
        amounts["international"],
        sum(entries[index].billed_s for index in tiers),
        unrated,
        options,
    )


def _entries(month: MonthUsage, group: Group, plan_rows: PlanRows) -> list[Entry]:
    rows = month.rows[group.start : group.stop].tolist()
    return [plan_rows.finder.entry(month.columns.record(row)) for row in rows]


def _way(month: MonthUsage, plan_rows: PlanRows, group: Group, index: int) -> Way:
    return Way(int(plan_rows.way[month.situation[group.start + index]]))


def _sum(rated: Rated, places: list[int]) -> int:
    return sum(rated.charges[place].amount_vnd or 0 for place in places)


def _invoiced(
    month: MonthUsage, entries: list[Entry], plan_rows: PlanRows, bought: BundleEntry | None, end_s: int
) -> tuple[Rated, Counter[str]]:
    """The charges, and the lines of their invoice by the first word of the code."""
    finder = plan_rows.finder
    rated = rate_entries(entries, finder, [] if bought is None else [bought], Instant(end_s, ""))
    invoice = make_invoice(finder.plan, month.period, Subscriptions(), entries, rated.charges, rated.periods)
    amounts: Counter[str] = Counter()
    for line in () if invoice is None else invoice.lines:
        amounts[line.code.partition(".")[0]] += line.amount_vnd
    return rated, amounts
