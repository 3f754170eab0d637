"""`DATA/web.db`: what the page itself must remember — users, who is signed in, who did what, plans compared.

Written by the page alone (and by `python -m web_ui.reset`, in one short transaction). Readable by its owner only:
until the first secret has been changed it stands here in clear, so that a restarted box can say it again.
One connection behind one lock: the page writes a few rows per minute.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE installation (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE users (
        name TEXT PRIMARY KEY COLLATE NOCASE,
        role TEXT NOT NULL,
        secret_hash TEXT NOT NULL,
        must_change INTEGER NOT NULL,
        disabled INTEGER NOT NULL DEFAULT 0,
        created REAL NOT NULL,
        last_login REAL
    ) STRICT;
    CREATE TABLE sessions (
        token_hash TEXT PRIMARY KEY,
        user TEXT NOT NULL COLLATE NOCASE REFERENCES users (name) ON DELETE CASCADE,
        created REAL NOT NULL,
        seen REAL NOT NULL
    ) STRICT;
    CREATE TABLE audit (
        id INTEGER PRIMARY KEY,
        at REAL NOT NULL,
        user TEXT NOT NULL,
        address TEXT NOT NULL,
        action TEXT NOT NULL,
        detail TEXT NOT NULL
    ) STRICT;
    """,
    """
    CREATE TABLE advice (
        period TEXT NOT NULL,
        language TEXT NOT NULL,
        at REAL NOT NULL,
        by TEXT NOT NULL,
        answer TEXT NOT NULL,
        PRIMARY KEY (period, language)
    ) STRICT, WITHOUT ROWID;
    """,
)
"""Number n brings version n to n + 1, each in one transaction; never edited once released."""

AUDIT_ROWS = 20_000
"""Older rows are dropped: a bounded file on a memory card."""

Value = str | int | float | None


class WebStore:
    """The open database. A context manager."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Made with its final mode, so that not even for a moment others could read it; -wal and -shm inherit the mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
        self.path = path
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, timeout=5.0, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute("PRAGMA foreign_keys=ON")
        self._migrate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def rows(self, sql: str, values: Sequence[Value] = ()) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Value] = ()) -> sqlite3.Row | None:
        with self._lock:
            found: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
            return found

    def run(self, sql: str, values: Sequence[Value] = ()) -> int:
        """Performs one statement and returns the number of rows it touched."""
        with self._lock:
            return self._db.execute(sql, values).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; takes the write lock at once, so that a read inside stays true until the write."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def remembered(self, key: str) -> str | None:
        row = self.row("SELECT value FROM installation WHERE key = ?", (key,))
        return None if row is None else str(row["value"])

    def remember(self, key: str, value: str) -> None:
        self.run("INSERT OR REPLACE INTO installation (key, value) VALUES (?, ?)", (key, value))

    def forget(self, key: str) -> None:
        self.run("DELETE FROM installation WHERE key = ?", (key,))

    def note(self, at: float, user: str, address: str, action: str, detail: str = "") -> None:
        """Writes one line of the audit trail."""
        self.run(
            "INSERT INTO audit (at, user, address, action, detail) VALUES (?, ?, ?, ?, ?)",
            (at, user, address, action, detail),
        )
        self.run("DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?", (AUDIT_ROWS,))

    def _migrate(self) -> None:
        while True:
            with self.transaction():
                version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
                if version >= len(MIGRATIONS):
                    return
                for statement in filter(str.strip, MIGRATIONS[version].split(";")):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {version + 1}")
