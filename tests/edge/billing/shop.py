"""A box that sells bundles: store, biller, settings and desk behind one door, and a clock that is set by hand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import msgspec

from edge.api import messages as ask
from edge.billing import Biller
from edge.boot import open_stores, recover
from edge.desk import Desk
from edge.desk_tables import TableDesk
from edge.dialplan.billing import Billing, BundlePurchase, PlanChoice
from edge.dialplan.settings import Settings
from edge.engine import Engine
from edge.live import LiveView
from edge.places import Places
from edge.records import StoreRecords
from edge.store.writer import Stores, Writer
from edge.telephony import Cdr, ClockSource, Moment, PhoneNumber
from tests.edge.billing.paper_calls import HOTLINE, OFF_NET, at, call, leg

WHO = {"by": "lan", "origin": "page"}
PLANS = (PlanChoice("3c", "0001-01"),)
OFF_NET_BUNDLE, ON_NET_BUNDLE = 8, 1
ALL_MINUTES_S = 600_000.0
"""Of each of the two: 10 000 minutes."""


def bought(
    begins: str, when_spent: str = "renew", bundle: int = OFF_NET_BUNDLE, hotline: PhoneNumber = HOTLINE, **more: Any
) -> BundlePurchase:
    """Activated at a local time; does not renew at the end of its 31 days unless that is said."""
    return BundlePurchase(hotline, bundle, f"{begins}:00+07:00", when_spent, **{"auto_renew": False, **more})


def billing(*bundles: BundlePurchase, **more: Any) -> Billing:
    return Billing(plans=PLANS, bundles=bundles, **more)


def spoken(number: int, answered: str | float, seconds: float = 60.0, to: PhoneNumber = OFF_NET) -> Cdr:
    """A call from the hotline."""
    return call(
        number, leg(f"c{number}.1", at(answered) if isinstance(answered, str) else answered, seconds, number=to)
    )


class _Clock:
    def __init__(self) -> None:
        self.wall = at("2026-11-20T12:00")

    def now(self) -> Moment:
        return Moment(1000.0, self.wall)


class _World:
    """What the desk wants of engine, live view, cashier and board, as far as money needs it."""

    def post(self, event: object) -> None:
        pass

    def own_numbers(self) -> tuple[PhoneNumber, ...]:
        return (HOTLINE,)

    def load(self, spent: object) -> None:
        pass

    charges_stored = load

    def status(self) -> dict[str, Any]:
        return {}

    async def answer(self, request: object) -> Any:
        raise AssertionError(request)


class Shop:
    def __init__(self, data: Path, writer: Writer, biller: Biller, clock: _Clock) -> None:
        self.data, self.biller, self._writer, self._clock = data, biller, writer, clock

    async def open(self) -> None:
        """Starts on what is stored, after a power cut too."""
        start = await self._writer.ask(
            lambda stores: recover(stores, self.biller, [], self._clock.now(), ClockSource.NTP)
        )
        world = _World()
        records = StoreRecords(
            self._writer, self.biller, self._clock, 1, lambda *_: None, lambda _: HOTLINE, len, world
        )
        self.tables = TableDesk(self._writer, self.biller, self._clock, lambda *_: None)
        engine, live = cast("Engine", world), cast("LiveView", world)
        self.desk = Desk(engine, live, records, records, _none, start, self.tables, dict, _none, world)

    # --- what people do -------------------------------------------------------------------------------------------

    def it_is(self, local: str) -> None:
        self._clock.wall = at(local)

    def wait(self, seconds: float) -> None:
        self._clock.wall += seconds

    @property
    def wall(self) -> float:
        """POSIX seconds."""
        return self._clock.wall

    async def put(self, decided: Billing) -> list[str]:
        """The warnings. Raises `Refused`."""
        answer = await self.desk(ask.PutSettings(msgspec.to_builtins(Settings(billing=decided)), **WHO))
        return cast("list[str]", answer["warnings"])

    async def undo(self) -> list[str]:
        answer = await self.desk(ask.UndoSettings(**WHO))
        return cast("list[str]", answer["warnings"])

    async def warned(self) -> list[str]:
        """What the page shows with the settings."""
        return cast("list[str]", (await self.desk(ask.GetSettings()))["warnings"])

    async def held(self) -> Billing:
        _, settings = await self._writer.ask(lambda stores: stores.settings.newest())
        return settings.billing

    async def take(self, kind: str, text: str) -> dict[str, Any]:
        path = self.data / f"{kind}.csv"
        path.write_text(text, "utf-8")
        answer: dict[str, Any] = await self.desk(ask.ImportTable(kind, str(path), "lan"))
        return answer

    # --- what happens ---------------------------------------------------------------------------------------------

    async def ends(self, *calls: Cdr) -> None:
        """Calls end and are rated."""

        def work(stores: Stores) -> None:
            for cdr in calls:
                stores.ledger.close_cdr(cdr, self.biller.charges_for(cdr, stores.ledger), self._clock.now())

        await self._writer.ask(work)

    async def stored_by_an_older_box(self, decided: Billing) -> None:
        """Settings that nobody judged."""

        def work(stores: Stores) -> None:
            stores.settings.save(Settings(billing=decided), "old", "page", 1.0)

        await self._writer.ask(work)
        await self.open()

    async def charges(self) -> dict[str, dict[str, Any]]:
        """By leg, as they stand."""

        def work(stores: Stores) -> Sequence[Any]:
            query = "SELECT leg, detail FROM charge ORDER BY leg, revision"
            return list(stores.ledger.database.conn.execute(query))

        return {row["leg"]: json.loads(row["detail"]) for row in await self._writer.ask(work)}

    async def revise(self, rows: list[dict[str, Any]], basis: str) -> None:
        """`tongdai rerate --apply`."""

        def work(stores: Stores) -> None:
            stores.ledger.revise_charges(rows, self._clock.now(), basis)
            self.biller.reload(stores.ledger, self._clock.now().wall)

        await self._writer.ask(work)


async def _none(*_: object) -> Any:
    raise AssertionError("not here")


@asynccontextmanager
async def shop(data: Path) -> AsyncIterator[Shop]:
    places = Places.at(data)
    failures: list[Exception] = []
    with Writer(asyncio.get_running_loop(), lambda: open_stores(places, "box"), failures.append) as writer:
        made = Shop(data, writer, Biller(), _Clock())
        await made.open()
        yield made
    assert not failures


def renewing(purchase: BundlePurchase, off_at: str | None = None) -> BundlePurchase:
    """The same, renewed at the end of its 31 days too, until `off_at`."""
    return replace(purchase, auto_renew=True, auto_renew_off_at=None if off_at is None else f"{off_at}:00+07:00")
