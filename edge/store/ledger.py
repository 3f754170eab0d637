"""The ledger: CDRs, charges and the outbox in `box.db`. Money and records are never lost (architecture §2.5).

Invariants
- A closed call, its charges and its outbox row are one transaction: either the call was billed and will be reported, or
  none of it.
- A charge is a revision (leg, n). When one changes, the call it belongs to gets its next revision and one outbox row
  with the key `box:call:revision`, in the same transaction.
- A row made without a clock is closed but has revision 0: neither rated nor sent until `restamp_rows` put it
  right. `awaiting_rating` names every closed call whose charges and outbox row are still owed (after a crash, after
  restamping).
- A database error is raised as it is; nothing is swallowed.

One `Ledger` is the only writer of the file and belongs to the thread that made it; sqlite3 refuses any other thread. In
the box that is the thread of `edge.store.writer.Writer`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from edge.store import migrations
from edge.store.cdr_row import Charge, cdr_row
from edge.store.cdr_table import leg_from, load_cdrs, save_cdr, shifted
from edge.store.errors import LedgerMisuse
from edge.store.messages import MessageTable
from edge.store.recordings import RecordingTable
from edge.store.schema import connect
from edge.store.stamps import Stamp
from edge.telephony import CallId, Cause, Cdr, CdrLeg, ClockSource, Disposition, LegId, Moment, PhoneNumber

PAYLOAD_SCHEMA = 1
"""Version of the MQTT payload (docs/mqtt.md)."""

_ID = re.compile(r"[a-z]+(\d+)")


@dataclass(frozen=True, slots=True)
class Counters:
    """The next free numbers: of a call (`c17`) and of a message (`m5`)."""

    call: int
    message: int


class Ledger(AbstractContextManager["Ledger"]):
    """`path`: box.db in the data directory; `box`: name of the box in keys and topics; `boot`: see `Stamp.boot`."""

    def __init__(self, path: Path, box: str, boot: str) -> None:
        self._box = box
        self._boot = boot
        self.database = connect(path, synchronous="FULL")
        self._connection = self.database.conn
        try:
            migrations.box.apply(self.database)
        except BaseException:
            self.database.close()
            raise
        self.recordings = RecordingTable(self.database, path.parent, boot)
        self.messages = MessageTable(self.database, boot)

    def close(self) -> None:
        self.database.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __enter__(self) -> Self:
        return self

    # --- calls ----------------------------------------------------------------------------------------------------

    def save_open_cdr(self, cdr: Cdr, now: Moment) -> None:
        """Writes or refreshes what a power cut would bill. Raises `LedgerMisuse` when the call is closed already."""
        with self.database.atomic():
            if self._state_of(cdr.call) == "closed":
                raise LedgerMisuse(f"call {cdr.call} is closed; an open row cannot follow")
            save_cdr(self._connection, cdr, "open", Stamp.at(self._boot, now, cdr.clock))
            self._remember("call", cdr.call)

    def close_cdr(self, cdr: Cdr, charges: Sequence[Charge], now: Moment) -> list[str]:
        """Closes the call with its charges and those of other closed calls that changed by it, in one transaction.

        `charges` are objects of rating.md §8; those equal to the charge that stands already are left alone. Returns the
        keys of the new outbox rows; none for a call made without a clock, whose charges must be empty. Raises
        `LedgerMisuse` for a call that is closed and reported already, and for charges of calls that are not closed.
        """
        stamp = Stamp.at(self._boot, now, cdr.clock)
        with self.database.atomic():
            self._check_closable(cdr, charges)
            if not self._is_estimated(cdr):
                save_cdr(self._connection, cdr, "closed", stamp)
            self._remember("call", cdr.call)
            self.recordings.mark_call(cdr.call)
            if not self._is_stamped(cdr.call):
                self._write_row(cdr)
                return []
            changed = self._add_charges(charges, now.wall)
            return [self._report(call, now.wall) for call in dict.fromkeys([cdr.call, *changed])]

    def revise_charges(self, charges: Sequence[Charge], now: Moment) -> list[str]:
        """Charges that changed by something else than a call (a corrected tariff). Returns the new outbox keys."""
        with self.database.atomic():
            changed = self._add_charges(charges, now.wall)
            return [self._report(call, now.wall) for call in changed]

    def interrupt_open_cdrs(self) -> list[Cdr]:
        """At boot: closes every call that a crash or power cut left open, as it stood at its last refresh.

        Returns them; they are rated and reported by `close_cdr` like all of `awaiting_rating`.
        """
        with self.database.atomic():
            self._connection.execute(
                "UPDATE cdr SET state = 'closed', disposition = ?, cause = ? WHERE state = 'open'",
                (Disposition.INTERRUPTED.value, int(Cause.TEMPORARY_FAILURE)),
            )
            interrupted = load_cdrs(
                self._connection, "state = 'closed' AND revision = 0 AND id NOT IN (SELECT id FROM cdr_row)"
            )
            for cdr in interrupted:
                self._write_row(cdr)
        return interrupted

    def awaiting_rating(self) -> list[Cdr]:
        """Closed calls with a believable time whose charges and outbox row are still owed, oldest first."""
        return load_cdrs(self._connection, "state = 'closed' AND revision = 0 AND stamped = 1")

    def billed_legs(self, hotline: PhoneNumber, since: float) -> list[tuple[CallId, CdrLeg]]:
        """Answered legs of closed calls that this SIM carried since then (POSIX seconds), in order of answering."""
        rows = self._connection.execute(
            "SELECT leg.* FROM leg JOIN cdr USING (call) WHERE leg.hotline = ? AND leg.answered >= ?"
            " AND cdr.state = 'closed' AND cdr.stamped = 1 ORDER BY leg.answered, leg.leg",
            (hotline, since),
        )
        return [(CallId(row["call"]), leg_from(row)) for row in rows]

    def current_charge(self, leg: LegId) -> dict[str, Any] | None:
        """The newest revision of the leg's charge."""
        found = self._connection.execute(
            "SELECT detail FROM charge WHERE leg = ? ORDER BY revision DESC LIMIT 1", (leg,)
        ).fetchone()
        return None if found is None else _parsed(found["detail"])

    # --- rows made without a clock --------------------------------------------------------------------------------

    def restamp_rows(self, now: Moment, source: ClockSource) -> int:
        """A clock has spoken: puts this boot's unstamped rows right. Returns how many calls were moved."""
        offset = now.wall - now.mono
        with self.database.atomic():
            moved = self._move("boot = ?", (self._boot,), offset, source)
            self.recordings.restamp(self._boot, offset)
            self.messages.restamp(self._boot, offset)
        return moved

    def restamp_lost_boots(self, boot_began: float) -> int:
        """Rows of earlier boots that never saw a clock: their last instant is put at `boot_began` (POSIX seconds, from
        a clock), the latest it can have been. They keep `clock: none`, which says that their time is an estimate.
        """
        moved = 0
        with self.database.atomic():
            for boot, offset in self._lost_boots(boot_began):
                moved += self._move("boot = ?", (boot,), offset, ClockSource.NONE)
                self.recordings.restamp(boot, offset)
                self.messages.restamp(boot, offset)
        return moved

    def _lost_boots(self, boot_began: float) -> list[tuple[str, float]]:
        rows = self._connection.execute(
            "SELECT boot, max(last) AS last FROM ("
            " SELECT boot, ended - wall_minus_mono AS last FROM cdr WHERE stamped = 0"
            " UNION ALL SELECT boot, started - wall_minus_mono FROM recording WHERE stamped = 0"
            " UNION ALL SELECT boot, at - wall_minus_mono FROM message WHERE stamped = 0"
            ") WHERE boot != ? GROUP BY boot",
            (self._boot,),
        )
        return [(row["boot"], boot_began - row["last"]) for row in rows.fetchall()]

    def _move(self, where: str, parameters: tuple[object, ...], offset: float, clock: ClockSource) -> int:
        rows = self._connection.execute(
            f"SELECT call, state, boot, wall_minus_mono FROM cdr WHERE stamped = 0 AND {where}",  # noqa: S608
            parameters,
        ).fetchall()
        for row in rows:
            (cdr,) = load_cdrs(self._connection, "call = ?", (row["call"],))
            right = shifted(cdr, offset - row["wall_minus_mono"], clock)
            save_cdr(self._connection, right, row["state"], Stamp(row["boot"], offset, stamped=True))
            if row["state"] == "closed":
                self._write_row(right)
        return len(rows)

    # --- outbox ---------------------------------------------------------------------------------------------------

    def strike_outbox(self, keys: Iterable[str]) -> int:
        """Removes rows that the broker has acknowledged. Unknown keys are those struck before. Returns how many."""
        with self.database.atomic():
            return self._each("DELETE FROM outbox WHERE key = ?", keys)

    def count_tries(self, keys: Iterable[str]) -> None:
        """Counts one more try for each mention of a key."""
        with self.database.atomic():
            self._each("UPDATE outbox SET tries = tries + 1 WHERE key = ?", keys)

    def _each(self, statement: str, keys: Iterable[str]) -> int:
        return sum(self._connection.execute(statement, (key,)).rowcount for key in keys)

    # --- counters -------------------------------------------------------------------------------------------------

    def next_counters(self) -> Counters:
        """The next free numbers as far as the ledger knows; the journal may know higher ones."""
        return Counters(self._next("call"), max(self._next("message"), self.messages.highest_number() + 1))

    def _next(self, name: str) -> int:
        found = self._connection.execute("SELECT next FROM counter WHERE name = ?", (name,)).fetchone()
        return 1 if found is None else int(found["next"])

    def _remember(self, name: str, identifier: str) -> None:
        found = _ID.match(identifier)
        if found is not None:
            self._advance(name, int(found[1]) + 1)

    def _advance(self, name: str, following: int) -> None:
        self._connection.execute(
            "INSERT INTO counter (name, next) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET next = excluded.next WHERE excluded.next > next",
            (name, following),
        )

    # --- inside a transaction -------------------------------------------------------------------------------------

    def _state_of(self, call: str) -> str | None:
        found = self._connection.execute("SELECT state FROM cdr WHERE call = ?", (call,)).fetchone()
        return None if found is None else str(found["state"])

    def _is_stamped(self, call: CallId) -> bool:
        return bool(self._connection.execute("SELECT stamped FROM cdr WHERE call = ?", (call,)).fetchone()["stamped"])

    def _is_estimated(self, cdr: Cdr) -> bool:
        """No clock, and yet stamped: a lost boot, whose row stands as it will be reported."""
        found = self._connection.execute(
            "SELECT 1 FROM cdr WHERE call = ? AND state = 'closed' AND stamped = 1", (cdr.call,)
        ).fetchone()
        return cdr.clock is ClockSource.NONE and found is not None

    def _check_closable(self, cdr: Cdr, charges: Sequence[Charge]) -> None:
        found = self._connection.execute(
            "SELECT state, revision, stamped FROM cdr WHERE call = ?", (cdr.call,)
        ).fetchone()
        if found is not None and found["state"] == "closed" and (found["revision"] or not found["stamped"]):
            raise LedgerMisuse(f"call {cdr.call} is closed already (revision {found['revision']})")
        if charges and cdr.clock is ClockSource.NONE and not self._is_estimated(cdr):
            raise LedgerMisuse(f"call {cdr.call} was made without a clock: it is rated after it was restamped")

    def _add_charges(self, charges: Sequence[Charge], at: float) -> list[CallId]:
        """Stores what is new. Returns the calls concerned."""
        changed: dict[CallId, None] = {}
        for charge in charges:
            leg = LegId(charge["id"])
            call = self._closed_call_of(leg)
            if self.current_charge(leg) == _parsed(_json(charge)):
                continue
            self._connection.execute(
                "INSERT INTO charge (leg, revision, amount_vnd, detail, at)"
                " SELECT ?, coalesce(max(revision), 0) + 1, ?, ?, ? FROM charge WHERE leg = ?",
                (leg, charge["amount_vnd"], _json(charge), at, leg),
            )
            changed[call] = None
        return list(changed)

    def _closed_call_of(self, leg: LegId) -> CallId:
        found = self._connection.execute(
            "SELECT call, state, stamped FROM leg JOIN cdr USING (call) WHERE leg = ?", (leg,)
        ).fetchone()
        if found is None or found["state"] != "closed" or not found["stamped"]:
            raise LedgerMisuse(f"charge for leg {leg}: its call is not closed, or has no time yet")
        return CallId(found["call"])

    def _report(self, call: CallId, at: float) -> str:
        """The call's next revision: row, sum and outbox row. Returns the key."""
        (cdr,) = load_cdrs(self._connection, "call = ?", (call,))
        self._connection.execute("UPDATE cdr SET revision = revision + 1 WHERE call = ?", (call,))
        revision = self._connection.execute("SELECT revision FROM cdr WHERE call = ?", (call,)).fetchone()["revision"]
        row = self._write_row(cdr)
        key, seq = f"{self._box}:{call}:{revision}", self._next("outbox")
        payload = {"schema": PAYLOAD_SCHEMA, "key": key, "seq": seq, "cdr": row}
        self._connection.execute(
            "INSERT INTO outbox (seq, key, topic, payload, created) VALUES (?, ?, ?, ?, ?)",
            (seq, key, f"tongdai/{self._box}/cdr/{call}", _json(payload), at),
        )
        self._advance("outbox", seq + 1)
        return key

    def _write_row(self, cdr: Cdr) -> dict[str, Any]:
        charges = {leg.leg: charge for leg in cdr.legs if (charge := self.current_charge(leg.leg)) is not None}
        row = cdr_row(cdr, charges)
        self._connection.execute("UPDATE cdr SET charge_vnd = ? WHERE call = ?", (row["charge_vnd"], cdr.call))
        self._connection.execute(
            "INSERT OR REPLACE INTO cdr_row (id, row) SELECT id, ? FROM cdr WHERE call = ?", (_json(row), cdr.call)
        )
        return row


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _parsed(text: str) -> dict[str, Any]:
    found = json.loads(text)
    assert isinstance(found, dict)
    return found
