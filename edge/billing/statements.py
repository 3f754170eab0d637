"""A month's statement out of the store: what the pure `edge.rating.statement` is given, and what it gives back.

Reads only, in a process that is not the core's: `tongdai statement show`, and the one that `closing` starts. The stored
charges are taken as they stand; nothing is rated here.

**What is subscribed.** Extensions are those of the settings' history. A hotline is a SIM number of the box: it counts
from the day on which it was first used (or was first in a closed statement), and goes on while the box has it; a SIM
that is gone counts up to its last use. Whoever asks says which numbers the box has now; where nobody knows (the box is
down), every SIM that was ever used is taken to be there. What was used before the company was made counts from the day
on which it was made. Fees are settled by the closing; corrections of a closed month concern usage, bundles, discount.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from edge.billing.contract import Contract
from edge.billing.statement_history import History, hotlines_seen, instant_of, read_history
from edge.billing.tables import RateTables
from edge.rating.bundles import Period
from edge.rating.charge import charge_from_json
from edge.rating.instant import Instant, Month, local_month
from edge.rating.statement import Facts, make_statement
from edge.rating.statement_adjust import Adjustment, Corrected, adjustments, invoiced_by_hotline, usage_by_hotline
from edge.rating.statement_due import Kind, Standing, earliest_open
from edge.rating.statement_held import HeldMonth, held_in, month_after, month_start
from edge.rating.statement_items import Item, bundle_periods, local_text
from edge.rating.tariff import Plan
from edge.store import statement_rows as rows
from edge.store.rate_tables import newest_tables
from edge.store.settings_history import newest_settings
from edge.store.usage_rows import SentMessage


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A month's statement, not closed yet."""

    document: dict[str, Any]
    """The shape of `edge.api.statements`."""
    charges: list[tuple[str, int]]
    """Item and revision of all that it invoices."""
    closed_before: int


@dataclass(frozen=True, slots=True)
class _Corrections:
    corrected: list[Corrected]
    adjustments: list[Adjustment]


class Books:
    """What the store says at one moment. `numbers`: the SIM numbers that the box has now (None: nobody knows).

    Raises `SettingsRefused` or `msgspec.DecodeError` for damaged settings and `sqlite3.Error` as it comes.
    """

    def __init__(self, connection: sqlite3.Connection, now: float, numbers: Collection[str] | None = None) -> None:
        connection.execute("BEGIN")  # one snapshot for everything that follows
        self._connection = connection
        self._now = now
        self._numbers = numbers
        _, self._settings = newest_settings(connection)
        self._closed = [_month(name) for name in rows.closed_months(connection)]

    @cached_property
    def _history(self) -> History:
        return read_history(self._connection, self._now)

    @cached_property
    def _contract(self) -> Contract:
        return Contract(RateTables.stored(newest_tables(self._connection)), self._settings.billing)

    @cached_property
    def _documents(self) -> list[dict[str, Any]]:
        """Summaries of the closed statements."""
        return rows.closed_statements(self._connection)

    @property
    def cancelled_at(self) -> Instant | None:
        """When the subscription was cancelled, once that has happened."""
        at = self._contract.cancelled_at
        return None if at is None or at.second > self._now else at

    # --- what is to be drawn up -----------------------------------------------------------------------------------

    def standing(self) -> Standing:
        """What `statement_due` decides by."""
        made_on, used = self._history.made_on, rows.first_usage(self._connection)
        firsts = [] if made_on is None else [Month(made_on.year, made_on.month)]
        if used is not None:
            firsts.append(local_month(instant_of(used)))
        unfinished = rows.oldest_unfinished(self._connection)
        cancelled = self.cancelled_at
        return Standing(
            now=instant_of(self._now),
            # Nothing is drawn up for nobody: before there is a company, there is no customer.
            first=None if made_on is None else min(firsts),
            closed=frozenset(self._closed),
            cancelled_at=cancelled,
            oldest_unfinished=None if unfinished is None else instant_of(unfinished),
            used=() if cancelled is None else self._used_after(local_month(cancelled)),
            corrections_waiting=cancelled is not None and bool(self._wrong()),
        )

    def _used_after(self, month: Month) -> frozenset[Month]:
        used, month, current = set(), month_after(month), self.current_month
        while month <= current:
            if rows.anything_between(self._connection, *_bounds(month)):
                used.add(month)
            month = month_after(month)
        return frozenset(used)

    # --- one month ------------------------------------------------------------------------------------------------

    def reckon(self, month: Month, kind: Kind = Kind.MONTH, *, drawn: bool = False, by: str | None = None) -> Reckoned:
        """The statement of a month that is not closed, as it stands; `drawn`: as it is to be closed now."""
        items = list(self._items_of(month))
        corrections = self._corrections(month)
        facts = Facts(
            month=month,
            plan=self._plan(self._contract.plan_of(month)),
            held=self._held(month),
            items=items,
            periods=self._periods(self._contract.plan_of(month), month),
            adjustments=corrections.adjustments,
            corrected=corrections.corrected,
            people=self._history.people,
        )
        invoiced = [*items, *(one.item for one in corrections.corrected)]
        return Reckoned(
            make_statement(facts, self._head(kind, drawn=drawn, by=by)),
            [(item.id, item.revision) for item in invoiced if item.revision],
            len(self._closed),
        )

    @property
    def current_month(self) -> Month:
        """The local month that goes on."""
        return local_month(instant_of(self._now))

    def _head(self, kind: Kind, *, drawn: bool, by: str | None) -> dict[str, Any]:
        at = local_text(instant_of(self._now))
        company = self._settings.company.name
        return {
            "kind": kind.value,
            "closed": drawn,
            "as_of": at,
            "drawn": at if drawn else None,
            "by": by if drawn else None,
            "company": company,
            "customer": self._settings.billing.customer or company,
        }

    def _held(self, month: Month) -> HeldMonth:
        made_on = self._history.made_on
        if made_on is None:
            return HeldMonth()
        seen = hotlines_seen(self._connection, month, made_on, self._numbers, self._documents, self._now)
        return held_in(month, self._history.decisions, seen, self.cancelled_at)

    def _plan(self, name: str) -> Plan:
        """A plan that there is not has no versions: everything under it is unrated, and said to be."""
        return self._contract.tables.plans.get(name) or Plan(name, ())

    def _items_of(self, month: Month) -> Iterator[Item]:
        # A second more on either side: which month it is, is decided by the exact instant of the record.
        since, until = _bounds(month)
        for found in rows.usage_between(self._connection, since - 1, until + 1):
            item = _item(found)
            if item.month == month:
                yield item

    def _periods(self, plan: str, month: Month) -> tuple[Period, ...]:
        """The bundle periods begun by the end of the month, by the charges since the first activation."""
        bought = self._contract.bundles(plan)
        if not bought:
            return ()
        until = month_start(month_after(month))
        if self.cancelled_at is not None:
            until = min(until, self.cancelled_at)
        first = min(entry.activated_at for entry in bought)
        drawn = rows.usage_between(self._connection, first.second, until.second)
        return bundle_periods(self._plan(plan), bought, map(_item, drawn), until)

    # --- corrections of closed months -----------------------------------------------------------------------------

    def _wrong(self) -> list[rows.Invoiced]:
        """Items of closed months that are not invoiced as they stand."""
        if not self._closed:
            return []
        until = month_start(month_after(max(self._closed))).second
        return rows.wrongly_invoiced(self._connection, until)

    def _corrections(self, month: Month) -> _Corrections:
        """They belong into the next statement; the months after it are shown without."""
        following = earliest_open(self.standing())
        if not self._closed or (following is not None and month > following):
            return _Corrections([], [])
        last = max(self._closed)
        wrong = {row.item: row for row in self._wrong()}
        found = [_item(row) for row in rows.usage_of(self._connection, wrong)]
        corrected = [
            Corrected(item, wrong[item.id].before is not None, wrong[item.id].before_vnd)
            for item in sorted(found, key=lambda item: item.key)
            if item.month <= last
        ]
        made = [one for closed in self._touched(corrected, last) for one in self._adjusted(closed, corrected)]
        return _Corrections(corrected, made)

    def _touched(self, corrected: Iterable[Corrected], last: Month) -> list[Month]:
        """Months with corrected items, and those in which a bundle began or was invoiced."""
        months = {one.item.month for one in corrected}
        for document in self._documents:
            if any(row["bundles_vnd"] for row in document["hotlines"]):
                months.add(_month(document["statement"]))
        for plan in {self._plan_of_closed(month) for month in self._closed}:
            months |= {local_month(period.start) for period in self._periods(plan, last)} & set(self._closed)
        return sorted(months)

    def _plan_of_closed(self, month: Month) -> str:
        """The plan that a month was closed by stays its plan."""
        for document in self._documents:
            if document["statement"] == str(month):
                return str(document["plan"]["name"])
        return self._contract.plan_of(month)

    def _adjusted(self, month: Month, corrected: list[Corrected]) -> list[Adjustment]:
        plan = self._plan_of_closed(month)
        periods = self._periods(plan, max(self._closed))
        now = usage_by_hotline(self._plan(plan), month, self._items_of(month), periods)
        return adjustments(month, now, invoiced_by_hotline(month, self._documents), corrected)


def _item(found: rows.ChargedUsage) -> Item:
    usage, row = found.usage, found.charge
    charge = None if row is None else charge_from_json(row)
    why = "" if row is None else str(row["why"])
    if isinstance(usage, SentMessage):
        at, service, units, name = instant_of(usage.at), "sms", usage.parts, str(usage.message)
    else:
        assert usage.answered is not None
        at, service, units, name = instant_of(usage.answered), usage.service.value, 0, str(usage.leg)
    return Item(
        id=name,
        kind="sms" if isinstance(usage, SentMessage) else "voice",
        service=service,
        at=at,
        month=local_month(at),
        group=usage.hotline or "",
        extension=_extension(usage),
        number=usage.number,
        billed_s=0 if charge is None else charge.billed_s,
        units=units,
        charge=charge,
        revision=found.revision,
        stored_why=why,
    )


def _extension(usage: rows.Usage) -> str | None:
    """On whose behalf the box dialled; else who was called or written to."""
    if isinstance(usage, SentMessage):
        return usage.extension
    return usage.calling_extension or usage.called_extension


def _bounds(month: Month) -> tuple[float, float]:
    return month_start(month).second, month_start(month_after(month)).second


def _month(name: str) -> Month:
    year, _, number = name.partition("-")
    return Month(int(year), int(number))
