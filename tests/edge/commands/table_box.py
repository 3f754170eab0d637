"""The part of a core that has to do with money: store, biller and table desk behind a real socket, without lines."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from edge.api.messages import AnyRequest, ApplyCharges, ImportTable, ListTables, Notice
from edge.api_server import ApiServer, Refused
from edge.billing import Biller
from edge.boot import open_stores, recover
from edge.cli import main
from edge.desk_tables import TableDesk
from edge.places import Places
from edge.store.writer import Stores, Writer
from edge.telephony import Cdr, ClockSource, Moment
from tests.edge.billing.paper_calls import at

NOW = Moment(1000.0, at("2026-11-20T12:00"))


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """A test that is a coroutine, in a loop of its own."""

    @functools.wraps(test)
    def run(*given: Any, **named: Any) -> None:
        asyncio.run(test(*given, **named))

    return run


class StandingClock:
    def now(self) -> Moment:
        return NOW


class TableBox:
    def __init__(self, data: Path, writer: Writer, biller: Biller) -> None:
        self.data = data
        self.biller = biller
        self.writer = writer
        self.told: list[str] = []
        self.desk = TableDesk(writer, biller, StandingClock(), lambda kind, _detail: self.told.append(kind))
        self.before_apply: list[Cdr] = []
        """Calls that end just before the next charges are applied."""

    async def answer(self, request: AnyRequest) -> Any:
        match request:
            case ImportTable():
                return await self.desk.take(request)
            case ListTables():
                return self.desk.listed()
            case ApplyCharges():
                if self.before_apply:
                    await self.ends(self.before_apply.pop())
                return await self.desk.apply(request)
            case _:
                raise Refused(f"{type(request).__name__}: not here")

    async def ends(self, cdr: Cdr) -> None:
        """A call ends and is rated."""

        def work(stores: Stores) -> None:
            stores.ledger.close_cdr(cdr, self.biller.charges_for(cdr, stores.ledger), NOW)

        await self.writer.ask(work)

    async def close_month(self, month: str) -> None:
        """Its statement is drawn up; what stands in it is of no matter here."""
        row = "INSERT INTO statement (statement, period, kind, plan, drawn, total_vnd, document) VALUES (?,?,?,?,?,?,?)"
        values = (f"{month}-1", month, "month", "onecontact-2019", NOW.wall, 0, "{}")
        await self.writer.ask(lambda stores: stores.ledger.database.conn.execute(row, values))

    async def command(self, *words: str) -> int:
        """`tongdai WORDS` on this box; the exit status."""
        return await asyncio.to_thread(main, [*words, "--data", str(self.data)])


@asynccontextmanager
async def table_box(data: Path) -> AsyncIterator[TableBox]:
    places = Places.at(data)
    biller, failures = Biller(), list[Exception]()
    with Writer(asyncio.get_running_loop(), lambda: open_stores(places, "box"), failures.append) as writer:
        await writer.ask(lambda stores: recover(stores, biller, [], NOW, ClockSource.NTP))
        box = TableBox(data, writer, biller)
        server = ApiServer(places.socket("api"), box.answer, lambda: Notice("snapshot", "now"))
        await server.start()
        try:
            yield box
        finally:
            await server.close()
    assert not failures
