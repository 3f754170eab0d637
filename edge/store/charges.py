"""The table of charges: revisions (item, n), where an item is a leg (`c17.2`) or a sent message (`m5`).

A revision is never changed. Inside the ledger's transaction; a counter says how many were ever stored, so that who
reckoned by what stood there can tell whether it still does.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec

from edge.store.cdr_row import Charge

COUNTER = "charge"
_NO_RULE = "/none/none"
"""How the rule of a charge ends that the box made itself (`edge.billing.usage.UNRATED_RULE`)."""
RECKON_AGAIN = "reckon them again"
"""How the refusal ends of charges whose basis has moved."""

CURRENT = "(SELECT detail FROM charge WHERE charge.leg = {item} ORDER BY revision DESC LIMIT 1)"
"""SQL of the newest revision of an item."""


def current_charge(connection: sqlite3.Connection, item: str) -> dict[str, Any] | None:
    """The newest revision of the charge of a leg or message."""
    return _newest(connection, item)[1]


def _newest(connection: sqlite3.Connection, item: str) -> tuple[int, dict[str, Any] | None]:
    """Revision and charge; 0 and None when there is none."""
    found = connection.execute(
        "SELECT revision, detail FROM charge WHERE leg = ? ORDER BY revision DESC LIMIT 1", (item,)
    ).fetchone()
    return (0, None) if found is None else (found[0], parsed(found[1]))


def add_charge(connection: sqlite3.Connection, charge: Charge, at: float) -> int | None:
    """Stores it as the next revision, which is returned; None when it equals the one that stands."""
    revision, standing = _newest(connection, charge["id"])
    detail = as_json(charge)
    if standing is not None and _compared(standing) == _compared(parsed(detail)):
        return None
    connection.execute(
        "INSERT INTO charge (leg, revision, amount_vnd, detail, at) VALUES (?, ?, ?, ?, ?)",
        (charge["id"], revision + 1, charge["amount_vnd"], detail, at),
    )
    return revision + 1


def _compared(charge: dict[str, Any]) -> dict[str, Any]:
    """Without its sentence, which follows from the rest and may be worded anew by a later release; that of a charge no
    rater made (`…/none/none`) is all there is to know of it.
    """
    if str(charge["rule"]).endswith(_NO_RULE):
        return charge
    return {name: value for name, value in charge.items() if name != "why"}


def basis(connection: sqlite3.Connection) -> str:
    """What charges are reckoned by, in short: how many were stored, which tables and which settings hold."""
    counted = connection.execute("SELECT next FROM counter WHERE name = ?", (COUNTER,)).fetchone()
    table = connection.execute("SELECT coalesce(max(id), 0) FROM rate_table").fetchone()
    revision = connection.execute("SELECT coalesce(max(revision), 0) FROM settings_revision").fetchone()
    return f"{counted[0] if counted else 0}-{table[0]}-{revision[0]}"


def as_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def parsed(text: str) -> dict[str, Any]:
    return msgspec.json.decode(text, type=dict[str, Any])
