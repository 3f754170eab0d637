"""A reckoning that is kept in a file between being made, being looked at page by page, and being applied.

`edge.commands.rerate_kept` writes it, the page reads it. One SQLite file: 60 000 changes are looked at fifty at a time
without anybody holding them all. It is complete or not there: it is made beside its name and moved there.

The head: {"id", "first": month, "at": POSIX seconds, "basis", "months": [{"month", "closed", "before_vnd", "after_vnd",
"difference_vnd", "changed"}], "changes": how many}.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE head (document TEXT NOT NULL) STRICT;
CREATE TABLE change (
    n INTEGER PRIMARY KEY, month TEXT NOT NULL, at TEXT, extension TEXT, number TEXT, before TEXT NOT NULL,
    after TEXT NOT NULL
) STRICT;
CREATE INDEX change_month ON change (month, n);
"""


@dataclass(frozen=True, slots=True)
class KeptChange:
    """One charge that differs."""

    month: str
    at: str | None
    """ISO 8601, local: when the leg was answered or the message sent."""
    extension: str | None
    number: str | None
    before: Mapping[str, Any]
    """Object of rating.md §8, as it stands."""
    after: Mapping[str, Any]
    """The same by today's tables, settings and bundles."""


def keep(path: Path, head: Mapping[str, Any], changes: Iterable[KeptChange]) -> None:
    """Replaces what is kept there; readable by its owner only. Raises `OSError` and `sqlite3.Error`."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with closing(sqlite3.connect(part)) as file:
            file.execute("PRAGMA journal_mode = OFF")
            file.executescript(_TABLES)
            file.execute("INSERT INTO head VALUES (?)", (_text(head),))
            file.executemany("INSERT INTO change VALUES (NULL, ?, ?, ?, ?, ?, ?)", map(_row, changes))
            file.commit()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _row(change: KeptChange) -> tuple[str | None, ...]:
    before, after = _text(change.before), _text(change.after)
    return change.month, change.at, change.extension, change.number, before, after


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def kept_head(path: Path) -> dict[str, Any] | None:
    """None when nothing is kept there, or what is there is damaged."""
    try:
        with _opened(path) as file:
            head: dict[str, Any] = json.loads(file.execute("SELECT document FROM head").fetchone()[0])
            return head
    except (sqlite3.Error, TypeError):
        return None


def kept_changes(path: Path, of_month: str | None, limit: int, offset: int) -> list[KeptChange]:
    """Those of a month, or of all; by time. Raises `sqlite3.Error` when nothing is kept there."""
    where, values = ("WHERE month = ?", [of_month]) if of_month else ("", [])
    columns = "month, at, extension, number, before, after"
    with _opened(path) as file:
        rows = file.execute(
            f"SELECT {columns} FROM change {where} ORDER BY n LIMIT ? OFFSET ?",  # noqa: S608 - our own words only
            (*values, limit, offset),
        )
        return [
            KeptChange(month, at, extension, number, json.loads(before), json.loads(after))
            for month, at, extension, number, before, after in rows
        ]


def kept_charges(path: Path) -> Iterator[str]:
    """What is to be stored, as the JSON Lines of `ApplyCharges`. Raises `sqlite3.Error`."""
    with _opened(path) as file:
        for row in file.execute("SELECT after FROM change ORDER BY n"):
            yield row[0]


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as file:
        yield file
