"""Tariffs, tables and charges from outside: files are read and checked off the loop, and off the store's thread.

What is taken goes through the store's thread together with the biller, so that every call is rated either wholly by the
tables before or wholly by those after. What a company buys is asked here before settings hold: the tables must sell it,
and the usage that is stored must leave room for it (see `edge.billing.succession`).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from edge.api import messages as ask
from edge.api_server import Refused
from edge.billing.biller import Biller
from edge.billing.contract import Contract
from edge.billing.imports import Taken, overview, signed, take
from edge.billing.rewritten import first_replanned, first_rewritten
from edge.billing.succession import collisions, doubts, is_open
from edge.billing.tables import RateTables
from edge.billing.usage import month_of_instant
from edge.dialplan.settings import Settings
from edge.live import local
from edge.rating.errors import RatingInputError
from edge.rating.file_text import text_from
from edge.rating.instant import Instant
from edge.store.errors import BasisMoved
from edge.store.writer import Stores, Writer
from edge.telephony import Clock

LARGEST_FILE_BYTES = 256 * 1024 * 1024
"""All ported numbers of the country are some 50 MB; more is no table of ours."""

MOST_SAID = 3
"""Objections in one refusal."""
LOOK_AGAIN_S = 600.0
"""A bundle that may run into the next one is looked at again so late: time, or calls, may have settled it."""

Told = Callable[[str, dict[str, Any]], None]


class TableDesk:
    """One per core. Raises `Refused`."""

    def __init__(self, writer: Writer, biller: Biller, clock: Clock, told: Told) -> None:
        self._writer = writer
        self._biller = biller
        self._clock = clock
        self._told = told
        self._turn = asyncio.Lock()
        self._risks: tuple[Contract | None, float, list[str]] = (None, 0.0, [])
        """By which contract, until when (POSIX seconds), and what is said."""

    def listed(self) -> list[dict[str, Any]]:
        """The rows of `ListTables`."""
        rows = overview(self._biller.contract.tables)
        return [row | {"at": None if row["at"] is None else local(row["at"])} for row in rows]

    # --- what is bought -------------------------------------------------------------------------------------------

    def judge(self, stores: Stores, settings: Settings) -> list[str]:
        """What is to be known about a change of what the company buys, once it holds. In the store's thread, in the
        piece of work that stores the settings: no call can be stored in between.

        Raises `Refused` when the tables do not sell it, or a bundle may run into the next one. What held already is not
        refused again.
        """
        before, now = self._biller.contract, self._now()
        if settings.billing == before.billing:
            return []
        contract = Contract(before.tables, settings.billing)
        found = list(doubts(contract, before, stores.ledger, now))
        refused = [doubt for doubt in found if not doubt.stands]
        blamed = tuple(f"{doubt.place}: " for doubt in refused)  # the calendar's objection says less
        standing = set(map(_wherever, before.problems))
        others = [each for each in contract.problems if _wherever(each) not in standing and not each.startswith(blamed)]
        if said := [*(doubt.refusal for doubt in refused), *others]:
            raise Refused("; ".join(said[:MOST_SAID]))
        rewritten = {
            "plans": first_replanned(before, contract, stores.ledger),
            "bundles": first_rewritten(before, contract, stores.ledger, now),
        }
        kept = [_CHARGES_STAY.format(what=what, month=month) for what, month in rewritten.items() if month is not None]
        return _without_calls(before, contract) + kept + [doubt.warning for doubt in found if doubt.stands]

    async def risks(self) -> list[str]:
        """Bundles, sold before the box knew better, that an earlier one may reach; looked at now and then."""
        contract, now = self._biller.contract, self._now()
        if not any(is_open(succession, now) for succession in contract.successions()):
            return []
        judged, until, said = self._risks
        if judged is not contract or now.second >= until:
            said = await self._writer.ask(
                lambda stores: [doubt.warning for doubt in doubts(contract, contract, stores.ledger, now)], "bundles"
            )
            self._risks = (contract, now.second + LOOK_AGAIN_S, said)
        return said

    def _now(self) -> Instant:
        return Instant(int(self._clock.now().wall), "")

    # --- files ----------------------------------------------------------------------------------------------------

    async def take(self, request: ask.ImportTable) -> dict[str, Any]:
        """Stores a table; "next" names the month from which stored charges may differ by it, null when none can."""
        async with self._turn:
            before = self._biller.contract
            taken = await asyncio.to_thread(_read, before.tables, request.kind, Path(request.path))
            problems = Contract(taken.tables, before.billing).problems
            if problems:
                raise _would_not_hold(request, problems[0])
            first = await self._writer.ask(lambda stores: self._store(stores, taken, request), f"{request.kind} table")
        self._told("settings", {"tables": taken.name})
        answer = {"kind": request.kind, "name": taken.name, "rows": taken.rows, "warnings": list(taken.warnings)}
        return answer | {"next": _first_month(first, taken.since)}

    def _store(self, stores: Stores, taken: Taken, request: ask.ImportTable) -> float | None:
        """In the store's thread. Returns when the oldest stored call began."""
        at, before = self._clock.now().wall, self._biller.contract
        stored = signed(taken.stored, at, request.by)
        tables = before.tables.with_tables(stored)
        if collided := collisions(Contract(tables, before.billing), stores.ledger):
            stood = collisions(before, stores.ledger)
            for problem in collided:
                if problem not in stood:
                    raise _would_not_hold(request, problem)
        stores.ledger.rate_tables.add(stored)
        self._biller.use(stores.ledger, at, tables=tables)
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


_CHARGES_STAY = (
    "billing.{what}: calls that were rated before keep their charges; `tongdai rerate --from {month}` shows what "
    "would change, --apply stores it"
)


def _without_calls(before: Contract, after: Contract) -> list[str]:
    """Plans chosen now that are not made for telephones."""
    chosen = {choice.plan: None for choice in after.billing.plans if choice not in before.billing.plans}
    versions = {plan: after.tables.plans[plan].versions for plan in chosen}
    return [
        f"billing.plans: plan {plan} has no prices for calls: every call will be without a price, and a limit in money "
        "that blocks will bar it"
        for plan in chosen
        if all(version.voice is None for version in versions[plan])
    ]


def _would_not_hold(request: ask.ImportTable, problem: str) -> Refused:
    return Refused(f"{request.path}: the settings would not hold any more: {problem}")


def _wherever(problem: str) -> str:
    """The sentence without the place in a list, which changes when another entry is removed."""
    return re.sub(r"\[\d+\]", "", problem)


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
