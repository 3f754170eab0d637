"""The outbox in `box.db`: what the cloud is to be told, in the order in which it happened.

A row is put in within the transaction of what it tells about: both are there after a kill, or neither. `seq` goes up by
one and never back, also when the outbox was emptied.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from edge.store.charges import as_json

PAYLOAD_SCHEMA = 1
"""Version of the MQTT payload (docs/mqtt.md)."""


class Outbox:
    """Inside the transactions of its owner, who owns the connection; `box`: name of the box in keys and topics."""

    def __init__(self, connection: sqlite3.Connection, box: str) -> None:
        self._connection = connection
        self._box = box

    def put(self, name: str, topic: str, content: Mapping[str, Any], at: float) -> str:
        """`name`: the key behind the box, `c17:2`; `topic`: behind the box too, `cdr/c17`. Returns the key."""
        key, seq = f"{self._box}:{name}", self._next_seq()
        payload = {"schema": PAYLOAD_SCHEMA, "key": key, "seq": seq, **content}
        self._connection.execute(
            "INSERT INTO outbox (seq, key, topic, payload, created) VALUES (?, ?, ?, ?, ?)",
            (seq, key, f"tongdai/{self._box}/{topic}", as_json(payload), at),
        )
        return key

    def strike(self, keys: Iterable[str]) -> int:
        """Removes rows that the broker has acknowledged. Unknown keys are those struck before. Returns how many."""
        return self._each("DELETE FROM outbox WHERE key = ?", keys)

    def count_tries(self, keys: Iterable[str]) -> None:
        """Counts one more try for each mention of a key."""
        self._each("UPDATE outbox SET tries = tries + 1 WHERE key = ?", keys)

    def _each(self, statement: str, keys: Iterable[str]) -> int:
        return sum(self._connection.execute(statement, (key,)).rowcount for key in keys)

    def _next_seq(self) -> int:
        row: sqlite3.Row = self._connection.execute(
            "INSERT INTO counter (name, next) VALUES ('outbox', 2)"
            " ON CONFLICT (name) DO UPDATE SET next = next + 1 RETURNING next - 1"
        ).fetchone()
        return int(row[0])
