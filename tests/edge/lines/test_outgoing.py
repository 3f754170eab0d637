"""An outgoing call on a line: dial, alerting, answer, end, glare, hang-up that nobody confirms."""

from __future__ import annotations

import pytest

from edge.calls.actions import ClaimLeg, DialLeg, HangUpLeg, PressKeys
from edge.calls.events import CallOffered, DialRefusal, DialRefused, LegAlerting, LegAnswered, LegEnded
from edge.lines.line import Line
from edge.telephony import CallerIdState, CallState, Cause, EndedBy, LineState, PhoneNumber
from hal.interfaces import (
    CommandDone,
    CommandFailed,
    Dial,
    HangUp,
    ListCalls,
    ModemLost,
    RegistrationReported,
    RegistrationState,
    SendKeys,
)
from tests.edge.lines.modem_talk import CUSTOMER, EMPLOYEE, GSM1, LEG, OWN, ModemTalk, call

BY_US = LegEnded(LEG, Cause.NORMAL_CLEARING, EndedBy.US)


@pytest.mark.parametrize(
    ("called", "written"),
    [
        ("+84903000111", "0903000111"),
        ("+842438251234", "02438251234"),
        ("113", "113"),
        ("+33123456789", "+33123456789"),
    ],
)
def test_how_numbers_are_dialled(called: str, written: str) -> None:
    modem = ModemTalk()
    modem.tell(DialLeg(LEG, GSM1, PhoneNumber(called)))
    assert modem.last(Dial).number == written


def test_a_number_abroad_is_dialled_as_the_settings_say() -> None:
    modem = ModemTalk()
    modem.tell(DialLeg(LEG, GSM1, PhoneNumber("+442071234567"), "131800442071234567"))
    assert modem.last(Dial).number == "131800442071234567"


def test_a_whole_outgoing_call() -> None:
    modem = ModemTalk()
    modem.tell(CommandDone(modem.dials().token))
    assert modem.tell(call(CallState.DIALING, outgoing=True)) == []
    assert modem.tell(call(CallState.ALERTING, outgoing=True)) == [LegAlerting(LEG)]
    assert modem.tell(call(CallState.ALERTING, outgoing=True)) == []
    assert modem.tell(call(CallState.ACTIVE, outgoing=True)) == [LegAnswered(LEG)]
    assert isinstance(modem.tell(PressKeys(LEG, GSM1, "12#"))[0], SendKeys)
    modem.tell(HangUpLeg(LEG, GSM1))
    assert modem.tell(call(CallState.ENDED, outgoing=True)) == [BY_US]
    assert modem.tell(CommandDone(modem.last(HangUp).token)) == []
    assert modem.tell(call(CallState.ENDED, outgoing=True)) == []
    assert not modem.line.busy


def test_the_alerting_state_may_be_skipped() -> None:
    modem = ModemTalk()
    modem.dials()
    assert modem.tell(call(CallState.ACTIVE, outgoing=True)) == [LegAnswered(LEG)]
    assert modem.tell(call(CallState.ALERTING, outgoing=True)) == []


@pytest.mark.parametrize(
    ("reported", "cause", "by"),
    [
        (Cause.USER_BUSY, Cause.USER_BUSY, EndedBy.FAR_END),
        (Cause.NO_ANSWER, Cause.NO_ANSWER, EndedBy.NETWORK),
        (Cause.SUBSCRIBER_ABSENT, Cause.SUBSCRIBER_ABSENT, EndedBy.NETWORK),
    ],
)
def test_a_dialled_call_ends_unanswered(reported: Cause | None, cause: Cause, by: EndedBy) -> None:
    modem = ModemTalk()
    modem.dials()
    assert modem.tell(call(CallState.ENDED, outgoing=True, cause=reported)) == [LegEnded(LEG, cause, by)]


@pytest.mark.parametrize("reported", [None, Cause.UNKNOWN])
def test_a_dialled_call_ends_for_no_reason_given(reported: Cause | None) -> None:
    modem = ModemTalk()
    modem.dials()
    assert modem.tell(call(CallState.ENDED, outgoing=True, cause=reported)) == []
    assert modem.line.busy
    modem.passes(1.1)
    assert modem.all(LegEnded) == [LegEnded(LEG, Cause.NORMAL_UNSPECIFIED, EndedBy.NETWORK)]
    assert modem.line.next_deadline is None


@pytest.mark.parametrize("as_answer", [True, False])
def test_glare_that_ends_our_dialling_before_it_rings(as_answer: bool) -> None:
    modem = ModemTalk()
    dial = modem.dials()
    modem.tell(CommandFailed(dial.token, "NO CARRIER") if as_answer else call(CallState.ENDED, outgoing=True))
    modem.rings()
    assert modem.all(DialRefused) == [DialRefused(LEG, DialRefusal.GLARE)]
    assert modem.all(CallOffered) == [CallOffered(GSM1, CUSTOMER, CallerIdState.VALID)]
    assert modem.all(LegEnded) == []


def test_a_hang_up_while_a_dialling_fails() -> None:
    modem = ModemTalk()
    modem.dials()
    modem.tell(call(CallState.ENDED, outgoing=True))
    assert modem.tell(HangUpLeg(LEG, GSM1)) == [BY_US]
    assert modem.all(HangUp) == []


def test_the_modem_refuses_to_dial() -> None:
    modem = ModemTalk()
    dial = modem.dials()
    out = modem.tell(CommandFailed(dial.token, "NO CARRIER", Cause.NETWORK_OUT_OF_ORDER))
    assert out == [LegEnded(LEG, Cause.NETWORK_OUT_OF_ORDER, EndedBy.NETWORK)]


def test_glare_the_incoming_call_wins() -> None:
    modem = ModemTalk()
    dial = modem.dials()
    modem.rings()
    assert modem.all(DialRefused) == [DialRefused(LEG, DialRefusal.GLARE)]
    assert modem.all(CallOffered) == [CallOffered(GSM1, CUSTOMER, CallerIdState.VALID)]
    # What is left of our dialling changes nothing any more.
    assert modem.tell(CommandFailed(dial.token, "NO CARRIER")) == []
    assert modem.tell(call(CallState.ENDED, outgoing=True)) == []
    modem.tell(ClaimLeg("c18.1", GSM1))
    assert modem.line.leg == "c18.1"


def test_dialling_on_a_line_that_rings_is_glare_too() -> None:
    modem = ModemTalk()
    modem.rings()
    assert modem.tell(DialLeg(LEG, GSM1, EMPLOYEE)) == [DialRefused(LEG, DialRefusal.GLARE)]


def test_dialling_on_a_busy_line() -> None:
    modem = ModemTalk()
    modem.incoming_up()
    assert modem.tell(DialLeg("c17.2", GSM1, EMPLOYEE)) == [DialRefused("c17.2", DialRefusal.LINE_BUSY)]


def test_dialling_on_a_line_without_service() -> None:
    modem = ModemTalk(Line(GSM1, OWN), up=False)
    assert modem.tell(DialLeg(LEG, GSM1, EMPLOYEE)) == [DialRefused(LEG, DialRefusal.LINE_DOWN)]


def test_a_hang_up_without_an_end_is_confirmed_by_a_list() -> None:
    modem = ModemTalk()
    modem.outgoing_up()
    modem.tell(HangUpLeg(LEG, GSM1))
    modem.tell(CommandDone(modem.last(HangUp).token))
    modem.passes(1.5, listing=())
    assert modem.all(LegEnded) == [BY_US]
    assert not modem.line.busy


def test_a_stuck_call_ends_for_us_and_keeps_the_line_busy() -> None:
    modem = ModemTalk()
    modem.outgoing_up()
    modem.tell(HangUpLeg(LEG, GSM1))
    modem.tell(CommandDone(modem.last(HangUp).token))
    for _ in range(20):
        modem.passes(1.0, listing=(call(CallState.ACTIVE, outgoing=True),))
        modem.tell(CommandDone(modem.last(HangUp).token))
    assert modem.all(LegEnded) == [BY_US]
    assert modem.line.busy
    assert modem.line.leg is None
    assert 3 <= len(modem.all(HangUp)) <= 15
    modem.passes(10.0, listing=())
    assert not modem.line.busy
    assert modem.line.next_deadline is None


def test_reconciliation_finds_a_call_that_ended_silently() -> None:
    modem = ModemTalk()
    modem.outgoing_up()
    modem.passes(10.5, listing=())
    assert modem.all(LegEnded) == []
    modem.passes(1.0, listing=())
    assert modem.all(LegEnded) == [LegEnded(LEG, Cause.NORMAL_UNSPECIFIED, EndedBy.NETWORK)]
    assert modem.line.drift == 1


def test_one_empty_list_in_a_call_is_a_quirk() -> None:
    modem = ModemTalk()
    modem.outgoing_up()
    modem.passes(10.5, listing=())
    modem.passes(31.0, listing=(call(CallState.ACTIVE, outgoing=True, index=3),))
    assert modem.all(LegEnded) == []
    assert modem.line.drift == 0
    assert len(modem.all(ListCalls)) == 5


def test_reconciliation_finds_an_answer_that_was_not_reported() -> None:
    modem = ModemTalk()
    modem.dials()
    modem.passes(10.5, listing=(call(CallState.ACTIVE, outgoing=True),))
    assert modem.all(LegAnswered) == [LegAnswered(LEG)]
    assert modem.line.drift == 1


def test_a_call_that_nobody_knows_is_hung_up() -> None:
    modem = ModemTalk()
    modem.tell(call(CallState.ACTIVE))
    assert modem.line.busy
    modem.passes(1.5, listing=(call(CallState.ACTIVE),))
    assert len(modem.all(HangUp)) == 1
    modem.tell(call(CallState.ENDED))
    assert not modem.line.busy
    assert modem.all(LegEnded) == []


def test_registering_anew_in_a_call_is_not_shown() -> None:
    modem = ModemTalk()
    modem.outgoing_up()
    assert modem.tell(RegistrationReported(RegistrationState.SEARCHING)) == []
    assert modem.tell(RegistrationReported(RegistrationState.HOME)) == []
    assert modem.tell(RegistrationReported(RegistrationState.SEARCHING)) == []
    assert modem.line.state is LineState.UP
    modem.tell(call(CallState.ENDED, outgoing=True))
    assert modem.line.state is LineState.NO_SERVICE


def test_the_modem_is_lost_while_we_dial() -> None:
    modem = ModemTalk()
    dial = modem.dials()
    modem.tell(ModemLost("silent"))
    assert modem.all(LegEnded) == [LegEnded(LEG, Cause.TEMPORARY_FAILURE, EndedBy.NETWORK)]
    assert modem.tell(CommandFailed(dial.token, "lost")) == []
    assert modem.line.state is LineState.DOWN


def test_the_outcome_of_an_earlier_dialling_does_not_touch_the_next_call() -> None:
    modem = ModemTalk()
    first = modem.dials()
    modem.tell(call(CallState.ENDED, outgoing=True, cause=Cause.USER_BUSY))
    modem.tell(DialLeg("c18.2", GSM1, EMPLOYEE))
    assert modem.tell(CommandFailed(first.token, "BUSY", Cause.USER_BUSY)) == []
    assert modem.line.leg == "c18.2"


def test_two_empty_lists_count_only_in_a_row() -> None:
    modem = ModemTalk()
    modem.outgoing_up()
    modem.passes(10.5, listing=())
    modem.tell(call(CallState.ACTIVE, outgoing=True))
    modem.passes(0.9, listing=())
    assert modem.all(LegEnded) == []
    assert modem.line.busy
