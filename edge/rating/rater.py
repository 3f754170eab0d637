"""Rating a set of records: the same charges whatever order they arrive in.

Records are grouped by what shares counters (a hotline; a product of requests), each group is walked once in the order
(answered_at, id), and the counters start at 0 in every month. Where a table is priced by volume, the walk is done
twice: the first one finds the month's totals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from edge.rating.bundles import BundleChain, BundleEntry, Period
from edge.rating.charge import Charge
from edge.rating.data_tables import IddTable
from edge.rating.errors import UsageError
from edge.rating.instant import Instant, Month
from edge.rating.numbers import NumberPlan
from edge.rating.pricing import price
from edge.rating.rows import Entry, RowFinder
from edge.rating.tariff import Plan
from edge.rating.usage import UsageRecord

Totals = Mapping[Month | None, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Rated:
    """The charges, in the order of the records, and the bundle periods that were begun."""

    charges: list[Charge]
    periods: list[Period]


def rate(
    records: Iterable[UsageRecord],
    plan: Plan,
    numbers: NumberPlan,
    idd: IddTable | None = None,
    bundles: Sequence[BundleEntry] = (),
) -> list[Charge]:
    """The charge of every record, in the order of the records.

    Raises UsageError for a number that matters and is none, or an id that stands twice; TableError for bundles of one
    hotline that overlap.
    """
    finder = RowFinder(plan, numbers, idd)
    return rate_entries([finder.entry(record) for record in records], finder, bundles).charges


def rate_entries(
    entries: Sequence[Entry],
    finder: RowFinder,
    bundles: Sequence[BundleEntry] = (),
    bundles_until: Instant | None = None,
) -> Rated:
    """As `rate`, for entries that are found already; bundle periods are renewed up to `bundles_until`."""
    _refuse_doubled_ids(entries)
    places: dict[str, list[int]] = {}
    for place, entry in enumerate(entries):
        places.setdefault(entry.group, []).append(place)
    bought: dict[str, list[BundleEntry]] = {}
    for bundle in bundles:
        bought.setdefault(bundle.hotline, []).append(bundle)
        places.setdefault(bundle.hotline, [])
    charges: list[Charge | None] = [None] * len(entries)
    periods: list[Period] = []
    for group, members in places.items():
        members.sort(key=lambda place: entries[place].key)
        ordered = [entries[place] for place in members]
        priced, begun = rate_group(ordered, finder, bought.get(group, ()), bundles_until)
        periods += begun
        for place, charge in zip(members, priced, strict=True):
            charges[place] = charge
    return Rated([charge for charge in charges if charge is not None], periods)


def rate_group(
    ordered: Sequence[Entry],
    finder: RowFinder,
    bundles: Sequence[BundleEntry] = (),
    bundles_until: Instant | None = None,
) -> tuple[list[Charge], list[Period]]:
    """Price the entries of one group, which stand in their order."""
    charges, periods, totals = _walk(ordered, finder, bundles, None, bundles_until)
    if finder.has_volume_tables():
        charges, periods, _ = _walk(ordered, finder, bundles, totals, bundles_until)
    return charges, periods


def _walk(
    ordered: Sequence[Entry],
    finder: RowFinder,
    bundles: Sequence[BundleEntry],
    totals: Totals | None,
    bundles_until: Instant | None,
) -> tuple[list[Charge], list[Period], Totals]:
    chain = BundleChain(finder.plan, bundles) if bundles else None
    counters: dict[Month | None, dict[str, int]] = {}
    charges = []
    for entry in ordered:
        positions = counters.setdefault(entry.month, {})
        charges.append(price(entry, positions, chain, None if totals is None else totals[entry.month]))
    if chain is not None:
        chain.finish()
        if bundles_until is not None:
            chain.advance(bundles_until)
    return charges, [] if chain is None else chain.periods, counters


def _refuse_doubled_ids(entries: Sequence[Entry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.id in seen:
            raise UsageError("id", f"{entry.id!r} stands twice")
        seen.add(entry.id)
