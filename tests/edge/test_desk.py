"""The desk: departments of extensions, and what may be decided about money."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from edge.api import messages as ask
from edge.api_server import Refused
from edge.boot import Start
from edge.calls.checkpoint import Checkpoint
from edge.desk import Desk
from edge.dialplan.billing import Billing, BundlePurchase, PlanChoice
from edge.dialplan.settings import Settings
from edge.engine import Engine
from edge.live import LiveView
from edge.records import Judge
from edge.store.writer import Writer
from edge.telephony import ClockSource, PhoneNumber
from tests.edge.billing.paper_calls import HOTLINE
from tests.edge.commands.table_box import in_loop, table_box

WHO = {"by": "lan", "origin": "page"}


class Board:
    """What the desk needs of engine and live view: somebody who takes events, and our own numbers."""

    def __init__(self) -> None:
        self.posted: list[object] = []

    def post(self, event: object) -> None:
        self.posted.append(event)

    def own_numbers(self) -> tuple[PhoneNumber, ...]:
        return (HOTLINE,)


class Kept:
    """Settings and outbox, in memory; judged in the store's thread."""

    def __init__(self, writer: Writer) -> None:
        self.saved: list[Settings] = []
        self._writer = writer

    async def save(self, settings: Settings, by: str, origin: str, judge: Judge) -> tuple[int, list[str]]:
        said = await self._writer.ask(lambda stores: judge(stores, settings))
        self.saved.append(settings)
        return len(self.saved), said

    async def history(self) -> list[dict[str, Any]]:
        return []

    async def undo(self, by: str, origin: str, judge: Judge) -> tuple[int, Settings, list[str]]:
        said = await self._writer.ask(lambda stores: judge(stores, self.saved[-2]))
        return len(self.saved) + 1, self.saved[-2], said

    async def strike(self, keys: list[str]) -> int:
        return len(keys)

    async def count_tries(self, keys: list[str]) -> None:
        pass


class NoBoard:
    """A box without the supervisor's board."""

    def status(self) -> dict[str, Any]:
        return {}

    async def answer(self, request: object) -> Any:
        raise Refused(f"{type(request).__name__}: this box has no board", "box")


async def _no_greeting(path: Path) -> tuple[str, float]:
    raise ValueError(f"{path}: no sound")


async def _drawn(month: str, by: str) -> dict[str, Any]:
    return {"statement": f"{month} for {by}", "total_vnd": 1}


@asynccontextmanager
async def desk_at(data: Path) -> AsyncIterator[tuple[Desk, Kept]]:
    async with table_box(data) as box:
        switchboard, kept = Board(), Kept(box.writer)
        start = Start(Checkpoint(settings=Settings(), revision=0, clock=ClockSource.NTP), 1, 0)
        engine, live = cast("Engine", switchboard), cast("LiveView", switchboard)
        spending = {"limits": []}
        yield Desk(engine, live, kept, kept, _no_greeting, start, box.desk, lambda: spending, _drawn, NoBoard()), kept


@in_loop
async def test_an_extension_has_a_department_until_it_is_changed(tmp_path: Path) -> None:
    async with desk_at(tmp_path) as (desk, kept):
        made = await desk(ask.AddExtension("512", "Kho", "0903000512", **WHO, department=" Kho vận "))
        assert made["department"] == "Kho vận"
        await desk(ask.ChangeExtension("512", **WHO, name="Kho 2"))
        assert kept.saved[-1].extensions[0].department == "Kho vận"
        await desk(ask.ChangeExtension("512", **WHO, department=""))
        assert kept.saved[-1].extensions[0].department == ""
        document = msgspec.to_builtins(kept.saved[0])
        await desk(ask.PutSettings(document, **WHO))
        assert kept.saved[-1].extensions[0].department == "Kho vận"


@pytest.mark.parametrize(
    ("billing", "named"),
    [
        (Billing(plans=(PlanChoice("4d", "0001-01"),)), "'4d' is unknown"),
        (Billing(bundles=(BundlePurchase(HOTLINE, 8, "2026-11-05T08:00:00+07:00"),)), "has no bundles"),
        (Billing(plans=()), "billing.plans"),
    ],
)
@in_loop
async def test_what_the_tables_do_not_sell_is_refused(billing: Billing, named: str, tmp_path: Path) -> None:
    async with desk_at(tmp_path) as (desk, kept):
        with pytest.raises(Refused, match=named):
            await desk(ask.PutSettings(msgspec.to_builtins(Settings(billing=billing)), **WHO))
        assert kept.saved == []


@in_loop
async def test_requests_about_money_reach_those_who_answer_them(tmp_path: Path) -> None:
    async with desk_at(tmp_path) as (desk, _):
        assert await desk(ask.GetSpending()) == {"limits": []}
        assert await desk(ask.DrawStatement("2026-10", "lan")) == {"statement": "2026-10 for lan", "total_vnd": 1}
        kinds = [row["kind"] for row in await desk(ask.ListTables())]
        assert kinds == ["plan"] * 4 + ["operators", "ported", "idd"]
        with pytest.raises(Refused, match="not a file"):
            await desk(ask.ImportTable("idd", str(tmp_path), "lan"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"spending": {"limitz": []}},
            "spending.limitz: there is no such setting; `tongdai settings export` shows all",
        ),
        (
            {"spending": {"limits": [{"scope": "company", "period": "day", "vdn": 5}]}},
            "spending.limits[0].vdn: there is no such setting; `tongdai settings export` shows all",
        ),
        (
            {"spending": {"limits": [{"scope": "company", "period": "day", "vnd": "5"}]}},
            "spending.limits[0].vnd: Expected `int | null`, got `str`",
        ),
        (
            {"spending": {"limits": [{"scope": "company", "period": "week", "vnd": 5}]}},
            "spending.limits[0].period: 'week' is none of call, day, month",
        ),
        (
            {"extensions": [{"number": "511", "name": "Kho", "mobile": "0903000511", "record": "always"}]},
            "extensions[0].record: 'always' is none of off, in, out, both",
        ),
        ({"company": 5}, "company: Expected `object`, got `int`"),
    ],
)
@in_loop
async def test_a_document_that_cannot_be_read_is_refused_with_the_keys_path(
    change: dict[str, Any], said: str, tmp_path: Path
) -> None:
    """A misspelt limit that is left out in silence would protect nobody."""
    async with desk_at(tmp_path) as (desk, kept):
        with pytest.raises(Refused) as refused:
            await desk(ask.PutSettings(msgspec.to_builtins(Settings()) | change, **WHO))
        assert str(refused.value) == said
        assert kept.saved == []


@in_loop
async def test_an_instant_is_kept_as_everybody_reads_it(tmp_path: Path) -> None:
    async with desk_at(tmp_path) as (desk, kept):
        document = msgspec.to_builtins(Settings(billing=Billing(cancelled_at="2026-11-01t00:00:00z")))
        await desk(ask.PutSettings(document, **WHO))
        assert kept.saved[-1].billing.cancelled_at == "2026-11-01T07:00:00+07:00"
        document["billing"]["cancelled_at"] = "2026-11-01T00:00:00+0700"
        with pytest.raises(Refused, match=r"^billing\.cancelled_at: .* is no instant with zone"):
            await desk(ask.PutSettings(document, **WHO))


@in_loop
async def test_settings_are_shown_with_what_should_be_changed(tmp_path: Path) -> None:
    async with desk_at(tmp_path) as (desk, _):
        assert (await desk(ask.GetSettings()))["warnings"] == []
