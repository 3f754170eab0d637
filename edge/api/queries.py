"""What stands in the store of a box, read-only: for the page, the command line and the sync process.

Works while the core is down, and never disturbs it: in WAL mode a reader neither waits for the writer nor holds it
up. Lists are oldest first unless `newest_first` says otherwise. A `Reader` may be shared by threads; its queries take
turns.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from edge.api.filters import VIETNAM, BadFilter, CdrFilter, Condition, condition_of

__all__ = ["BadFilter", "CdrFilter", "Reader", "StoreAbsent", "open_reader"]

LEDGER_FILE = "box.db"
JOURNAL_FILE = "journal.db"

_ROWS = """
SELECT found.call, cdr_row.row, CASE has_recording WHEN 1 THEN (
    SELECT json_group_array(path) FROM (
        SELECT path FROM recording WHERE call = found.call AND state = 'finished' ORDER BY length(recording), recording)
) END AS paths
FROM (SELECT id, call, started, has_recording FROM cdr WHERE {where} ORDER BY started {order}, id {order}
      LIMIT ? OFFSET ?) AS found
JOIN cdr_row USING (id) ORDER BY found.started {order}, found.id {order}
"""

_TOTALS = """
SELECT disposition, count(*) AS calls, total(billable_s) AS billable_s, coalesce(sum(charge_vnd), 0) AS charge_vnd,
       count(*) - count(charge_vnd) AS unrated
FROM cdr WHERE {where} GROUP BY disposition ORDER BY disposition
"""

_RECORDINGS = """
SELECT recording.recording, recording.call, recording.path, recording.started, recording.duration_s, recording.bytes,
       found.caller, found.called, found.extension
FROM recording JOIN (SELECT * FROM cdr WHERE {where}) AS found USING (call)
WHERE recording.state = 'finished' ORDER BY recording.started {order}, recording.recording {order} LIMIT ?
"""

_OUTGOING = "SELECT DISTINCT call FROM leg WHERE service = 'outbound' AND call IN ({marks})"

_REVISIONS = """
SELECT charge.leg, charge.revision, charge.at, charge.detail FROM leg JOIN charge ON charge.leg = leg.leg
WHERE leg.call = ? ORDER BY leg.position, charge.revision
"""

_MESSAGES = """
SELECT message, direction, line, hotline, number, extension, text, parts, at, sent_at, state, reason, about, by,
       charge_vnd, (SELECT detail FROM charge WHERE leg = message ORDER BY revision DESC LIMIT 1) AS rating
FROM message ORDER BY at {order}, id {order} LIMIT ?
"""


MASKED_KEY = "•"
_PIN_PROMPTS = frozenset({"enter-pin", "wrong-pin"})


class StoreAbsent(FileNotFoundError):
    """The directory holds no store of a box."""


def open_reader(data: Path) -> Reader:
    """Raises `StoreAbsent` when no box has ever run in `data`."""
    return Reader(data)


class Reader(AbstractContextManager["Reader"]):
    def __init__(self, data: Path) -> None:
        self._data = data.absolute()
        self._turn = threading.Lock()
        self._ledger = _open(self._data / LEDGER_FILE)
        self._journal: sqlite3.Connection | None = None

    def close(self) -> None:
        self._ledger.close()
        if self._journal is not None:
            self._journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- calls ----------------------------------------------------------------------------------------------------

    def cdrs(
        self,
        wanted: CdrFilter | None = None,
        *,
        limit: int | None = None,
        offset: int = 0,
        newest_first: bool = False,
    ) -> list[dict[str, Any]]:
        """CDR rows of architecture §5; calls in progress are not among them."""
        return self._rows(condition_of(wanted or CdrFilter()), limit, offset, newest_first=newest_first)

    def count(self, wanted: CdrFilter | None = None) -> int:
        condition = condition_of(wanted or CdrFilter())
        return int(self._one(f"SELECT count(*) FROM cdr WHERE {condition.sql}", condition.values)[0])  # noqa: S608

    def cdr(self, call: str) -> dict[str, Any] | None:
        """One row; None while the call lasts and when there was none."""
        rows = self._rows(Condition(["state = 'closed'", "call = ?"], [call]), 1, 0, newest_first=False)
        return rows[0] if rows else None

    def _rows(
        self, condition: Condition, limit: int | None, offset: int, *, newest_first: bool
    ) -> list[dict[str, Any]]:
        statement = _ROWS.format(where=condition.sql, order="DESC" if newest_first else "ASC")
        values = [*condition.values, -1 if limit is None else limit, offset]
        return [self._cdr_row(row) for row in self._all(statement, values)]

    def _cdr_row(self, found: sqlite3.Row) -> dict[str, Any]:
        row: dict[str, Any] = json.loads(found["row"])
        paths = json.loads(found["paths"]) if found["paths"] else []
        charge, rating, clock = row.pop("charge_vnd"), row.pop("rating"), row.pop("clock")
        row["recordings"] = [str(self._data / path) for path in paths]
        return row | {"charge_vnd": charge, "rating": rating, "clock": clock}

    def totals(self, date_from: str | None = None, date_to: str | None = None) -> dict[str, Any]:
        """Of local days, both included: calls, by_disposition, billable_s, charge_vnd, unrated (calls with no sum)."""
        condition = condition_of(CdrFilter(date_from=date_from, date_to=date_to))
        rows = self._all(_TOTALS.format(where=condition.sql), condition.values)
        return {
            "calls": sum(row["calls"] for row in rows),
            "by_disposition": {row["disposition"]: row["calls"] for row in rows},
            "billable_s": sum(row["billable_s"] for row in rows),
            "charge_vnd": sum(row["charge_vnd"] for row in rows),
            "unrated": sum(row["unrated"] for row in rows),
        }

    def outgoing(self, calls: Sequence[str]) -> set[str]:
        """Those of these calls in which an employee called an outside number: their `extension` is the caller's."""
        marks = ", ".join("?" * len(calls))
        return {row["call"] for row in self._all(_OUTGOING.format(marks=marks), calls)}

    def charge_revisions(self, call: str) -> dict[str, list[dict[str, Any]]]:
        """By leg: every charge it has had (rating.md §8, and revision, at), the one that holds last."""
        found: dict[str, list[dict[str, Any]]] = {}
        for row in self._all(_REVISIONS, [call]):
            charge = json.loads(row["detail"]) | {"revision": row["revision"], "at": _instant(row["at"])}
            found.setdefault(row["leg"], []).append(charge)
        return found

    # --- recordings -----------------------------------------------------------------------------------------------

    def recordings(
        self, wanted: CdrFilter | None = None, *, limit: int | None = None, newest_first: bool = False
    ) -> list[dict[str, Any]]:
        """Finished recordings of the calls wanted: recording, call, path, started, duration_s, bytes, whose call."""
        condition = condition_of(wanted or CdrFilter())
        order = "DESC" if newest_first else "ASC"
        rows = self._all(
            _RECORDINGS.format(where=condition.sql, order=order),
            [*condition.values, -1 if limit is None else limit],
        )
        return [
            dict(row) | {"path": str(self._data / row["path"]), "started": _instant(row["started"])} for row in rows
        ]

    def recording_path(self, recording: str) -> Path | None:
        """The file of a finished recording; None when there is none (it may have been deleted by age)."""
        found = self._one("SELECT path FROM recording WHERE recording = ? AND state = 'finished'", [recording])
        return None if found is None else self._data / found["path"]

    # --- outbox, messages, settings -------------------------------------------------------------------------------

    def outbox(self, limit: int | None = None) -> list[dict[str, Any]]:
        """What the broker has not acknowledged yet: seq, key, topic, created, tries."""
        rows = self._all(
            "SELECT seq, key, topic, created, tries FROM outbox ORDER BY seq LIMIT ?", [-1 if limit is None else limit]
        )
        return [dict(row) | {"created": _instant(row["created"])} for row in rows]

    def outbox_payloads(self, limit: int, after_seq: int = 0) -> list[dict[str, Any]]:
        """For the sync process: seq, key, topic and the payload as JSON text, in order."""
        rows = self._all(
            "SELECT seq, key, topic, payload FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?", [after_seq, limit]
        )
        return [dict(row) for row in rows]

    def messages(self, limit: int | None = None, *, newest_first: bool = False) -> list[dict[str, Any]]:
        """SMS: message, direction, line, hotline (the SIM's number), number, extension (whose mobile that was), text,
        parts, at, sent_at, state, reason, about, by, charge_vnd, rating (object of rating.md §8). The last of sent ones
        only; the charge is None while unrated.
        """
        order = "DESC" if newest_first else "ASC"
        rows = self._all(_MESSAGES.format(order=order), [-1 if limit is None else limit])
        return [_message_row(row) for row in rows]

    def settings_history(self) -> list[dict[str, Any]]:
        """revision, at, by, origin, summary."""
        rows = self._all("SELECT revision, at, by, origin, summary FROM settings_revision ORDER BY revision", [])
        return [dict(row) | {"at": _instant(row["at"])} for row in rows]

    def settings_document(self, revision: int) -> dict[str, Any] | None:
        """The whole document of one revision, PINs included; None when there is none."""
        found = self._one("SELECT document FROM settings_revision WHERE revision = ?", [revision])
        if found is None:
            return None
        document: dict[str, Any] = json.loads(found["document"])
        return document

    # --- journal --------------------------------------------------------------------------------------------------

    def timeline(self, call: str) -> list[dict[str, Any]]:
        """The journal entries of a call: seq, at, event (its type), fields, actions. Empty when it is forgotten.

        The keys of a PIN are masked: a history is read by more people than may know it.
        """
        with self._turn:
            if self._journal is None:
                try:
                    self._journal = _open(self._data / JOURNAL_FILE)
                except StoreAbsent:
                    return []
            rows = self._journal.execute(
                "SELECT seq, wall, event, actions FROM entry JOIN entry_call USING (seq) WHERE call = ? ORDER BY seq",
                [call],
            ).fetchall()
        return _mask_pins([_timeline_row(row) for row in rows])

    # --- inside ---------------------------------------------------------------------------------------------------

    def _all(self, statement: str, values: Iterable[object]) -> list[sqlite3.Row]:
        with self._turn:
            return self._ledger.execute(statement, tuple(values)).fetchall()

    def _one(self, statement: str, values: Iterable[object]) -> Any:
        with self._turn:
            return self._ledger.execute(statement, tuple(values)).fetchone()


def _open(path: Path) -> sqlite3.Connection:
    """Raises `StoreAbsent`."""
    if not path.exists():
        raise StoreAbsent(f"{path.parent} holds no {path.name}: no box has run there")
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, check_same_thread=False, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA busy_timeout = 5000")
    return connection


def _message_row(row: sqlite3.Row) -> dict[str, Any]:
    rating = None if row["rating"] is None else json.loads(row["rating"])
    return dict(row) | {"at": _instant(row["at"]), "sent_at": _instant(row["sent_at"]), "rating": rating}


def _timeline_row(row: sqlite3.Row) -> dict[str, Any]:
    fields = json.loads(row["event"])
    event = fields.pop("type")
    return {
        "seq": row["seq"],
        "at": _instant(row["wall"]),
        "event": event,
        "fields": fields,
        "actions": json.loads(row["actions"]),
    }


def _mask_pins(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A key that answers a prompt for the PIN is shown as a dot; the next other prompt or dialling ends that."""
    asked = False
    for row in rows:
        if asked and row["event"] == "KeyPressed":
            row["fields"]["key"] = MASKED_KEY
        for action in row["actions"]:
            if action["type"] == "PlayPrompts":
                asked = not _PIN_PROMPTS.isdisjoint(action["prompts"])
            elif action["type"] in ("DialLeg", "CloseCdr"):
                asked = False
    return rows


def _instant(seconds: float | None) -> str | None:
    """ISO 8601, local time, milliseconds; the same as in CDR rows."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).astimezone(VIETNAM).isoformat(timespec="milliseconds")
