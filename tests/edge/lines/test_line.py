"""A line beside its call: state, numbers, waiting calls, keys, SMS."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.calls.actions import HangUpLeg, RefuseWaitingCall, SendMessage
from edge.calls.events import (
    CallWaitingOffered,
    KeyPressed,
    LegEnded,
    LineChanged,
    SmsFailed,
    SmsReceived,
    SmsSent,
)
from edge.lines.line import Line
from edge.lines.numbers import to_phone_number
from edge.telephony import CallerIdState, CallState, LineState, MessageId, PhoneNumber, RawNumber
from hal.interfaces import (
    CallReported,
    CallsListed,
    CommandDone,
    CommandFailed,
    KeyReported,
    ModemLost,
    ModemReady,
    NetworkTimeReported,
    RefuseWaiting,
    RegistrationReported,
    RegistrationState,
    RingHeard,
    SendSms,
    SignalReported,
    SimReported,
    SimState,
    SmsPartReceived,
    WaitingCallReported,
)
from tests.edge.lines.modem_talk import CUSTOMER, GSM1, IDENTITY, LEG, OWN, ModemTalk, call, number

HOME = RegistrationReported(RegistrationState.HOME, "MobiFone")


def test_a_line_comes_up_goes_away_and_comes_back() -> None:
    modem = ModemTalk(up=False)
    assert modem.line.state is LineState.STARTING
    assert modem.tell(ModemReady(IDENTITY)) == [LineChanged(GSM1, LineState.NO_SERVICE, OWN)]
    assert modem.tell(HOME) == [LineChanged(GSM1, LineState.UP, OWN)]
    assert modem.tell(HOME) == []
    assert modem.tell(SignalReported(-71)) == []
    assert (modem.line.status.signal_dbm, modem.line.status.operator) == (-71, "MobiFone")
    assert modem.tell(ModemLost("port gone")) == [LineChanged(GSM1, LineState.DOWN, OWN)]
    assert modem.line.status.reason == "port gone"
    assert modem.tell(HOME) == []
    assert modem.tell(ModemReady(IDENTITY)) == [LineChanged(GSM1, LineState.UP, OWN)]
    assert modem.tell(SimReported(SimState.ABSENT)) == [LineChanged(GSM1, LineState.NO_SERVICE, OWN)]
    assert modem.tell(NetworkTimeReported(1.0)) == []


def test_the_number_of_the_sim_where_none_is_configured() -> None:
    modem = ModemTalk(Line(GSM1), up=False)
    (changed,) = modem.tell(ModemReady(replace(IDENTITY, own_number="84901234567")))
    assert changed == LineChanged(GSM1, LineState.NO_SERVICE, OWN)
    assert modem.line.number == OWN


def test_a_modem_without_voice_takes_no_calls() -> None:
    modem = ModemTalk(up=False)
    modem.tell(ModemReady(replace(IDENTITY, voice=False)))
    modem.tell(HOME)
    assert modem.line.state is LineState.NO_SERVICE


@pytest.mark.parametrize(
    ("digits", "kind", "expected"),
    [
        ("0912000222", 129, "+84912000222"),
        ("+84912000222", 145, "+84912000222"),
        ("84912000222", 145, "+84912000222"),
        ("84912000222", 129, "+84912000222"),
        ("912000222", 161, "+84912000222"),
        ("0912000222", 161, "+84912000222"),
        ("33123456789", 145, "+33123456789"),
        ("0033123456789", 129, "+33123456789"),
        ("113", 129, "113"),
        ("9123", 129, "9123"),
        ("MobiFone", 208, None),
        ("", 128, None),
        ("0", 129, None),
    ],
)
def test_numbers_as_modems_write_them(digits: str, kind: int, expected: str | None) -> None:
    assert to_phone_number(RawNumber(digits, kind)) == expected


# --- a second caller ----------------------------------------------------------------------------------------------


def test_a_waiting_call_is_offered_once_and_refused() -> None:
    modem = ModemTalk()
    modem.incoming_up()
    offered = CallWaitingOffered(GSM1, PhoneNumber("+84913000333"), CallerIdState.VALID)
    assert modem.tell(WaitingCallReported(number("0913000333"))) == [offered]
    assert modem.tell(call(CallState.WAITING, index=2)) == []
    assert modem.tell(RingHeard()) == []
    assert isinstance(modem.tell(RefuseWaitingCall(GSM1))[0], RefuseWaiting)
    assert modem.tell(call(CallState.ENDED, index=2)) == []
    assert modem.line.leg == LEG, "the end of the waiting call is not the end of ours"
    assert modem.tell(call(CallState.ENDED, index=1)) != []


def test_the_end_of_a_waiting_call_that_had_no_index() -> None:
    modem = ModemTalk()
    modem.incoming_up()
    modem.tell(WaitingCallReported(number("0913000333")))
    assert modem.tell(call(CallState.ENDED, index=2)) == []
    assert modem.line.leg == LEG


def test_our_end_while_a_call_waits() -> None:
    modem = ModemTalk()
    modem.incoming_up()
    modem.tell(call(CallState.WAITING, index=2))
    assert [type(each) for each in modem.tell(call(CallState.ENDED, index=1))] == [LegEnded]


def test_another_waiting_caller_is_another_call() -> None:
    modem = ModemTalk()
    modem.incoming_up()
    modem.tell(WaitingCallReported(number("0913000333")))
    modem.tell(WaitingCallReported(number("0914000444")))
    assert len(modem.all(CallWaitingOffered)) == 2
    modem.tell(CallsListed((call(CallState.ACTIVE),)))
    modem.tell(WaitingCallReported(number("0914000444")))
    assert len(modem.all(CallWaitingOffered)) == 3


def test_the_same_caller_waits_again_later() -> None:
    modem = ModemTalk()
    modem.incoming_up()
    modem.tell(WaitingCallReported(number("0913000333")))
    modem.passes(9.0)
    modem.tell(WaitingCallReported(number("0913000333")))
    assert len(modem.all(CallWaitingOffered)) == 1
    modem.passes(10.5)
    modem.tell(WaitingCallReported(number("0913000333")))
    assert len(modem.all(CallWaitingOffered)) == 2


def test_a_waiting_call_is_forgotten_with_the_call_it_waited_for() -> None:
    modem = ModemTalk()
    modem.incoming_up()
    modem.tell(WaitingCallReported(number("0913000333")))
    modem.tell(call(CallState.ENDED))
    modem.incoming_up()
    modem.tell(WaitingCallReported(number("0913000333")))
    assert len(modem.all(CallWaitingOffered)) == 1, "said anew: it is another call"


def test_a_waiting_call_that_only_the_list_shows() -> None:
    modem = ModemTalk()
    modem.incoming_up()
    waiting = CallReported(2, False, CallState.WAITING, number("0912000222"))
    modem.passes(10.5, listing=(call(CallState.ACTIVE), waiting))
    assert modem.all(CallWaitingOffered) == [CallWaitingOffered(GSM1, CUSTOMER, CallerIdState.VALID)]


# --- keys ---------------------------------------------------------------------------------------------------------


def test_keys_once_each() -> None:
    modem = ModemTalk()
    modem.incoming_up()
    assert modem.tell(KeyReported("5")) == [KeyPressed(LEG, "5")]
    modem.passes(0.05)
    assert modem.tell(KeyReported("5")) == [], "a doubled report"
    modem.passes(0.19)
    assert modem.tell(KeyReported("5")) == [KeyPressed(LEG, "5")], "pressed again"
    assert modem.tell(KeyReported("1")) == [KeyPressed(LEG, "1")]
    assert modem.tell(KeyReported("x")) == []
    modem.tell(HangUpLeg(LEG, GSM1))
    modem.tell(call(CallState.ENDED))
    assert modem.tell(KeyReported("2")) == []


# --- SMS ----------------------------------------------------------------------------------------------------------


def test_a_single_message() -> None:
    modem = ModemTalk()
    out = modem.tell(SmsPartReceived(number("0912000222"), "Chào", 1e9))
    assert out == [SmsReceived(GSM1, CUSTOMER, "0912000222", "Chào", 1e9)]
    (named,) = modem.tell(SmsPartReceived(number("MobiFone", 208), "KM 50%", 1e9))
    assert (named.sender, named.sender_text) == (None, "MobiFone")


def test_parts_in_any_order_are_one_message() -> None:
    modem = ModemTalk()
    parts = {1: "một ", 2: "hai ", 3: "ba"}
    for part in (3, 1, 1):
        assert modem.tell(SmsPartReceived(number("0912000222"), parts[part], 1e9, 7, part, 3)) == []
    (whole,) = modem.tell(SmsPartReceived(number("0912000222"), parts[2], 1e9, 7, 2, 3))
    assert whole.text == "một hai ba"
    assert modem.line.next_deadline is None


def test_a_part_that_never_comes() -> None:
    modem = ModemTalk()
    modem.tell(SmsPartReceived(number("0912000222"), "ba", 1e9, 7, 3, 3))
    modem.passes(599.0)
    assert modem.all(SmsReceived) == []
    modem.passes(2.0)
    assert modem.last(SmsReceived).text == "[…][…]ba"
    assert modem.line.next_deadline is None


def test_sending() -> None:
    modem = ModemTalk()
    first = SendMessage(MessageId("m1"), GSM1, CUSTOMER, "một")
    modem.tell(first)
    modem.tell(replace(first, message=MessageId("m2")))
    modem.tell(replace(first, message=MessageId("m3")))
    one, two, _ = modem.all(SendSms)
    assert (one.number, one.text) == ("0912000222", "một")
    assert modem.tell(CommandFailed(two.token, "+CMS ERROR: 331")) == [SmsFailed(MessageId("m2"), "+CMS ERROR: 331")]
    assert modem.tell(CommandDone(one.token)) == [SmsSent(MessageId("m1"))]
    assert modem.tell(CommandDone(one.token)) == []
    assert SmsFailed(MessageId("m3"), "port gone") in modem.tell(ModemLost("port gone"))
    assert modem.tell(first) == [SmsFailed(MessageId("m1"), "gsm-1 has no modem")]
