"""Closes months: looks once a minute what is due (`statement_due` decides), has it reckoned, and stores it.

The work is done where it hurts nobody: looking is a read-only connection in a thread, reckoning a process of its own,
and only the storing, a few statements of SQL, is the store's thread's. Without a clock that a source vouches for,
nothing is drawn.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import msgspec

from edge.api_server import Refused
from edge.billing.statements import Books
from edge.rating.errors import RatingInputError
from edge.rating.instant import Month
from edge.rating.invoice_command import parse_period
from edge.rating.statement_due import Due, Standing, due, earliest_open, why_not
from edge.store.errors import StoreError
from edge.store.schema import LEDGER_FILE
from edge.store.statements import DrawnStatement, StatementRefused, StatementTable
from edge.store.usage_rows import open_for_reading
from edge.store.writer import Writer
from edge.telephony import Clock, ClockSource

log = logging.getLogger("tongdai.closing")

PERIOD_S = 60.0
RECKONING_TIMEOUT_S = 600.0
BY_ITSELF = "box"

Told = Callable[[str, dict[str, Any]], None]
"""Kind of notice ("statement") and its detail."""


class BoxClock(Clock, Protocol):
    @property
    def source(self) -> ClockSource: ...


class Closing:
    """`numbers`: the SIM numbers that the box has now, asked each time; `told` is called in the loop."""

    def __init__(
        self,
        writer: Writer,
        data: Path,
        box: str,
        clock: BoxClock,
        numbers: Callable[[], Sequence[str]],
        told: Told,
    ) -> None:
        self._writer = writer
        self._data = data
        self._box = box
        self._clock = clock
        self._numbers = numbers
        self._told = told
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Until cancelled. A failure is told and tried again: a month that is owed must not be forgotten."""
        while True:
            try:
                await self.draw_due()
            except (Refused, StoreError, OSError, sqlite3.Error, msgspec.DecodeError) as error:
                log.error("statement: %s; tried again in %.0f s", error, PERIOD_S)
            except Exception:
                log.exception("statement: a fault of ours; tried again in %.0f s", PERIOD_S)
            await asyncio.sleep(PERIOD_S)

    async def draw_due(self) -> list[dict[str, Any]]:
        """Draws up and closes all that is due now, in order."""
        if self._clock.source is ClockSource.NONE:
            return []
        async with self._turn:
            wanted = due(await asyncio.to_thread(self._look))
            return [await self._close(one, BY_ITSELF) for one in wanted]

    async def draw(self, month: str, by: str) -> dict[str, Any]:
        """`DrawStatement`: closes a past month now. -> {"statement", "total_vnd"}. Raises `Refused`."""
        try:
            wanted = parse_period(month)
        except RatingInputError as error:
            raise Refused(str(error)) from None
        if self._clock.source is ClockSource.NONE:
            raise Refused("no clock can be believed yet; a statement needs the date", "box")
        async with self._turn:
            return await self._close(_permitted(await asyncio.to_thread(self._look), wanted), by)

    # --- inside ---------------------------------------------------------------------------------------------------

    def _look(self) -> Standing:
        with closing(open_for_reading(self._data / LEDGER_FILE)) as connection:
            return Books(connection, self._clock.now().wall).standing()

    async def _close(self, wanted: Due, by: str) -> dict[str, Any]:
        drawn = await self._reckon(wanted, by)
        try:
            await self._writer.ask(
                lambda stores: StatementTable(stores.ledger.database, self._box).close_month(drawn),
                f"statement {drawn.statement}",
            )
        except StatementRefused as error:
            raise Refused(str(error)) from error
        log.info("statement %s is closed: %d VND", drawn.statement, drawn.total_vnd)
        detail = {"statement": drawn.statement, "total_vnd": drawn.total_vnd}
        self._told("statement", detail)
        return detail

    async def _reckon(self, wanted: Due, by: str) -> DrawnStatement:
        asked = {
            "data": str(self._data),
            "month": str(wanted.month),
            "kind": wanted.kind.value,
            "by": by,
            "now": self._clock.now().wall,
            "numbers": sorted(self._numbers()) or None,  # no line with a number yet: nobody knows
        }
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "edge.billing.draw",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            answer, words = await asyncio.wait_for(child.communicate(json.dumps(asked).encode()), RECKONING_TIMEOUT_S)
        except BaseException as error:
            if child.returncode is None:
                child.kill()
                await child.wait()
            if isinstance(error, TimeoutError):
                raise Refused(f"{wanted.month} was not reckoned in {RECKONING_TIMEOUT_S:.0f} s", "box") from error
            raise
        if child.returncode != 0:
            said = words.decode(errors="replace").strip().splitlines() or ["the reckoning failed"]
            raise Refused(f"{wanted.month}: {said[-1]}", "box")
        return await asyncio.to_thread(msgspec.json.decode, answer, type=DrawnStatement)


def _permitted(standing: Standing, month: Month) -> Due:
    """Raises `Refused` with the reason why the month must not be closed now."""
    if month in standing.closed:
        raise Refused(f"the statement of {month} is closed already; it is never drawn twice")
    reason = why_not(standing, month)
    if reason is not None:
        raise Refused(reason)
    earlier = earliest_open(standing)
    if earlier is None or month < earlier:
        raise Refused(f"nothing is to be charged for {month}")
    if month > earlier:
        raise Refused(f"{earlier} is not closed yet, and months are closed in their order: draw {earlier} first")
    return due(standing)[0]
