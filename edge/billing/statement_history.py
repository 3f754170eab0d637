"""Who the company was in a month: its decisions, its people and its SIMs, as the store remembers them.

A decision or a row made before any clock had spoken claims an instant of 1970. It is taken to have been made when the
next one was, or when the box was first used: late rather than never.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec

from edge.rating.instant import Instant, Month, local_day, parse_instant
from edge.rating.invoice import month_days
from edge.rating.leg import instant_text
from edge.rating.number_text import canonical_number
from edge.rating.statement_held import Decision, HotlineSeen, month_after
from edge.rating.statement_sums import Person
from edge.store import statement_rows as rows
from edge.wall_clock import OLDEST_PLAUSIBLE_WALL_S


@dataclass(frozen=True, slots=True)
class _Extension:
    number: str
    name: str = ""
    department: str = ""


@dataclass(frozen=True, slots=True)
class _Billing:
    subscribed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Paid:
    """What is paid for of a settings document; the rest of it is not even read."""

    extensions: tuple[_Extension, ...] = ()
    billing: _Billing = _Billing()


@dataclass(frozen=True, slots=True)
class History:
    """The company's decisions with believable times, rising."""

    decisions: Sequence[Decision]
    people: Mapping[str, Person]
    """Every extension there ever was, as it was called last."""

    @property
    def made_on(self) -> date | None:
        """The local day on which the company was made; None: nothing was ever decided."""
        return local_day(self.decisions[0].since) if self.decisions else None


def instant_of(posix_s: float) -> Instant:
    """As usage records have it: to the microsecond."""
    return parse_instant(instant_text(posix_s))


def believable(times: Sequence[float], otherwise: float) -> list[float]:
    """The same instants, never falling; those of no clock are moved to the next one's, the last ones to `otherwise`."""
    spoken = [at for at in times if at >= OLDEST_PLAUSIBLE_WALL_S]
    latest = max([*spoken, otherwise])
    mended: list[float] = []
    for at in reversed(times):
        following = mended[-1] if mended else latest
        mended.append(min(at, following) if at >= OLDEST_PLAUSIBLE_WALL_S else following)
    return mended[::-1]


def read_history(connection: sqlite3.Connection, now: float) -> History:
    """Raises msgspec.DecodeError for a damaged document."""
    found = rows.decisions(connection)
    first_used = rows.first_usage(connection)
    times = believable([at for at, _ in found], now if first_used is None else min(first_used, now))
    decisions: list[Decision] = []
    people: dict[str, Person] = {}
    for at, (_, document) in zip(times, found, strict=True):
        paid = msgspec.json.decode(document, type=_Paid)
        people |= {row.number: Person(row.name, row.department) for row in paid.extensions}
        numbers = frozenset(row.number for row in paid.extensions)
        decisions.append(Decision(instant_of(at), numbers, paid.billing.subscribed))
    return History(decisions, people)


def hotlines_seen(
    connection: sqlite3.Connection,
    month: Month,
    made_on: date,
    numbers: Collection[str] | None,
    closed: Sequence[Mapping[str, Any]],
    now: float,
) -> list[HotlineSeen]:
    """The SIMs that may be held in `month`; `numbers`: those that the box has now (None: nobody knows)."""
    present = None if numbers is None else {canonical_number(number) or number for number in numbers}
    known = _known_from(closed)
    found: list[HotlineSeen] = []
    for number in sorted({*rows.hotlines(connection), *known, *(present or ())}):
        first_used, last_used = rows.hotline_span(connection, number)
        since, until = known.get(number, (None, None))
        if since is None and first_used is not None:
            since = max(made_on, local_day(instant_of(first_used)))
        elif since is None:
            since = _unused_since(month, made_on, now)
        last = None if last_used is None else local_day(instant_of(last_used))
        gone = present is not None and number not in present
        if since is not None:
            found.append(HotlineSeen(number, since, _later(last, until) if gone else None))
    return found


def _known_from(closed: Sequence[Mapping[str, Any]]) -> dict[str, tuple[date, date]]:
    """Hotlines of closed statements: since when they count, and the last day for which they were charged."""
    known: dict[str, tuple[date, date]] = {}
    for document in closed:
        until = date.fromisoformat(document["period"]["last_day"])
        for row in document["subscriptions"]["hotlines"]:
            since, _ = known.get(row["number"], (date.fromisoformat(row["from"]), until))
            known[row["number"]] = (since, until)
    return known


def _unused_since(month: Month, made_on: date, now: float) -> date | None:
    """A SIM that was never used counts from the month that goes on, or has just ended, while the box has it."""
    today = local_day(instant_of(now))
    if Month(today.year, today.month) not in (month, month_after(month)):
        return None
    return max(made_on, month_days(month)[0])


def _later(one: date | None, other: date | None) -> date | None:
    return max((day for day in (one, other) if day is not None), default=None)
