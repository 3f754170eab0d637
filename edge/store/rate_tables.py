"""Imported tariffs and number tables. Every import is kept; the newest of a kind and name counts. Part of the ledger:
same file, same thread for writing; `newest_tables` also serves readers of their own.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class StoredTable:
    kind: str
    """plan, operators, ported, idd or destinations."""
    name: str
    """Of a plan its version (`3c@2027-01-01`), of destinations their plan, else the kind."""
    text: str
    """The file as it was imported."""
    at: float = 0.0
    """POSIX seconds."""
    by: str = ""
    number: int = 0
    """Rises with every import; 0: not stored yet."""


class RateTableStore:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection = database.conn

    def add(self, tables: list[StoredTable]) -> None:
        """All of one import, or none."""
        with self._database.atomic():
            self._connection.executemany(
                "INSERT INTO rate_table (kind, name, text, at, by) VALUES (?, ?, ?, ?, ?)",
                [(table.kind, table.name, table.text, table.at, table.by) for table in tables],
            )

    def newest(self) -> list[StoredTable]:
        return newest_tables(self._connection)


def newest_tables(connection: sqlite3.Connection) -> list[StoredTable]:
    """The tables that count, in order of their import."""
    rows = connection.execute(
        "SELECT kind, name, text, at, by, id FROM rate_table"
        " WHERE id IN (SELECT max(id) FROM rate_table GROUP BY kind, name) ORDER BY id"
    )
    return [StoredTable(*row) for row in rows]
