"""Who is signed in: server-side rows behind a random token, so that signing out (or being disabled) holds at once.

The token travels in Flask's signed cookie; only its hash is stored.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable

from web_ui.store import WebStore
from web_ui.users import User, Users

IDLE_S = 12 * 3600.0
LONGEST_S = 7 * 86_400.0
SEEN_EVERY_S = 60.0
"""`seen` is written at most this often: a live page must not wear out the memory card."""


class Logins:
    def __init__(self, store: WebStore, users: Users, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._users = users
        self._clock = clock

    def begin(self, user: str) -> str:
        """-> a fresh token for that user."""
        now = self._clock()
        token = secrets.token_urlsafe(32)
        self._store.run("DELETE FROM sessions WHERE seen < ? OR created < ?", (now - IDLE_S, now - LONGEST_S))
        self._store.run(
            "INSERT INTO sessions (token_hash, user, created, seen) VALUES (?, ?, ?, ?)", (_hash(token), user, now, now)
        )
        return token

    def user(self, token: str | None) -> User | None:
        """Whose token this is; None if it is nobody's, too old, or its user is disabled."""
        if not token:
            return None
        row = self._store.row("SELECT * FROM sessions WHERE token_hash = ?", (_hash(token),))
        now = self._clock()
        if row is None or row["seen"] < now - IDLE_S or row["created"] < now - LONGEST_S:
            return None
        if now - row["seen"] > SEEN_EVERY_S:
            self._store.run("UPDATE sessions SET seen = ? WHERE token_hash = ?", (now, row["token_hash"]))
        user = self._users.get(row["user"])
        return None if user is None or user.disabled else user

    def end(self, token: str | None) -> None:
        if token:
            self._store.run("DELETE FROM sessions WHERE token_hash = ?", (_hash(token),))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
