"""The stories of a hotline, through every room of the box, in real time (A039, A041, A055, A088–A094)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support import waves
from tests.support.box import Box, eventually
from tests.system.conftest import CUSTOMER, EMPLOYEE, HOTLINE, SECOND_LINE

pytestmark = pytest.mark.system


def _call(box: Box, *options: str, caller: str = CUSTOMER) -> dict[str, Any]:
    answer: dict[str, Any] = box.tongdai("sim", "call", "--from", caller, "--to", HOTLINE, *options)
    return answer


def _new_cdr(box: Box, before: int) -> dict[str, Any]:
    return box.cdrs(before + 1)[-1]


def _sms_of(box: Box, number: str, word: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found = [row for row in box.tongdai("sim", "messages", number) if word in row["text"]]
        return found[-1] if found else None

    return eventually(look, 10, f"an SMS to {number} with {word!r}")


def test_a_customer_reaches_an_employee_and_both_are_heard_and_recorded(box: Box, place: Path) -> None:
    customer, employee = waves.voice(1, 14), waves.voice(2, 8)
    said = waves.write(place / "customer.wav", customer)
    replied = waves.write(place / "employee.wav", employee)
    heard_by_employee = place / "employee-heard.wav"
    before = len(box.tongdai("cdrs"))
    person = ("--behaviour", "answer", "--after", "2", "--say", str(replied), "--listen", str(heard_by_employee))
    box.tongdai("sim", "subscriber", EMPLOYEE, *person)

    answer = _call(
        box, "--keys", "2:512", "--say", str(said), "--listen", str(place / "heard.wav"), "--hang-up-after", "16"
    )

    assert answer["connected"]
    assert answer["ended_by"] == "caller"
    assert answer["cause"] == 16
    assert [event["event"] for event in answer["events"]] == [
        "dialled",
        "ringing",
        "connected",
        "key",
        "key",
        "key",
        "ended",
    ]
    cdr = _new_cdr(box, before)
    assert cdr["disposition"] == "answered"
    assert cdr["caller"] == "+84912000222"
    assert cdr["hotline"] == "+84901234567"
    assert cdr["called"] == "+84903000512"
    assert cdr["extension"] == "512"
    assert [leg["direction"] for leg in cdr["legs"]] == ["in", "out"]
    assert cdr["legs"][1]["line"] == "gsm-2"
    assert cdr["billable_s"] > 3
    assert cdr["charge_vnd"] == 0, "a MobiFone extension is reached free of charge"
    assert [row["status"] for row in cdr["rating"]] == ["rated", "rated"]

    heard = waves.read(place / "heard.wav")
    eventually(heard_by_employee.exists, 5, "what the employee heard")
    assert waves.holds(employee[: 3 * waves.RATE_HZ], heard), "the customer hears the employee"
    talk = customer[8 * waves.RATE_HZ : 13 * waves.RATE_HZ]
    assert waves.holds(talk, waves.read(heard_by_employee)), "the employee hears the customer"

    (recording,) = cdr["recordings"]
    left, right = waves.read(Path(recording), 0), waves.read(Path(recording), 1)
    assert waves.likeness(talk, left) > 0.5 > 0.4 > waves.likeness(talk, right), "caller on the left"
    piece = employee[: 3 * waves.RATE_HZ]
    assert waves.likeness(piece, right) > 0.5 > 0.4 > waves.likeness(piece, left), "employee on the right"


def test_a_busy_employee_gets_an_sms_and_the_caller_is_back_in_the_menu(box: Box) -> None:
    before = len(box.tongdai("cdrs"))
    box.tongdai("sim", "subscriber", EMPLOYEE, "--behaviour", "busy")
    answer = _call(box, "--keys", "2:512", "--hang-up-after", "12")
    assert answer["ended_by"] == "caller", "the box keeps the caller in the menu"
    cdr = _new_cdr(box, before)
    assert cdr["disposition"] == "busy"
    assert cdr["cause"] == 17
    assert cdr["answered"] is None
    assert "0912000222" in _sms_of(box, EMPLOYEE, "0912000222")["text"]


def test_a_wrong_extension_three_times_ends_with_goodbye(box: Box) -> None:
    before = len(box.tongdai("cdrs"))
    answer = _call(box, "--keys", "2:333,9:444,16:555")
    assert answer["ended_by"] == "called"
    cdr = _new_cdr(box, before)
    assert len(cdr["legs"]) == 1
    assert cdr["extension"] is None
    assert cdr["charge_vnd"] == 0


def test_an_employee_calls_outside_through_the_hotline(box: Box) -> None:
    before = len(box.tongdai("cdrs"))
    box.tongdai("sim", "subscriber", "0912333444", "--behaviour", "answer", "--after", "1")
    answer = _call(box, "--keys", "2:90912333444#", "--hang-up-after", "18", caller=EMPLOYEE)
    assert answer["connected"]
    cdr = _new_cdr(box, before)
    assert cdr["disposition"] == "answered"
    assert cdr["called"] == "+84912333444"
    assert cdr["extension"] == "512"
    assert cdr["rating"][1]["class"] == "off_net"
    assert cdr["charge_vnd"] > 0


def test_an_outside_number_without_nine_ends_by_a_pause(box: Box) -> None:
    before = len(box.tongdai("cdrs"))
    _call(box, "--keys", "2:0912333444", "--hang-up-after", "16", caller=EMPLOYEE)
    assert _new_cdr(box, before)["called"] == "+84912333444"


@pytest.mark.parametrize("keys", ["2:9008613800000#", "2:919001234#", "2:9100#"], ids=["abroad", "premium", "short"])
def test_numbers_that_cost_too_much_are_refused(box: Box, keys: str) -> None:
    before = len(box.tongdai("cdrs"))
    _call(box, "--keys", keys, "--hang-up-after", "13", caller=EMPLOYEE)
    assert len(_new_cdr(box, before)["legs"]) == 1


def test_emergency_passes_from_every_extension(box: Box) -> None:
    before = len(box.tongdai("cdrs"))
    _call(box, "--keys", "2:9114", "--hang-up-after", "10", caller="0983000611")
    cdr = _new_cdr(box, before)
    assert cdr["called"] == "114"
    assert cdr["disposition"] == "answered"


def test_a_second_caller_on_a_busy_line_is_busy_and_has_a_row(box: Box) -> None:
    before = len(box.tongdai("cdrs"))
    first = box.begin("sim", "call", "--from", CUSTOMER, "--to", HOTLINE, "--hang-up-after", "8")
    eventually(lambda: box.tongdai("calls"), 10, "the first call")
    second = _call(box, caller="0912000333")
    assert not second["connected"]
    assert second["cause"] == 17
    box.finish(first)
    rows = box.cdrs(before + 2)[before:]
    busy = [row for row in rows if row["caller"] == "+84912000333"]
    assert [row["disposition"] for row in busy] == ["busy"]


def test_the_caller_leaves_while_the_employee_rings(box: Box) -> None:
    before = len(box.tongdai("cdrs"))
    box.tongdai("sim", "subscriber", EMPLOYEE, "--behaviour", "no-answer")
    _call(box, "--keys", "2:512", "--hang-up-after", "7")
    cdr = _new_cdr(box, before)
    assert cdr["disposition"] == "abandoned"
    assert cdr["legs"][1]["answered"] is None
    _sms_of(box, EMPLOYEE, "0912000222")


def test_our_own_line_calling_us_is_a_loop_and_refused(box: Box) -> None:
    before = len(box.tongdai("cdrs"))
    box.tongdai("sim", "subscriber", "0912333444", "--behaviour", "answer", "--after", "1")
    answer = _call(box, "--keys", f"2:9{SECOND_LINE}#", "--hang-up-after", "13", caller=EMPLOYEE)
    assert answer["ended_by"] == "caller"
    eventually(lambda: not box.tongdai("calls"), 10, "quiet lines")
    assert all(row["disposition"] != "answered" for row in box.cdrs(before + 1)[before:])


def test_replay_of_every_call_is_equal(box: Box) -> None:
    for row in box.tongdai("cdrs"):
        answer = box.tongdai("replay", row["call"])
        assert answer["equal"], answer
