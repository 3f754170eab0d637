"""What the engine does with records: CDRs, charges, messages, recordings, journal; all of it in the store's thread.

Invariants: the loop only hands over; work is done in the order given; a call's charges are found and stored in the same
piece of work, so that the ledger is never between two states. When something is new for the page, `told` is called in
the loop.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from importlib.metadata import version
from typing import Any

import msgspec

from edge.billing import Biller
from edge.calls import actions as do
from edge.calls import events as ev
from edge.calls.switchboard import Switchboard
from edge.dialplan.settings import Settings
from edge.media.recording_file import RecordedFile
from edge.media.retention import StoredRecording
from edge.store.writer import Stores, Writer
from edge.telephony import CallId, Cdr, Clock, ClockSource, Moment, RecordingId

log = logging.getLogger("tongdai.records")

CHECKPOINT_EVERY = 1000
"""Events between two checkpoints, at least; the next quiet moment after so many is taken."""

Told = Callable[[str, dict[str, Any]], None]
"""Kind of notice (cdr, message, settings) and its detail."""


def code_version() -> str:
    return version("tongdai-box")


class StoreRecords:
    """Implements the engine's `Records`, and what desk and recorder need of the store."""

    def __init__(self, writer: Writer, biller: Biller, clock: Clock, next_seq: int, told: Told) -> None:
        self._writer = writer
        self._biller = biller
        self._clock = clock
        self._seq = next_seq
        self._next_checkpoint = next_seq
        self._told = told
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
                self._writer.submit(
                    lambda stores: stores.ledger.messages.add_sending(
                        action.message, action.line, action.called, action.text, action.by, action.about, now, source
                    ),
                    f"message {action.message}",
                    self._message_stored,
                )
            case do.RejectMessage():
                self._writer.submit(
                    lambda stores: stores.ledger.messages.add_rejected(
                        action.message, action.called, action.text, action.by, action.reason, now, source
                    ),
                    f"message {action.message}",
                    self._message_stored,
                )
            case do.NoteMessageOutcome(message, sent, reason):
                self._writer.submit(
                    lambda stores: stores.ledger.messages.note_outcome(message, sent=sent, reason=reason, now=now),
                    f"outcome of {message}",
                    self._message_stored,
                )
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

        def work(stores: Stores) -> str:
            charges = [] if cdr.clock is ClockSource.NONE else biller.charges_for(cdr, stores.ledger)
            # The book knows this call from here on; a failure below stops the box, and boot starts a new book.
            stores.ledger.close_cdr(cdr, charges, now)
            return cdr.call

        self._writer.submit(work, f"row of {cdr.call}", self._cdr_stored, vital=True)

    def _cdr_stored(self, done: Future[str]) -> None:
        if done.exception() is None:
            self._told("cdr", {"call": done.result()})

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
            return moved + rate_waiting(stores, biller, now)

        self._writer.submit(work, "rows that waited for a clock", self._restamped)

    def _restamped(self, done: Future[int]) -> None:
        if done.result():
            self._told("cdr", {"call": None})

    # --- settings and outbox --------------------------------------------------------------------------------------

    async def save(self, settings: Settings, by: str, origin: str) -> int:
        at = self._clock.now().wall
        revision = await self._writer.ask(lambda stores: stores.settings.save(settings, by, origin, at), "settings")
        self._told("settings", {"revision": revision})
        return revision

    async def undo(self, by: str, origin: str) -> tuple[int, Settings]:
        at = self._clock.now().wall

        def work(stores: Stores) -> tuple[int, Settings]:
            stores.settings.undo(by, origin, at)
            return stores.settings.newest()

        revision, settings = await self._writer.ask(work, "settings")
        self._told("settings", {"revision": revision})
        return revision, settings

    async def history(self) -> list[dict[str, Any]]:
        from edge.live import local

        rows = await self._writer.ask(lambda stores: stores.settings.revisions(), "settings history")
        return [msgspec.to_builtins(row) | {"at": local(row.at)} for row in rows]

    async def strike(self, keys: list[str]) -> int:
        return await self._writer.ask(lambda stores: stores.ledger.strike_outbox(keys), "striking the outbox")

    async def count_tries(self, keys: list[str]) -> None:
        await self._writer.ask(lambda stores: stores.ledger.count_tries(keys), "counting tries")


def rate_waiting(stores: Stores, biller: Biller, now: Moment) -> int:
    """Rates and reports every closed call that still owes it, oldest first. Returns how many."""
    waiting = stores.ledger.awaiting_rating()
    for cdr in waiting:
        stores.ledger.close_cdr(cdr, biller.charges_for(cdr, stores.ledger), now)
    return len(waiting)
