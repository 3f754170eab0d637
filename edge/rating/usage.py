"""A usage record: one leg that the appliance made (or an inbound one), one message sent, one metered request.

What is checked here is what can be seen in the record alone; numbers are checked where their class is needed, because
an inbound leg's caller may be withheld or nonsense and still costs nothing.

This is the strict way: it alone decides what is right and says what is wrong. usage_lines reads ordinary lines faster.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from msgspec import Struct

from edge.rating.errors import UsageError
from edge.rating.instant import Instant, parse_instant
from edge.rating.number_text import canonical_number

_LONGEST_S = 10**9  # 31 years; longer is a mistake, and 1e999999 s would not fit into memory
MOST_UNITS = 10**12


class Kind(StrEnum):
    """What was used."""

    VOICE = "voice"
    SMS = "sms"
    REQUEST = "request"


class Service(StrEnum):
    """Which row of the voice table a leg belongs to."""

    INBOUND = "inbound"
    CONNECT = "connect"
    CALLBACK = "callback"
    FORWARD = "forward"
    INTERNAL = "internal"
    OUTBOUND = "outbound"
    CONFERENCE = "conference"


class Party(StrEnum):
    """Who an end is."""

    EXTENSION = "extension"
    CUSTOMER = "customer"
    HOTLINE = "hotline"


# Structs, not dataclasses: a month has a million records, and a frozen dataclass takes eight times as long to make.
class End(Struct, frozen=True, gc=False):
    """One end of a leg or message. `number` is as written; None where the record has none, "" for what is no text."""

    party: Party | None
    is_ip: bool
    number: str | None


NOBODY = End(None, is_ip=False, number=None)


class UsageRecord(Struct, frozen=True, gc=False):
    """One record. Fields that its kind does not have keep their defaults."""

    id: str
    kind: Kind
    at: Instant | None
    """When a leg was answered (None: never), a message or request was made."""
    hotline: str = ""
    """Canonical; "" for requests and unanswered legs."""
    service: Service | None = None
    seconds: int = 0
    """Connected time, ceiled once to whole seconds."""
    caller: End = NOBODY
    called: End = NOBODY
    is_initiator: bool = False
    roaming: bool = False
    units: int = 0
    """Parts of a message, count of requests."""
    product: str = ""


_KINDS = {kind.value: kind for kind in Kind}
_SERVICES = {service.value: service for service in Service}
_PARTIES = {party.value: party for party in Party}
_ENDPOINTS = frozenset({"mobile", "fixed", "ip"})


def load_json(line: str) -> Any:
    """One line of JSON with exact decimals. Raises UsageError for what is no JSON, NaN and doubled keys."""
    try:
        return _DECODER.decode(line)
    except UsageError:
        raise
    except (ValueError, RecursionError) as error:
        raise UsageError("line", f"is no JSON: {error}") from None


def _refuse_constant(name: str) -> Any:
    raise UsageError("line", f"is no JSON: {name} is no number")


def _refuse_doubled_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        doubled = next(key for number, (key, _) in enumerate(pairs) if key in dict(pairs[:number]))
        raise UsageError(doubled, "stands twice in the record")
    return result


def _decimal(text: str) -> Decimal:
    """Exact; NaN for an exponent beyond every Decimal (1e9999999999999999999), to be refused where it stands."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("NaN")


_DECODER = json.JSONDecoder(
    parse_float=_decimal, parse_constant=_refuse_constant, object_pairs_hook=_refuse_doubled_keys
)


def parse_usage(data: Any) -> UsageRecord:
    """Read one record from its JSON object (decimals as Decimal or int; a float is read by its shortest text).

    Raises UsageError naming the field.
    """
    if not isinstance(data, Mapping):
        raise UsageError("line", "must be a JSON object")
    record_id = data.get("id")
    if not isinstance(record_id, str) or not record_id:
        raise UsageError("id", "must be a non-empty text")
    kind = data.get("kind")
    match _KINDS.get(kind) if isinstance(kind, str) else None:
        case Kind.VOICE:
            return _parse_voice(record_id, data)
        case Kind.SMS:
            return _parse_sms(record_id, data)
        case Kind.REQUEST:
            return _parse_request(record_id, data)
    raise _unknown("kind", kind, _KINDS)


def _parse_voice(record_id: str, data: Mapping[str, Any]) -> UsageRecord:
    answered_at = data.get("answered_at")
    if answered_at is None:  # never answered: nothing else is looked at
        return UsageRecord(record_id, Kind.VOICE, None)
    service = data.get("service")
    known = _SERVICES.get(service) if isinstance(service, str) else None
    if known is None:
        raise _unknown("service", service, _SERVICES)
    caller, called = read_end(data, "from"), read_end(data, "to")
    return UsageRecord(
        record_id,
        Kind.VOICE,
        _instant("answered_at", answered_at),
        _hotline(data, strict=known is not Service.INBOUND),
        known,
        _seconds(data.get("duration_s")),
        caller,
        called,
        _is_initiator(data) if known is Service.CONFERENCE else False,
        _roaming(data),
    )


def _parse_sms(record_id: str, data: Mapping[str, Any]) -> UsageRecord:
    at = _instant("at", data.get("at"))
    called = read_end(data, "to")
    if called.party is None:
        raise UsageError("to.party", "is missing")
    return UsageRecord(
        record_id,
        Kind.SMS,
        at,
        hotline=_hotline(data, strict=True),
        called=called,
        roaming=_roaming(data),
        units=_units("parts", data.get("parts")),
    )


def _parse_request(record_id: str, data: Mapping[str, Any]) -> UsageRecord:
    at = _instant("at", data.get("at"))
    product = data.get("product")
    if not isinstance(product, str) or not product:
        raise UsageError("product", "must be a non-empty text")
    units = _units("count", data.get("count"))
    return UsageRecord(record_id, Kind.REQUEST, at, roaming=_roaming(data), units=units, product=product)


def _instant(field: str, value: Any) -> Instant:
    if not isinstance(value, str):
        raise UsageError(field, "is missing" if value is None else f"must be a text, not {shown(value)}")
    try:
        return parse_instant(value)
    except ValueError as error:
        raise UsageError(field, str(error)) from None


def _hotline(data: Mapping[str, Any], *, strict: bool) -> str:
    value = data.get("hotline")
    if not isinstance(value, str) or not value.strip():
        raise UsageError("hotline", "is missing" if value is None else f"must be a number, not {shown(value)}")
    canonical = canonical_number(value)
    if canonical is None and strict:
        raise UsageError("hotline", f"{value!r} is no number")
    return canonical or value


def _seconds(value: Any) -> int:
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise UsageError("duration_s", "is missing" if value is None else f"must be a number, not {shown(value)}")
    try:
        if value != value or value < 0:
            raise UsageError("duration_s", f"{shown(value)} is negative or no number")
        if value > _LONGEST_S:
            raise UsageError("duration_s", f"{shown(value)} s is longer than a call can last")
    except InvalidOperation:
        raise UsageError("duration_s", f"{shown(value)} is no number") from None
    return math.ceil(value)


def _units(field: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_UNITS:
        raise UsageError(
            field, "is missing" if value is None else f"must be a whole number from 1 up, not {shown(value)}"
        )
    return value


def read_end(data: Mapping[str, Any], key: str) -> End:
    """The end that stands under `key`. Raises UsageError."""
    end = data.get(key)
    if end is None:
        return NOBODY
    if not isinstance(end, Mapping):
        raise UsageError(key, "must be an object")
    party, endpoint, number = end.get("party"), end.get("endpoint"), end.get("number")
    if party is not None and not (isinstance(party, str) and party in _PARTIES):
        raise _unknown(f"{key}.party", party, _PARTIES)
    if endpoint is not None and not (isinstance(endpoint, str) and endpoint in _ENDPOINTS):
        raise _unknown(f"{key}.endpoint", endpoint, sorted(_ENDPOINTS))
    if number is not None and not isinstance(number, str):
        number = ""  # no number, and said so where a class is needed
    return End(None if party is None else _PARTIES[party], endpoint == "ip", number)


def _is_initiator(data: Mapping[str, Any]) -> bool:
    conference = data.get("conference")
    if not isinstance(conference, Mapping):
        raise UsageError("conference", "is missing" if conference is None else "must be an object")
    initiator = conference.get("initiator")
    if not isinstance(initiator, bool):
        raise UsageError("conference.initiator", "is missing" if initiator is None else "must be true or false")
    return initiator


def _roaming(data: Mapping[str, Any]) -> bool:
    value = data.get("roaming", False)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise UsageError("roaming", f"must be true or false, not {shown(value)}")


def _unknown(field: str, value: Any, known: Any) -> UsageError:
    if value is None:
        return UsageError(field, "is missing")
    return UsageError(field, f"{shown(value)} is none of {', '.join(known)}")


def shown(value: Any) -> str:
    """A value for a one-line message: never long, never with a line break."""
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
