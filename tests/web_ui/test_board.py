"""The page of the board: what its lights say, its power, its log, and who may touch it."""

from __future__ import annotations

import copy
import io
from pathlib import Path
from typing import Any

import pytest

from edge.api.client import BoxRefused
from edge.api.factory_reset import marker
from edge.api.messages import GetBoard, ReadBoardLog, SwitchSlot, UpdateFirmware
from firmware import leds, messages
from hal.interfaces import BoxLamp, LineLamp
from tests.web_ui.fake_box import FakeBox
from tests.web_ui.visitor import Visitor
from web_ui import board_words, factory_reset
from web_ui.parts import Parts

BOARD: dict[str, Any] = {
    "kind": "supervisor",
    "vm": "micropython",
    "lost": None,
    "supervisor": {"version": "1.0.0", "compatible": True, "fell_back": False, "reset_cause": "watchdog"},
    "readings": {
        "supply_mv": 4987,
        "supercap_mv": 5012,
        "temperature_c": 41.4,
        "watchdog": "good",
        "resets_this_hour": 1,
        "brown_outs": 2,
        "supply": "good",
    },
    "box_lamp": "attention",
    "slots": [
        {"slot": 0, "line": "gsm-1", "lamp": "in call", "power": "on", "reason": "adopted", "brown_outs": 3,
         "vanished": 0},
        {"slot": 1, "line": "gsm-2", "lamp": "searching", "power": "starting", "reason": "brown-out", "brown_outs": 1,
         "vanished": 0},
    ],
    "update": None,
    "resets": [],
}  # fmt: skip
LOG = [
    {"number": 1, "uptime_s": 0, "code": "supervisor started", "slot": 0, "value": 3, "detail": "watchdog", "at": None},
    {"number": 2, "uptime_s": 61, "code": "host cut", "slot": 0, "value": 1, "detail": "watchdog",
     "at": "2026-11-22T15:00:00+07:00"},
    {"number": 3, "uptime_s": 70, "code": "supply failing", "slot": 0, "value": 4432, "detail": "", "at": None},
]  # fmt: skip


class BoxWithBoard(FakeBox):
    def __init__(self) -> None:
        super().__init__()
        self.board = copy.deepcopy(BOARD)
        self.board["resets"] = LOG[:2]
        self.images: list[bytes] = []
        self.switched: list[SwitchSlot] = []

    def ask(self, request: Any) -> Any:
        match request:
            case GetBoard():
                return self.board
            case ReadBoardLog():
                return LOG
            case UpdateFirmware(path=path):
                image = Path(path).read_bytes()
                if len(image) > 100:
                    raise BoxRefused(f"{path}: {len(image)} bytes; an image has at most 100")
                self.images.append(image)
                return {"state": "sending", "sent": 0, "bytes": len(image), "error": None}
            case SwitchSlot():
                self.switched.append(request)
                return {"slot": request.slot, "action": request.action}
        return super().ask(request)


@pytest.fixture
def box() -> BoxWithBoard:
    return BoxWithBoard()


def test_what_it_says(viewer: Visitor) -> None:
    page = viewer.text("/board").replace("\u00a0", " ")
    for said in ("41 °C", "4.99 V", "5.01 V", "Hears the box", "simulated: MicroPython", "1.0.0", "Box reset: power",
                 "lamp-attention", "lamp-in-call", "lamp-starting", "its supply broke down", "4.43 V"):  # fmt: skip
        assert said in page, said
    assert 'type="file"' not in page
    assert "/cycle" not in page


def test_a_box_without_a_board_says_so(viewer: Visitor, box: BoxWithBoard) -> None:
    box.board |= {"kind": "none", "vm": None, "supervisor": None, "readings": None, "slots": [], "resets": []}
    assert "This box has no board" in viewer.text("/board")


def test_a_supervisor_that_does_not_answer(viewer: Visitor, box: BoxWithBoard) -> None:
    box.board |= {"vm": None, "supervisor": None, "readings": None, "lost": "the supervisor does not answer"}
    page = viewer.text("/board")
    assert "The board does not answer, so nobody guards the box." in page
    assert "not proven on hardware" in page


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ("the supervisor does not answer", "Bo mạch không phản hồi"),
        ("no hello: incompatible versions", "Bo mạch trả lời không đúng giao thức"),
        ("its hello is none of ours: 3 bytes too few", "Bo mạch trả lời không đúng giao thức"),
        ("its port was lost: /dev/ttyS0: the device is gone; check the board", "cổng /dev/ttyS0"),
        ("its port cannot be opened: [Errno 2] No such file or directory: '/dev/ttyS0'; check", "cổng /dev/ttyS0"),
        ("something new", "Bo mạch không phản hồi"),
    ],
)
def test_why_the_board_is_away_is_said_in_vietnamese(viewer: Visitor, box: BoxWithBoard, lost: str, said: str) -> None:
    box.board |= {"vm": None, "supervisor": None, "readings": None, "lost": lost}
    viewer.client.set_cookie("language", "vi")
    page = viewer.text("/board")
    assert said in page
    for english in ("does not", "nobody", "check", "[Errno"):
        assert english not in page


def test_firmware_is_handed_over(admin: Visitor, box: BoxWithBoard, parts: Parts) -> None:
    page = admin.post("/board/firmware", {"file": (io.BytesIO(b"image"), "s.img")}, follow=True).text
    assert box.images == [b"image"]
    assert "The firmware is being sent" in page
    assert list((parts.config.data / "web").iterdir()) == []
    box.board["update"] = {"state": "sending", "sent": 50, "bytes": 200, "error": None}
    page = admin.text("/board")
    assert "25 %" in page
    assert 'http-equiv="refresh"' in page
    assert 'type="file"' not in page


def test_refused_firmware(admin: Visitor, box: BoxWithBoard, parts: Parts) -> None:
    answer = admin.post("/board/firmware", {"file": (io.BytesIO(b"x" * 101), "big.img")})
    assert answer.status_code == 400
    assert "big.img: 101 bytes" in answer.text
    assert str(parts.config.data) not in answer.text
    assert admin.post("/board/firmware", {"file": (io.BytesIO(b""), "")}).status_code == 400
    assert box.images == []


def test_a_modem_is_switched_only_after_a_question(admin: Visitor, box: BoxWithBoard) -> None:
    assert "A call on gsm-1 is cut off" in admin.text("/board/slots/0/cycle")
    assert box.switched == []
    admin.post("/board/slots/0/cycle", {}, follow=True)
    assert [(each.slot, each.action, each.by) for each in box.switched] == [(0, "cycle", "admin")]
    assert admin.get("/board/slots/7/cycle").status_code == 404


def test_only_administrators_touch_it(manager: Visitor) -> None:
    assert manager.post("/board/slots/0/cycle", {}).status_code == 403
    assert manager.post("/board/firmware", {"file": (io.BytesIO(b"x"), "s.img")}).status_code == 403


def test_every_code_has_a_word_and_every_light_a_picture() -> None:
    """The tables of the firmware, told a second time."""
    assert set(board_words.CODES) == set(messages.LOG_CODES) - {"none"}
    assert set(board_words.SLOT_STATES) == set(messages.SLOT_STATES)
    assert set(board_words.SLOT_REASONS) == set(messages.SLOT_REASONS)
    assert set(board_words.WATCHDOG) == set(messages.WATCHDOG_STATES)
    assert set(board_words.REASONS) >= {*messages.STOP_REASONS, *messages.RESET_CAUSES, *messages.BUTTON_GESTURES}
    assert set(board_words.BOX_LIGHTS) == {lamp.value for lamp in BoxLamp} <= set(leds.BOX_PATTERNS)
    assert set(board_words.LINE_LIGHTS) == {lamp.value for lamp in LineLamp} | {"starting"} == set(leds.LINE_PATTERNS)
    style = (Path(board_words.__file__).parent / "static" / "board.css").read_text()
    plain = {"good", "ready", "registered"}
    for pattern in {*board_words.POWER_LIGHTS, *board_words.BOX_LIGHTS, *board_words.LINE_LIGHTS} - plain:
        assert f".lamp-{pattern.replace(' ', '-')} " in style


def test_a_factory_reset_makes_the_first_login_anew(parts: Parts) -> None:
    data, before = parts.config.data, parts.users.first_login()[1]
    assert before is not None
    parts.users.change_secret("admin", before, "mot-bi-mat-rat-dai-1")
    assert parts.users.first_login()[1] is None
    assert not factory_reset.heed(data, parts.store, parts.users)
    marker(data).touch()
    assert factory_reset.heed(data, parts.store, parts.users)
    _user, secret = parts.users.first_login()
    assert secret is not None
    found = parts.users.check("admin", secret)
    assert found is not None
    assert found.must_change
    assert not factory_reset.heed(data, parts.store, parts.users), "once"
