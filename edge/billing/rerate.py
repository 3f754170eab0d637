"""Stored usage rated again by the tables, settings and bundles of today, beside what stands: `tongdai rerate`.

Works on a reader's connection in a process of its own; nothing is stored here. The difference may be applied by the
core as long as its basis stands (see `edge.store.charges.basis`). A month whose statement is drawn up is rated again
all the same: the statement stays, and the difference is a credit line of the next one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from edge.billing.biller import NO_SIM_NUMBER, charge_row, own_charge
from edge.billing.contract import Contract
from edge.billing.shelf import charge_of
from edge.billing.tables import RateTables
from edge.billing.usage import hotline_of, record_of, stored_items
from edge.rating.charge import Charge
from edge.rating.errors import UsageError
from edge.rating.instant import Month
from edge.rating.rater import rate_entries
from edge.rating.rows import Entry
from edge.store.charges import basis as basis_of
from edge.store.rate_tables import newest_tables
from edge.store.settings_history import newest_settings
from edge.store.usage_rows import SentMessage, Used

Progress = Callable[[int], None]
"""Told how many records have been read so far."""
_TOLD_EVERY = 10_000


@dataclass(frozen=True, slots=True)
class Change:
    """One charge that differs."""

    month: Month
    before: Charge
    after: Charge
    why: str | None
    """Why nothing could be rated; None: the charge explains itself."""

    def to_json(self) -> dict[str, Any]:
        return {
            "item": self.after.id,
            "before_vnd": self.before.amount_vnd,
            "after_vnd": self.after.amount_vnd,
            "why": self.row()["why"],
        }

    def row(self) -> dict[str, Any]:
        """The object of rating.md §8 that is to be stored."""
        return charge_row(self.after, self.why)


@dataclass(slots=True)
class _Month:
    before_vnd: int = 0
    after_vnd: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Reckoning:
    basis: str
    contract: Contract
    months: dict[Month, _Month]
    closed: frozenset[str]
    """Months ("2026-11") whose statement is drawn up."""
    changes: list[Change]

    def month_rows(self) -> list[dict[str, Any]]:
        return [
            {
                "month": str(month),
                "closed": str(month) in self.closed,
                "before_vnd": sums.before_vnd,
                "after_vnd": sums.after_vnd,
                "difference_vnd": sums.after_vnd - sums.before_vnd,
                "changed": sums.changed,
            }
            for month, sums in sorted(self.months.items())
        ]


@dataclass(slots=True)
class _Read:
    """What was read of one plan: entries to rate, and which of them are asked for."""

    entries: list[Entry] = field(default_factory=list)
    stored: dict[str, tuple[Month, str]] = field(default_factory=dict)


def reckon(connection: sqlite3.Connection, first: Month, progress: Progress = lambda _count: None) -> Reckoning:
    """Every stored charge from `first` on, by what holds today.

    Raises `sqlite3.Error`, and RatingError where tables or bundles contradict what is stored.
    """
    connection.execute("BEGIN")  # one view of the store, whatever the box writes meanwhile
    try:
        _, settings = newest_settings(connection)
        contract = Contract(RateTables.stored(newest_tables(connection)), settings.billing)
        closed = frozenset(row["period"] for row in connection.execute("SELECT period FROM statement"))
        made = Reckoning(basis_of(connection), contract, {}, closed, [])
        plans: dict[str, _Read] = {}
        for count, (item, month, detail) in enumerate(stored_items(connection, _reaches_back(contract, first)), 1):
            _read_one(made, plans, item, month, detail, first)
            if count % _TOLD_EVERY == 0:
                progress(count)
    finally:
        connection.execute("COMMIT")
    for plan, read in plans.items():
        _rate(made, plan, read)
    made.changes.sort(key=lambda change: change.month)
    return made


def _reaches_back(contract: Contract, first: Month) -> Month:
    """Bundle minutes are drawn in order: what came after the first activation is rated along, though not compared."""
    firsts = [
        activated
        for plan in contract.tables.plans
        for hotline in contract.bundled_hotlines(plan)
        if (activated := contract.first_bundle_month(plan, hotline)) is not None
    ]
    return min([first, *firsts])


def _read_one(made: Reckoning, plans: dict[str, _Read], item: Used, month: Month, detail: str, first: Month) -> None:
    contract, plan, hotline = made.contract, made.contract.plan_of(month), hotline_of(item)
    if month < first and (hotline is None or contract.first_bundle_month(plan, hotline) is None):
        return
    entry, why = None, None
    try:
        if hotline is None and _was_used(item):
            why = NO_SIM_NUMBER
        else:
            entry = contract.finder(plan).entry(record_of(item))
    except UsageError as error:
        why = f"{error.field}: {error.message}"
    except KeyError:
        why = f"there is no plan {plan}"
    if entry is not None:
        read = plans.setdefault(plan, _Read())
        read.entries.append(entry)
        if month >= first:
            read.stored[entry.id] = (month, detail)
    elif month >= first:
        _compare(made, month, detail, own_charge(item, plan), why)


def _was_used(item: Used) -> bool:
    return isinstance(item, SentMessage) or item.answered is not None


def _rate(made: Reckoning, plan: str, read: _Read) -> None:
    finder = made.contract.finder(plan)
    for charge in rate_entries(read.entries, finder, made.contract.bundles(plan)).charges:
        found = read.stored.get(charge.id)
        if found is not None:
            _compare(made, *found, charge, None)


def _compare(made: Reckoning, month: Month, detail: str, after: Charge, why: str | None) -> None:
    before = charge_of(detail)
    sums = made.months.setdefault(month, _Month())
    sums.before_vnd += before.amount_vnd or 0
    sums.after_vnd += after.amount_vnd or 0
    if before != after:
        sums.changed += 1
        made.changes.append(Change(month, before, after, why))
