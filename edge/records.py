"""What the engine does with records: CDRs, charges, messages, recordings, journal; all of it in the store's thread.

Invariants: the loop only hands over; work is done in the order given; a call's charges are found and stored in the same
piece of work, so that the ledger is never between two states. When something is new for the page, `told` is called in
the loop.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from importlib.metadata import version
from typing import Any, Protocol

import msgspec

from edge.billing import Biller
from edge.billing.spent import charged, month_spent
from edge.calls import actions as do
from edge.calls import events as ev
from edge.calls.switchboard import Switchboard
from edge.dialplan.settings import Settings
from edge.media.recording_file import RecordedFile
from edge.media.retention import StoredRecording
from edge.spending.spent import Spent
from edge.store.messages import MessageUsage
from edge.store.text import storable
from edge.store.writer import Stores, Writer
from edge.telephony import CallId, Cdr, Clock, ClockSource, LineId, MessageId, Moment, PhoneNumber, RecordingId

log = logging.getLogger("tongdai.records")

CHECKPOINT_EVERY = 1000
"""Events between two checkpoints, at least; the next quiet moment after so many is taken."""

Told = Callable[[str, dict[str, Any]], None]
"""Kind of notice (cdr, message, settings) and its detail."""
Judge = Callable[[Stores, Settings], list[str]]
"""What is to be known about settings before they are stored, in the store's thread; raises where they may not be."""


class SpendingFeed(Protocol):
    """Who is told what was spent, in the loop, once it is safe in the store."""

    def load(self, spent: Iterable[Spent]) -> None:
        """The whole month."""
        ...

    def charges_stored(self, spent: Iterable[Spent]) -> None: ...


def code_version() -> str:
    return version("tongdai-box")


class StoreRecords:
    """Implements the engine's `Records`, and what desk and recorder need of the store.

    `sim_number`: the number of a line's SIM now, None while unknown; `count_parts`: SMS on the air that a text takes;
    `spending`: hears of every charge.
    """

    def __init__(
        self,
        writer: Writer,
        biller: Biller,
        clock: Clock,
        next_seq: int,
        told: Told,
        sim_number: Callable[[LineId], PhoneNumber | None],
        count_parts: Callable[[str], int],
        spending: SpendingFeed,
    ) -> None:
        self._writer = writer
        self._biller = biller
        self._clock = clock
        self._seq = next_seq
        self._next_checkpoint = next_seq
        self._told = told
        self._sim_number = sim_number
        self._count_parts = count_parts
        self._spending = spending
        self._source = ClockSource.NONE

    # --- engine ---------------------------------------------------------------------------------------------------

    def perform(self, action: do.RecordAction | do.SendMessage, now: Moment) -> None:
        """Hands one record action to the store."""
        source = self._source
        match action:
            case do.RefreshOpenCdr(cdr=cdr):
                self._writer.submit(lambda stores: stores.ledger.save_open_cdr(cdr, now), f"open row of {cdr.call}")
            case do.CloseCdr(cdr=cdr):
                self._close(cdr, now)
            case do.SendMessage():
                self._send(action, now)
            case do.RejectMessage():
                self._writer.submit(
                    lambda stores: stores.ledger.messages.add_rejected(
                        action.message, action.called, action.text, action.by, action.reason, now, source
                    ),
                    f"message {action.message}",
                    self._message_stored,
                )
            case do.NoteMessageOutcome(message, sent, reason):
                self._note_outcome(message, now, sent=sent, reason=reason)
            case do.StoreReceivedMessage(line, sender, text, sent_at):
                self._writer.submit(
                    lambda stores: stores.ledger.messages.add_received(line, sender, text, sent_at, now, source),
                    "a received message",
                    self._message_stored,
                )
            case do.ReportStopped():
                self._told("stopped", {})

    def journal(self, now: Moment, event: ev.Event, actions: tuple[do.Action, ...], calls: tuple[CallId, ...]) -> None:
        self._writer.journal(self._seq, now, event, actions, calls)
        self._seq += 1

    def checkpoint(self, board: Switchboard, now: Moment) -> None:
        """Keeps the switchboard's state when it is due and no call is in progress."""
        if self._seq < self._next_checkpoint or not board.quiet:
            return
        self._next_checkpoint = self._seq + CHECKPOINT_EVERY
        kept, seq = board.checkpoint(), self._seq
        state = msgspec.to_builtins(kept)
        self._writer.submit(
            lambda stores: stores.journal.checkpoint(seq, now, code_version(), kept.revision, state),
            "a checkpoint",
        )

    # --- calls ----------------------------------------------------------------------------------------------------

    def _close(self, cdr: Cdr, now: Moment) -> None:
        biller = self._biller

        def work(stores: Stores) -> list[Spent]:
            charges = [] if cdr.clock is ClockSource.NONE else biller.charges_for(cdr, stores.ledger)
            # The book knows this call from here on; a failure below stops the box, and boot starts a new book.
            stores.ledger.close_cdr(cdr, charges, now)
            return charged(stores.ledger, charges)

        def stored(done: Future[list[Spent]]) -> None:
            if done.exception() is None:
                self._spending.charges_stored(done.result())
                self._told("cdr", {"call": cdr.call})

        self._writer.submit(work, f"row of {cdr.call}", stored, vital=True)

    def spending_changed(self) -> None:
        """Stored charges were changed in bulk, or the month is known only now: spending is counted anew."""
        wall = self._clock.now().wall

        def counted(done: Future[list[Spent]]) -> None:
            self._spending.load(done.result())

        self._writer.submit(lambda stores: month_spent(stores.ledger, wall), "this month's spending", counted)

    def _note_outcome(self, message: MessageId, now: Moment, *, sent: bool, reason: str | None) -> None:
        biller = self._biller

        def work(stores: Stores) -> list[Spent]:
            ledger = stores.ledger
            ledger.note_message(
                message,
                sent=sent,
                reason=reason,
                now=now,
                charges=lambda used: biller.charges_for_message(used, ledger),
            )
            charge = ledger.current_charge(message)
            return [] if charge is None else charged(ledger, [charge])

        def stored(done: Future[list[Spent]]) -> None:
            self._spending.charges_stored(done.result())
            self._told("message", {})

        self._writer.submit(work, f"outcome of {message}", stored)

    def _send(self, action: do.SendMessage, now: Moment) -> None:
        source, hotline = self._source, self._sim_number(action.line)
        parts = self._count_parts(storable(action.text))

        def work(stores: Stores) -> None:
            _, settings = stores.settings.newest()
            extension = next((row.number for row in settings.extensions if row.mobile == action.called), None)
            usage = MessageUsage(hotline, parts, extension)
            stores.ledger.messages.add_sending(
                action.message, action.line, action.called, action.text, action.by, action.about, now, source, usage
            )

        self._writer.submit(work, f"message {action.message}", self._message_stored)

    def _message_stored(self, done: Future[Any]) -> None:
        done.result()
        self._told("message", {})

    # --- recordings -----------------------------------------------------------------------------------------------

    def recording_opened(self, recording: RecordingId, call: CallId, path: Any) -> None:
        now, source = self._clock.now(), self._source
        self._writer.submit(
            lambda stores: stores.ledger.recordings.add(recording, call, path, now, source), f"recording {recording}"
        )

    def recording_finished(self, file: RecordedFile) -> None:
        self._writer.submit(
            lambda stores: stores.ledger.recordings.finish(file.recording, file.path, file.duration_s, file.size_bytes),
            f"recording {file.recording}",
        )

    def recording_failed(self, recording: RecordingId) -> None:
        self._writer.submit(lambda stores: stores.ledger.recordings.fail(recording), f"recording {recording}")

    async def forget_recordings(self, gone: list[StoredRecording]) -> None:
        """Retention: the rows first, then (by the caller) the files."""
        names = [row.recording for row in gone]
        await self._writer.ask(lambda stores: stores.ledger.recordings.delete(names), "retention")

    # --- time -----------------------------------------------------------------------------------------------------

    def clock_changed(self, source: ClockSource) -> None:
        """A clock has spoken: rows made without one get their time, and are rated and reported."""
        before, self._source = self._source, source
        if before is not ClockSource.NONE or source is ClockSource.NONE:
            return
        now, biller = self._clock.now(), self._biller

        def work(stores: Stores) -> int:
            moved = stores.ledger.restamp_rows(now, source)
            moved += stores.ledger.restamp_lost_boots(now.wall - now.mono)
            biller.reload(stores.ledger, now.wall)  # which month it is, is known only now
            return moved + rate_waiting(stores, biller, now)

        self._writer.submit(work, "rows that waited for a clock", self._restamped)

    def _restamped(self, done: Future[int]) -> None:
        if done.result():
            self._told("cdr", {"call": None})

    # --- settings and outbox --------------------------------------------------------------------------------------

    async def save(self, settings: Settings, by: str, origin: str, judge: Judge) -> tuple[int, list[str]]:
        """The revision, and what `judge` said; nothing is stored where it raises."""
        at = self._clock.now().wall
        biller = self._biller

        def work(stores: Stores) -> tuple[int, list[str]]:
            said = judge(stores, settings)
            revision = stores.settings.save(settings, by, origin, at)
            biller.use(stores.ledger, at, billing=settings.billing)
            return revision, said

        revision, said = await self._writer.ask(work, "settings")
        self._told("settings", {"revision": revision})
        return revision, said

    async def undo(self, by: str, origin: str, judge: Judge) -> tuple[int, Settings, list[str]]:
        """The revision, the settings that hold again, and what `judge` said of them."""
        at, biller = self._clock.now().wall, self._biller

        def work(stores: Stores) -> tuple[int, Settings, list[str]]:
            newest, _ = stores.settings.newest()
            said = judge(stores, stores.settings.at(newest - 1)) if newest else []
            stores.settings.undo(by, origin, at)
            revision, settings = stores.settings.newest()
            biller.use(stores.ledger, at, billing=settings.billing)
            return revision, settings, said

        revision, settings, said = await self._writer.ask(work, "settings")
        self._told("settings", {"revision": revision})
        return revision, settings, said

    async def history(self) -> list[dict[str, Any]]:
        from edge.live import local

        rows = await self._writer.ask(lambda stores: stores.settings.revisions(), "settings history")
        return [msgspec.to_builtins(row) | {"at": local(row.at)} for row in rows]

    async def strike(self, keys: list[str]) -> int:
        return await self._writer.ask(lambda stores: stores.ledger.strike_outbox(keys), "striking the outbox")

    async def count_tries(self, keys: list[str]) -> None:
        await self._writer.ask(lambda stores: stores.ledger.count_tries(keys), "counting tries")


def rate_waiting(stores: Stores, biller: Biller, now: Moment) -> int:
    """Rates every closed call and sent message that still owes it, oldest first, and reports the calls. Returns how
    many calls.
    """
    ledger = stores.ledger
    waiting = ledger.awaiting_rating()
    for cdr in waiting:
        ledger.close_cdr(cdr, biller.charges_for(cdr, ledger), now)
    for message in ledger.messages_awaiting_rating():
        ledger.revise_charges(biller.charges_for_message(message, ledger), now)
    return len(waiting)
