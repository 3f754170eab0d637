"""The lines of a usage file → records: ordinary lines by a typed decoder and caches, all others by the strict parser.

A line is ordinary when it has the fields of its kind and no others, no backslash, and values that need no thought.
Everything else goes to load_json and parse_usage, which alone decide what is right and say what is wrong. So this file
may pass on as much as it likes, but must never take what they refuse, nor read it otherwise.

Keys that stand twice are refused by the strict parser, while the typed decoder takes the last one in silence; it skips
unknown keys too. A line without a backslash has two quotes for every text in it, keys among them; how many texts an
ordinary line has is known, so a key too many shows as quotes left over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Annotated, TypeVar

from msgspec import UNSET, Meta, MsgspecError, Raw, Struct, UnsetType
from msgspec.json import Decoder

from edge.rating.errors import RatingInputError, UsageError
from edge.rating.instant import Instant, parse_instant
from edge.rating.number_text import canonical_number
from edge.rating.usage import (
    MOST_UNITS,
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
_PIECE = 1_000_000  # characters split at a time: a list of all lines would double the memory of the text
_CACHE_LIMIT = 200_000  # entries of each cache; a company calls the same people again and again
_MOST_DIGITS = 9  # of whole seconds that are taken here; more is for the strict parser to judge
# parse_instant's form in this century and without leap seconds: whatever is added to an hour that it reads, it reads.
_INSTANT = re.compile(r"(20\d\d-\d\d-\d\d[Tt]\d\d:)([0-5]\d:[0-5]\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_Units = Annotated[int, Meta(ge=1, le=MOST_UNITS)]
_Flag = bool | UnsetType | None


class _Conference(Struct, gc=False):
    initiator: bool
    id: str | UnsetType = UNSET


class _Voice(Struct, tag_field="kind", tag="voice", rename={"caller": "from", "called": "to"}, gc=False):
    id: str
    hotline: str
    answered_at: str | None
    duration_s: Raw
    service: Service
    caller: Raw
    called: Raw
    conference: _Conference | UnsetType = UNSET
    roaming: _Flag = UNSET


class _Sms(Struct, tag_field="kind", tag="sms", rename={"called": "to"}, gc=False):
    id: str
    hotline: str
    at: str
    parts: _Units
    called: Raw
    roaming: _Flag = UNSET


class _Request(Struct, tag_field="kind", tag="request", gc=False):
    id: str
    at: str
    count: _Units
    product: str
    roaming: _Flag = UNSET


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


class Remembered(dict[_Key, _Value]):
    """Values, each made once from its key; all are forgotten when there are `limit` of them and one more is wanted."""

    def __init__(self, make: Callable[[_Key], _Value], limit: int) -> None:
        self._make = make
        self._limit = limit

    def __missing__(self, key: _Key) -> _Value:
        value = self._make(key)
        if len(self) >= self._limit:
            self.clear()
        self[key] = value
        return value


class LineReader:
    """Reads line after line; its caches live as long as it does."""

    def __init__(self) -> None:
        self._decode = Decoder(_Voice | _Sms | _Request).decode
        self._hotlines = Remembered(_hotline, _CACHE_LIMIT)
        self._ends = Remembered(_end, _CACHE_LIMIT)
        self._hours = Remembered(_hour, _CACHE_LIMIT)
        self._into_hours = Remembered(_into_hour, _CACHE_LIMIT)

    def read(self, line: str) -> UsageRecord:
        """parse_usage(load_json(line)), exactly, and quicker. Raises UsageError naming the field."""
        record = self.ordinary(line)
        return parse_usage(load_json(line)) if record is None else record

    def ordinary(self, line: str) -> UsageRecord | None:
        """The record of an ordinary line; None for a line that the strict parser must look at."""
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
        return None

    def _voice(self, row: _Voice, quotes: int) -> UsageRecord:
        caller, caller_quotes = self._ends[bytes(row.caller)]
        called, called_quotes = self._ends[bytes(row.called)]
        left_over = quotes - caller_quotes - called_quotes - 24  # eight keys; id, kind, hotline, service
        initiator = False
        if row.answered_at is not None:
            left_over -= 2
        if row.conference is not UNSET:
            initiator = row.conference.initiator
            left_over -= 4 if row.conference.id is UNSET else 8
        if row.roaming is not UNSET:
            left_over -= 2
        if left_over or not row.id:
            raise _NotOrdinary
        seconds = _whole_seconds(bytes(row.duration_s))  # of an unanswered leg too: it must be JSON that can be read
        if row.answered_at is None:
            return UsageRecord(row.id, Kind.VOICE, None)
        if (row.service is Service.CONFERENCE) is not (row.conference is not UNSET):
            raise _NotOrdinary
        return UsageRecord(
            row.id,
            Kind.VOICE,
            self._instant(row.answered_at),
            self._hotlines[row.hotline],
            row.service,
            seconds,
            caller,
            called,
            initiator,
            row.roaming is True,
        )

    def _sms(self, row: _Sms, quotes: int) -> UsageRecord:
        called, called_quotes = self._ends[bytes(row.called)]
        left_over = quotes - called_quotes - 20  # six keys; id, kind, hotline, at
        if row.roaming is not UNSET:
            left_over -= 2
        if left_over or not row.id or called.party is None:
            raise _NotOrdinary
        return UsageRecord(
            row.id,
            Kind.SMS,
            self._instant(row.at),
            hotline=self._hotlines[row.hotline],
            called=called,
            roaming=row.roaming is True,
            units=row.parts,
        )

    def _request(self, row: _Request, quotes: int) -> UsageRecord:
        left_over = quotes - 18  # five keys; id, kind, at, product
        if row.roaming is not UNSET:
            left_over -= 2
        if left_over or not row.id or not row.product:
            raise _NotOrdinary
        at, roaming = self._instant(row.at), row.roaming is True
        return UsageRecord(row.id, Kind.REQUEST, at, roaming=roaming, units=row.count, product=row.product)

    def _instant(self, text: str) -> Instant:
        """What is known of its hour and of its minute and second, added."""
        match = _INSTANT.fullmatch(text)
        if match is None:
            raise _NotOrdinary
        hour, into_hour, fraction, zone = match.groups("")
        return Instant(self._hours[hour + zone] + self._into_hours[into_hour], fraction.rstrip("0"))


def _hotline(written: str) -> str:
    canonical = canonical_number(written)
    if canonical is None:
        raise _NotOrdinary
    return canonical


def _end(text: bytes) -> tuple[End, int]:
    """An end, and how many quotes its text has; the strict parser reads each distinct text once."""
    return read_end({"end": load_json(text.decode())}, "end"), text.count(b'"')


def _hour(written: str) -> int:
    """POSIX seconds of the beginning of an hour, written as its date, "T", hour, ":" and zone."""
    hour, colon, zone = written.partition(":")
    return parse_instant(f"{hour}{colon}00:00{zone}").second


def _into_hour(written: str) -> int:
    """Seconds of mm:ss."""
    minute, second = written.split(":")
    return int(minute) * 60 + int(second)


def _whole_seconds(text: bytes) -> int:
    """A plain decimal, ceiled."""
    whole, _, fraction = text.partition(b".")
    if len(whole) > _MOST_DIGITS or not (whole + fraction).isdigit():
        raise _NotOrdinary
    return int(whole) + bool(fraction.strip(b"0"))
