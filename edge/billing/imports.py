"""A file that somebody imports: read and checked as a whole, before anything is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from edge.billing.tables import RateTables, ported_table
from edge.rating.data_tables import parse_idd, parse_operators, parse_ported
from edge.rating.destinations import destinations_text, parse_destinations
from edge.rating.errors import RatingInputError, TableError, TariffError
from edge.rating.tariff import Plan
from edge.rating.tariff_text import parse_tariff
from edge.store.rate_tables import StoredTable

KINDS = ("plan", "operators", "ported", "idd", "destinations")

_Read = tuple[list[StoredTable], int, tuple[str, ...], str | None]
"""Tables to store, rows, warnings, the first day concerned."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import brings."""

    stored: list[StoredTable]
    tables: RateTables
    """The tables of the box with it."""
    rows: int
    warnings: tuple[str, ...]
    since: str | None
    """The first day (YYYY-MM-DD) on which it may change a price; None: any day."""

    @property
    def name(self) -> str:
        return ", ".join(table.name for table in self.stored)


def take(tables: RateTables, kind: str, text: str, source: str) -> Taken:
    """Reads a file of a kind for the box that rates by `tables`; `source` is its name in messages.

    Raises RatingInputError: one line naming file, line (or table and row) and field.
    """
    if kind not in _READERS:
        raise RatingInputError(f"kind: {kind!r} is none of {', '.join(_READERS)}")
    try:
        stored, rows, warnings, since = _READERS[kind](tables, text, source)
        return Taken(stored, tables.with_tables(stored), rows, warnings, since)
    except (TariffError, TableError) as error:
        more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
        raise RatingInputError(" ".join(f"{error.problems[0]}{more}".split())) from None


def _take_plan(tables: RateTables, text: str, source: str) -> _Read:
    tariff = parse_tariff(text, source)
    standing = tables.plans.get(tariff.plan)
    others = () if standing is None else standing.versions
    Plan(tariff.plan, (*(other for other in others if other.version != tariff.version), tariff))
    table = StoredTable("plan", tariff.version, text)
    return [table], 1, tariff.warnings, tariff.valid_from.isoformat()


def _take_operators(_: RateTables, text: str, source: str) -> _Read:
    return [StoredTable("operators", "operators", text)], len(parse_operators(text, source)), (), None


def _take_ported(_: RateTables, text: str, source: str) -> _Read:
    try:
        rows = ported_table(text).rows
    except TableError:
        rows = parse_ported(text, source).rows  # the same faults, under the name that the person knows
    return [StoredTable("ported", "ported", text)], sum(map(len, rows.values())), (), None


def _take_idd(_: RateTables, text: str, source: str) -> _Read:
    return [StoredTable("idd", "idd", text)], len(parse_idd(text, source).prices), (), None


def _take_destinations(tables: RateTables, text: str, source: str) -> _Read:
    rows = parse_destinations(text, source, tables.plans)
    if not rows:
        raise TableError([f"{source}: holds no destination"])
    stored = [
        StoredTable("destinations", plan, destinations_text(row for row in rows if row.plan == plan))
        for plan in dict.fromkeys(row.plan for row in rows)
    ]
    return stored, len(rows), (), None


_READERS: dict[str, Callable[[RateTables, str, str], _Read]] = {
    "plan": _take_plan,
    "operators": _take_operators,
    "ported": _take_ported,
    "idd": _take_idd,
    "destinations": _take_destinations,
}


def signed(tables: list[StoredTable], at: float, by: str) -> list[StoredTable]:
    """The same tables with the time and the person of their import."""
    return [replace(table, at=at, by=by) for table in tables]


def overview(tables: RateTables) -> list[dict[str, Any]]:
    """What the box rates by: kind, name, rows, origin, at (POSIX seconds or None), by, valid_from, valid_to."""
    rows: list[dict[str, Any]] = []
    for file in sorted(tables.plan_files, key=lambda file: file.tariff.version):
        days = {"valid_from": file.tariff.valid_from.isoformat(), "valid_to": _day(file.tariff.valid_to)}
        rows.append(_row("plan", file.tariff.version, 1, file.imported) | days)
    counts = {
        "operators": len(tables.operators),
        "ported": sum(map(len, tables.ported.rows.values())),
        "idd": len(tables.idd.prices),
    }
    rows += [_row(kind, kind, count, tables.imported.get((kind, kind))) for kind, count in counts.items()]
    for (kind, name), table in tables.imported.items():
        if kind == "destinations":
            rows.append(_row(kind, name, sum(row.plan == name for row in tables.destinations), table))
    return rows


def _row(kind: str, name: str, count: int, imported: StoredTable | None) -> dict[str, Any]:
    return {
        "kind": kind,
        "name": name,
        "rows": count,
        "origin": "shipped" if imported is None else "imported",
        "at": None if imported is None else imported.at,
        "by": "" if imported is None else imported.by,
        "valid_from": None,
        "valid_to": None,
    }


def _day(value: Any) -> str | None:
    return None if value is None else value.isoformat()
