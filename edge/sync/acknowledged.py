"""`sync.db`: the keys that the broker has acknowledged and the core has perhaps not struck off yet.

Durable before the core is told (`synchronous=FULL`), so that a kill in between neither loses nor sends again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from edge.store import migrations
from edge.store.schema import SYNC_FILE, connect


class AcknowledgedKeys(AbstractContextManager["AcknowledgedKeys"]):
    """Raises `sqlite3.Error` as it comes: without this record rows would be sent twice."""

    def __init__(self, data: Path) -> None:
        self._database = connect(data / SYNC_FILE, synchronous="FULL")
        migrations.sync.apply(self._database)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def all(self) -> list[str]:
        """In the order of their acknowledgement."""
        return [row["key"] for row in self._database.conn.execute("SELECT key FROM acknowledged ORDER BY at, key")]

    def record(self, key: str) -> None:
        self._database.conn.execute("INSERT OR IGNORE INTO acknowledged VALUES (?, ?)", (key, time.time()))

    def forget(self, keys: Iterable[str]) -> None:
        with self._database.atomic():
            self._database.conn.executemany("DELETE FROM acknowledged WHERE key = ?", [(key,) for key in keys])
