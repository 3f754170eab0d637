"""Closed statements in `box.db`: written once, never changed. Same file and thread as the ledger.

A statement, the revision of every charge that it invoices, and its outbox row are one transaction. The work is SQLite's
and not Python's, however many calls the month has: the thread that writes calls is not held up for long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from edge.store.errors import StoreError
from edge.store.outbox import Outbox


class StatementRefused(StoreError, ValueError):
    """The month is closed already, or another one was closed since the statement was reckoned."""


@dataclass(frozen=True, slots=True)
class DrawnStatement:
    """A statement that is ready to be closed."""

    statement: str
    """"2026-11": its name and its month."""
    kind: str
    """month or cancellation."""
    plan: str
    drawn: float
    """POSIX seconds."""
    total_vnd: int
    document: str
    """As `edge.api.statements.pack` writes it."""
    summary: Mapping[str, Any]
    """What the cloud gets."""
    charges: str
    """JSON array of [item, revision]: what is invoiced by it, corrected items of other months included."""
    closed_before: int
    """How many statements were closed when it was reckoned."""


class StatementTable:
    """`box`: name of the box in keys and topics."""

    def __init__(self, database: Database, box: str) -> None:
        self._database = database
        self._connection = database.conn
        self._outbox = Outbox(self._connection, box)

    def close_month(self, drawn: DrawnStatement) -> str:
        """Stores it for good. Returns the key of its outbox row. Raises `StatementRefused`; then nothing is written."""
        with self._database.atomic():
            if self._count("statement = ?", drawn.statement):
                raise StatementRefused(f"the statement of {drawn.statement} is closed already; it is never drawn twice")
            if self._count() != drawn.closed_before:
                raise StatementRefused(
                    f"another month was closed while {drawn.statement} was reckoned; draw it up again"
                )
            self._insert(drawn)
            return self._report(drawn)

    def _count(self, where: str = "1", *values: str) -> int:
        counted = self._connection.execute(f"SELECT count(*) FROM statement WHERE {where}", values)  # noqa: S608
        return int(counted.fetchone()[0])

    def _insert(self, drawn: DrawnStatement) -> None:
        inserted = self._connection.execute(
            "INSERT INTO statement (statement, period, kind, plan, drawn, total_vnd, document)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                drawn.statement,
                drawn.statement,
                drawn.kind,
                drawn.plan,
                drawn.drawn,
                drawn.total_vnd,
                drawn.document,
            ),
        ).lastrowid
        self._connection.execute(
            "INSERT INTO statement_charge (statement, item, revision)"
            " SELECT ?, value ->> 0, value ->> 1 FROM json_each(?)",
            (inserted, drawn.charges),
        )

    def _report(self, drawn: DrawnStatement) -> str:
        name = drawn.statement
        return self._outbox.put(f"statement:{name}", f"statement/{name}", {"statement": drawn.summary}, drawn.drawn)
