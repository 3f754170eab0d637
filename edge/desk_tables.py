"""Tariffs, tables and charges from outside: files are read and checked off the loop, and off the store's thread.

What is taken goes through the store's thread together with the biller, so that every call is rated either wholly by the
tables before or wholly by those after.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from edge.api import messages as ask
from edge.api_server import Refused
from edge.billing.biller import Biller
from edge.billing.contract import Contract
from edge.billing.imports import Taken, overview, signed, take
from edge.billing.tables import RateTables
from edge.billing.usage import month_of_instant
from edge.dialplan.billing import Billing
from edge.live import local
from edge.rating.errors import RatingInputError
from edge.rating.file_text import text_from
from edge.store.errors import BasisMoved
from edge.store.writer import Stores, Writer
from edge.telephony import Clock

LARGEST_FILE_BYTES = 256 * 1024 * 1024
"""All ported numbers of the country are some 50 MB; more is no table of ours."""

Told = Callable[[str, dict[str, Any]], None]


class TableDesk:
    """One per core. Raises `Refused`."""

    def __init__(self, writer: Writer, biller: Biller, clock: Clock, told: Told) -> None:
        self._writer = writer
        self._biller = biller
        self._clock = clock
        self._told = told
        self._turn = asyncio.Lock()

    def listed(self) -> list[dict[str, Any]]:
        """The rows of `ListTables`."""
        rows = overview(self._biller.contract.tables)
        return [row | {"at": None if row["at"] is None else local(row["at"])} for row in rows]

    def check(self, billing: Billing) -> None:
        """Raises `Refused` when the company's plans or bundles are not those of the tables."""
        problems = Contract(self._biller.contract.tables, billing).problems
        if problems:
            raise Refused("; ".join(problems[:3]))

    async def take(self, request: ask.ImportTable) -> dict[str, Any]:
        """Stores a table; "next" names the month from which stored charges may differ by it, null when none can."""
        async with self._turn:
            before = self._biller.contract
            taken = await asyncio.to_thread(_read, before.tables, request.kind, Path(request.path))
            problems = Contract(taken.tables, before.billing).problems
            if problems:
                raise Refused(f"{request.path}: the settings would not hold any more: {problems[0]}")
            first = await self._writer.ask(
                lambda stores: self._store(stores, taken, request.by), f"{request.kind} table"
            )
        self._told("settings", {"tables": taken.name})
        answer = {"kind": request.kind, "name": taken.name, "rows": taken.rows, "warnings": list(taken.warnings)}
        return answer | {"next": _first_month(first, taken.since)}

    def _store(self, stores: Stores, taken: Taken, by: str) -> float | None:
        """In the store's thread. Returns when the oldest stored call began."""
        at = self._clock.now().wall
        stored = signed(taken.stored, at, by)
        stores.ledger.rate_tables.add(stored)
        self._biller.use(stores.ledger, at, tables=self._biller.contract.tables.with_tables(stored))
        return stores.ledger.first_instant()

    async def apply(self, request: ask.ApplyCharges) -> dict[str, Any]:
        """All charges of the file, or none."""
        charges = await asyncio.to_thread(_read_charges, Path(request.path))

        def work(stores: Stores) -> int:
            now = self._clock.now()
            stores.ledger.revise_charges(charges, now, request.basis)
            self._biller.reload(stores.ledger, now.wall)
            return len(charges)

        try:
            changed = await self._writer.ask(work, "charges rated again")
        except BasisMoved as error:
            raise Refused(str(error), "box") from error
        self._told("cdr", {"call": None})
        return {"changed": changed}


def _read(tables: RateTables, kind: str, path: Path) -> Taken:
    try:
        if not path.is_file():
            raise Refused(f"{path}: not a file that the box can read")
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise Refused(f"{path}: larger than {LARGEST_FILE_BYTES // 1024 // 1024} MB")
        return take(tables, kind, text_from(path.read_bytes(), str(path)), str(path))
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from error
    except RatingInputError as error:
        raise Refused(str(error)) from error


def _first_month(first_stored: float | None, since: str | None) -> str | None:
    if first_stored is None:
        return None
    return max(str(month_of_instant(first_stored)), since[:7] if since else "")


def _read_charges(path: Path) -> list[dict[str, Any]]:
    try:
        return [msgspec.json.decode(line, type=dict[str, Any]) for line in path.read_bytes().splitlines()]
    except (OSError, msgspec.MsgspecError) as error:
        raise Refused(f"{path}: {error}") from error
