"""What a statement is reckoned from: usage with the revision of its charge, closed statements, decisions, hotlines.

Read-only, beside a running box; every function takes the reader's connection. Instants are POSIX seconds.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from edge.api.statements import PACKED
from edge.store.cdr_table import leg_from
from edge.store.usage_rows import SENT, SentMessage, sent_from
from edge.telephony import CdrLeg

Usage = CdrLeg | SentMessage

_NEWEST = "(SELECT max(revision) FROM charge WHERE charge.leg = {item}) AS newest"
_LEGS = f"""
SELECT leg.*, charge.detail AS charge, found.newest AS revision
FROM (SELECT leg.leg AS name, {_NEWEST.format(item="leg.leg")} FROM leg JOIN cdr USING (call)
      WHERE cdr.state = 'closed' AND cdr.stamped = 1 AND {{where}}) AS found
JOIN leg ON leg.leg = found.name LEFT JOIN charge ON charge.leg = found.name AND charge.revision = found.newest
"""  # noqa: S608 - our own words only
_MESSAGES = f"""
SELECT message.*, charge.detail AS charge, found.newest AS revision
FROM (SELECT message.message AS name, {_NEWEST.format(item="message.message")} FROM message
      WHERE {SENT} AND {{where}}) AS found
JOIN message ON message.message = found.name
LEFT JOIN charge ON charge.leg = found.name AND charge.revision = found.newest
"""  # noqa: S608 - our own words only
_HOTLINES = """
WITH RECURSIVE each(hotline) AS (
    SELECT min(hotline) FROM {table} WHERE {where}
    UNION ALL
    SELECT (SELECT min(hotline) FROM {table} WHERE {where} AND hotline > each.hotline)
    FROM each WHERE hotline IS NOT NULL)
SELECT hotline FROM each WHERE hotline IS NOT NULL
"""
"""By way of the indexes `leg_hotline` and `message_sent`: one step per SIM, not one per leg."""
_SPAN = f"""
SELECT min(at), max(at) FROM (
    SELECT min(answered) AS at FROM leg WHERE hotline = :hotline AND answered IS NOT NULL
    UNION ALL SELECT max(answered) FROM leg WHERE hotline = :hotline AND answered IS NOT NULL
    UNION ALL SELECT min(sent_at) FROM message WHERE hotline = :hotline AND {SENT}
    UNION ALL SELECT max(sent_at) FROM message WHERE hotline = :hotline AND {SENT})
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class ChargedUsage:
    """An answered leg or a sent message with the newest revision of its charge."""

    usage: Usage
    charge: dict[str, Any] | None
    """Object of rating §8; None: not rated yet."""
    revision: int


@dataclass(frozen=True, slots=True)
class Invoiced:
    """An item of a closed month whose newest charge is not the one that was invoiced."""

    item: str
    before: int | None
    """The invoiced revision; None: it came after the closing."""
    before_vnd: int | None


def usage_between(connection: sqlite3.Connection, since: float, until: float) -> Iterator[ChargedUsage]:
    """All that was answered or sent from `since` until before `until`, by SIM, in no order; of unknown SIMs too."""
    for hotline in (*hotlines(connection), None):
        values = (hotline, since, until)
        where = "leg.hotline IS ? AND leg.answered >= ? AND leg.answered < ?"
        yield from _each(connection.execute(_LEGS.format(where=where), values))
        where = "message.hotline IS ? AND message.sent_at >= ? AND message.sent_at < ?"
        yield from _each(connection.execute(_MESSAGES.format(where=where), values))


def usage_of(connection: sqlite3.Connection, items: Iterable[str]) -> Iterator[ChargedUsage]:
    """The named legs and messages."""
    names = json.dumps(list(items))
    chosen = "IN (SELECT value FROM json_each(?))"
    yield from _each(connection.execute(_LEGS.format(where=f"leg.leg {chosen}"), (names,)))
    yield from _each(connection.execute(_MESSAGES.format(where=f"message.message {chosen}"), (names,)))


def _each(rows: Iterable[sqlite3.Row]) -> Iterator[ChargedUsage]:
    for row in rows:
        usage = leg_from(row) if "leg" in row.keys() else sent_from(row)  # noqa: SIM118 - a Row is no mapping
        yield ChargedUsage(usage, None if row["charge"] is None else json.loads(row["charge"]), row["revision"] or 0)


def hotlines(connection: sqlite3.Connection) -> list[str]:
    """Every SIM number that ever carried an answered leg, or sent a message."""
    used = (("leg", "answered IS NOT NULL"), ("message", "state = 'sent'"))
    return sorted(
        {
            row["hotline"]
            for table, where in used
            for row in connection.execute(_HOTLINES.format(table=table, where=where))
        }
    )


def hotline_span(connection: sqlite3.Connection, hotline: str) -> tuple[float | None, float | None]:
    """When the SIM was first and last used; None where it never was."""
    first, last = connection.execute(_SPAN, {"hotline": hotline}).fetchone()
    return first, last


def first_usage(connection: sqlite3.Connection) -> float | None:
    """When anything was answered or sent for the first time."""
    spans = [hotline_span(connection, hotline)[0] for hotline in hotlines(connection)]
    unknown = connection.execute(
        "SELECT min(answered) FROM leg WHERE hotline IS NULL AND answered IS NOT NULL"
    ).fetchone()[0]
    return min((at for at in (*spans, unknown) if at is not None), default=None)


def oldest_unfinished(connection: sqlite3.Connection) -> float | None:
    """When the oldest call began that is in progress, waits for a clock (then: 0) or for its charges; None: none."""
    rows = connection.execute("SELECT started, stamped FROM cdr WHERE state = 'open' OR revision = 0")
    return min((row["started"] if row["stamped"] else 0.0 for row in rows), default=None)


def anything_between(connection: sqlite3.Connection, since: float, until: float) -> bool:
    """Whether anything was answered or sent then."""
    return next(usage_between(connection, since, until), None) is not None


def decisions(connection: sqlite3.Connection) -> list[tuple[float, str]]:
    """Every revision of the settings, oldest first: since when, and the document (JSON)."""
    return [tuple(row) for row in connection.execute("SELECT at, document FROM settings_revision ORDER BY revision")]


def closed_months(connection: sqlite3.Connection) -> list[str]:
    """Names of the closed statements, oldest first."""
    return [row["statement"] for row in connection.execute("SELECT statement FROM statement ORDER BY id")]


def closed_statements(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """The summaries of all closed statements, oldest first."""
    rows = connection.execute(f"SELECT json_remove(document, '$.{PACKED}') FROM statement ORDER BY id")  # noqa: S608
    return [json.loads(row[0]) for row in rows]


def wrongly_invoiced(connection: sqlite3.Connection, until: float) -> list[Invoiced]:
    """Items from before `until` whose newest charge no statement has invoiced last."""
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS invoiced (item TEXT PRIMARY KEY, revision INTEGER) STRICT")
    connection.execute("DELETE FROM temp.invoiced")
    connection.execute(
        "INSERT OR REPLACE INTO temp.invoiced SELECT item, revision FROM statement_charge ORDER BY statement"
    )
    charged = (
        ("leg.leg", "leg", "leg.answered < ?"),
        ("message.message", "message", f"{SENT} AND message.sent_at < ?"),
    )
    found: list[Invoiced] = []
    for item, table, where in charged:
        rows = connection.execute(
            f"SELECT {item} AS item, invoiced.revision AS before, {_NEWEST.format(item=item)} FROM {table}"  # noqa: S608
            f" LEFT JOIN temp.invoiced ON invoiced.item = {item}"
            f" WHERE {where} AND newest IS NOT NULL AND newest IS NOT before",
            (until,),
        )
        found += [Invoiced(row["item"], row["before"], _amount(connection, row)) for row in rows.fetchall()]
    return found


def _amount(connection: sqlite3.Connection, row: sqlite3.Row) -> int | None:
    """VND of the revision that was invoiced."""
    found = connection.execute(
        "SELECT amount_vnd FROM charge WHERE leg = ? AND revision = ?", (row["item"], row["before"])
    ).fetchone()
    return None if found is None else found[0]
