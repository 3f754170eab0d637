"""What the core looks after beside calls: clock, free space, retention of recordings. Each a loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

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
        self._guard = StorageGuard()
        self._reserve = LedgerReserve(places.data / "ledger.reserve")

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch_clock())
            group.create_task(self._watch_space())
            group.create_task(self._retain())

    # --- clock ----------------------------------------------------------------------------------------------------

    def clock_may_have_changed(self, changed: bool) -> None:
        """Told by whoever heard of a better clock."""
        if changed:
            source = self._clock.source
            log.info("the clock rests on: %s", source.value)
            self._records.clock_changed(source)
            self._engine.post(ev.ClockChanged(source))

    async def _watch_clock(self) -> None:
        if self._clock.source is not ClockSource.NONE:
            self.clock_may_have_changed(changed=True)
        while True:
            await asyncio.sleep(CLOCK_PERIOD_S)
            self.clock_may_have_changed(self._clock.refresh())

    # --- space ----------------------------------------------------------------------------------------------------

    async def _watch_space(self) -> None:
        while True:
            with contextlib.suppress(OSError):
                await self._measure()
            await asyncio.sleep(SPACE_PERIOD_S)

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

    async def _retain(self) -> None:
        while True:
            try:
                await self._forget_old()
            except OSError as error:
                log.error("retention of recordings: %s; tried again in %.0f s", error, RETENTION_PERIOD_S)
            await asyncio.sleep(RETENTION_PERIOD_S)

    async def _forget_old(self) -> None:
        keep_days, keep_gb = self._retention()
        stored = await asyncio.to_thread(scan_recordings, self._places.recordings)
        gone = expired(stored, self._clock.now().wall, keep_days, keep_gb)
        if gone:
            await self._records.forget_recordings(gone)
            await asyncio.to_thread(delete_recordings, gone)
            log.info("%d recordings were deleted by retention", len(gone))
