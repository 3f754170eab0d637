"""`tongdai status` of a box that runs: the alarms stand while they hold (real time)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.box import Box, eventually
from tests.system.conftest import CUSTOMER, EMPLOYEE, HOTLINE

pytestmark = pytest.mark.system


def alarms(box: Box) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = box.tongdai("status")["alarms"]
    return found


def state(box: Box, line: str) -> str:
    return next(str(row["state"]) for row in box.tongdai("lines") if row["line"] == line)


def test_the_rest_of_the_answer_is_what_ready_said(box: Box) -> None:
    told = box.tongdai("status")
    assert told.pop("alarms") == []
    assert {name: told[name] for name in ("box", "data", "api", "sim", "pids", "lines")} == {
        name: box.ready[name] for name in ("box", "data", "api", "sim", "pids", "lines")
    }
    assert set(told) == set(box.ready)


def test_a_modem_that_is_pulled_out_is_an_alarm_until_it_is_back(box: Box) -> None:
    box.tongdai("sim", "fault", "gsm-2", "unplug")
    eventually(lambda: [row["kind"] for row in alarms(box)] == ["line"], 5, "an alarm")
    (row,) = alarms(box)
    assert row["line"] == "gsm-2"
    assert "0937654321" in row["text_vi"]
    assert "modem bị rút" in row["text_vi"] or "không thấy modem" in row["text_vi"]
    assert "is down" in row["text_en"]
    box.tongdai("sim", "fault", "gsm-2", "replug")
    eventually(lambda: not alarms(box), 60, "no alarm")


def test_a_limit_that_is_used_up_is_an_alarm_with_its_amount(box: Box) -> None:
    found = box.tongdai("settings", "export")
    document = found.get("settings", found)
    limit = {"scope": "extension", "period": "month", "subject": "512", "vnd": 1, "minutes": None, "at_end": "warn"}
    document["spending"]["limits"] = [limit | {"warn_percent": []}]
    path = box.data.parent / "limits.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    box.tongdai("settings", "import", str(path))
    box.tongdai("sim", "subscriber", "0912333444", "--behaviour", "answer", "--after", "0.5", "--hang-up-after", "3")
    box.tongdai("sim", "call", "--from", EMPLOYEE, "--to", HOTLINE, "--keys", "0.5:90912333444#")
    eventually(lambda: [row["kind"] for row in alarms(box)] == ["limit"], 10, "an alarm")
    (row,) = alarms(box)
    assert row["text_vi"] == "Đã hết hạn mức 1 đ mỗi tháng của máy lẻ 512."
    assert row["text_en"] == "The limit of 1 VND per month of extension 512 is used up."
    box.tongdai("settings", "undo")
    eventually(lambda: not alarms(box), 10, "no alarm")


def test_a_module_that_is_switched_off_is_down_at_once_and_not_up_again(box: Box) -> None:
    """It signs off from its network for seconds and answers AT meanwhile."""
    assert state(box, "gsm-1") == "up"
    box.tongdai("board", "power", "gsm-1", "off")
    eventually(lambda: state(box, "gsm-1") == "down", 5, "the line is down")
    heard = box.tongdai("sim", "call", "--from", CUSTOMER, "--to", HOTLINE, "--patience", "3")
    assert heard["connected"] is False, "what still answers takes no call"
    (row,) = alarms(box)
    assert "bo mạch đang tắt modem" in row["text_vi"]
    eventually(lambda: box.tongdai("board")["slots"][0]["power"] == "off", 30, "off")
    assert state(box, "gsm-1") == "down"
