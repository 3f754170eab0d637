"""The engine when something of ours breaks: the others go on, and it is counted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from edge.calls import actions as do
from edge.calls import events as ev
from edge.calls.switchboard import Switchboard
from edge.dialplan.settings import Settings
from edge.engine import Engine
from edge.telephony import CallId, LegId, LineId, Moment, PhoneNumber, Service
from hal.clock import SystemClock
from hal.interfaces import AudioPort, RingHeard

LONDON = PhoneNumber("+442071234567")
GOOD, BAD = LegId("c1.1"), LegId("c9.1")


class Board(Switchboard):
    """Answers a key by playing, chokes on the keys of one leg, and may have a deadline that always fails."""

    def __init__(self) -> None:
        super().__init__(Settings())
        self.deadline: float | None = None
        self.tried = 0

    @property
    def next_deadline(self) -> float | None:
        return self.deadline

    def handle(self, event: ev.Event, now: Moment) -> list[do.Action]:
        match event:
            case ev.KeyPressed(leg=leg) if leg == BAD:
                raise ZeroDivisionError("a fault of ours")
            case ev.KeyPressed(leg=leg, key="*"):
                return [do.AuthoriseLeg(leg, None, LONDON, Service.OUTBOUND, "512"), do.MeterLeg(leg)]
            case ev.KeyPressed(leg=leg):
                return [do.StopPlaying(BAD), do.StopPlaying(leg)]
            case ev.TimePassed():
                self.tried += 1
                raise ZeroDivisionError("a fault of ours")
        return []


class Media:
    def __init__(self) -> None:
        self.done: list[do.MediaAction] = []
        self.then: Callable[[], None] = lambda: None

    def perform(self, action: do.MediaAction) -> None:
        if action == do.StopPlaying(BAD):
            raise ZeroDivisionError("a fault of ours")
        self.done.append(action)
        self.then()

    def leg_added(self, leg: LegId, line: LineId, port: AudioPort) -> None: ...
    def leg_audio_open(self, leg: LegId) -> None: ...
    def leg_audio_closed(self, leg: LegId) -> None: ...
    def leg_removed(self, leg: LegId) -> None: ...


class Records:
    def __init__(self) -> None:
        self.entries: list[ev.Event] = []
        self.calls: list[tuple[CallId, ...]] = []

    def perform(self, action: do.RecordAction | do.SendMessage, now: Moment) -> None: ...

    def journal(self, now: Moment, event: ev.Event, actions: tuple[do.Action, ...], calls: tuple[CallId, ...]) -> None:
        self.entries.append(event)
        self.calls.append(calls)

    def checkpoint(self, board: Switchboard, now: Moment) -> None: ...


def _engine() -> tuple[Engine, Board, Media, Records]:
    board, media, records = Board(), Media(), Records()
    return Engine(asyncio.get_running_loop(), SystemClock(), board, media, records), board, media, records


def test_an_action_that_fails_does_not_keep_the_next_from_being_done() -> None:
    async def story() -> None:
        engine, _, media, records = _engine()
        engine.post(ev.KeyPressed(GOOD, "5"))
        assert media.done == [do.StopPlaying(GOOD)]
        assert engine.health.failed_actions == {"StopPlaying": 1}
        assert records.entries == [ev.KeyPressed(GOOD, "5")]

    asyncio.run(story())


def test_whoever_has_no_cashier_may_call() -> None:
    """The answer comes in the same turn, is handled like any event, and is found by its call in the journal."""

    async def story() -> None:
        engine, _, _, records = _engine()
        engine.post(ev.KeyPressed(GOOD, "*"))
        assert records.entries == [ev.KeyPressed(GOOD, "*"), ev.LegAuthorised(GOOD)]
        assert records.calls == [(CallId("c1"),)] * 2

    asyncio.run(story())


class StrictCashier:
    """Authorises nothing, and breaks when it is to meter."""

    def __init__(self) -> None:
        self.asked: list[do.SpendingAction] = []
        self.post: Callable[[ev.Event], None] = lambda _event: None

    def perform(self, action: do.SpendingAction, now: Moment) -> None:
        assert now.mono > 0
        self.asked.append(action)
        if isinstance(action, do.MeterLeg):
            raise ZeroDivisionError("a fault of ours")
        self.post(ev.LegBarred(GOOD, ev.BarReason.FRAUD))


def test_spending_actions_go_to_the_cashier_and_its_faults_are_counted() -> None:
    async def story() -> None:
        cashier, records = StrictCashier(), Records()
        engine = Engine(asyncio.get_running_loop(), SystemClock(), Board(), Media(), records, cashier=cashier)
        cashier.post = engine.post
        engine.post(ev.KeyPressed(GOOD, "*"))
        assert [type(each) for each in cashier.asked] == [do.AuthoriseLeg, do.MeterLeg]
        assert records.entries == [ev.KeyPressed(GOOD, "*"), ev.LegBarred(GOOD, ev.BarReason.FRAUD)]
        assert engine.health.failed_actions == {"MeterLeg": 1}

    asyncio.run(story())


def test_an_event_that_fails_costs_neither_its_poster_nor_the_events_behind_it() -> None:
    async def story() -> None:
        engine, _, media, records = _engine()

        def two_more() -> None:
            media.then = lambda: None
            engine.post(ev.KeyPressed(BAD, "1"))
            engine.post(ev.KeyPressed(GOOD, "2"))

        media.then = two_more
        engine.post(ev.KeyPressed(GOOD, "1"))
        assert records.entries == [ev.KeyPressed(GOOD, "1"), ev.KeyPressed(GOOD, "2")]
        assert engine.health.faults == 1
        engine.modem_reported(LineId("gsm-7"), RingHeard())
        assert engine.health.faults == 2

    asyncio.run(story())


def test_who_asks_is_told_of_a_fault() -> None:
    async def story() -> None:
        engine, *_ = _engine()
        with pytest.raises(RuntimeError, match="KeyPressed"):
            engine.ask(ev.KeyPressed(BAD, "1"))
        assert engine.ask(ev.KeyPressed(GOOD, "1")) == (do.StopPlaying(BAD), do.StopPlaying(GOOD))

    asyncio.run(story())


def test_a_deadline_that_always_fails_does_not_spin() -> None:
    async def story() -> None:
        engine, board, _, _ = _engine()
        board.deadline = 0.0
        engine.post(ev.KeyPressed(GOOD, "1"))
        async with asyncio.timeout(5):
            while not board.tried:  # noqa: ASYNC110 - a timer of the loop is waited for
                await asyncio.sleep(0)
        for _ in range(1000):
            await asyncio.sleep(0)
        assert board.tried == 1
        engine.close()

    asyncio.run(story())
