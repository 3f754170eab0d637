"""What was used, with the charge that stands: legs of closed calls and messages that were sent, for the rater.

Rows without a charge (not rated yet, or without a believable time) are not among them: their turn comes. Works on the
ledger's connection and on a reader's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from msgspec import Struct

from edge.store.charges import CURRENT
from edge.store.errors import StoreMissing
from edge.telephony import CdrLeg, Direction, LegId, MessageId, PhoneNumber, Service

FOREVER = 1e12
"""POSIX seconds after every instant that will ever be stored."""


@dataclass(frozen=True, slots=True)
class SentMessage:
    """One SMS that the network took."""

    message: MessageId
    hotline: PhoneNumber | None
    """Number of the SIM that sent it."""
    number: PhoneNumber
    parts: int
    extension: str | None
    """Whose mobile the number was then."""
    at: float
    """POSIX seconds at which the network had taken it."""


# A Struct, not a dataclass: a month of them is read at every start.
class UsedLeg(Struct, frozen=True, gc=False):
    """One leg of a call: what its price depends on."""

    leg: LegId
    hotline: PhoneNumber | None
    """Number of the SIM."""
    direction: Direction
    number: PhoneNumber | None
    service: Service
    started: float
    """POSIX seconds, as is `answered`."""
    answered: float | None
    duration_s: float
    """Connected time."""
    calling_extension: str | None
    called_extension: str | None
    caller: PhoneNumber | None
    """Who called the hotline in the same call: an employee himself where the leg is internal."""

    @staticmethod
    def of(leg: CdrLeg, caller: PhoneNumber | None) -> UsedLeg:
        return UsedLeg(
            leg.leg,
            leg.hotline,
            leg.direction,
            leg.number,
            leg.service,
            leg.started,
            leg.answered,
            leg.duration_s,
            leg.calling_extension,
            leg.called_extension,
            caller,
        )


Usage = CdrLeg | SentMessage
"""What was used, by itself."""
Used = UsedLeg | SentMessage
"""What was used, with all that its price depends on."""

_DIRECTIONS = {each.value: each for each in Direction}
_SERVICES = {each.value: each for each in Service}

_LEG_COLUMNS = f"""
SELECT leg.leg, leg.hotline, leg.direction, leg.number, leg.service, leg.started, leg.answered, leg.duration_s,
    leg.calling_extension, leg.called_extension, cdr.caller, {CURRENT.format(item="leg.leg")} AS charge
FROM leg JOIN cdr USING (call)
"""  # noqa: S608 - our own words only
_MESSAGE_COLUMNS = f"SELECT message.*, {CURRENT.format(item='message.message')} AS charge FROM message"  # noqa: S608

SENT = "direction = 'out' AND state = 'sent' AND stamped = 1 AND parts IS NOT NULL"
"""Messages that are usage. `parts` is unknown where release 0.1 sent them: it did not rate messages."""


def of_hotline(
    connection: sqlite3.Connection, hotline: PhoneNumber, since: float, until: float
) -> Iterator[tuple[Used, str]]:
    """Answered legs and sent messages of a SIM from `since` until before `until` (POSIX seconds) with the JSON of
    their charge, in no order.
    """
    legs = connection.execute(
        f"{_LEG_COLUMNS} WHERE leg.hotline = ? AND leg.answered >= ? AND leg.answered < ? AND charge IS NOT NULL",
        (hotline, since, until),
    )
    for row in legs:
        yield _leg_from(row), row["charge"]
    messages = connection.execute(
        f"{_MESSAGE_COLUMNS} WHERE {SENT} AND hotline = ? AND sent_at >= ? AND sent_at < ? AND charge IS NOT NULL",
        (hotline, since, until),
    )
    for row in messages:
        yield sent_from(row), row["charge"]


def everything(connection: sqlite3.Connection, since: float, until: float) -> Iterator[tuple[Used, str]]:
    """The same of all SIMs, legs that nobody answered (by their start) among them, legs before messages, in the order
    in which they happened.
    """
    legs = connection.execute(
        f"{_LEG_COLUMNS} WHERE coalesce(leg.answered, leg.started) >= ? AND coalesce(leg.answered, leg.started) < ?"
        " AND charge IS NOT NULL ORDER BY coalesce(leg.answered, leg.started), leg.leg",
        (since, until),
    )
    for row in legs:
        yield _leg_from(row), row["charge"]
    messages = connection.execute(
        f"{_MESSAGE_COLUMNS} WHERE {SENT} AND sent_at >= ? AND sent_at < ? AND charge IS NOT NULL ORDER BY sent_at, id",
        (since, until),
    )
    for row in messages:
        yield sent_from(row), row["charge"]


def one(connection: sqlite3.Connection, item: str) -> Used | None:
    """What a leg (`c17.2`) or message (`m5`) of that name was; None when there is none that counts."""
    leg = connection.execute(f"{_LEG_COLUMNS} WHERE leg.leg = ?", (item,)).fetchone()
    if leg is not None:
        return _leg_from(leg)
    message = connection.execute(f"{_MESSAGE_COLUMNS} WHERE {SENT} AND message.message = ?", (item,)).fetchone()
    return None if message is None else sent_from(message)


def hotlines_since(connection: sqlite3.Connection, since: float) -> list[PhoneNumber]:
    """The SIMs that carried an answered leg, or sent a message, since then."""
    rows = connection.execute(
        "SELECT hotline FROM leg WHERE answered >= ? UNION SELECT hotline FROM message WHERE sent_at >= ?",
        (since, since),
    )
    return [PhoneNumber(row["hotline"]) for row in rows if row["hotline"] is not None]


def first_instant(connection: sqlite3.Connection) -> float | None:
    """When the oldest stored call began; None when there is none."""
    found = connection.execute("SELECT min(started) FROM cdr WHERE stamped = 1").fetchone()[0]
    return None if found is None else float(found)


def first_used(connection: sqlite3.Connection, since: float) -> float | None:
    """When, from an instant on, the first leg was answered or message sent; None when nothing was used since."""
    found = connection.execute(
        "SELECT min(at) FROM (SELECT min(answered) AS at FROM leg WHERE answered >= ? "
        "UNION ALL SELECT min(sent_at) FROM message WHERE state = 'sent' AND stamped = 1 AND sent_at >= ?)",
        (since, since),
    ).fetchone()[0]
    return None if found is None else float(found)


def _leg_from(row: sqlite3.Row) -> UsedLeg:
    leg, hotline, direction, number, service, *rest, _charge = row
    return UsedLeg(leg, hotline, _DIRECTIONS[direction], number, _SERVICES[service], *rest)


def sent_from(row: sqlite3.Row) -> SentMessage:
    return SentMessage(
        MessageId(row["message"]),
        None if row["hotline"] is None else PhoneNumber(row["hotline"]),
        PhoneNumber(row["number"]),
        row["parts"],
        row["extension"],
        row["sent_at"],
    )


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Read-only, beside a running box. Raises `StoreMissing` when there is no such store."""
    if not path.exists():
        raise StoreMissing(f"{path.parent} holds no {path.name}: no box has run there")
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA busy_timeout = 5000")
    return connection
