"""A finished leg of the switchboard → the usage record (JSON object) that `tongdai rate` would read.

The box rates this very object, so its charges and those of an exported usage file cannot differ: instants are written
with microseconds, durations as the shortest text that gives the same float back.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from edge.rating.instant import Instant, to_local_text


@dataclass(frozen=True, slots=True)
class FinishedLeg:
    """What the switchboard knows about a leg that is over. Numbers are E.164 or short service numbers."""

    leg: str
    hotline: str
    """Number of the SIM that made the leg; of an inbound leg, the SIM that was called."""
    service: str
    """inbound, connect, callback, forward, internal, outbound."""
    answered_at: float | None
    """POSIX seconds, UTC; None if never answered."""
    duration_s: float
    """Connected time by the monotonic clock."""
    caller: str | None
    """None when withheld."""
    calling_extension: str | None
    called: str | None
    called_extension: str | None


def usage_from_leg(leg: FinishedLeg) -> dict[str, Any]:
    """The usage record of a leg; `json.dumps` of it is a line of a usage file, parse_usage() reads it."""
    called_party = "hotline" if leg.service == "inbound" else _party(leg.called_extension)
    return {
        "id": leg.leg,
        "kind": "voice",
        "hotline": leg.hotline,
        "answered_at": None if leg.answered_at is None else instant_text(leg.answered_at),
        "duration_s": int(leg.duration_s) if leg.duration_s == int(leg.duration_s) else leg.duration_s,
        "service": leg.service,
        "from": _end(_party(leg.calling_extension), leg.caller, leg.calling_extension),
        "to": _end(called_party, leg.called, leg.called_extension),
    }


def instant_text(posix_s: float) -> str:
    """A POSIX time as RFC 3339 with +07:00, to the microsecond (a float holds no more)."""
    micros = int((Decimal(repr(posix_s)) * 1_000_000).to_integral_value(ROUND_HALF_EVEN))
    second, fraction = divmod(micros, 1_000_000)
    return to_local_text(Instant(second, f"{fraction:06}".rstrip("0")))


def _party(extension: str | None) -> str:
    return "customer" if extension is None else "extension"


def _end(party: str, number: str | None, extension: str | None) -> dict[str, Any]:
    end: dict[str, Any] = {"party": party, "endpoint": _endpoint(number), "number": number}
    if extension is not None:
        end["extension"] = extension
    return end


def _endpoint(number: str | None) -> str:
    """`fixed` for Vietnamese area codes (02…), `mobile` otherwise; informational only."""
    is_fixed = number is not None and (number.startswith(("+842", "02")))
    return "fixed" if is_fixed else "mobile"
