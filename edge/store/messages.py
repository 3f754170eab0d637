"""SMS received and sent. Part of the ledger: same file, same thread.

A message that was sent is usage: `hotline` is the SIM that sent it, `parts` how many it took on the air, `extension`
whose mobile its number was then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from edge.store.cdr_row import instant
from edge.store.errors import LedgerMisuse
from edge.store.stamps import Stamp
from edge.store.text import storable
from edge.store.usage_rows import SENT, SentMessage, sent_from
from edge.telephony import CallId, ClockSource, LineId, MessageId, Moment, PhoneNumber

_INSERT = """
INSERT INTO message (message, direction, line, number, text, at, sent_at, state, reason, about, by,
                     hotline, parts, extension, boot, wall_minus_mono, stamped)
VALUES (:message, :direction, :line, :number, :text, :at, :sent_at, :state, :reason, :about, :by,
        :hotline, :parts, :extension, :boot, :wall_minus_mono, :stamped)
"""


_TOLD = "message, direction, line, hotline, number, extension, parts, at, sent_at, state, reason, about, by, charge_vnd"
_OPTIONAL = ("line", "sent_at", "reason", "about", "hotline", "parts", "extension")


@dataclass(frozen=True, slots=True)
class MessageUsage:
    """What a message uses when it is sent; known before."""

    hotline: PhoneNumber | None
    """Number of the SIM; None while it is unknown."""
    parts: int
    extension: str | None = None


class MessageTable:
    def __init__(self, database: Database, boot: str) -> None:
        self._database = database
        self._connection = database.conn
        self._boot = boot

    def add_received(
        self, line: LineId, sender: str, text: str, sent_at: float, now: Moment, clock: ClockSource
    ) -> str:
        """`sent_at`: POSIX seconds by the service centre's stamp. Returns the row's name, `in-7`."""
        with self._database.atomic():
            following = self._connection.execute("SELECT coalesce(max(id), 0) + 1 FROM message").fetchone()[0]
            message = f"in-{following}"
            values = {
                "message": message,
                "direction": "in",
                "line": line,
                "number": storable(sender),
                "text": storable(text),
            }
            self._insert(values | {"sent_at": sent_at, "state": "received", "by": "network"}, now, clock)
        return message

    def add_sending(
        self,
        message: MessageId,
        line: LineId | None,
        called: PhoneNumber,
        text: str,
        by: str,
        about: CallId | None,
        now: Moment,
        clock: ClockSource,
        usage: MessageUsage,
    ) -> None:
        """A message goes to a line; `note_outcome` follows."""
        values = {"message": message, "direction": "out", "line": line, "number": called, "text": storable(text)}
        used = {"hotline": usage.hotline, "parts": usage.parts, "extension": usage.extension}
        with self._database.atomic():
            self._insert(values | used | {"state": "queued", "about": about, "by": by}, now, clock)

    def add_rejected(
        self,
        message: MessageId,
        called: PhoneNumber,
        text: str,
        by: str,
        reason: str,
        now: Moment,
        clock: ClockSource,
    ) -> None:
        """A message that could not even be tried."""
        values = {"message": message, "direction": "out", "number": called, "text": storable(text), "reason": reason}
        with self._database.atomic():
            self._insert(values | {"state": "failed", "by": by}, now, clock)

    def note_outcome(self, message: MessageId, *, sent: bool, reason: str | None, now: Moment) -> None:
        """Raises `LedgerMisuse` for a message that was never added."""
        with self._database.atomic():
            found = self._connection.execute(
                "UPDATE message SET state = ?, reason = ?, sent_at = ? WHERE message = ?",
                ("sent" if sent else "failed", reason, now.wall if sent else None, message),
            ).rowcount
            if not found:
                raise LedgerMisuse(f"message {message} was never added")

    def sent(self, message: MessageId) -> SentMessage | None:
        """The message as usage; None while it is none: not sent, or without a believable time."""
        row = self._connection.execute(
            f"SELECT * FROM message WHERE message = ? AND {SENT}",  # noqa: S608 - our own words only
            (message,),
        ).fetchone()
        return None if row is None else sent_from(row)

    def without_charge(self) -> list[SentMessage]:
        """Messages sent that are not rated yet, oldest first."""
        owed = f"{SENT} AND NOT EXISTS (SELECT 1 FROM charge WHERE leg = message)"  # noqa: S608 - our own words only
        rows = self._connection.execute(f"SELECT * FROM message WHERE {owed} ORDER BY sent_at, id")  # noqa: S608
        return [sent_from(row) for row in rows]

    def row(self, message: MessageId) -> dict[str, Any]:
        """A message as the cloud is told of it: as `tongdai messages` prints it, without its text and its rating."""
        found = self._connection.execute(f"SELECT {_TOLD} FROM message WHERE message = ?", (message,))  # noqa: S608
        row = dict(found.fetchone())
        return row | {"at": instant(row["at"]), "sent_at": instant(row["sent_at"])}

    def set_charge(self, message: MessageId, amount_vnd: int | None) -> None:
        """Inside the ledger's transaction."""
        self._connection.execute("UPDATE message SET charge_vnd = ? WHERE message = ?", (amount_vnd, message))

    def fail_unsent(self, reason: str) -> int:
        """At boot: what was queued when the box died is not known to have been sent. Returns how many."""
        with self._database.atomic():
            return int(
                self._connection.execute(
                    "UPDATE message SET state = 'failed', reason = ? WHERE state = 'queued'", (reason,)
                ).rowcount
            )

    def highest_number(self) -> int:
        """Of the ids `m5`; 0 when there is none."""
        found = self._connection.execute(
            "SELECT max(CAST(substr(message, 2) AS INTEGER)) FROM message WHERE message GLOB 'm[0-9]*'"
        ).fetchone()[0]
        return int(found or 0)

    def restamp(self, boot: str, offset: float) -> None:
        """Inside the ledger's transaction; `offset`: wall minus monotonic seconds by a clock."""
        self._connection.execute(
            "UPDATE message SET at = at + ? - wall_minus_mono, wall_minus_mono = ?, stamped = 1,"
            " sent_at = CASE direction WHEN 'out' THEN sent_at + ? - wall_minus_mono ELSE sent_at END"
            " WHERE stamped = 0 AND boot = ?",
            (offset, offset, offset, boot),
        )

    def _insert(self, values: Mapping[str, object], now: Moment, clock: ClockSource) -> None:
        stamp = Stamp.at(self._boot, now, clock)
        missing: dict[str, object] = dict.fromkeys(_OPTIONAL)
        origin = {"boot": stamp.boot, "wall_minus_mono": stamp.wall_minus_mono, "stamped": int(stamp.stamped)}
        self._connection.execute(_INSERT, {**missing, "at": now.wall, **values, **origin})
