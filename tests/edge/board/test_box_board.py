"""The board among the other objects of the core: its requests, its alarms, the button's factory reset."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from edge.api import messages as ask
from edge.api.factory_reset import marker
from edge.api_server import Refused
from edge.board.box_board import BoxBoard, Surroundings
from edge.board.desk import BoardDesk
from edge.config import BoardConfig, LineConfig, MachineConfig
from edge.live import local
from edge.telephony import LineId, LineState
from hal.interfaces import (
    ButtonGesture,
    ButtonPressed,
    LineLamp,
    LogRecord,
    ModemIdentity,
    ModemReady,
    ShutdownAsked,
    SlotChanged,
    StopReason,
    SupervisorLost,
)
from tests.edge.board.kept_board import READY, KeptBoard
from tests.support.virtual_time import LoopClock, run_virtually

LINES = (LineConfig("gsm-1", "/dev/a"), LineConfig("gsm-2", "/dev/b"))


class Scene:
    def __init__(self, tmp_path: Path, *, with_board: bool = True, supervised: bool = False) -> None:
        loop = asyncio.get_running_loop()
        clock = LoopClock(loop)
        self.downs = 0
        self.changes: list[Any] = []
        self.alarms: dict[str, str] = {}
        self.signed_off: list[tuple[str, str]] = []
        self.trunks = {
            LineId(name): SimpleNamespace(
                line=SimpleNamespace(state=LineState.UP, busy=name == "gsm-2"),
                modem=SimpleNamespace(signs_off=partial(self._signed_off, name)),
            )
            for name in ("gsm-2", "gsm-1")
        }
        board = BoardConfig(kind="supervisor", port="/dev/none") if supervised else BoardConfig(vm="micropython")
        config = MachineConfig(data=str(tmp_path), lines=LINES, board=board)
        self.kept = KeptBoard()
        self.box = BoxBoard(config, loop, clock, self._down)
        if with_board:
            self.box.keeper.attach(self.kept, self.kept)
        self.desk = BoardDesk(self.box, clock, local)
        self.box.start()

    def attach(self) -> None:
        trunks: Any = self.trunks
        self.box.attach(
            Surroundings(lambda: trunks, self.alarms, lambda: bool(self.alarms), self._change, lambda: None)
        )

    def _signed_off(self, line: str, reason: str) -> None:
        self.signed_off.append((line, reason))

    def _down(self) -> None:
        self.downs += 1

    async def _change(self, request: ask.AnyRequest) -> Any:
        self.changes.append(request)
        return {}


def play(
    tmp_path: Path, story: Callable[[Scene], Awaitable[None]], *, in_threads: bool = False, **options: bool
) -> None:
    async def whole() -> None:
        scene = Scene(tmp_path, **options)
        await story(scene)
        await scene.desk.close()
        await scene.box.close()

    if in_threads:  # files are read and made beside the loop, and virtual time knows no threads
        asyncio.run(whole())
    else:
        run_virtually(whole())


def test_it_beats_before_anything_else_is_there_and_keeps_early_alarms(tmp_path: Path) -> None:
    async def story(scene: Scene) -> None:
        await asyncio.sleep(2)
        assert scene.kept.beats
        assert scene.kept.lines == {}
        scene.box.keeper.heard(SupervisorLost("no answer"))
        scene.attach()
        assert "no answer" in scene.alarms["supervisor"]
        await asyncio.sleep(1)
        assert scene.kept.lines == {0: LineLamp.REGISTERED, 1: LineLamp.IN_CALL}, "slots are places in the file"
        scene.box.keeper.heard(READY)
        assert scene.alarms == {}

    play(tmp_path, story)


def test_a_modem_that_said_what_it_is_is_told_by_slot(tmp_path: Path) -> None:
    async def story(scene: Scene) -> None:
        ready = ModemReady(ModemIdentity("ec25", "Quectel", "EC25", "r", "861"))
        scene.box.observe(LineId("gsm-2"), ready)
        scene.box.observe(LineId("usb-9"), ready)
        assert scene.kept.families == {1: "ec25"}, "a modem in no known slot is told to nobody"

    play(tmp_path, story)


def test_a_module_that_is_switched_off_is_lost_before_it_is_silent(tmp_path: Path) -> None:
    async def story(scene: Scene) -> None:
        scene.box.heard(SlotChanged(1, "stopping", "asked"))
        assert scene.signed_off == [], "while the box starts there is no line to lose"
        scene.attach()
        for state in ("starting", "on", "off-key"):
            scene.box.heard(SlotChanged(1, state, "asked"))
        scene.box.heard(SlotChanged(7, "off-key", "asked"))
        assert scene.signed_off == [("gsm-2", "the board switches it off (asked)")]
        scene.box.heard(SlotChanged(0, "off", "asked"))
        scene.box.heard(SlotChanged(1, "off-key", "asked"))
        assert len(scene.signed_off) == 1, "told again after a restart of the link: a modem with its own power works on"

    play(tmp_path, story)


def test_going_down_and_factory_reset(tmp_path: Path) -> None:
    async def story(scene: Scene) -> None:
        scene.box.keeper.heard(ButtonPressed(ButtonGesture.FACTORY_RESET))
        await asyncio.sleep(0.1)
        assert scene.changes == [], "while the box starts nothing is reset"
        scene.attach()
        scene.box.keeper.heard(ButtonPressed(ButtonGesture.FACTORY_RESET))
        while not marker(tmp_path).exists():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        (put,) = scene.changes
        assert (put.by, put.origin, len(put.settings["extensions"])) == ("button", "button", 0)
        scene.box.keeper.heard(ShutdownAsked(StopReason.BUTTON, 20))
        assert scene.downs == 1

    play(tmp_path, story, in_threads=True)


def test_status_resets_and_log(tmp_path: Path) -> None:
    async def story(scene: Scene) -> None:
        scene.attach()
        scene.box.keeper.heard(READY)
        scene.box.keeper.heard(SlotChanged(1, "on", "adopted", 2, 1))
        scene.kept.log = (
            LogRecord(1, 90, "host cut", 0, 1, "watchdog"),
            LogRecord(2, 0, "supervisor started", 0, 3, "watchdog"),
            LogRecord(3, 50, "slot on", 1, 0),
        )
        await asyncio.sleep(1)
        board = await scene.desk.answer(ask.GetBoard())
        assert (board["kind"], board["vm"], board["supervisor"]["version"]) == ("none", "micropython", "0.1.0")
        assert board["slots"][1]["line"] == "gsm-2"
        assert (board["slots"][1]["brown_outs"], board["slots"][1]["vanished"]) == (2, 1)
        assert [row["number"] for row in board["resets"]] == [1, 2]
        assert board["resets"][0]["at"] is None, "its uptime was counted before the last start"
        assert board["resets"][1]["at"] is not None
        scene.kept.log = None
        assert (await scene.desk.answer(ask.GetBoard()))["resets"] == board["resets"], "the last that is known"
        with pytest.raises(Refused, match="no answer"):
            await scene.desk.answer(ask.ReadBoardLog())

    play(tmp_path, story)


def image_with(body: bytes) -> bytes:
    manifest = json.dumps({"files": [{"size": len(body)}]}).encode()
    return struct.pack("<4sHHI", b"TDFW", 1, 0, len(manifest)) + manifest + body


@pytest.mark.parametrize(
    ("image", "state"),
    [(image_with(b"good"), "done"), (image_with(b"bad"), "failed"), (image_with(b"unheard of"), "failed")],
)
def test_firmware(tmp_path: Path, image: bytes, state: str) -> None:
    path = tmp_path / "s.img"
    path.write_bytes(image)

    async def story(scene: Scene) -> None:
        scene.attach()
        wanted = ask.UpdateFirmware(str(path), "admin")
        with pytest.raises(Refused, match="no supervisor"):
            await scene.desk.answer(wanted)
        scene.box.keeper.heard(READY)
        assert (await scene.desk.answer(wanted))["bytes"] == len(image)
        with pytest.raises(Refused, match="already"):
            await scene.desk.answer(wanted)
        await asyncio.sleep(0.01)
        assert scene.desk.status()["update"]["sent"] == len(image) // 2
        await asyncio.sleep(0.3)
        update = scene.desk.status()["update"]
        assert update["state"] == state
        assert (update["error"] is None) is (state == "done")
        for missing in (tmp_path / "none.img", tmp_path):
            with pytest.raises(Refused, match="not a file"):
                await scene.desk.answer(ask.UpdateFirmware(str(missing), "admin"))
        path.write_bytes(image[:-1])
        with pytest.raises(Refused, match="truncated"):
            await scene.desk.answer(wanted)

    play(tmp_path, story, in_threads=True)


def test_power(tmp_path: Path) -> None:
    async def story(scene: Scene) -> None:
        for action in ("on", "off", "cycle"):
            await scene.desk.answer(ask.SwitchSlot(1, action, "admin"))
        assert (scene.kept.switched, scene.kept.cycled) == ([(1, "on"), (1, "off")], [1])
        for slot, action in ((2, "on"), (-1, "on"), (0, "cut")):
            with pytest.raises(Refused):
                await scene.desk.answer(ask.SwitchSlot(slot, action, "admin"))

    play(tmp_path, story)


def test_without_a_board_it_says_so(tmp_path: Path) -> None:
    async def story(scene: Scene) -> None:
        scene.attach()
        assert (await scene.desk.answer(ask.GetBoard()))["kind"] == "none"
        with pytest.raises(Refused, match="no board") as refused:
            await scene.desk.answer(ask.SwitchSlot(0, "on", "admin"))
        assert refused.value.blame == "box"

    play(tmp_path, story, with_board=False)


def test_nothing_is_switched_by_a_supervisor_that_does_not_answer(tmp_path: Path) -> None:
    async def story(scene: Scene) -> None:
        scene.attach()
        with pytest.raises(Refused, match="does not answer") as refused:
            await scene.desk.answer(ask.SwitchSlot(0, "cycle", "admin"))
        assert refused.value.blame == "box"
        scene.box.keeper.heard(READY)
        await scene.desk.answer(ask.SwitchSlot(0, "cycle", "admin"))
        assert scene.kept.cycled == [0]

    play(tmp_path, story, supervised=True)
