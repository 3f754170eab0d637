"""The driver of the supervisor against one that behaves, over a wire that can break, in virtual time."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from hal.errors import SupervisorError
from hal.interfaces import (
    BoardEvent,
    BoxLamp,
    ButtonGesture,
    ButtonPressed,
    HostState,
    LineLamp,
    ShutdownAsked,
    SlotChanged,
    StopReason,
    SupervisorLost,
    SupervisorReady,
    SupplyChanged,
    TemperatureChanged,
)
from hal.mcu import McuSupervisor
from hal.mcu_update import image_fault
from tests.hal.board.supervised import FakeSupervisor, WireToPeer, m
from tests.support.virtual_time import LoopClock, eventually, run_virtually


class Scene:
    def __init__(self) -> None:
        self.far = FakeSupervisor()
        self.wire = WireToPeer(self.far)
        self.events: list[BoardEvent] = []
        clock = LoopClock(asyncio.get_running_loop())
        self.driver = McuSupervisor(self.wire, clock, self.events.append, 77, ["sim7600", "unheard-of"])

    async def until(self, kind: type[BoardEvent], count: int = 1) -> Any:
        await eventually(lambda: len(self.found(kind)) >= count)
        return self.found(kind)[count - 1]

    def found(self, kind: type[BoardEvent]) -> list[BoardEvent]:
        return [event for event in self.events if isinstance(event, kind)]

    def told(self, name: str) -> list[dict[str, Any]]:
        return [values for heard, values in self.far.heard if heard == name]


def play(story: Callable[[Scene], Awaitable[None]]) -> None:
    async def whole() -> None:
        scene = Scene()
        scene.driver.start()
        await story(scene)
        await scene.driver.close()

    run_virtually(whole())


def test_it_greets_and_says_what_is_in_the_slots() -> None:
    async def story(scene: Scene) -> None:
        ready: SupervisorReady = await scene.until(SupervisorReady)
        assert (ready.version, ready.slots, ready.folder, ready.compatible) == ("0.3.0", 4, "a", True)
        assert ready.features == {"supercap", "updates"}
        await scene.until(SlotChanged, 4)
        await eventually(lambda: bool(scene.told("SETTING_SET")))
        families = {values["name"]: values["value"] for values in scene.told("SETTING_SET")}
        assert families == {b"family_0": 1}, "what it does not know keeps the pulses that fit all"
        await eventually(lambda: scene.driver.readings is not None)

    play(story)


def test_power_is_armed_first() -> None:
    async def story(scene: Scene) -> None:
        await scene.until(SlotChanged, 4)
        scene.driver.cycle(2)
        scene.driver.switch_off(1)
        await eventually(lambda: len(scene.told("SLOT_POWER")) == 2)
        done = [(values["slot"], m.SLOT_ACTIONS[values["action"]]) for values in scene.told("SLOT_POWER")]
        assert sorted(done) == [(1, "off"), (2, "cycle")]

    play(story)


def test_lamps_are_told_once_and_again_after_a_restart() -> None:
    async def story(scene: Scene) -> None:
        await scene.until(SlotChanged, 4)
        for _ in range(3):
            scene.driver.show_line(0, LineLamp.IN_CALL)
            scene.driver.show_box(BoxLamp.READY)
        await asyncio.sleep(1.0)
        assert len(scene.told("LINE_LED")) == len(scene.told("BOX_LED")) == 1
        scene.far.restart()
        scene.driver.beat(HostState.RUNNING)
        await scene.until(SupervisorReady, 2)
        await asyncio.sleep(1.0)
        assert [m.LINE_LEDS[values["pattern"]] for values in scene.told("LINE_LED")] == ["in call", "in call"]

    play(story)


@pytest.mark.parametrize("goes", ["never there", "lost later"])
def test_a_port_that_is_away_asks_for_the_board_and_its_cable_not_for_a_modem(goes: str) -> None:
    async def story(scene: Scene) -> None:
        scene.wire.absent = True
        if goes == "lost later":
            scene.wire.absent = False
            await scene.until(SupervisorReady)
            scene.wire.absent = True
            scene.wire.vanish()
        lost: SupervisorLost = await scene.until(SupervisorLost)
        for word in ("port", "board", "USB cable or UART", "pins", "tongdai.toml"):
            assert word in lost.reason
        assert "modem" not in lost.reason
        await asyncio.sleep(5)
        assert len(scene.found(SupervisorLost)) == 1, "told once"
        scene.wire.absent = False
        await scene.until(SupervisorReady, 1 if goes == "never there" else 2)

    async def whole() -> None:
        scene = Scene()
        scene.wire.absent = goes == "never there"
        scene.driver.start()
        await story(scene)
        await scene.driver.close()

    run_virtually(whole())


def test_a_silent_supervisor_is_lost_once_and_found_again() -> None:
    async def story(scene: Scene) -> None:
        await scene.until(SupervisorReady)
        scene.wire.cut = True
        for _ in range(20):
            scene.driver.beat(HostState.RUNNING)
            await asyncio.sleep(1.0)
        assert len([event for event in scene.events if isinstance(event, SupervisorLost)]) == 1
        scene.wire.cut = False
        await scene.until(SupervisorReady, 2)

    play(story)


def test_a_port_that_goes_away_is_opened_again() -> None:
    async def story(scene: Scene) -> None:
        await scene.until(SupervisorReady)
        scene.wire.absent = True
        scene.wire.vanish()
        lost: SupervisorLost = await scene.until(SupervisorLost)
        assert "gone" in lost.reason
        await asyncio.sleep(5.0)
        scene.wire.absent = False
        scene.far.restart()
        scene.driver.beat(HostState.RUNNING)
        await asyncio.sleep(3.0)
        scene.driver.beat(HostState.RUNNING)
        await scene.until(SupervisorReady, 2)

    play(story)


def test_old_heartbeats_do_not_queue_up() -> None:
    async def story(scene: Scene) -> None:
        await scene.until(SlotChanged, 4)
        for _ in range(50):
            scene.driver.beat(HostState.RUNNING)
        await asyncio.sleep(1.0)
        assert len(scene.told("HEARTBEAT")) == 1

    play(story)


def test_a_wish_to_stop_is_told_once_by_event_or_by_heartbeat() -> None:
    async def story(scene: Scene) -> None:
        await scene.until(SlotChanged, 4)
        scene.far.stop_reason = m.STOP_REASONS.index("button")
        scene.far.tell(m.BUTTON, {"gesture": 1})
        scene.driver.beat(HostState.RUNNING)
        asked: ShutdownAsked = await scene.until(ShutdownAsked)
        assert asked.reason is StopReason.BUTTON
        assert ButtonPressed(ButtonGesture.LONG) in scene.events
        scene.driver.beat(HostState.STOPPING)
        await asyncio.sleep(1.0)
        assert len([event for event in scene.events if isinstance(event, ShutdownAsked)]) == 1

    play(story)


def test_a_wish_to_stop_that_is_over_is_no_wish() -> None:
    """A frozen box was reset; the event that had asked it to go down still waited for somebody to hear it."""

    async def story(scene: Scene) -> None:
        await scene.until(SlotChanged, 4)
        scene.far.tell(m.SHUTDOWN_ASKED, {"reason": m.STOP_REASONS.index("watchdog"), "within_s": 20})
        await asyncio.sleep(2.0)
        assert "HEARTBEAT" in scene.far.names()
        assert not scene.found(ShutdownAsked)
        scene.far.stop_reason = m.STOP_REASONS.index("supply")
        scene.far.tell(m.SHUTDOWN_ASKED, {"reason": m.STOP_REASONS.index("supply"), "within_s": 20})
        assert await scene.until(ShutdownAsked) == ShutdownAsked(StopReason.SUPPLY, 20)

    play(story)


def test_settings_are_written_only_where_they_differ() -> None:
    async def story(scene: Scene) -> None:
        await scene.until(SlotChanged, 4)
        await eventually(lambda: len(scene.told("SETTING_GET")) == 2)
        await asyncio.sleep(1.0)
        names = [values["name"] for values in scene.told("SETTING_SET")]
        assert names == [b"family_0"], "family_1 is generic already"

    play(story)


IMAGE = bytes(range(256)) * 5


def test_new_firmware_is_sent_tried_and_confirmed() -> None:
    async def story(scene: Scene) -> None:
        await scene.until(SlotChanged, 4)
        told: list[tuple[int, int]] = []
        await scene.driver.update(IMAGE, lambda sent, whole: told.append((sent, whole)))
        assert scene.far.image == IMAGE
        assert told[-1] == (len(IMAGE), len(IMAGE))
        assert "UPDATE_CONFIRM" in scene.far.names()
        ready: SupervisorReady = await scene.until(SupervisorReady, 3)
        assert not ready.on_trial, "confirmed"

    play(story)


def test_refused_firmware_says_why() -> None:
    async def story(scene: Scene) -> None:
        await scene.until(SlotChanged, 4)
        scene.far.update_error = "signature"
        with pytest.raises(SupervisorError, match="signature"):
            await scene.driver.update(IMAGE, lambda _sent, _whole: None)
        assert "UPDATE_CONFIRM" not in scene.far.names()

    play(story)


def test_firmware_that_fell_back_is_no_success() -> None:
    async def story(scene: Scene) -> None:
        await scene.until(SlotChanged, 4)
        scene.far.fell_back = 1
        with pytest.raises(SupervisorError, match="before"):
            await scene.driver.update(IMAGE, lambda _sent, _whole: None)

    play(story)


def test_a_link_that_breaks_in_the_middle_goes_on_where_it_stood() -> None:
    async def story(scene: Scene) -> None:
        await scene.until(SlotChanged, 4)

        def cut_once(sent: int, _whole: int) -> None:
            if 400 < sent < 700:
                scene.wire.cut = True
                asyncio.get_running_loop().call_later(2.5, mend)

        def mend() -> None:
            scene.wire.cut = False

        await scene.driver.update(IMAGE, cut_once)
        assert scene.far.image == IMAGE

    play(story)


def test_a_port_that_was_gone_for_a_moment_is_no_lasting_alarm() -> None:
    """The supervisor did not restart and still knows us; whoever was told that it is lost is told that it is back."""

    async def story(scene: Scene) -> None:
        await scene.until(SupervisorReady)
        scene.wire.vanish()
        await scene.until(SupervisorLost)
        await scene.until(SupervisorReady, 2)

    play(story)


def test_a_hello_that_is_too_short_is_trouble_and_asked_for_again() -> None:
    async def story(scene: Scene) -> None:
        scene.far.short_hello = True
        lost: SupervisorLost = await scene.until(SupervisorLost)
        assert "hello" in lost.reason
        scene.far.short_hello = False  # it was updated by other means
        await scene.until(SupervisorReady)

    play(story)


def test_nothing_is_switched_long_after_it_was_asked_for() -> None:
    async def story(scene: Scene) -> None:
        await scene.until(SlotChanged, 4)
        scene.wire.cut = True
        scene.driver.cycle(0)
        await scene.until(SupervisorLost)
        scene.driver.cycle(1)
        await eventually(lambda: any(event.state == "fault" and event.slot == 1 for event in scene.found(SlotChanged)))
        await asyncio.sleep(3600)
        scene.wire.cut = False
        await scene.until(SupervisorReady, 2)
        await asyncio.sleep(60)
        assert "SLOT_POWER" not in scene.far.names()

    play(story)


def test_whoever_asks_a_supervisor_that_is_gone_is_told_so() -> None:
    async def story(scene: Scene) -> None:
        await scene.until(SlotChanged, 4)
        scene.wire.vanish()
        scene.wire.absent = True
        with pytest.raises(SupervisorError, match="LOG_READ: no answer within"):
            await scene.driver.read_log()
        scene.wire.absent = False
        await scene.until(SupervisorReady, 2)
        await asyncio.sleep(5)
        assert "LOG_READ" not in scene.far.names(), "nobody waits for it any more"

    play(story)


def test_an_update_to_a_supervisor_that_goes_away_for_good_ends() -> None:
    async def story(scene: Scene) -> None:
        await scene.until(SlotChanged, 4)

        def cut(sent: int, _whole: int) -> None:
            scene.wire.cut = scene.wire.cut or sent > 400

        with pytest.raises(SupervisorError):
            await asyncio.wait_for(scene.driver.update(IMAGE, cut), 300)

    play(story)


def test_no_update_while_another_is_on_trial() -> None:
    async def story(scene: Scene) -> None:
        scene.far.on_trial = 1
        await scene.until(SupervisorReady)
        with pytest.raises(SupervisorError, match="on trial"):
            await scene.driver.update(IMAGE, lambda _sent, _whole: None)

    play(story)


def test_levels_of_before_the_start_of_the_box_are_told() -> None:
    async def story(scene: Scene) -> None:
        scene.far.levels = (m.SUPPLY_LEVELS.index("failing"), m.TEMPERATURE_LEVELS.index("warm"))
        supply: SupplyChanged = await scene.until(SupplyChanged)
        assert (supply.level, supply.supply_mv) == ("failing", 4400)
        assert (await scene.until(TemperatureChanged)).level == "warm"
        await asyncio.sleep(30)
        assert len(scene.found(SupplyChanged)) == 1
        scene.far.levels = (0, 0)
        assert (await scene.until(SupplyChanged, 2)).level == "good"

    play(story)


def image_of(manifest: bytes, body: bytes, *, magic: bytes = b"TDFW", version: int = 1) -> bytes:
    return struct.pack("<4sHHI", magic, version, 4, len(manifest)) + b"sign" + manifest + body


FILES = json.dumps({"files": [{"size": 3}, {"size": 2}]}).encode()
FAULTS = {
    "whole": (image_of(FILES, b"abcde"), None),
    "empty": (b"", "no firmware image"),
    "another file": (b"#!/bin/sh and a long way to go", "no firmware image"),
    "of the future": (image_of(FILES, b"abcde", version=2), "format 2"),
    "cut in its files": (image_of(FILES, b"abc"), "truncated"),
    "cut in its manifest": (image_of(FILES, b"")[:30], "truncated"),
    "something behind it": (image_of(FILES, b"abcdef"), "damaged"),
    "no manifest": (image_of(b"[1, 2]", b""), "manifest"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_can_be_seen_without_a_key(name: str) -> None:
    image, words = FAULTS[name]
    fault = image_fault(image)
    assert fault is None if words is None else words in (fault or "")
