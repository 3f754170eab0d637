"""The life of a call, line by line."""

from __future__ import annotations

import pytest

from sim_hardware.modem.events import (
    AcceptCall,
    CallAlerted,
    CallArrived,
    CallConnected,
    CallReleased,
    HostWrote,
    PlaceCall,
    Presentation,
    Registration,
    RegistrationChanged,
    ReleaseCall,
)


@pytest.fixture
def phone(bench):
    """A SIM7600 as a driver sets it up."""
    bench.at("AT+CMEE=1;+CLIP=1;+CLCC=1;+CVHU=0;+DDET=1")
    return bench


def test_outgoing_call_of_the_sim7600(phone):
    assert phone.at("ATD0912000222;") == ["OK", '+CLCC: 1,0,2,0,0,"0912000222",129']
    assert phone.did(PlaceCall) == [PlaceCall("m1", "0912000222")]
    phone.tell(CallAlerted("m1"))
    assert phone.wait(2.0) == ['+CLCC: 1,0,3,0,0,"0912000222",129']
    phone.tell(CallConnected("m1"))
    assert phone.wait(17.2) == ["VOICE CALL: BEGIN", '+CLCC: 1,0,0,0,0,"0912000222",129']
    assert phone.at("AT+CLCC") == ['+CLCC: 1,0,0,0,0,"0912000222",129', "OK"]
    assert phone.at("AT+CHUP") == ['+CLCC: 1,0,6,0,0,"0912000222",129', "VOICE CALL: END: 000017", "OK"]
    assert phone.did(ReleaseCall) == [ReleaseCall("m1", 16)]
    assert phone.at("AT+CLCC") == ["OK"]


@pytest.mark.parametrize("cause", [1, 17, 19, 20, 21])
def test_a_call_that_never_connects_ends_without_a_figure(phone, cause):
    phone.at("ATD0912000222;")
    phone.tell(CallReleased("m1", cause))
    assert phone.lines() == ['+CLCC: 1,0,6,0,0,"0912000222",129', "VOICE CALL: END"]
    assert phone.at("AT+CEER")[0].startswith(f"+CEER: {cause} ")


def test_incoming_call_rings_every_three_seconds(phone):
    phone.tell(CallArrived("n1", "0912000222"))
    pair = ["RING", '+CLIP: "0912000222",129,,,,0']
    assert phone.lines() == [*pair, '+CLCC: 1,1,4,0,0,"0912000222",129']
    assert phone.wait(6.1) == [*pair, *pair]
    assert phone.at("ATA") == ["OK", "VOICE CALL: BEGIN", '+CLCC: 1,1,0,0,0,"0912000222",129']
    assert phone.did(AcceptCall) == [AcceptCall("n1")]
    assert phone.wait(10.0) == []


def test_missed_call(phone):
    phone.tell(CallArrived("n1", "0912000222"))
    phone.wait(4.0)
    phone.tell(CallReleased("n1", 16))
    ended, missed = phone.lines()
    assert ended == '+CLCC: 1,1,6,0,0,"0912000222",129'
    assert missed.startswith("MISSED_CALL: ")
    assert missed.endswith("M 0912000222")
    assert phone.wait(10.0) == []
    assert phone.at("ATA") == ["NO CARRIER"]


@pytest.mark.parametrize(
    ("presentation", "clip"),
    [(Presentation.WITHHELD, '+CLIP: "",128,,,,1'), (Presentation.UNAVAILABLE, '+CLIP: "",128,,,,2')],
)
def test_hidden_numbers(phone, presentation, clip):
    phone.tell(CallArrived("n1", "0912000222", presentation))
    assert phone.lines()[1] == clip
    assert phone.at("AT+CLCC") == ['+CLCC: 1,1,4,0,0,"",128', "OK"]


def test_reject_is_told_to_the_network(phone):
    phone.tell(CallArrived("n1", "+84912000222"))
    phone.at("AT+CHUP")
    assert phone.did(ReleaseCall) == [ReleaseCall("n1", 21)]


def test_cring_without_clip(bench):
    bench.at("AT+CRC=1")
    bench.tell(CallArrived("n1", "0912000222"))
    assert bench.lines() == ["+CRING: VOICE"]


def test_hook_is_ignored_unless_cvhu_is_0(bench):
    bench.at("ATD0912000222;")
    assert bench.at("ATH") == ["OK"]
    assert len(bench.modem.state.calls) == 1
    bench.at("AT+CVHU=0")
    assert bench.at("ATH") == ["VOICE CALL: END", "OK"]
    assert bench.modem.state.calls == ()


def test_hang_up_without_a_call_is_ok(bench):
    assert bench.at("AT+CHUP") == ["OK"]


def test_a_second_caller_hears_busy_unless_waiting_is_on(phone):
    phone.at("ATD0912000222;")
    phone.tell(CallConnected("m1"))
    phone.tell(CallArrived("n1", "0913000333"))
    assert phone.did(ReleaseCall) == [ReleaseCall("n1", 17)]
    phone.at("AT+CCWA=1,1")
    assert phone.modem.state.call_waiting
    phone.lines()
    phone.tell(CallArrived("n2", "0913000333"))
    assert phone.lines() == ['+CCWA: "0913000333",129,1', '+CLCC: 2,1,5,0,0,"0913000333",129']
    assert phone.wait(10.0) == []


def test_glare_the_incoming_call_wins(phone):
    phone.at("ATD0912000222;")
    phone.tell(CallArrived("n1", "0913000333"))
    assert phone.did(ReleaseCall) == [ReleaseCall("m1", 16)]
    assert phone.lines()[:4] == [
        '+CLCC: 1,0,6,0,0,"0912000222",129',
        "VOICE CALL: END",
        "RING",
        '+CLIP: "0913000333",129,,,,0',
    ]
    assert phone.at("ATD0912000222;") == ["NO CARRIER"]


def test_dialling_is_refused_without_network_or_semicolon(phone):
    assert phone.at("ATD0912000222") == ["NO CARRIER"]
    assert phone.at("ATDx;") == ["ERROR"]
    phone.tell(RegistrationChanged(Registration.SEARCHING))
    assert phone.at("ATD0912000222;") == ["NO CARRIER"]


def test_late_network_words_about_a_dead_call_are_harmless(phone):
    phone.at("ATD0912000222;")
    phone.at("AT+CHUP")
    for event in (CallAlerted("m1"), CallConnected("m1"), CallReleased("m1", 16), CallReleased("nobody", 16)):
        phone.tell(event)
    assert phone.lines() == []


def test_chained_dial_and_answer(phone):
    assert phone.at("AT+CPCMREG=0;D0912000222;")[0] == "OK"
    phone.tell(CallReleased("m1", 16))
    phone.tell(CallArrived("n1", "0912000222"))
    assert phone.at("AT+CPCMREG=0;A")[0] == "OK"


def test_dial_waits_for_the_answer_with_colp(make_bench):
    bench = make_bench("ec25")
    bench.at("AT+COLP=1")
    assert bench.at("ATD0912000222;", 5.0) == []
    bench.tell(CallConnected("m1"))
    assert bench.lines() == ['+COLP: "0912000222",129', "OK"]
    bench.at("AT+CHUP;D0912000222;")
    bench.tell(CallReleased("m2", 17))
    assert bench.lines() == ["BUSY"]


def test_a_byte_aborts_a_pending_dial(make_bench):
    bench = make_bench("huawei")
    bench.tell(HostWrote(b"ATD0912000222;\r"))
    assert bench.type(b"AT\r") == ["NO CARRIER"]
    assert bench.did(ReleaseCall) == [ReleaseCall("m1", 16)]


def test_ec25_tells_busy_and_no_answer(make_bench):
    bench = make_bench("ec25")
    bench.at('AT+QINDCFG="ccinfo",1,0')
    assert bench.at("ATD10086;") == ["OK", '+QIND: "ccinfo",1,0,2,0,0,"10086",129']
    bench.tell(CallReleased("m1", 17))
    assert bench.lines() == ['+QIND: "ccinfo",1,0,-1,0,0,"10086",129', "BUSY"]
    bench.at("ATD10086;")
    bench.tell(CallReleased("m2", 19))
    assert bench.lines()[-1] == "NO ANSWER"


def test_huawei_call(make_bench):
    bench = make_bench("huawei")
    assert bench.at("ATD10086;", 0.1) == ["OK", "^ORIG:1,0"]
    bench.tell(CallAlerted("m1"))
    bench.tell(CallConnected("m1"))
    bench.wait(3.0)
    assert bench.at("AT+CHUP") == ["OK", "^CEND:1,3,104,16"]
