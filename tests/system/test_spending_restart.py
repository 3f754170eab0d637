"""The guard against fraud outlives a killed core: the bar in force, the tries of barred numbers, the alarms sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.box import Box, eventually
from tests.system.conftest import CUSTOMER, EMPLOYEE, HOTLINE
from tests.system.test_spending import ABROAD, MANAGER, instant, settings, spending, texts, together

pytestmark = pytest.mark.system

CAP_VND = 100
"""One first block off-net is 90 VND."""


@pytest.fixture(scope="module")
def box(place: Path) -> Iterator[Box]:
    running = Box.start(place / "data", "--no-demo", "--no-traffic")
    try:
        running.tongdai("extension", "add", "512", "--name", "Bán hàng", "--mobile", EMPLOYEE)
        running.tongdai("sim", "subscriber", CUSTOMER, "--behaviour", "answer", "--after", "1")

        def guard(document: dict[str, Any]) -> None:
            guarding = document["spending"]["fraud_guard"]
            guarding.update(hourly_vnd=CAP_VND, refused_tries=2, alarm_mobile=MANAGER)

        settings(running, guard)
        yield running
    finally:
        assert running.stop() == 0, running.log.read_text()[-4000:]


def _kill_core(box: Box) -> None:
    box.wait_restarted("core", box.kill("core"))
    eventually(lambda: all(row["state"] == "up" for row in box.tongdai("lines")), 60, "the lines take calls again")


def _alarms(box: Box) -> list[str]:
    return [text for text in texts(box, MANAGER) if "CẢNH BÁO" in text]


def test_a_killed_core_forgets_neither_the_bar_nor_the_tries(box: Box, place: Path) -> None:
    refused, dialled = (EMPLOYEE, HOTLINE, f"2:9131800{ABROAD[1:]}#"), (EMPLOYEE, HOTLINE, f"2:9{CUSTOMER}#")
    together(box, place, refused, stay_s=10)
    together(box, place, dialled, stay_s=30)
    (alarm,) = eventually(lambda: _alarms(box), 10, "the alarm")
    assert f"{CAP_VND} đ/giờ" in alarm
    before = spending(box)["fraud"]
    assert before["barred_until"] is not None
    assert before["refused"] == 1

    _kill_core(box)
    after = spending(box)["fraud"]
    assert abs(instant(after["barred_until"]) - instant(before["barred_until"])) <= 1
    assert after["refused"] == 1
    again = together(box, place, dialled, stay_s=10)
    assert len(again.cdrs[EMPLOYEE]["legs"]) == 1, "nothing is dialled"
    assert len(_alarms(box)) == 1, "it was told before"

    together(box, place, refused, stay_s=10)
    assert eventually(lambda: len(_alarms(box)) == 2, 10, "the second try is the one too many")
    _kill_core(box)
    assert spending(box)["fraud"]["refused"] == 2
