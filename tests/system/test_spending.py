"""Cost control as the people in a call meet it: limits, spoken warnings, barred numbers, the guard against fraud (§4).

Amounts are those of plan onecontact-2019: 900 VND a minute off-net and abroad by 131800, 6 s + 1.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support import waves
from tests.support.box import Box, CommandFailed, eventually
from tests.system.conftest import HOTLINE, SECOND_LINE

pytestmark = pytest.mark.system

THIRD_LINE = "0934567812"
SALES, CARE, STORE = "0903000512", "0903000516", "0903000511"
MANAGER = "+84903999000"
ABROAD = "+442071234567"
CUSTOMERS = ("0912333441", "0912333442", "0912333443")
VND_A_SECOND = 15
BLOCK_VND = 6 * VND_A_SECOND
BARRED = 52
"""Q.850: how the CDR says that we ended or refused a call."""
SILENCE_DB = -60.0
SPEECH_DB = -35.0

PER_CALL = {"scope": "extension", "period": "call", "subject": "511", "vnd": 540, "at_end": "cut"}
SHARED = {
    "scope": "department",
    "period": "day",
    "subject": "Kinh doanh",
    "vnd": 1050,
    "warn_percent": [50],
    "at_end": "cut",
}


def settings(box: Box, change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Exports the document, changes it, imports it; what the box says to that."""
    document = box.tongdai("settings", "export")
    change(document)
    path = box.data.parent / "settings.json"
    path.write_text(json.dumps(document))
    answer: dict[str, Any] = box.tongdai("settings", "import", str(path))
    return answer


def spending(box: Box) -> dict[str, Any]:
    answer: dict[str, Any] = box.tongdai("limits")
    return answer


def texts(box: Box, number: str) -> list[str]:
    return [row["text"] for row in box.tongdai("sim", "messages", number)]


def instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@dataclass
class Told:
    """What came of calls that were made together."""

    cdrs: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By the caller's mobile."""
    seen: list[dict[str, Any]] = field(default_factory=list)
    """`tongdai calls`, again and again while they lasted."""

    def leg(self, caller: str) -> dict[str, Any]:
        leg: dict[str, Any] = self.cdrs[caller]["legs"][1]
        return leg

    def charge(self, caller: str) -> dict[str, Any]:
        charge: dict[str, Any] = self.cdrs[caller]["rating"][1]
        return charge

    def dialled_after(self, caller: str) -> float:
        """Seconds from the employee's connection to the answer of the other party."""
        front, party = self.cdrs[caller]["legs"]
        return instant(party["answered"]) - instant(front["answered"])


def together(box: Box, place: Path, *calls: tuple[str, str, str], watch: bool = False, stay_s: int = 90) -> Told:
    """(mobile, hotline, keys) of employees who call at the same time."""
    before, told = len(box.tongdai("cdrs")), Told()
    begun = [
        box.begin(
            *("sim", "call", "--from", mobile, "--to", hotline, "--keys", keys),
            *("--listen", str(place / f"{mobile}.wav"), "--hang-up-after", str(stay_s)),
        )
        for mobile, hotline, keys in calls
    ]
    while watch and any(each.poll() is None for each in begun):
        told.seen += box.tongdai("calls")
    for each in begun:
        box.finish(each)
    for row in box.cdrs(before + len(calls))[before:]:
        told.cdrs["0" + row["caller"].removeprefix("+84")] = row
    return told


@pytest.fixture(scope="module")
def box(place: Path) -> Iterator[Box]:
    running = Box.start(place / "data", "--no-demo", "--no-traffic", "--lines", "6")
    try:
        running.tongdai("extension", "add", "511", "--name", "Kho", "--mobile", STORE)
        running.tongdai(
            "extension", "add", "512", "--name", "Bán hàng", "--mobile", SALES, "--department", "Kinh doanh"
        )
        running.tongdai("extension", "add", "516", "--name", "Chăm sóc", "--mobile", CARE)
        changed = running.tongdai("extension", "change", "516", "--department", "Kinh doanh")
        assert changed["department"] == "Kinh doanh"
        for number in (*CUSTOMERS, ABROAD):
            listening = ("--behaviour", "answer", "--after", "1", "--listen", str(place / f"{number}.wav"))
            running.tongdai("sim", "subscriber", number, *listening)

        def limit(document: dict[str, Any]) -> None:
            document["spending"]["limits"] = [PER_CALL, SHARED]
            document["spending"]["fraud_guard"]["alarm_mobile"] = MANAGER

        settings(running, limit)
        yield running
    finally:
        assert running.stop() == 0, running.log.read_text()[-4000:]


@pytest.fixture(scope="module")
def cut(box: Box, place: Path) -> Told:
    """511 may spend 540 VND on a call; 512 and 516 share 1 050 VND a day."""
    told = together(
        box,
        place,
        (STORE, HOTLINE, f"2:9{CUSTOMERS[0]}#"),
        (SALES, SECOND_LINE, f"2:9{CUSTOMERS[1]}#"),
        (CARE, THIRD_LINE, f"2:9{CUSTOMERS[2]}#"),
        watch=True,
    )
    for number in CUSTOMERS:
        eventually((place / f"{number}.wav").exists, 5, f"what {number} heard")
    return told


def test_a_call_ends_at_its_limit_and_never_beyond(cut: Told) -> None:
    assert cut.cdrs[STORE]["disposition"] == "answered"
    assert cut.cdrs[STORE]["cause"] == BARRED
    assert cut.leg(STORE)["ended_by"] == "us"
    assert 540 - 2 * VND_A_SECOND <= cut.charge(STORE)["amount_vnd"] <= 540


def test_the_employee_is_warned_30_s_before_and_the_other_party_hears_nothing(cut: Told, place: Path) -> None:
    heard = waves.read(place / f"{STORE}.wav")
    talk_s = cut.dialled_after(STORE)
    end_s = len(heard) / waves.RATE_HZ

    def level_db(start_s: float, stop_s: float) -> float:
        return waves.level_db(heard[int(start_s * waves.RATE_HZ) : int(stop_s * waves.RATE_HZ)])

    assert level_db(talk_s + 1, end_s - 31) < SILENCE_DB, "nobody says anything"
    assert level_db(end_s - 29, end_s - 26) > SPEECH_DB, "the warning"
    assert level_db(end_s - 20, end_s - 1) < SILENCE_DB
    for number in CUSTOMERS:
        assert waves.level_db(waves.read(place / f"{number}.wav")) < SILENCE_DB, "it is no customer's business"


def test_two_calls_share_one_budget_to_the_second(cut: Told) -> None:
    amounts = [cut.charge(mobile)["amount_vnd"] for mobile in (SALES, CARE)]
    assert 1050 - 4 * VND_A_SECOND <= sum(amounts) <= 1050 + BLOCK_VND
    assert abs(amounts[0] - amounts[1]) <= BLOCK_VND, "neither is cut while the other has plenty"
    assert {cut.cdrs[mobile]["cause"] for mobile in (SALES, CARE)} == {BARRED}


def test_levels_are_told_once(box: Box, cut: Told) -> None:
    day = datetime.fromisoformat(cut.leg(SALES)["answered"])
    assert [text for text in texts(box, MANAGER) if "Kinh doanh" in text] == [
        f"Bộ phận Kinh doanh đã dùng 50% hạn mức 1.050 đ ngày {day:%d/%m}.",
        f"Bộ phận Kinh doanh hết hạn mức 1.050 đ ngày {day:%d/%m}: chặn gọi ra.",
    ]
    of_the_call = [text for text in texts(box, STORE) if "Máy lẻ 511" in text]
    assert of_the_call[-1] == "Máy lẻ 511 đã dùng hết hạn mức 540 đ mỗi cuộc gọi."
    assert len(of_the_call) == len(set(of_the_call)) <= 3


def test_the_running_cost_grows_to_the_charge(cut: Told) -> None:
    for mobile in (STORE, SALES, CARE):
        call = cut.cdrs[mobile]["call"]
        rows = [row for row in cut.seen if row["call"] == call and row["state"] == "talking"]
        costs = [row["charge_vnd"] for row in rows]
        assert len(set(costs)) > 5, "it was looked at while it grew"
        assert costs == sorted(costs)
        assert [row["legs"][1]["charge_vnd"] for row in rows] == costs, "the leg that came in is free"
        assert costs[-1] <= cut.cdrs[mobile]["charge_vnd"] <= costs[-1] + 5 * VND_A_SECOND


@pytest.fixture(scope="module")
def barred(box: Box, place: Path, cut: Told) -> Told:
    """The department has nothing left, 516 has got a PIN, and nothing abroad is open."""
    settings(box, lambda document: document["extensions"][2].update(pin="4321"))
    return together(
        box,
        place,
        (STORE, HOTLINE, f"2:9131800{ABROAD[1:]}#"),
        (SALES, SECOND_LINE, f"2:9{CUSTOMERS[1]}#"),
        (CARE, THIRD_LINE, "2:9113"),
        stay_s=11,
    )


def test_the_limit_bars_and_says_so(box: Box, place: Path, barred: Told) -> None:
    assert [row["state"] for row in spending(box)["limits"] if row["subject"] == "Kinh doanh"] == ["reached"]
    assert len(barred.cdrs[SALES]["legs"]) == 1, "nothing was dialled"
    assert waves.level_db(waves.read(place / f"{SALES}.wav")[6 * waves.RATE_HZ :]) > SPEECH_DB


def test_emergency_passes_over_the_limit_and_without_the_pin(barred: Told) -> None:
    assert barred.cdrs[CARE]["called"] == "113"
    assert barred.cdrs[CARE]["disposition"] == "answered"


def test_abroad_is_barred_until_it_is_allowed(box: Box, place: Path, barred: Told) -> None:
    assert len(barred.cdrs[STORE]["legs"]) == 1
    assert spending(box)["fraud"]["refused"] == 1

    settings(box, lambda document: document["spending"]["barring"].update(allowed=["+4420"]))
    passed = together(box, place, (STORE, HOTLINE, f"2:9131800{ABROAD[1:]}#"), stay_s=14)
    assert passed.cdrs[STORE]["disposition"] == "answered"
    assert passed.cdrs[STORE]["called"] == ABROAD
    assert passed.charge(STORE)["class"] == "international"
    assert passed.charge(STORE)["amount_vnd"] == VND_A_SECOND * passed.charge(STORE)["billed_s"]
    written = (box.data / "transcripts" / f"{passed.leg(STORE)['line']}.txt").read_text()
    assert f"ATD131800{ABROAD[1:]};" in written, "dialled the cheap way"


def test_the_cap_stops_all_calls_and_its_alarm_is_there_in_10_s(box: Box, place: Path, cut: Told) -> None:
    def cap(document: dict[str, Any]) -> None:
        document["spending"]["limits"] = []
        document["spending"]["fraud_guard"]["hourly_vnd"] = spending(box)["fraud"]["hour_vnd"] + 400
        document["extensions"][2]["pin"] = None

    settings(box, cap)
    calls = [
        (mobile, line, f"2:9{number}#")
        for mobile, line, number in zip(
            (STORE, SALES, CARE), (HOTLINE, SECOND_LINE, THIRD_LINE), CUSTOMERS, strict=True
        )
    ]
    told = together(box, place, *calls)  # every line is in a call
    assert {row["cause"] for row in told.cdrs.values()} == {BARRED}
    assert sum(told.charge(mobile)["amount_vnd"] for mobile in told.cdrs) <= 400 + 3 * BLOCK_VND

    def alarms() -> list[dict[str, Any]]:
        return [row for row in box.tongdai("sim", "messages", MANAGER) if "CẢNH BÁO" in row["text"]]

    (alarm,) = eventually(alarms, 10, "the alarm")
    assert abs(instant(alarm["received"]) - max(instant(told.leg(mobile)["ended"]) for mobile in told.cdrs)) < 10
    barred_until = spending(box)["fraud"]["barred_until"]
    assert barred_until is not None

    settings(box, lambda document: document["company"].update(name="Công ty Minh Hoạ"))
    assert spending(box)["fraud"]["barred_until"] is not None, "another setting lifts no bar"
    again = together(box, place, calls[0], (CARE, THIRD_LINE, "2:115"), stay_s=8)
    assert len(again.cdrs[STORE]["legs"]) == 1
    assert again.cdrs[CARE]["disposition"] == "answered"
    assert len(alarms()) == 1


def test_what_cannot_be_is_refused_with_its_place(box: Box) -> None:
    def misspell(document: dict[str, Any]) -> None:
        document["spending"]["fraud_guard"]["hourly_dong"] = 1

    with pytest.raises(CommandFailed) as refused:
        settings(box, misspell)
    assert refused.value.status == 2
    assert "spending.fraud_guard.hourly_dong" in refused.value.error


def test_stored_charges_are_those_of_the_rater(box: Box, place: Path, cut: Told) -> None:
    usage, tables = place / "usage.jsonl", place / "tables"
    records = box.lines("usage")
    usage.write_text("\n".join(json.dumps(record) for record in records) + "\n")
    box.tongdai("tariff", "export", str(tables))
    rated = box.lines("rate", "--plan", "onecontact-2019", "--tariffs", str(tables), str(usage))
    stored = {charge["id"]: charge["amount_vnd"] for row in box.tongdai("cdrs") for charge in row["rating"]}
    assert {charge["id"]: charge["amount_vnd"] for charge in rated if charge["id"] in stored} == stored


def test_replay_of_a_call_that_was_cut_is_equal(box: Box, cut: Told) -> None:
    for mobile in (STORE, CARE):
        answer = box.tongdai("replay", cut.cdrs[mobile]["call"])
        assert answer["equal"], answer
