"""The journal as it is read: by replay, while the core writes on or when it is down.

For every call that is listed, all its entries and a checkpoint before the first are there (`edge.store.journal`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from edge.calls.actions import Action
from edge.calls.events import Event
from edge.store.codec import decode_actions, decode_event
from edge.telephony import CallId, Moment


@dataclass(frozen=True, slots=True)
class Entry:
    seq: int
    moment: Moment
    event: Event
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    seq: int
    """Number of the first entry after it."""
    moment: Moment
    code_version: str
    settings_revision: int
    state: Any
    """Plain JSON of the switchboard's own making."""


class JournalReader(AbstractContextManager["JournalReader"]):
    """Reading raises `UnknownEntry` for what this version cannot decode, and `sqlite3.Error` as it comes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read-only. Raises `FileNotFoundError`."""
        if not path.exists():
            raise FileNotFoundError(f"{path}: no box has run there")
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA busy_timeout = 5000")
        return cls(connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def entries_for(self, call: CallId) -> list[Entry]:
        """What concerned one call, in order; empty when it is forgotten."""
        rows = self._connection.execute(
            "SELECT entry.* FROM entry JOIN entry_call USING (seq) WHERE call = ? ORDER BY seq", (call,)
        )
        return [_entry_from(row) for row in rows]

    def checkpoint_before(self, call: CallId) -> Checkpoint | None:
        """The newest checkpoint that the call began after; None when the call is not listed."""
        row = self._connection.execute(
            "SELECT * FROM checkpoint WHERE seq <= (SELECT min(seq) FROM entry_call WHERE call = ?)"
            " ORDER BY seq DESC LIMIT 1",
            (call,),
        ).fetchone()
        return None if row is None else _checkpoint_from(row)

    def entries_from_checkpoint_before(self, call: CallId) -> Iterator[Entry]:
        """Every entry of the switchboard from that checkpoint to the last one of the call: what replay handles."""
        start = self.checkpoint_before(call)
        if start is None:
            return
        rows = self._connection.execute(
            "SELECT * FROM entry WHERE seq BETWEEN ? AND (SELECT max(seq) FROM entry_call WHERE call = ?) ORDER BY seq",
            (start.seq, call),
        )
        for row in rows:
            yield _entry_from(row)


def _entry_from(row: sqlite3.Row) -> Entry:
    moment = Moment(row["mono"], row["wall"])
    return Entry(row["seq"], moment, decode_event(row["event"]), decode_actions(row["actions"]))


def _checkpoint_from(row: sqlite3.Row) -> Checkpoint:
    moment = Moment(row["mono"], row["wall"])
    state = msgspec.json.decode(row["state"])
    return Checkpoint(row["seq"], moment, row["code_version"], row["settings_revision"], state)
