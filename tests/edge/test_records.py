"""What the engine hands to the store: messages become usage and are charged when they were sent; decisions about money
reach the biller in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from edge.api.queries import open_reader
from edge.billing import Biller
from edge.boot import open_stores, recover
from edge.calls import actions as do
from edge.dialplan.billing import Billing, PlanChoice
from edge.dialplan.settings import Extension, Settings
from edge.places import Places
from edge.records import StoreRecords
from edge.spending.spent import Spent
from edge.store.writer import Stores, Writer
from edge.telephony import ClockSource, LineId, MessageId, Moment, PhoneNumber
from tests.edge.billing.paper_calls import HOTLINE, OFF_NET, ON_NET, at
from tests.edge.commands.table_box import in_loop

NOON = Moment(1000.0, at("2026-11-20T12:00"))
EXTENSION = Extension("512", "Kho", ON_NET)


class HandClock:
    moment = NOON

    def now(self) -> Moment:
        return self.moment


class Counted:
    """What spending control was told."""

    def __init__(self) -> None:
        self.stored: list[Spent] = []
        self.loaded: list[Spent] = []

    def load(self, spent: Iterable[Spent]) -> None:
        self.loaded = list(spent)

    def charges_stored(self, spent: Iterable[Spent]) -> None:
        self.stored += spent


class Box:
    def __init__(self, data: Path, writer: Writer, biller: Biller, clock: HandClock) -> None:
        self.data = data
        self.biller = biller
        self.clock = clock
        self._writer = writer
        self.sim: PhoneNumber | None = HOTLINE
        self.counted = Counted()
        self.records = StoreRecords(
            writer,
            biller,
            clock,
            1,
            lambda _kind, _detail: None,
            lambda _line: self.sim,
            lambda text: 1 + len(text) // 70,
            self.counted,
        )

    def send(self, name: str, called: PhoneNumber, text: str = "x", *, sent: bool = True) -> None:
        message = MessageId(name)
        self.records.perform(do.SendMessage(message, LineId("gsm-1"), called, text), self.clock.now())
        reason = None if sent else "no service"
        self.records.perform(do.NoteMessageOutcome(message, sent=sent, reason=reason), self.clock.now())

    async def messages(self) -> dict[str, dict[str, Any]]:
        await self._writer.ask(lambda _stores: None)
        with open_reader(self.data) as reader:
            return {row["message"]: row for row in reader.messages()}


@asynccontextmanager
async def box_at(data: Path, source: ClockSource = ClockSource.NTP) -> AsyncIterator[Box]:
    biller, clock = Biller(), HandClock()
    failures: list[Exception] = []
    with Writer(asyncio.get_running_loop(), lambda: open_stores(Places.at(data), "box"), failures.append) as writer:
        await writer.ask(lambda stores: recover(stores, biller, [], clock.now(), source))
        box = Box(data, writer, biller, clock)
        if source is not ClockSource.NONE:
            box.records.clock_changed(source)
        yield box
    assert not failures


def nothing_to_say(stores: Stores, settings: Settings) -> list[str]:
    return []


@in_loop
async def test_a_message_that_was_sent_is_charged_by_its_parts(tmp_path: Path) -> None:
    async with box_at(tmp_path) as box:
        await box.records.save(Settings(extensions=(EXTENSION,)), "lan", "page", nothing_to_say)
        box.send("m1", OFF_NET, "x" * 100)
        box.send("m2", ON_NET)
        box.send("m3", OFF_NET, sent=False)
        found = await box.messages()
    assert [(row["parts"], row["charge_vnd"], row["hotline"]) for row in found.values()] == [
        (2, 700, HOTLINE),
        (1, 0, HOTLINE),
        (1, None, HOTLINE),
    ]
    assert (found["m2"]["extension"], found["m1"]["extension"]) == ("512", None)
    assert found["m1"]["rating"]["rule"].endswith("/sms/other.off_net")
    assert found["m3"]["rating"] is None
    told = {spent.item: (spent.hotline, spent.amount_vnd, spent.outgoing) for spent in box.counted.stored}
    assert told == {"m1": (HOTLINE, 700, True), "m2": (HOTLINE, 0, True)}


@in_loop
async def test_spending_is_counted_anew_from_the_store(tmp_path: Path) -> None:
    async with box_at(tmp_path) as box:
        box.send("m1", OFF_NET)
        await box.messages()
        box.records.spending_changed()
        await box.messages()
        await asyncio.sleep(0)
    assert [(spent.item, spent.amount_vnd) for spent in box.counted.loaded] == [("m1", 350)]


@in_loop
async def test_a_message_of_an_unknown_sim_is_unrated_and_not_free(tmp_path: Path) -> None:
    async with box_at(tmp_path) as box:
        box.sim = None
        box.send("m1", OFF_NET)
        row = (await box.messages())["m1"]
    assert (row["charge_vnd"], row["rating"]["status"]) == (None, "unrated")
    assert "SIM" in row["rating"]["why"]


@in_loop
async def test_a_message_without_a_clock_is_charged_when_there_is_one(tmp_path: Path) -> None:
    async with box_at(tmp_path, ClockSource.NONE) as box:
        box.clock.moment = Moment(1000.0, 50.0)
        box.send("m1", OFF_NET)
        assert (await box.messages())["m1"]["rating"] is None
        box.clock.moment = Moment(1060.0, NOON.wall + 60)
        box.records.clock_changed(ClockSource.NTP)
        row = (await box.messages())["m1"]
    assert row["charge_vnd"] == 350
    assert row["sent_at"] == "2026-11-20T12:00:00.000+07:00"


@in_loop
async def test_a_plan_that_is_decided_holds_for_what_comes_after_it(tmp_path: Path) -> None:
    async with box_at(tmp_path) as box:
        box.send("m1", ON_NET)
        plan = Billing(plans=(PlanChoice("3c", "2026-11"),))
        await box.records.save(Settings(billing=plan), "lan", "page", nothing_to_say)
        box.send("m2", ON_NET)
        await box.records.undo("lan", "page", nothing_to_say)
        box.send("m3", ON_NET)
        found = await box.messages()
        assert [row["charge_vnd"] for row in found.values()] == [350, 290, 350]
        assert [(each.month, each.charges) for each in box.biller.pending] == [("2026-11", 1)]
