"""The faults of wire and calls (those of power, card, store and voice stand with their subjects)."""

from __future__ import annotations

import pytest

from sim_hardware.faults import FAULTS, Number, Word
from sim_hardware.modem.events import (
    CallAlerted,
    CallArrived,
    CallConnected,
    CallReleased,
    FaultInjected,
    HostWrote,
    WriteHost,
)


def inject(bench, name, number=None, text=None):
    bench.tell(FaultInjected(name, number, text))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_whole_menu_is_played(bench, fault):
    number = fault.parameter.most / 100 if isinstance(fault.parameter, Number) else None
    text = "up" if isinstance(fault.parameter, Word) and fault.parameter.choices else None
    inject(bench, fault.name, number, text)
    bench.wait(60.0)


def test_unknown_fault(bench):
    with pytest.raises(ValueError, match="'nix'"):
        inject(bench, "nix")


def test_late_answers(bench):
    inject(bench, "at-late", 500.0)
    assert bench.at("AT") == []
    bench.tell(CallArrived("n1", "0912000222"))
    assert bench.lines() == ["RING"]
    assert bench.wait(0.5) == ["OK"]
    inject(bench, "at-late", 0.0)
    assert bench.at("AT") == ["OK"]


def test_lost_answers(bench):
    inject(bench, "at-lost", 2.0)
    assert [bench.at("AT") for _ in range(3)] == [[], [], ["OK"]]


def test_double_cr(bench):
    inject(bench, "double-cr")
    bench.tell(HostWrote(b"AT\r"))
    assert bench.read == b"\r\r\nOK\r\r\n"
    inject(bench, "double-cr", 0.0)
    bench.lines()
    bench.tell(HostWrote(b"AT\r"))
    assert bench.read == b"\r\nOK\r\n"


def test_split_writes(bench):
    inject(bench, "split", 3.0)
    bench.outputs.clear()
    assert bench.at("AT+CSQ") == ["+CSQ: 20,99", "OK"]
    assert {len(output.data) for output in bench.did(WriteHost)} <= {1, 2, 3}
    assert len(bench.did(WriteHost)) > 5


def test_a_line_inside_an_answer(bench):
    inject(bench, "urc-inside")
    assert bench.at("AT+CSQ;+CREG?") == ["+CSQ: 20,99", "+CGEV: EPS PDN ACT 1", "+CREG: 0,1", "OK"]


def test_echo_comes_back(bench):
    inject(bench, "echo-on")
    assert bench.at("AT") == ["AT", "OK"]


def test_sim_busy(bench):
    bench.at("AT+CMEE=1")
    inject(bench, "cme14", 5.0)
    assert bench.at("AT+CIMI") == ["+CME ERROR: 14"]
    bench.wait(5.0)
    assert bench.at("AT+CIMI")[-1] == "OK"


@pytest.mark.parametrize(("fault", "first", "second"), [("no-clip", 0, 0), ("late-clip", 0, 1), (None, 1, 1)], ids=str)
def test_caller_id_missing_or_late(bench, fault, first, second):
    bench.at("AT+CLIP=1")
    if fault:
        inject(bench, fault)
    bench.tell(CallArrived("n1", "0912000222"))
    assert sum("CLIP" in line for line in bench.lines()) == first
    assert sum("CLIP" in line for line in bench.wait(3.1)) == second


def test_active_before_the_far_end_answers(bench):
    inject(bench, "early-active")
    bench.at("ATD0912000222;")
    bench.tell(CallAlerted("m1"))
    assert bench.wait(5.0) == ["VOICE CALL: BEGIN"]
    bench.tell(CallConnected("m1"))
    assert bench.wait(5.0) == []


def test_silent_end(bench):
    inject(bench, "silent-end")
    bench.at("ATD0912000222;")
    bench.tell(CallReleased("m1", 16))
    assert bench.lines() == []
    assert bench.at("AT+CLCC") == ["OK"]


def test_stuck_call_is_told_to_be_over_and_listed_until_hung_up(bench):
    bench.at("AT+CLCC=1")
    inject(bench, "stuck-call")
    bench.at("ATD0912000222;")
    bench.tell(CallConnected("m1"))
    bench.lines()
    bench.wait(17.0)
    bench.tell(CallReleased("m1", 16))
    assert bench.lines() == ["VOICE CALL: END: 000017"]
    assert bench.at("AT+CLCC")[0].startswith("+CLCC: 1,0,0")
    assert bench.at("AT+CHUP")[-1] == "OK"
    assert bench.at("AT+CLCC") == ["OK"]
