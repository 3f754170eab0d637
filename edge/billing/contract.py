"""By what a company is charged: its tables, its plan of each month and its bundles. A value of settings and tables.

A bundle belongs to the plan of the month in which it was activated.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import pairwise

from edge.billing.company_book import CompanyBook
from edge.billing.tables import RateTables
from edge.dialplan.billing import Billing, BundlePurchase
from edge.rating.bundle_text import parse_bundles
from edge.rating.bundles import BundleChain, BundleEntry
from edge.rating.errors import TableError
from edge.rating.instant import Instant, Month, local_month, parse_instant
from edge.rating.month import Book
from edge.rating.number_text import canonical_number
from edge.rating.rows import RowFinder
from edge.telephony import PhoneNumber

BUNDLES = "billing.bundles"


@dataclass(frozen=True, slots=True)
class Succession:
    """Two bundles of one hotline under one plan, the second one the next to be activated."""

    plan: str
    first: BundleEntry
    second: BundleEntry


class Contract:
    """Immutable. A plan that there is not, bundles that no plan sells and a cancellation at no instant are in
    `problems` and stand for nothing.
    """

    def __init__(self, tables: RateTables, billing: Billing) -> None:
        self.tables = tables
        self.billing = billing
        self.problems: list[str] = []
        self._bundles: dict[str, list[BundleEntry]] = {}
        self._written: dict[str, list[BundleEntry]] = {}
        """By plan: those that it sells, overlapping ones among them."""
        self._plans: dict[Month, str] = {}
        for choice in billing.plans:
            if choice.plan not in tables.plans:
                known = ", ".join(sorted(tables.plans))
                self.problems.append(f"billing.plans: {choice.plan!r} is unknown; there are: {known}")
        self._read_bundles()
        self.cancelled_at: Instant | None = self._read_cancellation()
        """When the subscription was, or will be, cancelled."""

    def plan_of(self, month: Month) -> str:
        """The plan that charges a month."""
        if month not in self._plans:
            self._plans[month] = self.billing.plan_of(str(month))
        return self._plans[month]

    def finder(self, plan: str) -> RowFinder:
        """Raises KeyError for a plan that there is not."""
        return self.tables.finder(plan)

    def bundles(self, plan: str) -> list[BundleEntry]:
        """The bundles that were bought under a plan."""
        return self._bundles.get(plan, [])

    def first_bundle_month(self, plan: str, hotline: str) -> Month | None:
        """The month in which the hotline's first bundle was activated: its minutes are drawn from there on."""
        canonical = canonical_number(hotline)
        mine = [entry.activated_at for entry in self.bundles(plan) if entry.hotline == canonical]
        return local_month(min(mine)) if mine else None

    def successions(self) -> Iterator[Succession]:
        """Bundles that follow one another, those that overlap for certain among them; by hotline, in order of time."""
        for plan, entries in self._written.items():
            ordered = sorted(entries, key=lambda entry: (entry.hotline, entry.activated_at))
            for first, second in pairwise(ordered):
                if first.hotline == second.hotline:
                    yield Succession(plan, first, second)

    def lineage(self, succession: Succession) -> tuple[Hashable, ...]:
        """What decides whether the first bundle reaches the second, besides usage and tables: the bundles as they were
        bought, wherever they are written, and the plans of the months between them.
        """
        first, second = (replace(entry, place="") for entry in (succession.first, succession.second))
        begin, end = str(local_month(first.activated_at)), str(local_month(second.activated_at))
        later = [choice for choice in self.billing.plans if begin < choice.first_month <= end]
        held = [succession.plan, *(choice.plan for choice in later)]
        moves = [choice for choice, before in zip(later, held, strict=False) if choice.plan != before]
        return succession.plan, first, second, tuple(moves)

    def bundled_hotlines(self, plan: str) -> set[PhoneNumber]:
        """The hotlines (E.164) that bought bundles under a plan."""
        return {PhoneNumber(entry.hotline) for entry in self.bundles(plan)}

    def book(self, plan: str) -> Book:
        """An empty book. Raises KeyError for a plan that there is not."""
        return CompanyBook(self.finder(plan), self.bundles(plan))

    def _read_cancellation(self) -> Instant | None:
        written = self.billing.cancelled_at
        try:
            return None if written is None else parse_instant(written)
        except ValueError as error:
            self.problems.append(f"billing.cancelled_at: {error}")
            return None

    def _read_bundles(self) -> None:
        for index, bought in enumerate(self.billing.bundles):
            try:
                plan = self.plan_of(local_month(parse_instant(bought.activated_at)))
                if plan in self.tables.plans:
                    self._take_bundle(plan, index, bought)
            except (TableError, ValueError) as error:
                self.problems.append(str(error))

    def _take_bundle(self, plan: str, index: int, bought: BundlePurchase) -> None:
        """Raises TableError for a bundle that the plan does not sell, or that overlaps an earlier one for certain."""
        place = f"{BUNDLES}[{index}]"
        try:
            (entry,) = parse_bundles(json.dumps([asdict(bought)]), BUNDLES, self.tables.plans[plan])
        except TableError as error:
            raise TableError(
                [error.problems[0].replace(f"{BUNDLES}: entry 1", place).replace(f"{BUNDLES}:", f"{place}:")]
            ) from None
        entry = replace(entry, place=place)
        self._written.setdefault(plan, []).append(entry)
        mine = [other for other in self.bundles(plan) if other.hotline == entry.hotline]
        BundleChain(self.tables.plans[plan], [*mine, entry]).finish()
        self._bundles.setdefault(plan, []).append(entry)
