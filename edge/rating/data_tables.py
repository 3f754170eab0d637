"""The data files beside the tariffs: operator prefixes, ported numbers, ordinary international (IDD) prices.

Each is a small CSV that a person can edit: comma, semicolon or tab between the columns, a header line if wanted, empty
lines and lines that begin with # left out. Every fault names its line; a table with a fault is not used at all.

    operators.csv   prefix,operator                 070,MobiFone
    ported          number,operator[,since]         0912000222,MobiFone,2026-03-01
    IDD             prefix,vnd_per_min              1268,4500
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from edge.rating.errors import TableError
from edge.rating.instant import parse_day
from edge.rating.number_text import canonical_number, plain_canonical
from edge.rating.usage import shown

_PREFIX = re.compile(r"0[1-9][0-9]", re.ASCII)
_IDD_PREFIX = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ported:
    """The operator of a number from a local day on (None: always)."""

    operator: str
    since: date | None


@dataclass(frozen=True, slots=True)
class PortedTable:
    """Numbers that left the operator of their prefix."""

    rows: Mapping[str, Sequence[Ported]] = field(default_factory=dict)
    """Canonical number to its rows, newest first."""

    def operator(self, canonical: str, day: date) -> str | None:
        """Who served the number on that local day, None if no row says so."""
        for row in self.rows.get(canonical, ()):
            if row.since is None or row.since <= day:
                return row.operator
        return None


@dataclass(frozen=True, slots=True)
class IddTable:
    """Ordinary international prices; the longest prefix wins."""

    prices: Mapping[str, int] = field(default_factory=dict)

    def longest(self, digits: str) -> str | None:
        """The longest known prefix of E.164 `digits` (no +)."""
        return longest_prefix(self.prices, digits)


def longest_prefix(table: Mapping[str, object], digits: str) -> str | None:
    """The longest key of `table` that `digits` begin with."""
    for length in range(len(digits), 0, -1):
        if digits[:length] in table:
            return digits[:length]
    return None


def parse_operators(text: str, source: str) -> dict[str, str]:
    """Operator prefix ("090") to operator. Raises TableError with every bad line."""
    table: dict[str, str] = {}

    def read(cells: list[str]) -> str | None:
        prefix, operator = cells
        if not _PREFIX.fullmatch(prefix):
            return f"prefix: {shown(prefix)} is no operator prefix such as 090"
        if prefix in table:
            return f"prefix: {prefix} stands in an earlier line"
        if not operator:
            return "operator: is missing"
        table[prefix] = operator
        return None

    read_lines(text, source, ("prefix", "operator"), 2, read)
    return table


def parse_ported(text: str, source: str) -> PortedTable:
    """The ported-numbers table. Raises TableError with every bad line."""
    rows: dict[str, tuple[Ported, ...]] = {}
    shared: dict[tuple[str, str], tuple[Ported, ...]] = {}
    """Half a million numbers went to few operators on few days: one object for each of those pairs."""

    def read(cells: list[str]) -> str | None:
        written, operator, since = (*cells, "")[:3]
        canonical = _canonical(written)
        if canonical is None:
            return f"number: {shown(written)} is no number"
        if not operator:
            return "operator: is missing"
        moved = shared.get((operator, since))
        if moved is None:
            try:
                moved = (Ported(operator, parse_day(since) if since else None),)
            except ValueError:
                return f"since: {shown(since)} is no date such as 2026-03-01"
            shared[operator, since] = moved
        known = rows.get(canonical)
        if known is not None and any(row.since == new.since for row in known for new in moved):
            return f"number: {written} has a row with the same `since` already"
        rows[canonical] = moved if known is None else _newest_first((*known, *moved))
        return None

    read_lines(text, source, ("number", "operator", "since"), 2, read)
    return PortedTable(rows)


def _canonical(written: str) -> str | None:
    plain = plain_canonical(written)  # a table of all ported numbers would only push others out of parse_number's cache
    return plain if plain is not None else canonical_number(written)


def _newest_first(rows: tuple[Ported, ...]) -> tuple[Ported, ...]:
    return tuple(sorted(rows, key=lambda row: row.since or date.min, reverse=True))


def parse_idd(text: str, source: str) -> IddTable:
    """The ordinary international prices, VND/min by prefix. Raises TableError with every bad line."""
    prices: dict[str, int] = {}

    def read(cells: list[str]) -> str | None:
        prefix = cells[0].removeprefix("+").removeprefix("00")
        if not _IDD_PREFIX.fullmatch(prefix):
            return f"prefix: {shown(cells[0])} is no country calling code or longer prefix"
        if prefix in prices:
            return f"prefix: {prefix} stands in an earlier line"
        if not _WHOLE.fullmatch(cells[1]):
            return f"vnd_per_min: {shown(cells[1])} is no whole number of VND"
        prices[prefix] = int(cells[1])
        return None

    read_lines(text, source, ("prefix", "vnd_per_min", "destination"), 2, read)
    return IddTable(prices)


def read_lines(
    text: str, source: str, columns: tuple[str, ...], least: int, read: Callable[[list[str]], str | None]
) -> None:
    """Give the cells of every line that carries data to `read`, which says what is wrong with them.

    `least`: columns that must be there. Raises TableError with every bad line.
    """
    problems = []
    for number, cells in _cells(text, columns[0]):
        if not least <= len(cells) <= len(columns):
            problem: str | None = f"{len(cells)} columns, expected {', '.join(columns)}"
        else:
            problem = read(cells)
        if problem is not None:
            problems.append(f"{source}: line {number}: {problem}")
    if problems:
        raise TableError(problems)


def _cells(text: str, heading: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and stripped cells of every line that carries data; a first line that begins with `heading` is
    the header.
    """
    first = True
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        delimiter = next((mark for mark in ",;\t" if mark in line), ",")
        written = next(csv.reader([line], delimiter=delimiter)) if '"' in line else line.split(delimiter)
        cells = [cell.strip() for cell in written]
        if not (first and cells[0].casefold() in {heading, "prefix", "number"}):
            yield number, cells
        first = False
