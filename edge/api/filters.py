"""Which CDRs are wanted, and the same as SQL. Every value is bound as a parameter, never pasted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7))
"""Days are local days; no summer time since 1975."""

_NOT_DIALLED = re.compile(r"[^\d*#]")


class BadFilter(ValueError):
    """A date that is none; the message names it."""


@dataclass(frozen=True, slots=True)
class CdrFilter:
    """All that is given must hold; None and empty texts are no condition."""

    date_from: str | None = None
    """First local day, `2026-11-22`."""
    date_to: str | None = None
    """Last local day, itself included."""
    number: str | None = None
    """Part of the caller's or called number, written in any way: 0912 000, +84912, 000222."""
    extension: str | None = None
    disposition: str | None = None
    recorded: bool | None = None
    text: str | None = None
    """Part of any number, the hotline's among them, or the whole extension or call id."""


@dataclass(slots=True)
class Condition:
    """SQL over the columns of `cdr`."""

    clauses: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)

    def require(self, clause: str, *values: object) -> None:
        self.clauses.append(clause)
        self.values.extend(values)

    @property
    def sql(self) -> str:
        return " AND ".join(self.clauses)


def condition_of(wanted: CdrFilter) -> Condition:
    """Raises `BadFilter`."""
    found = Condition()
    found.require("state = 'closed'")
    if wanted.date_from:
        found.require("started >= ?", day_start(wanted.date_from))
    if wanted.date_to:
        found.require("started < ?", day_start(wanted.date_to, days=1))
    if wanted.extension:
        found.require("extension = ?", wanted.extension)
    if wanted.disposition:
        found.require("disposition = ?", wanted.disposition)
    if wanted.recorded is not None:
        found.require("has_recording = ?", int(wanted.recorded))
    if wanted.number:
        _require_number(found, wanted.number, ("caller", "called"), ())
    if wanted.text and wanted.text.strip():
        _require_number(found, wanted.text, ("caller", "called", "hotline"), ("extension", "call"))
    return found


def _require_number(found: Condition, text: str, partly: tuple[str, ...], wholly: tuple[str, ...]) -> None:
    """`instr` and no LIKE: faster, and % or _ in what a user types mean themselves."""
    clauses = []
    values: list[object] = []
    for digits in number_parts(text):
        clauses += [f"instr({column}, ?)" for column in partly]
        values += [digits] * len(partly)
    clauses += [f"{column} = ?" for column in wholly]
    values += [text.strip()] * len(wholly)
    found.require(f"({' OR '.join(clauses)})" if clauses else "0", *values)


def number_parts(text: str) -> list[str]:
    """What to look for in an E.164 number: the digits as they are, and a national number's without its 0."""
    digits = _NOT_DIALLED.sub("", text)
    if not digits:
        return []
    if text.lstrip().startswith("+"):
        return [f"+{digits}"]
    return [digits, f"+84{digits[1:]}"] if digits.startswith("0") and len(digits) > 1 else [digits]


def day_start(text: str, days: int = 0) -> float:
    """POSIX seconds of local midnight, `days` later. Raises `BadFilter`."""
    try:
        day = date.fromisoformat(text) + timedelta(days=days)
    except (ValueError, OverflowError) as error:
        raise BadFilter(f"{text!r} is no date; write it as 2026-11-22") from error
    return datetime.combine(day, time(), VIETNAM).timestamp()
