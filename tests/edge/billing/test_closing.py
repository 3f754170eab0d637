"""Months are closed by themselves when they are due, by hand when asked, and never without a clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from edge.api.statements import closed_month, listed
from edge.api_server import Refused
from edge.billing.closing import Closing
from edge.store.journal import Journal
from edge.store.ledger import Ledger
from edge.store.schema import LEDGER_FILE
from edge.store.settings_history import SettingsHistory
from edge.store.writer import Stores, Writer
from edge.telephony import ClockSource, Moment
from tests.edge.billing.statement_box import HOTLINE, PaperBox, line_amounts, seconds


class _Clock:
    def __init__(self, local: str, source: ClockSource = ClockSource.NTP) -> None:
        self.local = local
        self.source = source

    def now(self) -> Moment:
        return Moment(0.0, seconds(self.local))


class _Scene:
    def __init__(self, closing: Closing, clock: _Clock, notices: asyncio.Queue[Any]) -> None:
        self.closing = closing
        self.clock = clock
        self.notices = notices


@asynccontextmanager
async def _scene(folder: Path, local: str, source: ClockSource = ClockSource.NTP) -> AsyncIterator[_Scene]:
    def stores() -> Stores:
        ledger = Ledger(folder / LEDGER_FILE, "box-7", "boot")
        return Stores(ledger, Journal(folder / "journal.db"), SettingsHistory(ledger, lambda _: None))

    failures: list[Exception] = []
    clock = _Clock(local, source)
    notices: asyncio.Queue[Any] = asyncio.Queue()
    with Writer(asyncio.get_running_loop(), stores, failures.append) as writer:
        closing = Closing(
            writer, folder, "box-7", clock, lambda: [HOTLINE], lambda kind, detail: notices.put_nowait((kind, detail))
        )
        yield _Scene(closing, clock, notices)
    assert failures == []


def _run(folder: Path, local: str, act: Callable[[_Scene], Awaitable[None]], **more: Any) -> None:
    async def play() -> None:
        async with _scene(folder, local, **more) as scene:
            await act(scene)

    asyncio.run(play())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A company since September, with a call in September and one in October."""
    box = PaperBox(tmp_path)
    box.decide("2026-09-05T09:00", ["511"])
    box.call("2026-09-06T09:00")
    box.call("2026-10-06T09:00", 120)
    box.close()
    return tmp_path


def test_a_box_that_was_off_draws_all_missed_months_in_order_and_each_once(folder: Path) -> None:
    async def act(scene: _Scene) -> None:
        drawn = await scene.closing.draw_due()
        assert [one["statement"] for one in drawn] == ["2026-09", "2026-10"]
        assert [scene.notices.get_nowait() for _ in drawn] == [("statement", one) for one in drawn]
        assert await scene.closing.draw_due() == []

    _run(folder, "2026-11-20T09:00", act)
    assert [row["statement"] for row in listed(folder)] == ["2026-09", "2026-10"]
    october = closed_month(folder, "2026-10")
    assert october is not None
    assert (october["by"], october["closed"], october["drawn"]) == ("box", True, "2026-11-20T09:00:00+07:00")
    assert line_amounts(october) == {"monthly.hotlines": 300_000, "monthly.extensions": 15_000, "voice.off_net": 1_800}


def test_it_goes_on_by_itself_until_it_is_stopped(folder: Path) -> None:
    async def act(scene: _Scene) -> None:
        running = asyncio.create_task(scene.closing.run())
        assert (await asyncio.wait_for(scene.notices.get(), 30))[0] == "statement"
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    _run(folder, "2026-10-01T00:05", act)
    assert [row["statement"] for row in listed(folder)] == ["2026-09"]


def test_without_a_clock_nothing_is_drawn(folder: Path) -> None:
    async def act(scene: _Scene) -> None:
        assert await scene.closing.draw_due() == []
        with pytest.raises(Refused, match="no clock can be believed yet"):
            await scene.closing.draw("2026-09", "page")

    _run(folder, "2026-11-20T09:00", act, source=ClockSource.NONE)
    assert listed(folder) == []


def test_drawing_by_hand_says_why_it_is_refused(folder: Path) -> None:
    async def act(scene: _Scene) -> None:
        refused = {
            "2026-13": "period: '2026-13' is no month such as 2026-11",
            "2026-11": "2026-11 is not over yet",
            "2026-10": "2026-09 is not closed yet, and months are closed in their order: draw 2026-09 first",
            "2026-08": "nothing is to be charged for 2026-08",
        }
        for month, sentence in refused.items():
            with pytest.raises(Refused) as error:
                await scene.closing.draw(month, "page")
            assert (str(error.value), error.value.blame) == (sentence, "input")
        assert (await scene.closing.draw("2026-09", "manager"))["statement"] == "2026-09"
        with pytest.raises(Refused, match="never drawn twice"):
            await scene.closing.draw("2026-09", "manager")

    _run(folder, "2026-11-20T09:00", act)
    september = closed_month(folder, "2026-09")
    assert september is not None
    assert september["by"] == "manager"


def test_a_call_over_midnight_keeps_its_month_open(folder: Path) -> None:
    box = PaperBox(folder)
    box.calls = 2
    box.call("2026-10-31T23:59", state="open")
    box.close()

    async def act(scene: _Scene) -> None:
        assert [one["statement"] for one in await scene.closing.draw_due()] == ["2026-09"]
        with pytest.raises(Refused, match="still in progress or not rated yet"):
            await scene.closing.draw("2026-10", "page")

    _run(folder, "2026-11-01T00:01", act)


def test_the_month_of_a_cancellation_120_minutes_after_it(folder: Path) -> None:
    box = PaperBox(folder)
    box.decide("2026-10-07T09:00", ["511"], cancelled_at="2026-10-07T09:00:00+07:00")
    box.close()

    async def act(scene: _Scene) -> None:
        assert [one["statement"] for one in await scene.closing.draw_due()] == ["2026-09"]
        scene.clock.local = "2026-10-07T11:00"
        assert [one["statement"] for one in await scene.closing.draw_due()] == ["2026-10"]
        scene.clock.local = "2027-02-01T11:00"
        assert await scene.closing.draw_due() == []

    _run(folder, "2026-10-07T10:59", act)
    last = closed_month(folder, "2026-10")
    assert last is not None
    assert last["kind"] == "cancellation"
    assert line_amounts(last)["monthly.hotlines"] == 300_000
