"""What the core looks after beside calls: clock, free space, retention of recordings. Each a loop of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from edge.calls import events as ev
from edge.engine import Engine
from edge.live import LiveView
from edge.media.retention import delete_recordings, expired, scan_recordings
from edge.media.storage import LedgerReserve, StorageGuard, space_at
from edge.places import Places
from edge.records import StoreRecords
from edge.telephony import ClockSource
from edge.wall_clock import BoxClock

log = logging.getLogger("tongdai.upkeep")

CLOCK_PERIOD_S = 10.0
SPACE_PERIOD_S = 5.0
RETENTION_PERIOD_S = 1800.0


class Upkeep:
    """`run` until cancelled. `settings` gives the retention that holds now."""

    def __init__(
        self,
        engine: Engine,
        records: StoreRecords,
        live: LiveView,
        clock: BoxClock,
        places: Places,
        retention: Callable[[], tuple[int, float]],
    ) -> None:
        self._engine = engine
        self._records = records
        self._live = live
        self._clock = clock
        self._places = places
        self._retention = retention
        self._known = ClockSource.NONE
        """The source that engine and store were told of."""
        self._guard = StorageGuard()
        self._reserve = LedgerReserve(places.data / "ledger.reserve")

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(_again_and_again(self._look_at_clock, CLOCK_PERIOD_S, "the clock"))
            group.create_task(_again_and_again(self._measure, SPACE_PERIOD_S, "free space"))
            group.create_task(_again_and_again(self._forget_old, RETENTION_PERIOD_S, "retention of recordings"))

    # --- clock ----------------------------------------------------------------------------------------------------

    def clock_may_have_changed(self, changed: bool) -> None:
        """Told by whoever heard of a better clock."""
        if changed:
            source = self._known = self._clock.source
            log.info("the clock rests on: %s", source.value)
            self._engine.post(ev.ClockChanged(source))

    async def _look_at_clock(self) -> None:
        self._clock.refresh()
        self.clock_may_have_changed(self._clock.source is not self._known)

    # --- space ----------------------------------------------------------------------------------------------------

    async def _measure(self) -> None:
        space = await asyncio.to_thread(space_at, self._places.data)
        if await asyncio.to_thread(self._reserve.measured, space):
            log.error("the disk is full: the ledger's reserve was given back")
        if not self._guard.measured(space):
            return
        allowed = self._guard.recording_allowed
        if allowed:
            self._live.alarms.pop("storage", None)
            log.info("there is room again: calls are recorded")
        else:
            sentence = (
                f"storage: only {space.free_bytes // 1_000_000} MB free; recording has stopped, "
                "calls go on: delete recordings or shorten their retention"
            )
            self._live.alarms["storage"] = sentence
            log.error(sentence)
        self._engine.post(ev.StorageChanged(allowed))

    # --- retention ------------------------------------------------------------------------------------------------

    async def _forget_old(self) -> None:
        keep_days, keep_gb = self._retention()
        stored = await asyncio.to_thread(scan_recordings, self._places.recordings)
        gone = expired(stored, self._clock.now().wall, keep_days, keep_gb)
        if gone:
            await self._records.forget_recordings(gone)
            await asyncio.to_thread(delete_recordings, gone)
            log.info("%d recordings were deleted by retention", len(gone))


async def _again_and_again(job: Callable[[], Awaitable[None]], period_s: float, what: str) -> None:
    """One that fails is told and tried again: none of them may take the others, or itself, away for good."""
    while True:
        try:
            await job()
        except OSError as error:
            log.error("%s: %s; tried again in %.0f s", what, error, period_s)
        except Exception:
            log.exception("%s: a fault of ours; tried again in %.0f s", what, period_s)
        await asyncio.sleep(period_s)
