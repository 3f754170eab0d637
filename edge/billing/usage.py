"""Stored legs and messages as usage records: what the box rates is what `tongdai usage` says, record by record.

A stored charge that the rater could not give (a SIM without a number, a number that is none) is the box's own: its rule
ends in `none/none`, and its record is no usage record that a rater would take.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from edge.rating.instant import LOCAL_OFFSET_S, Instant, Month, local_month, parse_instant
from edge.rating.leg import FinishedLeg, instant_text, usage_from_leg
from edge.rating.number_text import canonical_number
from edge.rating.usage import End, Kind, Party, Service, UsageRecord, load_json, parse_usage
from edge.store.schema import LEDGER_FILE
from edge.store.usage_rows import SentMessage, Used, UsedLeg, everything, open_for_reading
from edge.telephony import Direction, PhoneNumber
from edge.telephony import Service as LegService

UNRATED_RULE = "none/none"
"""How the rule of a charge ends that no rater gave."""
_LONGEST_S = 1_000_000
"""A leg that lasted longer, or an instant beyond the next, is read the strict way."""
_LATEST_S = 4_000_000_000
_DAY_S = 86_400
_SERVICES = {LegService(service.value): service for service in Service if service is not Service.CONFERENCE}


def usage_object(item: Used) -> dict[str, Any]:
    """The JSON object of a leg or message. Who an outgoing leg was made for stands in it as an extension, never as a
    number.
    """
    return _message_object(item) if isinstance(item, SentMessage) else _leg_object(item)


def _leg_object(leg: UsedLeg) -> dict[str, Any]:
    inbound = leg.direction is Direction.IN
    return usage_from_leg(
        FinishedLeg(
            leg=leg.leg,
            hotline=leg.hotline or "",
            service=leg.service.value,
            answered_at=leg.answered,
            duration_s=leg.duration_s,
            caller=_calling(leg),
            calling_extension=leg.calling_extension,
            called=leg.hotline if inbound else leg.number,
            called_extension=leg.called_extension,
        )
    )


def _calling(leg: UsedLeg) -> str | None:
    """The number that calls on the leg. Only an internal leg is priced by it; elsewhere the extension says enough."""
    if leg.direction is Direction.IN:
        return leg.number
    return leg.caller if leg.service is LegService.INTERNAL else None


def _message_object(message: SentMessage) -> dict[str, Any]:
    called: dict[str, Any] = {"party": "customer", "endpoint": "mobile", "number": message.number}
    if message.extension is not None:
        called |= {"party": "extension", "extension": message.extension}
    return {
        "id": message.message,
        "kind": "sms",
        "hotline": message.hotline or "",
        "at": instant_text(message.at),
        "parts": message.parts,
        "to": called,
    }


def usage_of(item: Used) -> UsageRecord:
    """The usage record, by way of the text of a usage file. Raises `UsageError` naming the field."""
    return parse_usage(load_json(json.dumps(usage_object(item))))


def record_of(item: Used) -> UsageRecord:
    """The same record, ten times as quick for an ordinary leg. Raises `UsageError` naming the field."""
    if isinstance(item, SentMessage) or item.answered is None or item.hotline is None:
        return usage_of(item)
    hotline, service = canonical_number(item.hotline), _SERVICES.get(item.service)
    is_ordinary = 0 <= item.duration_s <= _LONGEST_S and 0 <= item.answered <= _LATEST_S
    if hotline is None or service is None or not is_ordinary:
        return usage_of(item)
    called_party = Party.HOTLINE if service is Service.INBOUND else _party(item.called_extension)
    return UsageRecord(
        item.leg,
        Kind.VOICE,
        _instant(item.answered),
        hotline,
        service,
        math.ceil(item.duration_s),
        End(_party(item.calling_extension), is_ip=False, number=_calling(item)),
        End(called_party, is_ip=False, number=item.hotline if item.direction is Direction.IN else item.number),
    )


def _party(extension: str | None) -> Party:
    return Party.CUSTOMER if extension is None else Party.EXTENSION


def _instant(posix_s: float) -> Instant:
    """As `instant_text` writes it: to the microsecond."""
    millis = round(posix_s * 1000)
    if millis / 1000 == posix_s:  # as nearly every stamp is; then its shortest text has no more digits either
        second, fraction = divmod(millis, 1000)
        return Instant(second, f"{fraction:03}".rstrip("0"))
    micros = int((Decimal(repr(posix_s)) * 1_000_000).to_integral_value(ROUND_HALF_EVEN))
    second, fraction = divmod(micros, 1_000_000)
    return Instant(second, f"{fraction:06}".rstrip("0"))


def month_of(item: Used) -> Month:
    """The local month to which it belongs: of its answer, or of its beginning if nobody answered."""
    return month_of_instant(happened_at(item))


def month_of_instant(posix_s: float) -> Month:
    """The local month of an instant in POSIX seconds."""
    return month_of_exactly(_instant(posix_s))


def month_of_exactly(instant: Instant) -> Month:
    """As `local_month`, quicker for many legs of few days."""
    return _month_of_day((instant.second + LOCAL_OFFSET_S) // _DAY_S)


@lru_cache(maxsize=1000)
def _month_of_day(day: int) -> Month:
    return local_month(Instant(day * _DAY_S - LOCAL_OFFSET_S, ""))


def happened_at(item: Used) -> float:
    """POSIX seconds: when the message was sent, the leg was answered or (if nobody did) began."""
    if isinstance(item, SentMessage):
        return item.at
    return item.started if item.answered is None else item.answered


def name_of(item: Used) -> str:
    """The id of the leg or message, which is that of its record and charge."""
    return item.message if isinstance(item, SentMessage) else item.leg


def hotline_of(item: Used) -> PhoneNumber | None:
    """Number of the SIM; None where it is not known."""
    return item.hotline


def month_begins(month: Month) -> int:
    """POSIX seconds of its first local midnight."""
    return parse_instant(f"{month}-01T00:00:00+07:00").second


def month_after(month: Month) -> Month:
    return Month(month.year + month.month // 12, month.month % 12 + 1)


def is_own(detail: str) -> bool:
    """Whether the box gave the charge (its stored JSON) because no rater would."""
    return UNRATED_RULE in detail and str(json.loads(detail)["rule"]).endswith(UNRATED_RULE)


def stored_items(
    connection: sqlite3.Connection, first: Month | None = None, last: Month | None = None
) -> Iterator[tuple[Used, Month, str]]:
    """Every stored leg and sent message of the months (both included; None: no end) with its month and the JSON of its
    charge.
    """
    # A second more on either side: which month it is, is decided by the exact instant of the record.
    since = -1.0 if first is None else month_begins(first) - 1
    until = 1e12 if last is None else month_begins(month_after(last)) + 1
    for item, detail in everything(connection, since, until):
        month = month_of(item)
        if (first is None or first <= month) and (last is None or month <= last):
            yield item, month, detail


def stored_usage(data: Path, first_month: str | None = None, last_month: str | None = None) -> str:
    """JSON Lines of all that the store in `data` holds and a rater takes; months as "2026-11", both included.

    Raises `StoreMissing`, and `sqlite3.Error` as it comes. Works while the box runs.
    """
    first = None if first_month is None else to_month(first_month)
    last = None if last_month is None else to_month(last_month)
    with closing(open_for_reading(data / LEDGER_FILE)) as connection:
        found = stored_items(connection, first, last)
        lines = [json.dumps(usage_object(item), ensure_ascii=False) for item, _, detail in found if not is_own(detail)]
    return "".join(f"{line}\n" for line in lines)


def to_month(text: str) -> Month:
    """ "2026-11" → Month. The caller has checked it (`parse_period`)."""
    year, _, month = text.partition("-")
    return Month(int(year), int(month))
