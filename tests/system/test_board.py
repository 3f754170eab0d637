"""The board under the box, as the person in front of it and the people on its lines notice it.

The real firmware runs (MicroPython where the machine has it), the real driver talks to it over a pty, and its rails
are real to the emulated modems and to the box's processes. Only the waiting is shorter than on the shelf.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.api.client import BoxClient
from edge.api.messages import ListSettingsHistory, UndoSettings
from tests.firmware import artefact
from tests.support import micropython
from tests.support.box import Box, CommandFailed, eventually
from tests.system.conftest import CUSTOMER, HOTLINE

pytestmark = pytest.mark.system

QUICK = {
    "late_ms": 2500,
    "dead_ms": 5000,
    "grace_ms": 2000,
    "host_off_ms": 500,
    "stagger_ms": 500,
    "supply_hold_ms": 300,
    "supply_return_ms": 300,
}
BACK_WITHIN_S = 90.0
"""A module that lost its power needs half a minute to its network; the machine may be busy."""


def start(place: Path, name: str, *options: str, **settings: int) -> Box:
    given = ",".join(f"{key}={value}" for key, value in (QUICK | settings).items())
    return Box.start(place / name, "--no-demo", "--no-traffic", "--board-settings", given, *options)


@pytest.fixture(scope="module")
def shelf(place: Path) -> Iterator[Box]:
    box = start(place, "shelf")
    try:
        yield box
    finally:
        assert box.stop() == 0, box.log.read_text()[-4000:]


def board(box: Box) -> dict[str, Any]:
    answer: dict[str, Any] = box.tongdai("board")
    return answer


def host(box: Box) -> str:
    return str(box.tongdai("status")["board"]["host"])


def supervised(box: Box) -> None:
    """The core and its supervisor know each other, and the settings of the test hold."""

    def known() -> bool:
        found = board(box)
        return found["supervisor"] is not None and (found["readings"] or {}).get("watchdog") == "good"

    eventually(lambda: _calm(known), BACK_WITHIN_S, "the supervisor is there")


def _calm(look: Any) -> Any:
    try:
        return look()
    except CommandFailed:
        return False


def lines_up(box: Box) -> bool:
    """A module that was signing off when the host came back looks up to the end; its slot says that it is not."""

    def up() -> bool:
        powered = all(slot["power"] == "on" for slot in board(box)["slots"])
        return powered and all(row["state"] == "up" for row in box.tongdai("lines"))

    return bool(_calm(up))


def hears_the_greeting(box: Box) -> None:
    box.begin("sim", "call", "--from", CUSTOMER, "--to", HOTLINE, "--hang-up-after", "60")
    eventually(lambda: [row for row in box.tongdai("calls") if row["state"] == "greeting"], 20, "the hotline answers")


def the_hotline_answers_again(box: Box) -> None:
    eventually(lambda: lines_up(box), BACK_WITHIN_S, "the lines are up")
    answer = box.tongdai("sim", "call", "--from", CUSTOMER, "--to", HOTLINE, "--hang-up-after", "1")
    assert answer["connected"], answer


def asked(box: Box, request: Any) -> Any:
    with BoxClient(Path(box.ready["api"])) as client:
        return client.ask(request)


def finish_all(box: Box) -> None:
    for begun in list(box.calls):
        box.finish(begun)


def test_ready_and_board_say_what_plays_the_supervisor(shelf: Box) -> None:
    said = shelf.ready["board"]
    assert (said["kind"], said["host"]) == ("supervisor", "on")
    assert said["vm"] == ("micropython" if micropython.available() else "cpython")
    supervised(shelf)
    found = board(shelf)
    assert [(row["line"], row["lamp"], row["power"], row["reason"]) for row in found["slots"]] == [
        ("gsm-1", "registered", "on", "adopted"),
        ("gsm-2", "registered", "on", "adopted"),
    ]
    assert found["readings"]["supply_mv"] in range(4950, 5050)
    assert shelf.tongdai("sim", "board", "state")["leds"][2] == [0, 24, 0], "the first line's light is green"
    assert shelf.tongdai("board", "log")[0]["code"] == "supervisor started"


def test_a_frozen_core_in_a_call_is_reset_and_the_hotline_answers_again(shelf: Box) -> None:
    supervised(shelf)
    before = len(shelf.tongdai("cdrs"))
    hears_the_greeting(shelf)
    core = int(shelf.tongdai("status")["pids"]["core"])
    os.kill(core, signal.SIGSTOP)
    frozen = time.monotonic()
    eventually(lambda: shelf.tongdai("status")["pids"]["core"] not in (None, core), 40, "the box was reset")
    reset_s = time.monotonic() - frozen
    cdr = shelf.cdrs(before + 1, timeout_s=60)[-1]
    assert (cdr["disposition"], cdr["caller"]) == ("interrupted", "+84912000222")
    assert eventually(lambda: _calm(lambda: board(shelf)["supervisor"]), 20, "the supervisor")["host_resets"] >= 1
    resets = [row["detail"] for row in board(shelf)["resets"] if row["code"] in ("host cut", "host stopped")]
    assert resets[-1:] == ["watchdog"]
    finish_all(shelf)
    the_hotline_answers_again(shelf)
    again_s = time.monotonic() - frozen
    sys.stderr.write(f"\nfrozen core: reset after {reset_s:.1f} s, the hotline answers after {again_s:.1f} s\n")


def test_a_cut_rail_takes_the_modem_away_and_power_brings_it_back(shelf: Box) -> None:
    supervised(shelf)
    eventually(lambda: lines_up(shelf), BACK_WITHIN_S, "the lines are up")
    before = len(shelf.tongdai("cdrs"))
    hears_the_greeting(shelf)
    assert shelf.tongdai("board", "power", "gsm-1", "cycle") == {"slot": 0, "action": "cycle"}
    cdr = shelf.cdrs(before + 1, timeout_s=20)[-1]
    assert cdr["ended"] is not None
    eventually(lambda: shelf.tongdai("lines")[0]["state"] == "down", 20, "the modem is gone")
    eventually(lambda: not shelf.tongdai("sim", "state")["lines"][0]["plugged_in"], 20, "it has signed off")
    finish_all(shelf)
    assert shelf.tongdai("lines")[1]["state"] == "up", "its neighbour keeps its power"
    the_hotline_answers_again(shelf)
    assert board(shelf)["slots"][0]["power"] == "on"


def test_a_hung_supervisor_is_reset_by_its_own_watchdog_and_no_call_notices(shelf: Box) -> None:
    supervised(shelf)
    before = len(shelf.tongdai("cdrs"))
    hears_the_greeting(shelf)
    starts = len(shelf.tongdai("sim", "board", "hang")["starts"])
    eventually(lambda: len(shelf.tongdai("sim", "board", "state")["starts"]) > starts, 20, "its watchdog")
    assert shelf.tongdai("sim", "board", "state")["starts"][-1]["cause"] == "watchdog"
    eventually(
        lambda: (_calm(lambda: board(shelf)["supervisor"]) or {}).get("reset_cause") == "watchdog", 30, "it is back"
    )
    assert shelf.tongdai("calls"), "the call goes on"
    finish_all(shelf)
    assert shelf.cdrs(before + 1)[-1]["disposition"] != "interrupted"


def test_a_long_press_goes_down_safely_and_a_short_one_starts_again(shelf: Box) -> None:
    supervised(shelf)
    eventually(lambda: lines_up(shelf), BACK_WITHIN_S, "the lines are up")
    before = len(shelf.tongdai("cdrs"))
    hears_the_greeting(shelf)
    shelf.tongdai("sim", "board", "press", "--seconds", "3.5")
    eventually(lambda: host(shelf) == "off", 30, "the computer is off")
    assert shelf.tongdai("status")["pids"]["core"] is None
    with pytest.raises(CommandFailed, match="press"):
        shelf.tongdai("lines")
    rows = shelf.tongdai("cdrs")
    assert len(rows) == before + 1, "the call has its row before the power went"
    assert rows[-1]["disposition"] != "interrupted"
    finish_all(shelf)
    shelf.tongdai("sim", "board", "press")
    eventually(lambda: host(shelf) == "on", 20, "the computer is on")
    the_hotline_answers_again(shelf)
    assert board(shelf)["resets"][-1]["detail"] == "button"


def test_a_supply_that_fails_ends_in_order_and_comes_back_by_itself(shelf: Box) -> None:
    supervised(shelf)
    before = len(shelf.tongdai("cdrs"))
    hears_the_greeting(shelf)
    shelf.tongdai("sim", "board", "voltage", "4300", "--supercap", "3500")
    eventually(lambda: host(shelf) == "off", 30, "the computer is off")
    rows = shelf.tongdai("cdrs")
    assert len(rows) == before + 1
    assert rows[-1]["disposition"] != "interrupted"
    assert not any(row["rail"] for row in shelf.tongdai("sim", "board", "state")["slots"])
    finish_all(shelf)
    shelf.tongdai("sim", "board", "voltage", "5000", "--supercap", "5000")
    eventually(lambda: host(shelf) == "on", 20, "the computer is on")
    the_hotline_answers_again(shelf)
    assert board(shelf)["resets"][-1]["detail"] == "supply"


@pytest.mark.skipif(not micropython.available(), reason=micropython.WHY_NOT)
def test_new_firmware_from_the_command_line(place: Path) -> None:
    build = artefact.load()
    made = build.build(place / "firmware", None)
    box = start(place, "updated", "--board-key", str(place / "firmware" / "flash" / "update.key"))
    try:
        supervised(box)
        began = time.monotonic()
        answer = box.tongdai("board", "update", made["image"])
        took_s = time.monotonic() - began
        assert (answer["bytes"], answer["version"]) == (made["bytes"], made["version"])
        assert board(box)["supervisor"]["folder"] == "b"
        assert not board(box)["supervisor"]["on_trial"]
        stranger = build.build(place / "stranger", None)
        with pytest.raises(CommandFailed, match="signature"):
            box.tongdai("board", "update", stranger["image"])
        assert all(row["state"] == "up" for row in box.tongdai("lines")), "no modem lost its power meanwhile"
        sys.stderr.write(f"\nfirmware of {made['bytes']} bytes: {took_s:.1f} s to running and confirmed\n")
    finally:
        assert box.stop() == 0


def test_where_there_is_no_micropython_the_same_firmware_runs_under_cpython(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGDAI_BOARD_VM", "cpython")
    box = start(place, "fallback")
    try:
        assert box.ready["board"]["vm"] == "cpython"
        supervised(box)
        assert board(box)["supervisor"]["slots"] == 2
    finally:
        assert box.stop() == 0


def test_a_factory_reset_by_the_button_can_be_undone_and_makes_the_first_login_anew(place: Path) -> None:
    box = start(place, "reset")
    try:
        supervised(box)
        box.tongdai("extension", "add", "512", "--name", "Kho", "--mobile", "0903000512")
        secret = box.tongdai("status")["login"]["secret"]
        box.tongdai("sim", "board", "factory-reset")
        eventually(lambda: not box.tongdai("extension", "list"), 20, "settings as on the first day")
        assert asked(box, ListSettingsHistory())[-1]["origin"] == "button"
        eventually(lambda: box.tongdai("status")["login"]["secret"] not in (None, secret), 20, "a first login")
        asked(box, UndoSettings(by="test", origin="command-line"))
        assert [row["number"] for row in box.tongdai("extension", "list")] == ["512"]
    finally:
        assert box.stop() == 0
