"""An incoming call on a line: RING, caller id, answer, end (modem-facts §8, §9, §18)."""

from __future__ import annotations

import pytest

from edge.calls.actions import AnswerLeg, ClaimLeg, HangUpLeg
from edge.calls.events import CallOffered, LegAnswered, LegAudioFailed, LegAudioOpened, LegEnded
from edge.telephony import CallerIdState, CallState, Cause, EndedBy
from hal.interfaces import (
    Answer,
    AudioFailed,
    AudioOpened,
    CallerIdReported,
    CallReported,
    CommandDone,
    CommandFailed,
    HangUp,
    ListCalls,
    ModemLost,
    RingHeard,
)
from tests.edge.lines.modem_talk import CUSTOMER, GSM1, LEG, ModemTalk, call, number

GAVE_UP = LegEnded(LEG, Cause.NORMAL_CLEARING, EndedBy.FAR_END)


def test_the_caller_id_completes_the_offer_at_once() -> None:
    modem = ModemTalk()
    assert modem.tell(RingHeard()) == []
    assert modem.tell(CallerIdReported(number("0912000222"))) == [CallOffered(GSM1, CUSTOMER, CallerIdState.VALID)]


def test_repeated_rings_are_one_call() -> None:
    modem = ModemTalk()
    for _ in range(6):
        modem.rings()
        modem.passes(3.0)
    assert len(modem.all(CallOffered)) == 1


def test_a_state_report_with_a_number_offers_before_the_first_ring() -> None:
    modem = ModemTalk()
    modem.tell(CallReported(1, False, CallState.INCOMING, number("0912000222")))
    modem.rings()
    assert modem.out == [CallOffered(GSM1, CUSTOMER, CallerIdState.VALID)]


def test_no_caller_id_waits_one_ring_and_asks_the_module() -> None:
    modem = ModemTalk()
    modem.tell(RingHeard())
    modem.passes(3.0)
    assert modem.out == []
    modem.tell(RingHeard())
    modem.passes(0.5, listing=(CallReported(1, False, CallState.INCOMING, number("0912000222")),))
    assert modem.last(CallOffered) == CallOffered(GSM1, CUSTOMER, CallerIdState.VALID)


def test_no_caller_id_anywhere_is_unavailable() -> None:
    modem = ModemTalk()
    modem.tell(RingHeard())
    modem.passes(3.5, listing=(call(CallState.INCOMING),))
    assert modem.last(CallOffered) == CallOffered(GSM1, None, CallerIdState.UNAVAILABLE)


def test_a_module_that_does_not_answer_the_list_holds_no_caller_back() -> None:
    modem = ModemTalk()
    modem.tell(RingHeard())
    modem.passes(5.5)
    assert modem.last(CallOffered) == CallOffered(GSM1, None, CallerIdState.UNAVAILABLE)
    assert len(modem.all(ListCalls)) == 1


def test_one_stray_ring_is_no_call() -> None:
    modem = ModemTalk()
    modem.tell(RingHeard())
    modem.passes(6.0, listing=())
    assert modem.all(CallOffered) == []
    assert not modem.line.busy
    assert modem.line.next_deadline is None


@pytest.mark.parametrize(
    ("digits", "validity", "expected"),
    [
        ("", CallerIdState.WITHHELD, CallerIdState.WITHHELD),
        ("", CallerIdState.UNAVAILABLE, CallerIdState.UNAVAILABLE),
        ("", CallerIdState.VALID, CallerIdState.UNAVAILABLE),
        ("MobiFone", CallerIdState.VALID, CallerIdState.UNAVAILABLE),
    ],
)
def test_callers_without_a_number(digits: str, validity: CallerIdState, expected: CallerIdState) -> None:
    modem = ModemTalk()
    modem.tell(RingHeard())
    modem.tell(CallerIdReported(number(digits, validity=validity)))
    assert modem.out == [CallOffered(GSM1, None, expected)]


def test_a_late_caller_id_is_harmless() -> None:
    modem = ModemTalk()
    modem.tell(RingHeard())
    modem.passes(5.5)
    modem.tell(ClaimLeg(LEG, GSM1))
    modem.tell(CallerIdReported(number("0912000222")))
    modem.tell(AnswerLeg(LEG, GSM1))
    modem.tell(call(CallState.ACTIVE))
    modem.tell(CallerIdReported(number("0912000222")))
    assert len(modem.all(CallOffered)) == 1


def test_answer_and_a_ring_after_it() -> None:
    modem = ModemTalk()
    modem.rings()
    modem.tell(ClaimLeg(LEG, GSM1))
    modem.tell(AnswerLeg(LEG, GSM1))
    modem.tell(CommandDone(modem.last(Answer).token))
    modem.rings()
    assert modem.tell(call(CallState.ACTIVE)) == [LegAnswered(LEG)]
    modem.rings()
    assert modem.tell(call(CallState.ACTIVE)) == []
    assert modem.tell(AudioOpened()) == [LegAudioOpened(LEG)]
    assert modem.tell(AudioFailed("busy")) == [LegAudioFailed(LEG, "busy")]
    assert modem.line.leg == LEG
    assert len(modem.all(CallOffered)) == 1


def test_an_answer_without_a_report_is_looked_up() -> None:
    modem = ModemTalk()
    modem.rings()
    modem.tell(ClaimLeg(LEG, GSM1))
    modem.tell(AnswerLeg(LEG, GSM1))
    modem.tell(CommandDone(modem.last(Answer).token))
    modem.passes(2.5, listing=(call(CallState.ACTIVE),))
    assert modem.last(LegAnswered) == LegAnswered(LEG)
    assert modem.line.drift == 1


def test_an_answer_too_late_for_the_caller() -> None:
    modem = ModemTalk()
    modem.rings()
    modem.tell(ClaimLeg(LEG, GSM1))
    modem.tell(AnswerLeg(LEG, GSM1))
    modem.tell(CommandFailed(modem.last(Answer).token, "NO CARRIER"))
    modem.passes(3.0, listing=())
    assert len(modem.all(LegEnded)) == 1
    assert not modem.line.busy


def test_a_refused_answer_is_given_again_while_it_rings() -> None:
    modem = ModemTalk()
    modem.rings()
    modem.tell(ClaimLeg(LEG, GSM1))
    modem.tell(AnswerLeg(LEG, GSM1))
    modem.tell(CommandFailed(modem.last(Answer).token, "ERROR"))
    modem.passes(1.5, listing=(call(CallState.INCOMING),))
    assert len(modem.all(Answer)) == 2


def test_the_caller_gives_up_and_the_module_says_so() -> None:
    modem = ModemTalk()
    modem.rings()
    modem.tell(ClaimLeg(LEG, GSM1))
    assert modem.tell(call(CallState.ENDED)) == [GAVE_UP]
    assert modem.tell(call(CallState.ENDED)) == []
    assert modem.line.next_deadline is None


def test_the_rings_just_stop() -> None:
    modem = ModemTalk()
    modem.rings()
    modem.tell(ClaimLeg(LEG, GSM1))
    modem.passes(3.0)
    modem.rings()
    modem.passes(7.9, listing=())
    assert modem.all(LegEnded) == []
    modem.passes(1.5, listing=())
    assert modem.all(LegEnded) == [GAVE_UP]


def test_slow_rings_are_waited_for_longer() -> None:
    modem = ModemTalk()
    modem.rings()
    modem.tell(ClaimLeg(LEG, GSM1))
    modem.passes(5.0)
    modem.rings()
    modem.passes(11.9, listing=())
    assert modem.all(ListCalls) == []
    modem.passes(1.5, listing=())
    assert modem.all(LegEnded) == [GAVE_UP]


def test_rings_that_are_not_reported_but_go_on() -> None:
    modem = ModemTalk()
    modem.rings()
    modem.tell(ClaimLeg(LEG, GSM1))
    modem.passes(60.0, listing=(call(CallState.INCOMING),))
    assert len(modem.all(ListCalls)) >= 5
    assert modem.all(LegEnded) == []


def test_what_happens_before_the_claim_is_told_after_it() -> None:
    modem = ModemTalk()
    modem.rings()
    assert modem.tell(call(CallState.ENDED)) == []
    modem.rings("0913000333")
    assert modem.tell(ClaimLeg(LEG, GSM1)) == [GAVE_UP]
    assert modem.tell(ClaimLeg("c18.1", GSM1)) == []
    assert modem.line.leg == "c18.1"


def test_a_claim_of_nothing_ends_at_once() -> None:
    modem = ModemTalk()
    (ended,) = modem.tell(ClaimLeg(LEG, GSM1))
    assert isinstance(ended, LegEnded)


def test_a_call_that_rang_too_briefly_to_be_offered() -> None:
    modem = ModemTalk()
    modem.tell(RingHeard())
    modem.tell(call(CallState.ENDED))
    assert modem.out == []
    assert not modem.line.busy


def test_refusing_a_call_that_rings() -> None:
    modem = ModemTalk()
    modem.rings()
    modem.tell(ClaimLeg(LEG, GSM1))
    modem.tell(HangUpLeg(LEG, GSM1))
    assert isinstance(modem.out[-1], HangUp)
    assert modem.tell(call(CallState.ENDED)) == [LegEnded(LEG, Cause.NORMAL_CLEARING, EndedBy.US)]


def test_the_caller_hangs_up() -> None:
    modem = ModemTalk()
    modem.incoming_up()
    assert modem.tell(call(CallState.ENDED, cause=Cause.NORMAL_CLEARING)) == [GAVE_UP]
    assert modem.tell(HangUpLeg(LEG, GSM1)) == []
    assert not modem.line.busy


def test_the_modem_is_lost_in_a_call() -> None:
    modem = ModemTalk()
    modem.incoming_up()
    modem.tell(ModemLost("port gone"))
    assert modem.all(LegEnded) == [LegEnded(LEG, Cause.TEMPORARY_FAILURE, EndedBy.NETWORK)]
    assert modem.line.next_deadline is None


def test_a_call_that_is_up_though_nobody_answered_it_is_watched_like_any_other() -> None:
    modem = ModemTalk()
    modem.rings()
    modem.tell(ClaimLeg(LEG, GSM1))
    assert modem.tell(call(CallState.ACTIVE)) == [LegAnswered(LEG)]
    modem.passes(12.0, listing=())
    assert len(modem.all(LegEnded)) == 1
    assert not modem.line.busy
