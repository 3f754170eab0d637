"""The ledger: CDRs, charges and the outbox in `box.db`. Money and records are never lost (architecture §2.5).

Invariants
- A closed call, its charges and its outbox row are one transaction: either the call was billed and will be reported, or
  none of it.
- A charge is a revision (item, n), where an item is a leg or a sent message. When a leg's changes, the call it belongs
  to gets its next revision and one outbox row with the key `box:call:revision`, in the same transaction; when a
  message's changes, so does the message, with the key `box:message:revision`.
- The outcome of a message, its charge and its outbox row are one transaction.
- A row made without a clock is closed but has revision 0: neither rated nor sent until `restamp_rows` put it
  right. `awaiting_rating` names every closed call whose charges and outbox row are still owed (after a crash, after
  restamping).
- A database error is raised as it is; nothing is swallowed.

One `Ledger` is the only writer of the file and belongs to the thread that made it; sqlite3 refuses any other thread. In
the box that is the thread of `edge.store.writer.Writer`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from edge.store import charges as charge_table
from edge.store import migrations, usage_rows
from edge.store.cdr_row import Charge, cdr_row, with_charges
from edge.store.cdr_table import load_cdrs, save_cdr, shifted
from edge.store.charges import add_charge, as_json, current_charge, parsed
from edge.store.errors import BasisMoved, LedgerMisuse
from edge.store.messages import MessageTable
from edge.store.outbox import Outbox
from edge.store.rate_tables import RateTableStore
from edge.store.recordings import RecordingTable
from edge.store.schema import connect
from edge.store.stamps import Stamp
from edge.store.usage_rows import SentMessage, Used
from edge.telephony import CallId, Cause, Cdr, ClockSource, Disposition, LegId, MessageId, Moment, PhoneNumber

_ID = re.compile(r"[a-z]+(\d+)")


@dataclass(frozen=True, slots=True)
class Counters:
    """The next free numbers: of a call (`c17`) and of a message (`m5`)."""

    call: int
    message: int


@dataclass(slots=True)
class _Changed:
    """Charges that are new: of calls by leg, of messages their revision."""

    calls: dict[CallId, dict[str, Charge]] = field(default_factory=dict)
    messages: dict[MessageId, int] = field(default_factory=dict)


class Ledger(AbstractContextManager["Ledger"]):
    """`path`: box.db in the data directory; `box`: name of the box in keys and topics; `boot`: see `Stamp.boot`."""

    def __init__(self, path: Path, box: str, boot: str) -> None:
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
        self._outbox = Outbox(self._connection, box)
        self.rate_tables = RateTableStore(self.database)

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
            changed.calls.pop(cdr.call, None)
            return [self._report(cdr.call, now.wall), *self._report_again(changed, now.wall)]

    def revise_charges(self, charges: Sequence[Charge], now: Moment, basis: str | None = None) -> list[str]:
        """Charges that changed by something else than a call (a corrected tariff). Returns the new outbox keys.

        Raises `BasisMoved` when `basis` is given and is not what stands any more.
        """
        with self.database.atomic():
            standing = self.basis()
            if basis is not None and basis != standing:
                raise BasisMoved(
                    f"charges were reckoned by {basis}, and {standing} stands now; {charge_table.RECKON_AGAIN}"
                )
            return self._report_again(self._add_charges(charges, now.wall), now.wall)

    def basis(self) -> str:
        """What charges are reckoned by (see `charges.basis`)."""
        return charge_table.basis(self._connection)

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

    def usage(self, hotline: PhoneNumber, since: float, until: float) -> list[tuple[Used, str]]:
        """What this SIM carried and has a charge (see `usage_rows.of_hotline`)."""
        return list(usage_rows.of_hotline(self._connection, hotline, since, until))

    def used(self, item: str) -> Used | None:
        """What a leg or message of that name was."""
        return usage_rows.one(self._connection, item)

    def used_since(self, since: float) -> list[tuple[Used, str]]:
        """Everything of all SIMs since then (POSIX seconds) with the JSON of its charge."""
        return list(usage_rows.everything(self._connection, since, usage_rows.FOREVER))

    def hotlines_since(self, since: float) -> list[PhoneNumber]:
        """The SIMs that have been used since then (POSIX seconds)."""
        return usage_rows.hotlines_since(self._connection, since)

    def first_instant(self) -> float | None:
        """When the oldest stored call began."""
        return usage_rows.first_instant(self._connection)

    def first_used(self, since: float) -> float | None:
        """When, since then (POSIX seconds), a SIM was first used."""
        return usage_rows.first_used(self._connection, since)

    def current_charge(self, item: LegId | MessageId) -> dict[str, Any] | None:
        """The newest revision of the charge of a leg or message."""
        return current_charge(self._connection, item)

    # --- messages -------------------------------------------------------------------------------------------------

    def note_message(
        self,
        message: MessageId,
        *,
        sent: bool,
        reason: str | None,
        now: Moment,
        charges: Callable[[SentMessage], Sequence[Charge]],
    ) -> list[str]:
        """The outcome of a message, and its charge by `charges` if it was sent and has a believable time.

        Returns the keys of the new outbox rows. Raises `LedgerMisuse` for a message that was never added.
        """
        with self.database.atomic():
            self.messages.note_outcome(message, sent=sent, reason=reason, now=now)
            found = self.messages.sent(message)
            return [] if found is None else self._report_again(self._add_charges(charges(found), now.wall), now.wall)

    def messages_awaiting_rating(self) -> list[SentMessage]:
        """Messages that were sent and whose charge is still owed, oldest first."""
        return self.messages.without_charge()

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
            return self._outbox.strike(keys)

    def count_tries(self, keys: Iterable[str]) -> None:
        """Counts one more try for each mention of a key."""
        with self.database.atomic():
            self._outbox.count_tries(keys)

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

    def _add_charges(self, charges: Sequence[Charge], at: float) -> _Changed:
        """Stores what is new."""
        changed, stored = _Changed(), 0
        for charge in charges:
            call = self._owner(charge["id"])
            revision = add_charge(self._connection, charge, at)
            if revision is None:
                continue
            stored += 1
            if call is None:
                self.messages.set_charge(MessageId(charge["id"]), charge["amount_vnd"])
                changed.messages[MessageId(charge["id"])] = revision
            else:
                changed.calls.setdefault(call, {})[charge["id"]] = charge
        if stored:
            self._advance(charge_table.COUNTER, self._next(charge_table.COUNTER) + stored)
        return changed

    def _owner(self, item: str) -> CallId | None:
        """The call of a leg; None for a message."""
        if "." in item:
            return self._closed_call_of(LegId(item))
        if self.messages.sent(MessageId(item)) is None:
            raise LedgerMisuse(f"charge for message {item}: it was not sent, or has no time yet")
        return None

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
        found = self._connection.execute(
            "UPDATE cdr SET revision = revision + 1 WHERE call = ? RETURNING revision", (call,)
        ).fetchone()
        return self._send(call, found["revision"], self._write_row(cdr), at)

    def _report_again(self, changed: _Changed, at: float) -> list[str]:
        """The next revision of calls that are reported already, from their rows (`rerate` changes tens of thousands in
        one transaction), and of messages.
        """
        calls = [self._revise(call, charges, at) for call, charges in changed.calls.items()]
        return calls + [self._send_message(message, revision, at) for message, revision in changed.messages.items()]

    def _revise(self, call: CallId, charges: Mapping[str, Charge], at: float) -> str:
        found = self._connection.execute(
            "SELECT id, revision, row FROM cdr JOIN cdr_row USING (id) WHERE call = ?", (call,)
        ).fetchone()
        row, revision = with_charges(parsed(found["row"]), charges), found["revision"] + 1
        self._connection.execute(
            "UPDATE cdr SET revision = ?, charge_vnd = ? WHERE id = ?", (revision, row["charge_vnd"], found["id"])
        )
        self._connection.execute("UPDATE cdr_row SET row = ? WHERE id = ?", (as_json(row), found["id"]))
        return self._send(call, revision, row, at)

    def _send(self, call: CallId, revision: int, row: dict[str, Any], at: float) -> str:
        """Into the outbox. Returns the key."""
        return self._outbox.put(f"{call}:{revision}", f"cdr/{call}", {"cdr": row}, at)

    def _send_message(self, message: MessageId, revision: int, at: float) -> str:
        row = self.messages.row(message) | {"rating": self.current_charge(message)}
        return self._outbox.put(f"{message}:{revision}", f"message/{message}", {"message": row}, at)

    def _write_row(self, cdr: Cdr) -> dict[str, Any]:
        charges = {leg.leg: charge for leg in cdr.legs if (charge := self.current_charge(leg.leg)) is not None}
        row = cdr_row(cdr, charges)
        self._connection.execute("UPDATE cdr SET charge_vnd = ? WHERE call = ?", (row["charge_vnd"], cdr.call))
        self._connection.execute(
            "INSERT OR REPLACE INTO cdr_row (id, row) SELECT id, ? FROM cdr WHERE call = ?", (as_json(row), cdr.call)
        )
        return row
