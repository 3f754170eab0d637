"""The plug is pulled: what a killed process costs, and what it must not (architecture §2.3, §2.5)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import soundfile

from tests.support import waves
from tests.support.box import Box, eventually
from tests.system.conftest import CUSTOMER, EMPLOYEE, HOTLINE

pytestmark = pytest.mark.system


def _talk(box: Box, place: Path, seconds: float) -> None:
    """Until an employee and a customer talk."""
    said = waves.write(place / "talk.wav", waves.voice(7, 30))
    box.tongdai("sim", "subscriber", EMPLOYEE, "--behaviour", "answer", "--after", "1", "--say", str(said))
    options = ("--keys", "2:512", "--say", str(said), "--hang-up-after", str(seconds))
    box.begin("sim", "call", "--from", CUSTOMER, "--to", HOTLINE, *options)
    eventually(
        lambda: any(row["state"] == "talking" and row["recording"] for row in box.tongdai("calls")), 20, "a talk"
    )


def _quiet(box: Box) -> None:
    for begun in list(box.calls):
        box.finish(begun)
    eventually(lambda: not box.tongdai("calls"), 10, "quiet lines")


def test_killing_page_and_sync_never_touches_a_call(box: Box, place: Path) -> None:
    before = len(box.tongdai("cdrs"))
    _talk(box, place, 14)
    pids = {name: box.kill(name) for name in ("web", "sync")}
    for name, pid in pids.items():
        box.wait_restarted(name, pid)
    assert [row["state"] for row in box.tongdai("calls")] == ["talking"]
    _quiet(box)
    cdr = box.cdrs(before + 1)[-1]
    assert cdr["disposition"] == "answered"
    assert cdr["legs"][0]["ended_by"] == "far-end"


def test_a_killed_page_comes_back_under_its_address_and_a_killed_world_with_its_lines(box: Box) -> None:
    pids = {name: box.kill(name) for name in ("web", "sim")}
    for name, pid in pids.items():
        box.wait_restarted(name, pid)
    assert box.tongdai("status")["web"] == box.ready["web"]
    eventually(lambda: all(row["state"] == "up" for row in box.tongdai("lines")), 60, "the lines take calls again")


def test_a_killed_run_can_be_started_again_at_once(place: Path) -> None:
    first = Box.start(place / "again", "--no-demo", "--no-traffic")
    first.process.kill()
    first.process.wait()
    second = Box.start(place / "again", "--no-demo", "--no-traffic")
    first.stop()
    assert second.ready["pids"]["core"] != first.ready["pids"]["core"]
    assert second.stop() == 0


def test_killing_the_core_in_a_recorded_call_loses_neither_row_nor_sound(box: Box, place: Path) -> None:
    before = len(box.tongdai("cdrs"))
    _talk(box, place, 25)
    spoken = time.monotonic()
    eventually(lambda: time.monotonic() - spoken > 4, 10, "four seconds of talk")
    pid = box.kill("core")
    box.wait_restarted("core", pid)
    cdr = box.cdrs(before + 1, timeout_s=30)[-1]
    assert cdr["disposition"] == "interrupted"
    assert cdr["caller"] == "+84912000222"
    assert cdr["answered"] is not None
    (recording,) = eventually(lambda: box.tongdai("cdrs")[-1]["recordings"], 15, "the repaired recording")
    found = soundfile.info(recording)
    assert (found.channels, found.samplerate) == (2, 8000)
    assert found.duration > 3, "at most one second is lost"
    assert not list((box.data / "recordings").rglob("*.part")), "no orphan"
    eventually(lambda: all(row["state"] == "up" for row in box.tongdai("lines")), 60, "the lines take calls again")
    for begun in list(box.calls):
        answer = box.finish(begun)
        assert answer["connected"]
    again = box.tongdai("sim", "call", "--from", CUSTOMER, "--to", HOTLINE, "--hang-up-after", "2")
    assert again["connected"], "the hotline answers again"


def test_a_restarted_modem_ends_its_call_with_a_row(box: Box, place: Path) -> None:
    before = len(box.tongdai("cdrs"))
    _talk(box, place, 25)
    box.tongdai("sim", "fault", "gsm-2", "restart")
    cdr = box.cdrs(before + 1, timeout_s=30)[-1]
    assert cdr["disposition"] == "answered"
    _quiet(box)
    eventually(lambda: all(row["state"] == "up" for row in box.tongdai("lines")), 60, "both lines are up again")


def test_a_stop_in_a_call_writes_its_row_within_five_seconds(place: Path) -> None:
    box = Box.start(place / "stopped", "--no-demo", "--no-traffic")
    box.begin("sim", "call", "--from", CUSTOMER, "--to", HOTLINE)
    eventually(lambda: box.tongdai("calls"), 10, "the call")
    for begun in list(box.calls):
        begun.kill()
        begun.communicate()
        box.calls.remove(begun)
    began = time.monotonic()
    assert box.stop() == 0
    assert time.monotonic() - began < 6
    rows = box.tongdai("cdrs")
    assert len(rows) == 1
    assert rows[0]["ended"] is not None
