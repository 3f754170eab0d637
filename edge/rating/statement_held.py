"""What a company held in a month, read from the history of its decisions: hotlines, extensions, monthly counts.

A month begun is a month charged (A074, A075, A079): whatever was held for any moment of the month counts whole. The
set-up fee stands in the month in which a hotline or extension first appeared, once, however often it comes and goes.

- extension: present in any revision of the settings that was in force during the month;
- hotline: known since before the month's end and still there (see `HotlineSeen`);
- counts (licences, users …): the highest number of any revision in force during the month;
- after the month in which the subscription was cancelled nothing is held.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from edge.rating.instant import Instant, Month, local_day, local_month
from edge.rating.invoice import month_days
from edge.rating.subscriptions import Held, Subscriptions

__all__ = ["Decision", "HeldMonth", "HotlineSeen", "held_in", "month_after", "month_start"]


@dataclass(frozen=True, slots=True)
class Decision:
    """A revision of the settings, as far as it is paid for. It is in force until the next one."""

    since: Instant
    extensions: frozenset[str]
    counts: Mapping[str, int]
    """"call_center_users" … "sdk_sets" (`settings.billing.subscribed`)."""


@dataclass(frozen=True, slots=True)
class HotlineSeen:
    """A SIM number of the box. `last` None: the box has it now."""

    number: str
    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class HeldMonth:
    """Numbers with the local day since which they are held, in the order in which they are counted: oldest first."""

    hotlines: tuple[tuple[str, date], ...] = ()
    extensions: tuple[tuple[str, date], ...] = ()
    counts: Mapping[str, int] | None = None

    def subscriptions(self) -> Subscriptions:
        """As `make_invoice` takes them."""
        held = [Held("hotlines", first, None) for _, first in self.hotlines]
        held += [Held("extensions", first, None) for _, first in self.extensions]
        return Subscriptions(tuple(held), self.counts)


def month_after(month: Month) -> Month:
    """The following calendar month."""
    return Month(month.year + month.month // 12, month.month % 12 + 1)


def month_start(month: Month) -> Instant:
    """The first second of the month, local."""
    days = date(month.year, month.month, 1).toordinal() - date(1970, 1, 1).toordinal()
    return Instant(days * 86_400 - 7 * 3600, "")


def held_in(
    month: Month, decisions: Sequence[Decision], hotlines: Iterable[HotlineSeen], cancelled_at: Instant | None
) -> HeldMonth:
    """What is charged in `month`; `decisions` rise by `since`."""
    if cancelled_at is not None and month > local_month(cancelled_at):
        return HeldMonth()
    in_force = _in_force(month, decisions)
    first_day, last_day = month_days(month)
    until = last_day if cancelled_at is None else min(last_day, local_day(cancelled_at))
    first_seen = _first_seen(decisions)
    extensions = {number for decision in in_force for number in decision.extensions}
    numbers = [(number, first_seen[number]) for number in extensions if first_seen[number] <= until]
    sims = [
        (seen.number, seen.first)
        for seen in hotlines
        if seen.first <= until and (seen.last is None or seen.last >= first_day)
    ]
    return HeldMonth(_ordered(sims), _ordered(numbers), _highest(in_force))


def _in_force(month: Month, decisions: Sequence[Decision]) -> list[Decision]:
    """Those that held for some moment of the month; one that was replaced in the same instant never held."""
    start, end = month_start(month), month_start(month_after(month))
    ends: list[Instant | None] = [decision.since for decision in decisions[1:]]
    return [
        decision
        for decision, until in zip(decisions, [*ends, None], strict=False)
        if decision.since < end and (until is None or (until > start and until > decision.since))
    ]


def _first_seen(decisions: Sequence[Decision]) -> dict[str, date]:
    found: dict[str, date] = {}
    for decision in decisions:
        for number in decision.extensions:
            found.setdefault(number, local_day(decision.since))
    return found


def _highest(in_force: Iterable[Decision]) -> dict[str, int]:
    highest: dict[str, int] = {}
    for decision in in_force:
        for counted, number in decision.counts.items():
            highest[counted] = max(number, highest.get(counted, number))
    return highest


def _ordered(numbers: Iterable[tuple[str, date]]) -> tuple[tuple[str, date], ...]:
    return tuple(sorted(numbers, key=lambda held: (held[1], held[0])))
