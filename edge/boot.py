"""The first seconds of a core: opens the stores, closes what a crash left open, and finds where to go on counting."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import soundfile

from edge.billing import Biller, RateTables
from edge.calls.checkpoint import Checkpoint
from edge.dialplan.settings import Settings
from edge.dialplan.validation import Severity, validate
from edge.media.repair import RepairedRecording
from edge.places import Places
from edge.records import rate_waiting
from edge.store.errors import LedgerMisuse, SettingsRefused
from edge.store.journal import Journal
from edge.store.ledger import Ledger
from edge.store.settings_history import SettingsHistory
from edge.store.writer import Stores
from edge.telephony import ClockSource, Moment

log = logging.getLogger("tongdai.boot")


@dataclass(frozen=True, slots=True)
class Start:
    """Where this core begins."""

    checkpoint: Checkpoint
    next_seq: int
    interrupted: int
    """Calls that the last core did not live to close."""


def kernel_boot_id() -> str:
    """The monotonic clock counts from this boot (proc(5))."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def _refuse(settings: Settings) -> None:
    """Last guard before a document is stored; the desk has told people before."""
    for problem in validate(settings):
        if problem.severity is Severity.ERROR:
            raise SettingsRefused(f"{problem.path}: {problem.message_en}")


def open_stores(places: Places, box: str) -> Stores:
    """In the store's thread. Raises `sqlite3.Error` as it comes."""
    ledger = Ledger(places.data / "box.db", box, kernel_boot_id())
    return Stores(ledger, Journal(places.data / "journal.db"), SettingsHistory(ledger, _refuse))


def recover(
    stores: Stores, biller: Biller, repaired: list[RepairedRecording], now: Moment, clock: ClockSource
) -> Start:
    """In the store's thread, before the first line is up."""
    ledger = stores.ledger
    _link_recordings(ledger, repaired, now, clock)
    interrupted = ledger.interrupt_open_cdrs()
    for cdr in interrupted:
        log.warning("call %s was interrupted: closed as it stood at its last refresh", cdr.call)
    unsent = ledger.messages.fail_unsent("the box went down before it was sent")
    if unsent:
        log.warning("%d messages were not sent when the box went down", unsent)
    revision, settings = stores.settings.newest()
    biller.use(ledger, now.wall, RateTables.stored(ledger.rate_tables.newest()), settings.billing)
    if clock is not ClockSource.NONE:
        rate_waiting(stores, biller, now)
    counters = ledger.next_counters()
    checkpoint = Checkpoint(
        settings=settings,
        revision=revision,
        next_call=max(counters.call, stores.journal.next_call_number()),
        next_message=counters.message,
        clock=clock,
    )
    return Start(checkpoint, stores.journal.next_seq(), len(interrupted))


def _link_recordings(ledger: Ledger, repaired: list[RepairedRecording], now: Moment, clock: ClockSource) -> None:
    """Files made whole from what a crash left; a row without any file has failed."""
    for file in repaired:
        try:
            ledger.recordings.finish(file.recording, file.path, file.duration_s, file.size_bytes)
        except LedgerMisuse:
            began = Moment(now.mono, file.started_wall)
            ledger.recordings.add(file.recording, file.call, file.path, began, clock)
            ledger.recordings.finish(file.recording, file.path, file.duration_s, file.size_bytes)
        log.warning("recording %s was cut off by a crash: %.1f s are whole again", file.recording, file.duration_s)
    for row in ledger.recordings.unfinished():
        if row.path.exists():
            ledger.recordings.finish(row.recording, row.path, _seconds(row.path), row.path.stat().st_size)
        else:
            ledger.recordings.fail(row.recording)


def _seconds(path: Path) -> float:
    """Of a file that was whole before its row could say so; 0 where its header cannot be read."""
    try:
        return float(soundfile.info(path).duration)
    except (OSError, soundfile.LibsndfileError):
        return 0.0
