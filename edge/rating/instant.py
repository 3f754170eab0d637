"""Exact instants and local days.

A call's place in the month decides its price, so an instant is never rounded: RFC 3339 allows any number of digits
after the second, and two calls may differ only in the twelfth. An Instant is therefore whole POSIX seconds plus the
fraction's digits as text without trailing zeros; both compare as they should ("4" < "45" < "5").

Local time is Asia/Ho_Chi_Minh: UTC+7 without daylight saving since 1975, hence a constant and no zone database.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

LOCAL_OFFSET_S = 7 * 3600
_DAY_S = 86_400
_EPOCH_DAY = date(1970, 1, 1).toordinal()
# RFC 3339 §5.6 date-time; "T" and "Z" may be small letters.
_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))", re.ASCII
)

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class Instant(NamedTuple):
    """A moment in time, exact; ordering is chronological whatever zone it was written in."""

    second: int
    """Whole seconds since 1970-01-01T00:00:00Z."""
    fraction: str
    """The digits after the point without trailing zeros; "" for a whole second."""

    def plus(self, seconds: int) -> Instant:
        """The instant `seconds` later."""
        return Instant(self.second + seconds, self.fraction)


class Month(NamedTuple):
    """A calendar month of Asia/Ho_Chi_Minh."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"


def parse_instant(text: str) -> Instant:
    """Read RFC 3339 with `Z` or ±hh:mm.

    Raises ValueError saying what is wrong; a text without a zone (a naive timestamp) is refused.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        if re.fullmatch(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?", text):
            raise ValueError(f"{text!r} has no zone: write Z or +07:00 at its end")
        raise ValueError(f"{text!r} is no RFC 3339 instant such as 2026-11-03T09:15:00+07:00")
    year, month, day, hour, minute, second = (int(group) for group in match.group(1, 2, 3, 4, 5, 6))
    offset_hour, offset_minute = int(match[10] or 0), int(match[11] or 0)
    if hour > 23 or minute > 59 or second > 60 or offset_hour > 23 or offset_minute > 59:
        raise ValueError(f"{text!r} has an hour, minute, second or zone out of range")
    try:
        days = date(year, month, day).toordinal() - _EPOCH_DAY
    except ValueError:
        raise ValueError(f"{text!r} is no date of the calendar") from None
    offset_s = (offset_hour * 60 + offset_minute) * (-60 if match[9] == "-" else 60)
    total = days * _DAY_S + hour * 3600 + minute * 60 + second - offset_s
    if second == 60 and total % _DAY_S:  # a leap second ends the last minute of a UTC day (RFC 3339 §5.7)
        raise ValueError(f"{text!r}: second 60 exists only at 23:59:60Z")
    instant = Instant(total, (match[7] or "").rstrip("0"))
    try:
        local_day(instant)
    except ValueError:
        raise ValueError(f"{text!r} lies outside the years 1 to 9999") from None
    return instant


def parse_day(text: str) -> date:
    """A day of the calendar, written 2026-03-01 and no other way. Raises ValueError."""
    if not _DAY.fullmatch(text):
        raise ValueError(f"{text!r} is no date such as 2026-03-01")
    return date.fromisoformat(text)


def local_day(instant: Instant) -> date:
    """The day in Asia/Ho_Chi_Minh."""
    return date.fromordinal((instant.second + LOCAL_OFFSET_S) // _DAY_S + _EPOCH_DAY)


def local_month(instant: Instant) -> Month:
    """The month in Asia/Ho_Chi_Minh: the one a call belongs to."""
    day = local_day(instant)
    return Month(day.year, day.month)


def to_local_text(instant: Instant) -> str:
    """RFC 3339 with +07:00 and all the digits that the instant has."""
    seconds = (instant.second + LOCAL_OFFSET_S) % _DAY_S
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    fraction = f".{instant.fraction}" if instant.fraction else ""
    return f"{local_day(instant).isoformat()}T{clock}{fraction}+07:00"
