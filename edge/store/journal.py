"""The flight recorder: every event of the switchboard with its moment and the actions it caused, in `journal.db`.

Invariants
- `seq` goes up by one per event over the whole life of the box. A checkpoint with `seq` n holds the state *before*
  entry n: replay loads it and handles entry n next.
- The journal is bounded. Whole stretches between two checkpoints are forgotten, oldest first, so that the oldest entry
  always has its checkpoint; a call that began in a forgotten stretch is no longer listed. Checkpoints are taken while
  no call is in progress: for every call that is listed, all its entries and a checkpoint before the first are there.
- Entries are buffered until `flush`, so that a burst of events costs one transaction. An entry may be lost by a power
  cut, never torn.

Belongs to the thread that made it, like the ledger.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from edge.calls.actions import Action
from edge.calls.events import Event
from edge.store import migrations
from edge.store.codec import encode_actions, encode_event
from edge.store.journal_reader import JournalReader
from edge.store.schema import connect
from edge.telephony import CallId, Moment

MAX_ENTRIES = 500_000
"""About ten days of a busy company (2 000 calls a day, 25 events each)."""
MAX_BYTES = 256 * 1024 * 1024
"""Of used pages; the file itself never shrinks, its free pages are filled again."""

_SPAN = "SELECT (SELECT min(seq) FROM entry), (SELECT max(seq) FROM entry)"
"""Two look-ups; min and max in one SELECT would read the whole table."""


class Journal(AbstractContextManager["Journal"]):
    """`path`: journal.db in the data directory. Raises `sqlite3.Error` as it comes."""

    def __init__(self, path: Path, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._database = connect(path, synchronous="NORMAL")
        self._connection = self._database.conn
        try:
            migrations.journal.apply(self._database)
        except BaseException:
            self._database.close()
            raise
        self._entries: list[tuple[int, float, float, str, str]] = []
        self._calls: list[tuple[CallId, int]] = []

    def close(self) -> None:
        """Flushes first."""
        try:
            self.flush()
        finally:
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- writing --------------------------------------------------------------------------------------------------

    def append(
        self, seq: int, moment: Moment, event: Event, actions: tuple[Action, ...], calls: tuple[CallId, ...]
    ) -> None:
        """Buffers one entry; `calls` are those it concerned. `flush` makes it durable."""
        entry = (seq, moment.mono, moment.wall, encode_event(event), encode_actions(actions))
        self._entries.append(entry)
        self._calls += [(call, seq) for call in dict.fromkeys(calls)]

    def flush(self) -> None:
        """Writes what was buffered, in one transaction. What could not be written stays buffered."""
        if not self._entries:
            return
        with self._database.atomic():
            self._connection.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", self._entries)
            self._connection.executemany("INSERT INTO entry_call VALUES (?, ?)", self._calls)
        self._entries.clear()
        self._calls.clear()

    def checkpoint(self, seq: int, moment: Moment, code_version: str, settings_revision: int, state: Any) -> None:
        """Keeps the state before entry `seq`, and forgets the oldest stretches that are over the limits."""
        self.flush()
        with self._database.atomic():
            self._connection.execute(
                "INSERT OR REPLACE INTO checkpoint VALUES (?, ?, ?, ?, ?, ?)",
                (seq, moment.mono, moment.wall, code_version, settings_revision, msgspec.json.encode(state).decode()),
            )
        while self._over_limit() and self._forget_oldest_stretch():
            pass

    def _over_limit(self) -> bool:
        """Costs nothing: numbers have no gaps, and SQLite knows its pages."""
        first, last = self._connection.execute(_SPAN).fetchone()
        entries = 0 if first is None else last - first + 1
        return entries > self._max_entries or self._used_bytes() > self._max_bytes

    def _used_bytes(self) -> int:
        size, pages, free = (
            int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_size", "page_count", "freelist_count")
        )
        return size * (pages - free)

    def _forget_oldest_stretch(self) -> bool:
        """False when only the newest stretch is left: its checkpoint is needed."""
        checkpoints = self._connection.execute("SELECT seq FROM checkpoint ORDER BY seq LIMIT 2").fetchall()
        if len(checkpoints) < 2:
            return False
        (end,) = checkpoints[1]
        with self._database.atomic():
            self._connection.execute(
                "DELETE FROM entry_call WHERE call IN (SELECT call FROM entry_call WHERE seq < ?)", (end,)
            )
            self._connection.execute("DELETE FROM entry WHERE seq < ?", (end,))
            self._connection.execute("DELETE FROM checkpoint WHERE seq < ?", (end,))
        return True

    # --- going on -------------------------------------------------------------------------------------------------

    def next_seq(self) -> int:
        """Number of the entry that comes next."""
        self.flush()
        found = self._connection.execute(
            "SELECT max((SELECT coalesce(max(seq), 0) + 1 FROM entry), (SELECT coalesce(max(seq), 1) FROM checkpoint))"
        ).fetchone()
        return int(found[0])

    def next_call_number(self) -> int:
        """The lowest number that no call of the journal has; a call may be here that the ledger has never seen."""
        self.flush()
        found = self._connection.execute(
            "SELECT max(CAST(substr(call, 2) AS INTEGER)) FROM entry_call WHERE call GLOB 'c[0-9]*'"
        ).fetchone()[0]
        return int(found or 0) + 1

    @property
    def reader(self) -> JournalReader:
        """What was appended, the buffered entries among it."""
        self.flush()
        return JournalReader(self._connection)
