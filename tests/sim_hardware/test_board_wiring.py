"""The board and what hangs on it: real firmware, its rails, emulated modems; requests of the control socket."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from sim_hardware.board_requests import BoardRequest, act
from sim_hardware.board_wiring import BoardWiring, chosen_vm
from sim_hardware.emulated_line import LineSettings
from sim_hardware.errors import RequestError, WorldError
from sim_hardware.modem import PROFILES, EmulatedModem, SimCard
from sim_hardware.simulation import Simulation

QUICK = {"stagger_ms": 200, "host_off_ms": 200, "grace_ms": 600, "boot_ms": 2000, "resets_per_hour": 20}


async def until(condition: Any, what: str, within_s: float = 20.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


class Scene:
    def __init__(self, tmp_path: Path, family: str = "sim800", **changes: int) -> None:
        self.told: list[dict[str, bool]] = []
        numbers = ["+84901234567", "+84937654321"]
        self.simulation = Simulation(asyncio.get_running_loop(), numbers, lambda _words: None)
        for index, number in enumerate(numbers):
            card = SimCard(number=number, operator="MobiFone", plmn="45201")
            settings = LineSettings(f"gsm-{index + 1}", number, family, tmp_path, 0.0)
            self.simulation.add_line(settings, EmulatedModem(PROFILES[family], card, Random(1)), Random(index))
        flash = tmp_path / "board"
        flash.mkdir()
        (flash / "state.json").write_text(json.dumps({"settings": QUICK | {"family_0": 4, "family_1": 4} | changes}))
        self.wiring = BoardWiring(self.simulation.lines, tmp_path, self.told.append)
        self.board = self.wiring.board

    def plugged_in(self, slot: int) -> bool:
        return self.simulation.lines[slot].plugged_in


def play(tmp_path: Path, story: Any, **changes: int) -> None:
    async def whole() -> None:
        scene = Scene(tmp_path, **changes)
        await scene.wiring.start()
        try:
            await until(lambda: scene.board.leds, "the firmware runs")
            await story(scene)
        finally:
            await scene.wiring.close()
            await scene.simulation.stop()

    asyncio.run(whole())


@pytest.mark.system
def test_it_starts_warm_and_a_pulled_plug_takes_everything_away(tmp_path: Path) -> None:
    async def story(scene: Scene) -> None:
        assert scene.plugged_in(0)
        assert scene.plugged_in(1)
        await scene.wiring.power_cycle()
        assert not scene.plugged_in(0)
        assert not scene.plugged_in(1)
        assert scene.told == [{"on": False}, {"on": True}]
        await until(lambda: scene.plugged_in(0) and scene.plugged_in(1), "both boot again, one after the other", 30)
        assert all(row["status"] for row in scene.wiring.state()["slots"])

    play(tmp_path, story)


@pytest.mark.system
def test_a_host_that_never_speaks_is_asked_then_cut_then_started(tmp_path: Path) -> None:
    async def story(scene: Scene) -> None:
        await until(lambda: {"on": True} in scene.told, "the host was reset")
        assert scene.told[:3] == [{"button": True}, {"on": False}, {"on": True}]
        assert scene.plugged_in(0), "a reset of the box takes no modem away"
        seen = len(scene.told)
        await until(lambda: len(scene.told) > seen, "it is asked again")
        scene.board.set_halted(halted=True)
        await until(lambda: scene.told[seen:][1:2] == [{"on": False}], "cut as soon as it is down")

    play(tmp_path, story)


@pytest.mark.system
def test_a_world_outlives_its_supervisor(tmp_path: Path) -> None:
    async def story(scene: Scene) -> None:
        starts = len(scene.wiring.state()["starts"])
        scene.board.hang()
        await until(lambda: len(scene.wiring.state()["starts"]) > starts, "its own watchdog")
        assert scene.wiring.state()["starts"][-1]["cause"] == "watchdog"
        assert (await act(scene.wiring, BoardRequest("reset")))["starts"][-1]["cause"] == "watchdog"
        assert scene.plugged_in(0)

    play(tmp_path, story)


@pytest.mark.system
def test_a_computer_that_is_off_sees_nothing_of_a_reset_of_the_supervisor(tmp_path: Path) -> None:
    async def story(scene: Scene) -> None:
        pressing = asyncio.create_task(scene.wiring.press(3.5))
        await until(lambda: {"button": True} in scene.told, "it is asked to go down")
        scene.board.set_halted(halted=True)
        await until(lambda: not scene.board.host_powered, "it is off")
        await pressing
        seen = len(scene.told)
        starts = len(scene.wiring.state()["starts"])
        await scene.board.kill()
        await until(lambda: len(scene.wiring.state()["starts"]) > starts, "the reset")
        await until(lambda: not scene.board.host_powered, "its rail, driven again")
        assert scene.told[seen:] in ([], [{"on": False}])
        await scene.wiring.press(0.2)
        await until(lambda: scene.told[-1:] == [{"on": True}], "a short press starts it")

    play(tmp_path, story, boot_ms=60_000)


def test_requests_change_what_the_pins_read(tmp_path: Path) -> None:
    async def story() -> None:
        scene = Scene(tmp_path)
        state = await act(scene.wiring, BoardRequest("voltage", supply_mv=4400, supercap_mv=3900))
        assert (state["supply_mv"], state["supercap_mv"]) == (4400, 3900)
        assert (await act(scene.wiring, BoardRequest("temperature", celsius=71.5)))["temperature_c"] == 71.5
        assert not (await act(scene.wiring, BoardRequest("press", seconds=0.01)))["button"]
        assert [row["line"] for row in state["slots"]] == ["gsm-1", "gsm-2"]
        for wrong in (
            BoardRequest("voltage"),
            BoardRequest("voltage", supply_mv=99_999),
            BoardRequest("temperature", celsius=400),
            BoardRequest("press", seconds=0),
            BoardRequest("kick"),
        ):
            with pytest.raises(RequestError):
                await act(scene.wiring, wrong)
        await scene.wiring.close()
        await scene.simulation.stop()

    asyncio.run(story())


def test_which_machine_plays_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TONGDAI_BOARD_VM", raising=False)
    assert chosen_vm() == "auto"
    monkeypatch.setenv("TONGDAI_BOARD_VM", "cpython")
    assert chosen_vm() == "cpython"
    monkeypatch.setenv("TONGDAI_BOARD_VM", "z80")
    with pytest.raises(WorldError, match="z80"):
        chosen_vm()
