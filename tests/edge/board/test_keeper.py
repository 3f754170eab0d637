"""The box and its board: heartbeats from the loop, lamps, alarms, a safe shutdown when it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from edge.board.keeper import BoardKeeper
from edge.board.rules import LineGlance
from edge.telephony import LineState
from hal.interfaces import (
    BoxLamp,
    ButtonGesture,
    ButtonPressed,
    HostState,
    LineLamp,
    ShutdownAsked,
    SlotChanged,
    StopReason,
    SupervisorLost,
    SupplyChanged,
)
from tests.edge.board.kept_board import READY, KeptBoard
from tests.support.virtual_time import LoopClock, run_virtually


class Scene:
    def __init__(self, *, with_board: bool = True) -> None:
        loop = asyncio.get_running_loop()
        self.board = KeptBoard()
        self.glances = [LineGlance(0, LineState.UP, busy=False), LineGlance(1, LineState.DOWN, busy=False)]
        self.alarms: dict[str, str] = {}
        self.down: list[ShutdownAsked] = []
        self.resets = 0
        self.keeper = BoardKeeper(
            loop,
            LoopClock(loop),
            "supervisor" if with_board else "none",
            lambda: self.glances,
            lambda: bool(self.alarms),
            self.down.append,
            self._reset,
            self._alarm,
        )
        if with_board:
            self.keeper.attach(self.board, self.board)

    def _reset(self) -> None:
        self.resets += 1

    def _alarm(self, name: str, sentence: str | None) -> None:
        if sentence is None:
            self.alarms.pop(name, None)
        else:
            self.alarms[name] = sentence


def play(story: Callable[[Scene], Awaitable[None]], *, with_board: bool = True) -> None:
    async def whole() -> None:
        scene = Scene(with_board=with_board)
        scene.keeper.start()
        await story(scene)
        await scene.keeper.close()
        assert scene.board.closed is with_board

    run_virtually(whole())


def test_it_beats_from_the_first_turn_and_says_when_it_runs() -> None:
    async def story(scene: Scene) -> None:
        await asyncio.sleep(2.5)
        assert set(scene.board.beats) == {HostState.BOOTING}
        assert scene.board.box is BoxLamp.BOOTING
        scene.keeper.running()
        await asyncio.sleep(2.0)
        scene.keeper.stopping()
        assert scene.board.beats[-1] is HostState.STOPPING
        assert scene.board.beats[-2] is HostState.RUNNING
        assert 8 <= len(scene.board.beats) <= 12

    play(story)


def test_lamps_follow_lines_and_alarms() -> None:
    async def story(scene: Scene) -> None:
        scene.keeper.running()
        await asyncio.sleep(1.5)
        assert scene.board.lines == {0: LineLamp.REGISTERED, 1: LineLamp.FAULT}
        scene.glances[0] = LineGlance(0, LineState.UP, busy=True)
        scene.alarms["x"] = "something"
        await asyncio.sleep(1.5)
        assert scene.board.lines[0] is LineLamp.IN_CALL
        assert scene.board.box is BoxLamp.ATTENTION

    play(story)


def test_a_modem_that_stays_away_is_cycled_and_then_told() -> None:
    async def story(scene: Scene) -> None:
        await asyncio.sleep(1000)
        assert scene.board.cycled == [1, 1, 1]
        assert "modem 2" in scene.alarms["modem-power"]

    play(story)


def test_a_lost_supervisor_is_an_alarm_until_it_answers() -> None:
    async def story(scene: Scene) -> None:
        scene.keeper.heard(READY)
        status = scene.keeper.status()
        assert status["supervisor"]["host_stop_reason"] == "watchdog"
        assert status["readings"]["temperature_c"] == 41.5
        scene.keeper.heard(SupervisorLost("no answer"))
        assert "no answer" in scene.alarms["supervisor"]
        assert scene.keeper.status()["readings"] is None
        scene.keeper.heard(READY)
        assert scene.alarms == {}

    play(story)


def test_what_the_board_asks_for_is_done() -> None:
    async def story(scene: Scene) -> None:
        scene.keeper.heard(ShutdownAsked(StopReason.BUTTON, 20))
        scene.keeper.heard(ButtonPressed(ButtonGesture.FACTORY_RESET))
        scene.keeper.heard(ButtonPressed(ButtonGesture.SHORT))
        scene.keeper.heard(SupplyChanged("low", 4400, 0))
        scene.keeper.heard(SlotChanged(0, "on", "asked"))
        assert [asked.reason for asked in scene.down] == [StopReason.BUTTON]
        assert scene.resets == 1
        assert "4.40 V" in scene.alarms["supply"]
        scene.keeper.heard(SupplyChanged("good", 5000, 0))
        assert "supply" not in scene.alarms
        await asyncio.sleep(1.5)
        slot = scene.keeper.status()["slots"][0]
        assert (slot["slot"], slot["lamp"], slot["power"], slot["reason"]) == (0, "registered", "on", "asked")

    play(story)


def test_a_box_without_a_board_works_and_says_so() -> None:
    async def story(scene: Scene) -> None:
        await asyncio.sleep(0.1)
        assert scene.keeper.status()["kind"] == "none"
        assert scene.keeper.status()["supervisor"] is None

    play(story, with_board=False)


def test_a_board_that_cannot_be_had_is_an_alarm_and_the_box_goes_on() -> None:
    async def whole() -> None:
        scene = Scene()
        scene.board.absent = "generic: no GPIO here"
        scene.keeper.start()
        await asyncio.sleep(5)
        assert "no GPIO here" in scene.alarms["board"]
        assert scene.keeper.board is None
        assert scene.keeper.status()["lost"] == "generic: no GPIO here"
        scene.keeper.running()
        scene.keeper.stopping()
        await scene.keeper.close()

    run_virtually(whole())


def test_a_supervisor_of_another_version_is_told_with_its_version() -> None:
    async def story(scene: Scene) -> None:
        scene.keeper.heard(replace(READY, compatible=False))
        assert "0.1.0" in scene.alarms["supervisor"]

    play(story)
