"""Which recordings exist, of which call, and in which file. Part of the ledger: same file, same thread.

A path is stored relative to the data directory, so that the directory can be moved, and handed out absolute.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from edge.store.errors import LedgerMisuse
from edge.store.stamps import Stamp
from edge.telephony import CallId, ClockSource, Moment, RecordingId


@dataclass(frozen=True, slots=True)
class Recording:
    recording: RecordingId
    call: CallId
    path: Path
    """Absolute."""
    state: str
    """open, finished or failed."""
    started: float
    duration_s: float | None
    bytes: int | None


class RecordingTable:
    def __init__(self, database: Database, data: Path, boot: str) -> None:
        self._database = database
        self._connection = database.conn
        self._data = data.absolute()
        self._boot = boot

    def add(self, recording: RecordingId, call: CallId, path: Path, now: Moment, clock: ClockSource) -> None:
        """The recorder has opened its file."""
        stamp = Stamp.at(self._boot, now, clock)
        with self._database.atomic():
            self._connection.execute(
                "INSERT INTO recording (recording, call, path, state, started, boot, wall_minus_mono, stamped)"
                " VALUES (?, ?, ?, 'open', ?, ?, ?, ?)",
                (recording, call, self._relative(path), now.wall, stamp.boot, stamp.wall_minus_mono, stamp.stamped),
            )

    def finish(self, recording: RecordingId, path: Path, duration_s: float, size: int) -> None:
        """The file is whole: `path` (its name may have changed), seconds, bytes. Raises `LedgerMisuse` if unknown."""
        self._update(recording, "finished", path, duration_s, size)

    def fail(self, recording: RecordingId) -> None:
        """Nothing that can be heard was recorded."""
        self._update(recording, "failed", None, None, None)

    def _update(
        self, recording: RecordingId, state: str, path: Path | None, duration_s: float | None, size: int | None
    ) -> None:
        with self._database.atomic():
            found = self._connection.execute(
                "UPDATE recording SET state = ?, path = coalesce(?, path), duration_s = ?, bytes = ?"
                " WHERE recording = ? RETURNING call",
                (state, None if path is None else self._relative(path), duration_s, size, recording),
            ).fetchone()
            if found is None:
                raise LedgerMisuse(f"recording {recording} was never added")
            self.mark_call(CallId(found["call"]))

    def delete(self, recordings: Sequence[RecordingId]) -> list[Path]:
        """Forgets them. Returns the files, which the caller removes afterwards."""
        paths = []
        with self._database.atomic():
            for recording in recordings:
                found = self._connection.execute(
                    "DELETE FROM recording WHERE recording = ? RETURNING call, path", (recording,)
                ).fetchone()
                if found is not None:
                    paths.append(self._data / found["path"])
                    self.mark_call(CallId(found["call"]))
        return paths

    def unfinished(self) -> list[Recording]:
        """What a crash left open: boot repairs the files."""
        return self._select("WHERE state = 'open'")

    def finished(self) -> list[Recording]:
        """Oldest first: the order in which retention deletes."""
        return self._select("WHERE state = 'finished'")

    def all(self) -> list[Recording]:
        return self._select("")

    def mark_call(self, call: CallId) -> None:
        """Keeps the CDR's search column; inside the caller's transaction."""
        self._connection.execute(
            "UPDATE cdr SET has_recording ="
            " EXISTS (SELECT 1 FROM recording WHERE call = cdr.call AND state = 'finished') WHERE call = ?",
            (call,),
        )

    def restamp(self, boot: str, offset: float) -> None:
        """Inside the ledger's transaction; `offset`: wall minus monotonic seconds by a clock."""
        self._connection.execute(
            "UPDATE recording SET started = started + ? - wall_minus_mono, wall_minus_mono = ?, stamped = 1"
            " WHERE stamped = 0 AND boot = ?",
            (offset, offset, boot),
        )

    def _select(self, where: str) -> list[Recording]:
        rows = self._connection.execute(
            f"SELECT * FROM recording {where} ORDER BY started, length(recording), recording"  # noqa: S608
        )
        return [self._recording_from(row) for row in rows]

    def _recording_from(self, row: sqlite3.Row) -> Recording:
        return Recording(
            RecordingId(row["recording"]),
            CallId(row["call"]),
            self._data / row["path"],
            row["state"],
            row["started"],
            row["duration_s"],
            row["bytes"],
        )

    def _relative(self, path: Path) -> str:
        """Raises `ValueError` for a file outside the data directory."""
        return str(path.relative_to(self._data) if path.is_absolute() else path)
