"""A CDR as the world reads it: the row of `tongdai cdrs`, of the page and of the MQTT payload (architecture §5).

Pure. Stored instants are UTC; shown ones are local time of Vietnam, which has kept +07:00 without summer time since
1975, so that no time-zone database is needed on the box.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from edge.telephony import Cdr, CdrLeg, LegId

VIETNAM = timezone(timedelta(hours=7))

Charge = Mapping[str, Any]
"""One object of rating.md §8: `id` is the leg, `amount_vnd` whole VND or None while unrated."""


def instant(seconds: float | None) -> str | None:
    """POSIX seconds as ISO 8601 in local time with milliseconds: `2026-11-22T09:15:00.250+07:00`."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).astimezone(VIETNAM).isoformat(timespec="milliseconds")


def charge_sum(legs: tuple[CdrLeg, ...], charges: Mapping[LegId, Charge]) -> int | None:
    """VND of all legs; None while any of them is unrated or was not looked at yet."""
    amounts = [charges[leg.leg]["amount_vnd"] if leg.leg in charges else None for leg in legs]
    known = [int(amount) for amount in amounts if amount is not None]
    return sum(known) if len(known) == len(amounts) else None


def cdr_row(cdr: Cdr, charges: Mapping[LegId, Charge]) -> dict[str, Any]:
    """The row without `recordings`: paths belong to the machine that holds them, so readers add them."""
    return {
        "call": cdr.call,
        "caller": cdr.caller,
        "hotline": cdr.hotline,
        "called": cdr.called,
        "extension": cdr.extension,
        "started": instant(cdr.started),
        "hotline_answered": instant(cdr.hotline_answered),
        "answered": instant(cdr.answered),
        "ended": instant(cdr.ended),
        "duration_s": cdr.duration_s,
        "billable_s": cdr.billable_s,
        "disposition": cdr.disposition.value,
        "cause": int(cdr.cause),
        "legs": [_leg_row(leg) for leg in cdr.legs],
        "charge_vnd": charge_sum(cdr.legs, charges),
        "rating": [dict(charges[leg.leg]) for leg in cdr.legs if leg.leg in charges],
        "clock": cdr.clock.value,
    }


def with_charges(row: dict[str, Any], charges: Mapping[str, Charge]) -> dict[str, Any]:
    """The row of a call some of whose charges (by leg) have changed; the same as `cdr_row` would make it anew."""
    standing: dict[str, Charge] = {charge["id"]: charge for charge in row["rating"]} | dict(charges)
    rating = [dict(standing[leg["leg"]]) for leg in row["legs"] if leg["leg"] in standing]
    amounts = [charge["amount_vnd"] for charge in rating]
    whole = len(rating) == len(row["legs"]) and None not in amounts
    return row | {"charge_vnd": sum(amounts) if whole else None, "rating": rating}


def _leg_row(leg: CdrLeg) -> dict[str, Any]:
    return {
        "leg": leg.leg,
        "line": leg.line,
        "direction": leg.direction.value,
        "number": leg.number,
        "started": instant(leg.started),
        "alerting": instant(leg.alerting),
        "answered": instant(leg.answered),
        "ended": instant(leg.ended),
        "cause": int(leg.cause),
        "ended_by": leg.ended_by.value,
    }
