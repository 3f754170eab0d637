"""`tongdai status` lists what the page shows, in both languages, from the sentences that the core really writes."""

from __future__ import annotations

import asyncio
import json
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from edge.api.client import BoxAbsent, BoxRefused
from edge.api.messages import GetSpending, GetStatus
from edge.billing.biller import Pending
from edge.board.keeper import BoardKeeper
from edge.board.rules import LineGlance
from edge.cashier import _FAULT_EN, _FAULT_VI
from edge.commands import status
from edge.commands.status_alarms import alarms_of, core_away
from edge.live import _owed
from edge.telephony import LineState
from hal.interfaces import SupervisorLost, SupplyChanged, TemperatureChanged
from hal.mcu_link import _LOOK_AT
from tests.edge.board.kept_board import READY, KeptBoard
from tests.support.virtual_time import LoopClock, run_virtually

CALM: dict[str, Any] = {"limits": [], "fraud": {"barred_until": None}}
UP = {"line": "gsm-1", "number": "+84901234567", "state": "up", "reason": ""}
LIMIT = {
    "scope": "extension", "subject": "512", "period": "month", "at_end": "block", "vnd": 1_000_000, "minutes": 1200,
    "used_vnd": 1_000_000, "used_s": 0, "percent": 100, "state": "reached",
}  # fmt: skip


def said(*alarms: str, lines: tuple[dict[str, Any], ...] = (UP,), spending: Any = CALM) -> list[dict[str, str]]:
    return alarms_of({"alarms": list(alarms), "lines": list(lines)}, spending)


def board_alarms() -> dict[str, str]:
    """Every alarm of the keeper, as it words them."""

    async def story() -> dict[str, str]:
        loop, found, board = asyncio.get_running_loop(), {}, KeptBoard()

        def alarm(name: str, sentence: str | None) -> None:
            if sentence is not None:
                found[f"{name} {len(found)}"] = sentence

        glances = [LineGlance(0, LineState.DOWN, busy=False)]
        keeper = BoardKeeper(
            loop, LoopClock(loop), "supervisor", lambda: glances, bool, lambda _: None, lambda: None, alarm
        )
        keeper.attach(board, board)
        keeper.start()
        keeper.heard(SupervisorLost(f"its port cannot be opened: /dev/ttyACM0: [Errno 2] No such file; {_LOOK_AT}"))
        keeper.heard(SupervisorLost("the supervisor does not answer"))
        keeper.heard(replace(READY, compatible=False))
        keeper.heard(SupplyChanged("low", 4620, 0))
        keeper.heard(TemperatureChanged("hot", 81.4))
        await asyncio.sleep(3600)
        await keeper.close()
        absent = KeptBoard()
        absent.absent = "waveshare-sim7600: no pins"
        keeper.attach(absent, absent)
        keeper.start()
        return found

    return run_virtually(story())


def test_every_alarm_of_the_board_is_known_in_both_languages() -> None:
    found = board_alarms()
    rows = said(*dict.fromkeys(found.values()))
    assert {row["kind"] for row in rows} == {"supervisor", "supply", "temperature", "modem-power", "board"}
    assert all(row["text_vi"] != row["text_en"] for row in rows)
    port = rows[0]
    assert "/dev/ttyACM0" in port["text_vi"]
    assert "cáp USB hoặc UART" in port["text_vi"]
    assert "USB cable or UART" in port["text_en"]
    assert not any("modem" in row["text_en"].lower() for row in rows if row["kind"] == "supervisor")


@pytest.mark.parametrize(
    ("sentence", "kind", "vietnamese", "english"),
    [
        (
            _owed(Pending("2026-11", 1234)),
            "rerate",
            "1.234 khoản cước của tháng 11/2026 được tính",
            "1,234 charges of November 2026 were",
        ),
        ("billing: idd table idd is not used: idd.csv: line 2", "tables", "idd.csv: line 2", "idd.csv: line 2"),
        ("the box has no clock yet: rows wait for their time", "clock", "chưa có giờ", "no clock yet"),
        ("storage: only 512 MB free; recording has stopped", "storage", "512 MB", "512 MB"),
        (_FAULT_EN, "spending", _FAULT_VI.partition(":")[0], "Spending control failed"),
        ("something new", "other", "something new", "something new"),
    ],
)
def test_an_alarm_of_the_core(sentence: str, kind: str, vietnamese: str, english: str) -> None:
    (row,) = said(sentence)
    assert row["kind"] == kind
    assert vietnamese in row["text_vi"]
    assert english in row["text_en"]


@pytest.mark.parametrize(
    ("state", "reason", "vietnamese", "english"),
    [
        (
            "down",
            "/dev/gsm-1-at: the device is gone",
            "Đường gsm-1 (0901234567) không hoạt động: modem bị rút hoặc mất nguồn.",
            "Line gsm-1 (0901234567) is down: the modem was unplugged or has no power.",
        ),
        (
            "down",
            "the port cannot be opened: /dev/gsm-1-at: another program is on it; is the modem plugged in?",
            "Đường gsm-1 (0901234567) không hoạt động: một chương trình khác đang dùng cổng của modem.",
            "Line gsm-1 (0901234567) is down: another program is on the modem's port.",
        ),
        (
            "no-service",
            "SIM: pin-required",
            "Đường gsm-1 (0901234567) không có sóng hoặc mạng không nhận: thẻ SIM đòi mã PIN.",
            "Line gsm-1 (0901234567) has no service: the SIM card asks for its PIN.",
        ),
        (
            "no-service",
            "",
            "Đường gsm-1 (0901234567) không có sóng hoặc mạng không nhận.",
            "Line gsm-1 (0901234567) has no service.",
        ),
    ],
)
def test_a_line_that_takes_no_calls(state: str, reason: str, vietnamese: str, english: str) -> None:
    (row,) = said(lines=(UP | {"state": state, "reason": reason},))
    assert row == {"kind": "line", "text_vi": vietnamese, "text_en": english, "line": "gsm-1"}


def test_a_line_that_is_up_or_starting_is_no_alarm() -> None:
    assert said(lines=(UP, UP | {"state": "starting", "number": None})) == []


def test_what_is_used_up_and_who_is_barred() -> None:
    hotline = LIMIT | {"scope": "hotline", "subject": "+84901234567", "minutes": None, "period": "day"}
    fraud = {"barred_until": "2026-11-22T13:02:00+07:00"}
    spending = {"limits": [LIMIT, hotline, LIMIT | {"state": "warned"}], "fraud": fraud}
    assert [(row["kind"], row["text_vi"]) for row in said(spending=spending)] == [
        ("fraud", "Gọi ra đang bị chặn đến 13:02 ngày 22/11/2026 để ngăn gian lận cước."),
        ("limit", "Đã hết hạn mức 1.200 phút hoặc 1.000.000 đ mỗi tháng của máy lẻ 512."),
        ("limit", "Đã hết hạn mức 1.000.000 đ mỗi ngày của hotline 0901234567."),
    ]
    assert said(spending=spending)[1]["text_en"] == (
        "The limit of 1,200 minutes or 1,000,000 VND per month of extension 512 is used up."
    )


class _Box:
    """Answers as the core does, or is away."""

    answers: ClassVar[dict[type, Any]] = {}

    def __init__(self, _socket: Path, timeout_s: float) -> None:
        assert timeout_s <= 3

    def ask(self, request: Any) -> Any:
        answer = self.answers[type(request)]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.mark.parametrize(
    ("answers", "kinds"),
    [
        ({GetStatus: {"alarms": [], "lines": [UP]}, GetSpending: CALM}, []),
        ({GetStatus: {"alarms": [], "lines": [UP]}, GetSpending: BoxRefused("no", "box")}, ["spending"]),
        ({GetStatus: BoxAbsent("away")}, ["core"]),
    ],
)
def test_what_ready_said_stands_beside_the_alarms_whatever_the_core_does(
    answers: dict[type, Any], kinds: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ready = {"box": "b", "data": "/tmp/none", "api": "/tmp/none/api.sock", "login": None, "pids": {"run": 1}}
    monkeypatch.setattr(status, "read_ready", lambda _: dict(ready))
    monkeypatch.setattr(status, "_login_today", lambda found: found["login"])
    monkeypatch.setattr(status, "BoxClient", type("Asked", (_Box,), {"answers": answers}))
    assert status.status(Namespace()) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["kind"] for row in told.pop("alarms")] == kinds
    assert told == ready, "nothing else has changed"


def test_a_computer_that_is_switched_off_is_said_so() -> None:
    assert "sim board press" in core_away("off")[0]["text_en"]
    assert "started again by itself" in core_away(None)[0]["text_en"]
