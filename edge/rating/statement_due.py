"""Which statements are to be drawn up now (A076, A077), and nothing else: no clock, no store.

- A month is drawn up from the 1st of the next one on, local time; months that were missed (the box was off) come in
  their order, and none is left out. What turns up for a month before the last closed one is a correction of it.
- While a call that began before the end of the month is still in progress or waits for its time or its charges, that
  month and all later ones wait.
- The month of a cancellation is drawn up 120 minutes after it; the ordinary closing of that month waits for it.
- After the cancellation a month is drawn up only if something was used in it or is to be corrected.
- A clock that no source vouches for draws nothing: that is the shell's to know.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from edge.rating.instant import Instant, Month, local_month
from edge.rating.statement_held import month_after, month_start

CANCELLATION_DELAY_S = 120 * 60
"""A076: total charges of a cancelled subscriber are aggregated 120 minutes after the cancellation."""


class Kind(Enum):
    """Why a statement is drawn up; the value stands in the store."""

    MONTH = "month"
    CANCELLATION = "cancellation"


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the decision rests on."""

    now: Instant
    first: Month | None
    """The first month in which anything was decided or used; None: nothing ever was."""
    closed: Collection[Month]
    cancelled_at: Instant | None = None
    oldest_unfinished: Instant | None = None
    """When the oldest call began that is in progress, or closed and not rated yet."""
    used: Collection[Month] = ()
    """Months with usage."""
    corrections_waiting: bool = False
    """Something in a closed month is to be corrected."""


@dataclass(frozen=True, slots=True)
class Due:
    """One statement to draw up now."""

    month: Month
    kind: Kind


def due(standing: Standing) -> list[Due]:
    """The statements to draw up now, in order."""
    found: list[Due] = []
    for month, kind in _wanted(standing):
        if why_not(standing, month) is not None:
            break
        found.append(Due(month, kind))
    return found


def why_not(standing: Standing, month: Month) -> str | None:
    """One sentence: what keeps `month` from being closed now, earlier months apart; None: nothing does."""
    closes_at = _closes_at(standing, month)
    if standing.now < closes_at:
        if _cancelled_in(standing) == month:
            return f"{month} can be closed 120 minutes after the cancellation"
        return f"{month} is not over yet"
    unfinished = standing.oldest_unfinished
    if unfinished is not None and unfinished < min(closes_at, month_start(month_after(month))):
        return f"a call that began in {month} or before is still in progress or not rated yet"
    return None


def earliest_open(standing: Standing) -> Month | None:
    """The month that has to be closed before any later one; None when nothing is due to come."""
    return next((month for month, _ in _wanted(standing)), None)


def _wanted(standing: Standing) -> list[tuple[Month, Kind]]:
    """Every month up to now that is to have a statement and has none, in order."""
    if standing.first is None:
        return []
    cancelled, current = _cancelled_in(standing), local_month(standing.now)
    months: list[tuple[Month, Kind]] = []
    month = month_after(max(standing.closed)) if standing.closed else standing.first
    while month <= current:
        after = cancelled is not None and month > cancelled
        if not after or _needed_after(standing, month, current):
            months.append((month, Kind.CANCELLATION if month == cancelled else Kind.MONTH))
        month = month_after(month)
    return months


def _needed_after(standing: Standing, month: Month, current: Month) -> bool:
    """After a cancellation: usage wants its statement, corrections the last month that is over."""
    return month in standing.used or (standing.corrections_waiting and month_after(month) == current)


def _closes_at(standing: Standing, month: Month) -> Instant:
    if standing.cancelled_at is not None and _cancelled_in(standing) == month:
        return standing.cancelled_at.plus(CANCELLATION_DELAY_S)
    return month_start(month_after(month))


def _cancelled_in(standing: Standing) -> Month | None:
    """The month of the cancellation, once it has happened."""
    at = standing.cancelled_at
    return None if at is None or at > standing.now else local_month(at)
