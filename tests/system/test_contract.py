"""The contract of architecture §5 where scripts of others touch it: records, people, faults, restarts (real time)."""

from __future__ import annotations

import json
import math
import signal
import subprocess
import sys
import urllib.request
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import soundfile

from tests.support import waves
from tests.support.box import Box, CommandFailed, eventually
from tests.system.conftest import CUSTOMER, EMPLOYEE, HOTLINE

pytestmark = pytest.mark.system

CDR_FIELDS = {
    "call": str,
    "caller": str,
    "hotline": str,
    "called": str,
    "extension": str,
    "started": str,
    "hotline_answered": str,
    "answered": str,
    "ended": str,
    "duration_s": float,
    "billable_s": float,
    "disposition": str,
    "cause": int,
    "legs": list,
    "recordings": list,
    "charge_vnd": int,
    "rating": list,
    "clock": str,
}
LEG_FIELDS = {"leg", "line", "direction", "number", "started", "alerting", "answered", "ended", "cause", "ended_by"}
CHARGE_FIELDS = {"id", "status", "amount_vnd", "billed_s", "class", "rule", "parts", "why"}


def _call(box: Box, called: str = HOTLINE, *options: str, caller: str = CUSTOMER) -> dict[str, Any]:
    answer: dict[str, Any] = box.tongdai("sim", "call", "--from", caller, "--to", called, *options)
    return answer


@pytest.fixture(scope="module")
def outside_call(box: Box) -> dict[str, Any]:
    """The row of one recorded outside call of an employee."""
    before = len(box.tongdai("cdrs"))
    box.tongdai("sim", "subscriber", "0912333444", "--behaviour", "answer", "--after", "0.5", "--hang-up-after", "7")
    _call(box, HOTLINE, "--keys", "0.5:90912333444#", caller=EMPLOYEE)
    row: dict[str, Any] = box.cdrs(before + 1)[-1]
    return row


def test_a_row_has_the_fields_of_the_contract(outside_call: dict[str, Any]) -> None:
    assert {name: type(value) for name, value in outside_call.items()} == CDR_FIELDS
    assert all(set(leg) == LEG_FIELDS for leg in outside_call["legs"])
    assert all(set(charge) == CHARGE_FIELDS for charge in outside_call["rating"])
    assert outside_call["extension"] == "512"
    for leg in outside_call["legs"]:
        for name in ("started", "answered", "ended"):
            assert datetime.fromisoformat(leg[name]).tzinfo is not None


def test_a_recording_opens_with_two_tracks(outside_call: dict[str, Any]) -> None:
    (path,) = outside_call["recordings"]
    assert Path(path).is_absolute()
    found = soundfile.info(path)
    assert (found.samplerate, found.channels) == (8000, 2)
    assert abs(found.duration - outside_call["billable_s"]) < 1


def test_the_charge_is_what_rate_says_of_the_same_leg(box: Box, outside_call: dict[str, Any], tmp_path: Path) -> None:
    leg = outside_call["legs"][1]
    hotline = next(row["number"] for row in box.tongdai("lines") if row["line"] == leg["line"])
    record = {
        "id": leg["leg"],
        "kind": "voice",
        "hotline": hotline,
        "answered_at": leg["answered"],
        "duration_s": outside_call["billable_s"],
        "service": "outbound",
        "from": {"party": "extension", "endpoint": "mobile", "number": EMPLOYEE, "extension": "512"},
        "to": {"party": "customer", "endpoint": "mobile", "number": leg["number"]},
    }
    usage = tmp_path / "usage.jsonl"
    usage.write_text(json.dumps(record) + "\n")
    charge = box.tongdai("rate", "--plan", "onecontact-2019", str(usage))
    assert {**charge, "why": ""} == {**outside_call["rating"][1], "why": ""}
    assert charge["amount_vnd"] == outside_call["charge_vnd"]


def test_the_seconds_billed_follow_from_the_instants_of_the_leg(box: Box) -> None:
    """Who rates the legs of a row by their own instants comes to the same seconds, but for the instants' last digit."""
    for row in box.tongdai("cdrs"):
        for leg, charge in zip(row["legs"], row["rating"], strict=True):
            if leg["answered"] is not None:
                lasted = datetime.fromisoformat(leg["ended"]) - datetime.fromisoformat(leg["answered"])
                around = {max(6, math.ceil(lasted.total_seconds() + error)) for error in (-0.001, 0, 0.001)}
                assert charge["billed_s"] in around, leg


@pytest.mark.parametrize(
    ("behaviour", "ended_by", "cause"), [("busy", "network", 17), ("off", "network", 20), ("reject", "called", 21)]
)
def test_the_causes_of_people(box: Box, behaviour: str, ended_by: str, cause: int) -> None:
    box.tongdai("sim", "subscriber", "0912111001", "--behaviour", behaviour, "--after", "0.3")
    answer = _call(box, "0912111001")
    assert (answer["connected"], answer["ended_by"], answer["cause"]) == (False, ended_by, cause)
    assert answer["heard"] is None


def test_people_hear_each_other_from_the_connection_on(box: Box, place: Path) -> None:
    said = waves.voice(5, 3)
    heard = place / "called-heard.wav"
    person = ("--behaviour", "answer", "--after", "0.3", "--hang-up-after", "1.5", "--listen", str(heard))
    box.tongdai("sim", "subscriber", "0912111002", *person)
    answer = _call(box, "0912111002", "--say", str(waves.write(place / "said.wav", said)), "--keys", "1.2:5")
    eventually(heard.exists, 1, "what the called person heard")
    assert soundfile.info(heard).duration == pytest.approx(answer["duration_s"], abs=0.05)
    assert waves.likeness(said[:8000], waves.read(heard)[:8000]) > 0.9
    times = {event["event"]: event["ms"] for event in answer["events"]}
    assert times["key"] - times["connected"] == pytest.approx(1200, abs=100)


def test_a_file_that_cannot_be_written_is_bad_input(box: Box, place: Path) -> None:
    for path in (place, place / "missing" / "x.wav", Path("/proc/x.wav")):
        with pytest.raises(CommandFailed) as refused:
            _call(box, HOTLINE, "--hang-up-after", "0.5", "--listen", str(path))
        assert refused.value.status == 2


def test_a_modem_that_is_unplugged_comes_back(box: Box) -> None:
    before = len(box.tongdai("cdrs"))
    begun = box.begin("sim", "call", "--from", CUSTOMER, "--to", HOTLINE, "--hang-up-after", "30")
    eventually(lambda: box.tongdai("calls"), 10, "the call")
    box.tongdai("sim", "fault", "gsm-1", "unplug")
    assert box.finish(begun)["ended_by"] == "network"
    assert len(box.cdrs(before + 1)) == before + 1
    assert box.tongdai("calls") == []
    box.tongdai("sim", "fault", "gsm-1", "replug")
    eventually(lambda: all(row["state"] == "up" for row in box.tongdai("lines")), 40, "the line")
    assert _call(box, HOTLINE, "--hang-up-after", "0.5")["connected"]


def test_the_page_of_status_answers_after_its_process_died(box: Box) -> None:
    pid = box.kill("web")
    box.wait_restarted("web", pid)
    with urllib.request.urlopen(box.tongdai("status")["web"], timeout=5) as page:
        assert page.status == 200


def test_options_that_cannot_be_are_one_line_of_bad_input(tmp_path: Path) -> None:
    for options in (
        ("--sim", "--web-port", "99999"),
        ("--sim", "--lines", "9"),
        ("--sim", "--mqtt", "nowhere"),
        ("--config", str(tmp_path / "missing.toml")),
    ):
        command = [sys.executable, "-m", "edge.cli", "run", "--data", str(tmp_path / "data"), *options]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=20)
        assert done.returncode == 2, (options, done.stderr)
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1, done.stderr


def test_the_same_directory_again_under_a_long_name(tmp_path: Path) -> None:
    """Sockets move when the name of DATA is too long; company and secret are those of before."""
    data = tmp_path / ("x" * 60) / ("y" * 60)
    data.parent.mkdir()
    first = Box.start(data, "--no-traffic")
    try:
        login, company = first.ready["login"], first.tongdai("extension", "list")
        assert len(company) == 6
        assert len(first.ready["api"]) < 108 > len(first.ready["sim"])
    finally:
        assert first.stop() == 0
    second = Box.start(data, "--no-traffic")
    try:
        assert second.ready["login"] == login
        assert second.tongdai("extension", "list") == company
        second.process.send_signal(signal.SIGINT)
        assert second.process.wait(timeout=5) == 0
    finally:
        second.stop()
