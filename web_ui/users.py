"""Who may use the page: names, roles, secrets.

There is no default secret anywhere: the first one is drawn for this installation, stands readable in `web.db` (0600)
until it is changed, and opens nothing but the page that changes it. Hashes are werkzeug's scrypt.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Row

from werkzeug.security import check_password_hash, generate_password_hash

from web_ui.errors import Refused, UnknownUser, UserRefused
from web_ui.store import WebStore

FIRST_USER = "admin"
ROLES = ("admin", "manager", "viewer")
RIGHTS: dict[str, frozenset[str]] = {
    "admin": frozenset(
        {"listen", "end-call", "extensions", "messages", "limits", "advice", "statement-details", "settings", "users"}
    ),
    "manager": frozenset({"listen", "end-call", "extensions", "messages", "limits", "advice", "statement-details"}),
    "viewer": frozenset(),
}
"""What a role may do beyond looking at the pages; `listen` is playing and downloading recordings, `statement-details`
seeing single calls on statements (A022), `advice` comparing plans, `settings` also price tables and billing."""

SECRET_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105 - the alphabet of secrets
"""Without letters that are read wrong from a label."""
SHORTEST_SECRET = 10
SIMPLEST_SECRET = 5
"""Different characters it needs."""
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}", re.IGNORECASE)
HASH = "scrypt"


@dataclass(frozen=True, slots=True)
class User:
    name: str
    role: str
    must_change: bool
    disabled: bool
    last_login: float | None

    def may(self, right: str) -> bool:
        return right in RIGHTS[self.role]


def new_secret() -> str:
    """Four groups of four: 79 bits, sayable on the telephone."""
    return "-".join("".join(secrets.choice(SECRET_LETTERS) for _ in range(4)) for _ in range(4))


class Users:
    def __init__(self, store: WebStore, clock: Callable[[], float] = time.time, hash_method: str = HASH) -> None:
        self._store = store
        self._clock = clock
        self._method = hash_method
        self._nobody = generate_password_hash(secrets.token_hex(), method=hash_method)

    def ensure_first(self) -> None:
        """Makes the first user of a new installation."""
        with self._store.transaction():
            if self._store.row("SELECT 1 FROM users LIMIT 1") is None:
                secret = new_secret()
                self._insert(FIRST_USER, "admin", secret)
                self._store.remember("first-secret", secret)

    def first_login(self) -> tuple[str, str | None]:
        """(user, secret) of the first login; the secret is None once it has been changed."""
        return FIRST_USER, self._store.remembered("first-secret")

    def check(self, name: str, secret: str) -> User | None:
        """The user, if the secret is his and he may sign in. Takes as long for a name that does not exist."""
        row = self._row(name)
        right = check_password_hash(self._nobody if row is None else row["secret_hash"], secret)
        if row is None or not right or row["disabled"]:
            return None
        self._store.run("UPDATE users SET last_login = ? WHERE name = ?", (self._clock(), name))
        return _user(row)

    def get(self, name: str) -> User | None:
        row = self._row(name)
        return None if row is None else _user(row)

    def all(self) -> list[User]:
        return [_user(row) for row in self._store.rows("SELECT * FROM users ORDER BY created, name")]

    def change_secret(self, name: str, old: str, new: str) -> None:
        """Ends all sign-ins of that user. Raises UserRefused, UnknownUser."""
        with self._store.transaction():
            row = self._must(name)
            if not check_password_hash(row["secret_hash"], old):
                raise UserRefused(Refused.WRONG)
            _check_new_secret(str(row["name"]), old, new)
            self._set_secret(name, new, must_change=False)

    def reset(self, name: str) -> str:
        """Draws a new secret that must be changed at the next login; a disabled user is enabled again."""
        secret = new_secret()
        with self._store.transaction():
            self._must(name)
            self._set_secret(name, secret, must_change=True)
            self._store.run("UPDATE users SET disabled = 0 WHERE name = ?", (name,))
        return secret

    def add(self, name: str, role: str) -> str:
        """-> the secret of his first login. Raises UserRefused."""
        if not NAME.fullmatch(name):
            raise UserRefused(Refused.NAME)
        if role not in ROLES:
            raise UserRefused(Refused.ROLE)
        secret = new_secret()
        with self._store.transaction():
            if self._row(name) is not None:
                raise UserRefused(Refused.TAKEN)
            self._insert(name, role, secret)
        return secret

    def set_role(self, name: str, role: str) -> None:
        if role not in ROLES:
            raise UserRefused(Refused.ROLE)
        with self._store.transaction():
            if role != "admin":
                self._keep_an_admin(name)
            self._store.run("UPDATE users SET role = ? WHERE name = ?", (role, name))

    def set_disabled(self, name: str, disabled: bool) -> None:
        """Disabling ends all his sign-ins. Refused for the last administrator who can sign in."""
        with self._store.transaction():
            if disabled:
                self._keep_an_admin(name)
                self._store.run("DELETE FROM sessions WHERE user = ?", (name,))
            self._store.run("UPDATE users SET disabled = ? WHERE name = ?", (int(disabled), name))

    def _keep_an_admin(self, name: str) -> None:
        row = self._must(name)
        others = self._store.row(
            "SELECT count(*) AS n FROM users WHERE role = 'admin' AND disabled = 0 AND name <> ?", (row["name"],)
        )
        if row["role"] == "admin" and others is not None and others["n"] == 0:
            raise UserRefused(Refused.LAST_ADMIN)

    def _insert(self, name: str, role: str, secret: str) -> None:
        self._store.run(
            "INSERT INTO users (name, role, secret_hash, must_change, created) VALUES (?, ?, ?, 1, ?)",
            (name, role, generate_password_hash(secret, method=self._method), self._clock()),
        )

    def _set_secret(self, name: str, secret: str, *, must_change: bool) -> None:
        hashed = generate_password_hash(secret, method=self._method)
        self._store.run(
            "UPDATE users SET secret_hash = ?, must_change = ? WHERE name = ?", (hashed, int(must_change), name)
        )
        self._store.run("DELETE FROM sessions WHERE user = ?", (name,))
        if name.lower() == FIRST_USER:
            self._store.forget("first-secret")

    def _row(self, name: str) -> Row | None:
        return self._store.row("SELECT * FROM users WHERE name = ?", (name,))

    def _must(self, name: str) -> Row:
        row = self._row(name)
        if row is None:
            raise UnknownUser(f"no user {name!r} in {self._store.path}")
        return row


def reset_user(data_dir: Path, name: str) -> str:
    """`tongdai user reset NAME`: works while the page runs or not. -> the new secret. Raises UnknownUser."""
    path = data_dir / "web.db"
    if not path.exists():
        raise UnknownUser(f"no user {name!r}: {path} does not exist (has the page ever run on this data directory?)")
    with WebStore(path) as store:
        users = Users(store)
        secret = users.reset(name)
        store.note(time.time(), "", "command-line", "reset-secret", name)
    return secret


def _user(row: Row) -> User:
    return User(row["name"], row["role"], bool(row["must_change"]), bool(row["disabled"]), row["last_login"])


def _check_new_secret(name: str, old: str, new: str) -> None:
    if len(new) < SHORTEST_SECRET:
        raise UserRefused(Refused.SHORT)
    if new == old:
        raise UserRefused(Refused.SAME)
    # Names like An and Mai are in many honest sentences: what counts is what there is besides the name.
    if len(new.lower().replace(name.lower(), "")) < SHORTEST_SECRET:
        raise UserRefused(Refused.IS_NAME)
    if len(set(new)) < SIMPLEST_SECRET:
        raise UserRefused(Refused.SIMPLE)
