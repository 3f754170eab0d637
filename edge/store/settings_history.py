"""Settings as versioned documents in `box.db` (architecture §2.10): every change is a new revision; none is rewritten.

Undo is a change too: a new revision that equals the one before the newest. Same file and thread as the ledger.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from edge.dialplan.settings import Settings
from edge.store.errors import SettingsConflict, SettingsRefused
from edge.store.ledger import Ledger
from edge.store.settings_difference import difference


@dataclass(frozen=True, slots=True)
class Revision:
    revision: int
    at: float
    """POSIX seconds."""
    by: str
    origin: str
    """page, command-line or cloud."""
    summary: str
    """What changed against the revision before, for people."""


class SettingsHistory:
    """`validate` raises, with the key's path, for a document that must not be; it is asked before storing."""

    def __init__(self, ledger: Ledger, validate: Callable[[Settings], None]) -> None:
        self._database = ledger.database
        self._connection = ledger.database.conn
        self._validate = validate

    def newest(self) -> tuple[int, Settings]:
        """Revision 0 and the defaults when nothing was ever decided. Raises `SettingsRefused` for a damaged row."""
        return newest_settings(self._connection)

    def at(self, revision: int) -> Settings:
        """Raises `SettingsRefused` when there is no such revision."""
        if revision == 0:
            return Settings()
        row = self._connection.execute(
            "SELECT document FROM settings_revision WHERE revision = ?", (revision,)
        ).fetchone()
        if row is None:
            raise SettingsRefused(f"settings: there is no revision {revision}")
        return _decoded(revision, row["document"])

    def save(self, settings: Settings, by: str, origin: str, at: float, base_revision: int | None = None) -> int:
        """Stores a new revision and returns its number; a document equal to the newest one makes none.

        Raises what `validate` raises, and `SettingsConflict` when `base_revision` is not the newest any more.
        """
        self._validate(settings)
        with self._database.atomic():
            newest, standing = self.newest()
            if base_revision is not None and base_revision != newest:
                raise SettingsConflict(
                    f"settings: revision {newest} has come after {base_revision}; look at it and change it again"
                )
            changes = difference(standing, settings)
            return self._store(newest + 1, settings, by, origin, at, "; ".join(changes)) if changes else newest

    def undo(self, by: str, origin: str, at: float) -> int:
        """Makes the revision before the newest the newest again. Raises `SettingsRefused` when nothing was decided."""
        with self._database.atomic():
            newest, standing = self.newest()
            if newest == 0:
                raise SettingsRefused("settings: there is nothing to undo")
            before = self.at(newest - 1)
            self._validate(before)
            summary = "; ".join([f"undo of revision {newest}", *difference(standing, before)])
            return self._store(newest + 1, before, by, origin, at, summary)

    def compare(self, old: int, new: int) -> list[str]:
        """The changes between two revisions, one sentence each."""
        return difference(self.at(old), self.at(new))

    def revisions(self) -> list[Revision]:
        """Oldest first."""
        rows = self._connection.execute(
            "SELECT revision, at, by, origin, summary FROM settings_revision ORDER BY revision"
        )
        return [Revision(*row) for row in rows]

    def _store(self, revision: int, settings: Settings, by: str, origin: str, at: float, summary: str) -> int:
        self._connection.execute(
            "INSERT INTO settings_revision (revision, at, by, origin, summary, document) VALUES (?, ?, ?, ?, ?, ?)",
            (revision, at, by, origin, summary, msgspec.json.encode(settings).decode()),
        )
        return revision


def newest_settings(connection: sqlite3.Connection) -> tuple[int, Settings]:
    """As `SettingsHistory.newest`, for a reader's connection too."""
    row = connection.execute(
        "SELECT revision, document FROM settings_revision ORDER BY revision DESC LIMIT 1"
    ).fetchone()
    return (0, Settings()) if row is None else (row["revision"], _decoded(row["revision"], row["document"]))


def _decoded(revision: int, document: str) -> Settings:
    try:
        return msgspec.json.decode(document, type=Settings)
    except msgspec.DecodeError as error:
        raise SettingsRefused(f"settings revision {revision} in box.db cannot be read: {error}") from error
