"""The lines of a usage file → records: ordinary lines by a typed decoder and caches, all others by the strict parser.

A line is ordinary when it has the fields of its kind and no others, no backslash, and values that need no thought.
Everything else goes to load_json and parse_usage, which alone decide what is right and say what is wrong. So this file
may pass on as much as it likes, but must never take what they refuse, nor read it otherwise.

Doubled keys are refused by the strict parser, while the typed decoder takes the last one in silence. A line without a
backslash has two quotes for every text in it; how many texts an ordinary line has is known, so a doubled key shows as
quotes too many.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from msgspec import UNSET, MsgspecError, Raw, Struct, UnsetType
from msgspec.json import Decoder

from edge.rating.errors import RatingInputError, UsageError
from edge.rating.instant import Instant, parse_instant
from edge.rating.number_text import canonical_number
from edge.rating.usage import (
    SERVICES,
    End,
    Kind,
    Service,
    UsageRecord,
    load_json,
    parse_usage,
    read_end,
)

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

_BOM = "\ufeff"
_PIECE = 1 << 20  # characters split at a time: a list of all lines would double the memory of the text
_CACHE_LIMIT = 200_000  # entries of each cache; a company calls the same people again and again
_ABSENT = Raw(b"")
_ROAMING = {b"": False, b"false": False, b"null": False, b"true": True}
_SIXTY = {f"{number:02}": number for number in range(60)}
_MOST_DIGITS = 9  # of whole numbers that are taken here; more is for the strict parser to judge


class _Conference(Struct, forbid_unknown_fields=True, gc=False):
    initiator: bool
    id: str | UnsetType = UNSET


class _Voice(
    Struct,
    tag_field="kind",
    tag="voice",
    rename={"caller": "from", "called": "to"},
    forbid_unknown_fields=True,
    gc=False,
):
    id: str
    hotline: str
    answered_at: str | None
    duration_s: Raw
    service: str
    caller: Raw
    called: Raw
    conference: _Conference | UnsetType = UNSET
    roaming: Raw = _ABSENT


class _Sms(Struct, tag_field="kind", tag="sms", rename={"called": "to"}, forbid_unknown_fields=True, gc=False):
    id: str
    hotline: str
    at: str
    parts: Raw
    called: Raw
    roaming: Raw = _ABSENT


class _Request(Struct, tag_field="kind", tag="request", forbid_unknown_fields=True, gc=False):
    id: str
    at: str
    count: Raw
    product: str
    roaming: Raw = _ABSENT


class _NotOrdinary(Exception):
    """The strict parser must look at this line."""


def usage_lines(usage: str) -> Iterator[str]:
    """The lines of a usage text; only a line feed ends a line, and the last one may lack it."""
    start, end = len(_BOM) if usage.startswith(_BOM) else 0, len(usage)
    while start < end:
        cut = usage.find("\n", min(start + _PIECE, end - 1))
        stop = end if cut < 0 else cut
        yield from usage[start:stop].split("\n")
        start = stop + 1


def blame(source: str, line: int, error: UsageError) -> RatingInputError:
    """The one line to print: file, line and field."""
    return RatingInputError(" ".join(f"{source}: line {line}: {error.sentence}".split()))


def doubled_id(record_id: str, line: int) -> UsageError:
    """The fault of an id that stands in an earlier line already."""
    return UsageError("id", f"{record_id!r} stands in line {line} already")


class LineReader:
    """Reads line after line; its caches live as long as it does."""

    def __init__(self) -> None:
        self._decode = Decoder(_Voice | _Sms | _Request).decode
        self._hotlines: dict[str, str | None] = {}
        self._ends: dict[bytes, tuple[End, int]] = {}
        self._hours: dict[str, int] = {}

    def read(self, line: str) -> UsageRecord:
        """parse_usage(load_json(line)), exactly, and quicker. Raises UsageError naming the field."""
        if "\\" not in line:
            try:
                row = self._decode(line)
                match row:
                    case _Voice():
                        return self._voice(row, line.count('"'))
                    case _Sms():
                        return self._sms(row, line.count('"'))
                    case _Request():
                        return self._request(row, line.count('"'))
            except (_NotOrdinary, MsgspecError, UsageError, ValueError, RecursionError):
                pass  # whatever it is, the strict parser says it better
        return parse_usage(load_json(line))

    def _voice(self, row: _Voice, quotes: int) -> UsageRecord:
        caller, caller_quotes = self._end(row.caller)
        called, called_quotes = self._end(row.called)
        texts = 13 if row.answered_at is not None else 12  # eight keys; id, kind, hotline, service, perhaps answered_at
        expected = 2 * texts + caller_quotes + called_quotes
        initiator = roaming = False
        if row.conference is not UNSET:
            initiator = row.conference.initiator
            expected += 4 if row.conference.id is UNSET else 8
        if row.roaming is not _ABSENT:
            roaming = _roaming(row.roaming)
            expected += 2
        if quotes != expected or not row.id:
            raise _NotOrdinary
        seconds = _whole_seconds(bytes(row.duration_s))  # of an unanswered leg too: it must be JSON that can be read
        if row.answered_at is None:
            return UsageRecord(row.id, Kind.VOICE, None)
        service = SERVICES.get(row.service)
        if service is None or (service is Service.CONFERENCE) is not (row.conference is not UNSET):
            raise _NotOrdinary
        return UsageRecord(
            row.id,
            Kind.VOICE,
            self._instant(row.answered_at),
            self._hotline(row.hotline),
            service,
            seconds,
            caller,
            called,
            initiator,
            roaming,
        )

    def _sms(self, row: _Sms, quotes: int) -> UsageRecord:
        called, called_quotes = self._end(row.called)
        expected = 20 + called_quotes + (2 if row.roaming is not _ABSENT else 0)  # six keys; id, kind, hotline, at
        if quotes != expected or not row.id or called.party is None:
            raise _NotOrdinary
        return UsageRecord(
            row.id,
            Kind.SMS,
            self._instant(row.at),
            hotline=self._hotline(row.hotline),
            called=called,
            roaming=_roaming(row.roaming),
            units=_units(bytes(row.parts)),
        )

    def _request(self, row: _Request, quotes: int) -> UsageRecord:
        expected = 18 + (2 if row.roaming is not _ABSENT else 0)  # five keys; id, kind, at, product
        if quotes != expected or not row.id or not row.product:
            raise _NotOrdinary
        at, roaming, units = self._instant(row.at), _roaming(row.roaming), _units(bytes(row.count))
        return UsageRecord(row.id, Kind.REQUEST, at, roaming=roaming, units=units, product=row.product)

    def _end(self, raw: Raw) -> tuple[End, int]:
        """An end, and how many quotes its text has; the strict parser reads each distinct text once."""
        text = bytes(raw)
        known = self._ends.get(text)
        if known is None:
            known = read_end({"end": load_json(text.decode())}, "end"), text.count(b'"')
            _keep(self._ends, text, known)
        return known

    def _hotline(self, written: str) -> str:
        if written not in self._hotlines:
            _keep(self._hotlines, written, canonical_number(written))
        canonical = self._hotlines[written]
        if canonical is None:
            raise _NotOrdinary
        return canonical

    def _instant(self, text: str) -> Instant:
        """Minute and second are added to an hour that is known."""
        minute, second = _SIXTY.get(text[14:16]), _SIXTY.get(text[17:19])
        zone = text[19:]
        fraction = ""
        if zone.startswith("."):
            at = -1 if zone[-1] in "Zz" else -6
            zone, fraction = zone[at:], zone[1:at]
            if not (fraction.isascii() and fraction.isdigit()):
                raise _NotOrdinary
            fraction = fraction.rstrip("0")
        if minute is None or second is None or text[16] != ":" or not text.startswith("20"):  # leap seconds among them
            raise _NotOrdinary
        key = text[:14] + zone
        hour = self._hours.get(key)
        if hour is None:
            hour = parse_instant(f"{text[:14]}00:00{zone}").second
            _keep(self._hours, key, hour)
        return Instant(hour + minute * 60 + second, fraction)


def _keep(cache: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    if len(cache) >= _CACHE_LIMIT:
        cache.clear()
    cache[key] = value


def _roaming(raw: Raw) -> bool:
    value = _ROAMING.get(bytes(raw))
    if value is None:
        raise _NotOrdinary
    return value


def _whole_seconds(text: bytes) -> int:
    """A plain decimal, ceiled."""
    whole, _, fraction = text.partition(b".")
    if len(whole) > _MOST_DIGITS or not whole.isdigit() or not (fraction.isdigit() or not fraction):
        raise _NotOrdinary
    return int(whole) + (fraction.strip(b"0") != b"")


def _units(text: bytes) -> int:
    if len(text) > _MOST_DIGITS or not text.isdigit() or text == b"0":
        raise _NotOrdinary
    return int(text)
