"""A customer calls the hotline (issue point 3, A039)."""

from __future__ import annotations

import pytest

from edge.calls import actions as act
from edge.calls import events as ev
from edge.telephony import (
    CallerIdState,
    Cause,
    Direction,
    Disposition,
    EndedBy,
    LineState,
    Service,
)
from tests.edge.calls.story import (
    COLLEAGUE,
    CUSTOMER,
    EMPLOYEE,
    GSM1,
    GSM2,
    GSM3,
    HOTLINE,
    OTHER_CUSTOMER,
    SECOND_LINE,
    WALL_0,
    Story,
)


def test_a_whole_call() -> None:
    story = Story()
    caller = story.calls_in(CUSTOMER)
    assert story.done[:3] == [act.ClaimLeg(caller, GSM1), act.AnswerLeg(caller, GSM1), story.last(act.PlayPrompts)]
    assert story.said() == ("greeting",)
    story.prompt_ends()
    assert story.state() == "menu"
    story.keys("512")
    assert story.dialled() == (GSM2, EMPLOYEE)
    assert story.last(act.PlayTone) == act.PlayTone(caller, act.Tone.RING_BACK)
    party = story.answers()
    assert story.all(act.SetHearing) == [act.SetHearing(caller, party, 1.0), act.SetHearing(party, caller, 1.0)]
    assert story.state() == "talking"
    story.passes(65.0)
    story.ends(caller)
    assert story.hung_up() == [party]
    assert story.all(act.SetHearing)[2:] == [act.SetHearing(caller, party, 0.0), act.SetHearing(party, caller, 0.0)]
    story.passes(0.2)
    story.ends(party, by=EndedBy.US)
    cdr = story.cdr()
    assert (cdr.call, cdr.caller, cdr.hotline, cdr.called, cdr.extension) == ("c17", CUSTOMER, HOTLINE, EMPLOYEE, "512")
    assert (cdr.disposition, cdr.cause) == (Disposition.ANSWERED, Cause.NORMAL_CLEARING)
    assert cdr.billable_s == pytest.approx(65.2)
    assert cdr.duration_s == pytest.approx(cdr.ended - cdr.started)
    assert cdr.started == pytest.approx(WALL_0)
    assert cdr.hotline_answered == pytest.approx(WALL_0 + 0.5)
    inbound, outbound = cdr.legs
    assert (inbound.direction, inbound.service, inbound.line) == (Direction.IN, Service.INBOUND, GSM1)
    assert (outbound.direction, outbound.service, outbound.line) == (Direction.OUT, Service.CONNECT, GSM2)
    assert (outbound.hotline, outbound.called_extension) == (SECOND_LINE, "512")
    assert story.texts() == []
    assert story.switchboard.quiet
    assert story.switchboard.next_deadline is None


def test_keys_count_during_the_greeting() -> None:
    story = Story()
    caller = story.calls_in()
    story.keys("512")
    assert act.StopPlaying(caller) in story.done
    assert story.dialled() == (GSM2, EMPLOYEE)


def test_the_open_cdr_is_refreshed_at_each_answer_and_every_ten_seconds() -> None:
    story = Story()
    story.calls_in()
    assert len(story.all(act.RefreshOpenCdr)) == 1
    story.keys("512")
    story.answers()
    assert len(story.all(act.RefreshOpenCdr)) == 2
    story.passes(61.0)
    refreshed = story.all(act.RefreshOpenCdr)
    assert len(refreshed) == 8
    assert refreshed[-1].cdr.disposition is Disposition.INTERRUPTED
    assert refreshed[-1].cdr.billable_s == pytest.approx(60.0)


def test_wrong_extension_three_times() -> None:
    story = Story()
    story.calls_in()
    for keys in ("5559", "222222222"):
        story.prompt_ends()
        story.keys(keys)
        assert story.said() == ("wrong-extension", "menu-again")
    story.prompt_ends()
    story.keys("3#")
    assert story.said() == ("wrong-extension", "goodbye")
    assert story.state() == "farewell"
    story.prompt_ends()
    story.hang_ups_take_effect()
    cdr = story.cdr()
    assert (cdr.disposition, cdr.cause, cdr.extension) == (Disposition.FAILED, Cause.UNASSIGNED_NUMBER, None)
    assert cdr.called == HOTLINE


def test_the_rest_of_a_mistyped_number_is_swallowed_but_not_the_next_try() -> None:
    story = Story()
    story.calls_in()
    story.keys("22222222222")
    assert len(story.all(act.PlayPrompts)) == 2
    story.passes(1.2)
    story.keys("512")
    assert story.dialled() == (GSM2, EMPLOYEE)


def test_silence_is_repeated_and_ends_in_goodbye() -> None:
    story = Story()
    story.calls_in()
    for said in (("no-input", "menu-again"), ("no-input", "menu-again"), ("no-input", "goodbye")):
        story.prompt_ends()
        story.passes(6.9)
        assert story.said() != said or len(story.all(act.PlayPrompts)) < 4
        story.passes(0.2)
        assert story.said() == said
    story.prompt_ends()
    story.hang_ups_take_effect()
    assert story.cdr().disposition is Disposition.FAILED


@pytest.mark.parametrize(
    ("cause", "prompt", "disposition"),
    [
        (Cause.USER_BUSY, "busy", Disposition.BUSY),
        (Cause.NO_USER_RESPONDING, "no-answer", Disposition.NO_ANSWER),
        (Cause.NO_ANSWER, "no-answer", Disposition.NO_ANSWER),
        (Cause.SUBSCRIBER_ABSENT, "unreachable", Disposition.FAILED),
        (Cause.CALL_REJECTED, "unreachable", Disposition.FAILED),
        (Cause.DESTINATION_OUT_OF_ORDER, "unreachable", Disposition.FAILED),
        (Cause.UNASSIGNED_NUMBER, "unreachable", Disposition.FAILED),
        (Cause.CONGESTION, "no-free-line", Disposition.CONGESTION),
    ],
)
def test_an_employee_who_cannot_be_reached(cause: Cause, prompt: str, disposition: Disposition) -> None:
    story = Story()
    caller = story.calls_in()
    story.keys("512")
    story.ends(story.last(act.DialLeg).leg, cause)
    assert story.said() == (prompt, "menu-again")
    assert story.state() == "menu"
    assert story.texts() == [(EMPLOYEE, "Cuộc gọi nhỡ từ 0912000222 tới 512 lúc 14:05 ngày 22/11.")]
    story.prompt_ends()
    story.ends(caller)
    cdr = story.cdr()
    assert (cdr.disposition, cdr.cause, cdr.extension, cdr.called) == (disposition, cause, "512", EMPLOYEE)


def test_nobody_picks_up_in_time() -> None:
    story = Story()
    caller = story.calls_in()
    story.keys("512")
    ringing = story.last(act.DialLeg).leg
    story.passes(3.0)
    story.tell(ev.LegAlerting(ringing))
    story.passes(24.9)
    assert story.hung_up() == []
    story.passes(0.2)
    assert story.hung_up() == [ringing]
    assert story.said() == ("no-answer", "menu-again")
    # He picks up in the very moment: the leg is on its way out and changes nothing.
    story.tell(ev.LegAnswered(ringing))
    assert story.state() == "menu"
    story.ends(ringing, by=EndedBy.US)
    story.ends(caller)
    assert story.cdr().disposition is Disposition.NO_ANSWER
    assert story.cdr().answered is None
    assert len(story.texts()) == 1


def test_the_same_extension_again_before_the_old_leg_is_gone() -> None:
    story = Story(lines=3)
    story.calls_in()
    story.keys("512")
    story.passes(25.1)
    story.passes(1.2)
    story.keys("512")
    assert story.dialled() == (GSM3, EMPLOYEE)


def test_no_free_line() -> None:
    story = Story(lines=1)
    story.calls_in()
    story.keys("512")
    assert story.said() == ("no-free-line", "menu-again")
    assert story.all(act.DialLeg) == []
    assert story.texts() == [(EMPLOYEE, "Cuộc gọi nhỡ từ 0912000222 tới 512 lúc 14:05 ngày 22/11.")]


def test_failed_rings_are_tries_and_the_employee_is_told_once() -> None:
    story = Story()
    story.calls_in()
    for _ in range(3):
        story.keys("512")
        story.ends(story.last(act.DialLeg).leg, Cause.USER_BUSY)
        story.passes(2.0)
    assert story.said() == ("busy", "goodbye")
    assert len(story.texts()) == 1


def test_the_caller_leaves_while_it_rings() -> None:
    story = Story()
    caller = story.calls_in()
    story.keys("512")
    ringing = story.last(act.DialLeg).leg
    story.ends(caller)
    assert story.hung_up() == [ringing]
    assert story.texts()[0][0] == EMPLOYEE
    story.tell(ev.LegAnswered(ringing))
    assert not [each for each in story.all(act.SetHearing) if each.gain]
    story.ends(ringing, by=EndedBy.US)
    cdr = story.cdr()
    assert cdr.disposition is Disposition.ABANDONED
    assert cdr.answered is None
    assert cdr.legs[1].answered is not None, "the network may charge for that answer"


def test_the_caller_leaves_in_the_greeting() -> None:
    story = Story()
    story.ends(story.calls_in())
    assert story.cdr().disposition is Disposition.ABANDONED


def test_the_caller_leaves_before_we_answer() -> None:
    story = Story()
    story.ends(story.offered())
    assert story.cdr().disposition is Disposition.ABANDONED
    assert story.cdr().hotline_answered is None


def test_both_hang_up_at_the_same_instant() -> None:
    story = Story()
    caller = story.calls_in()
    story.keys("512")
    party = story.answers()
    story.ends(party)
    story.ends(caller)
    assert story.hung_up() == [caller]
    assert story.cdr().disposition is Disposition.ANSWERED
    assert story.switchboard.unexpected == {}


def test_a_withheld_caller() -> None:
    story = Story()
    caller = story.calls_in(None)
    story.keys("512")
    story.ends(caller)
    story.hang_ups_take_effect()
    assert story.cdr().caller is None
    assert story.texts() == [(EMPLOYEE, "Cuộc gọi nhỡ từ số ẩn tới 512 lúc 14:05 ngày 22/11.")]


def test_glare_takes_another_line() -> None:
    story = Story(lines=3)
    story.calls_in()
    story.keys("512")
    refused = story.last(act.DialLeg).leg
    story.tell(ev.DialRefused(refused, ev.DialRefusal.GLARE))
    assert story.dialled() == (GSM3, EMPLOYEE)
    story.calls_in(OTHER_CUSTOMER, GSM2)
    assert len(story.switchboard.calls) == 2
    assert [each.leg for each in story.switchboard.calls[0].legs] == ["c17.1", "c17.3"]


def test_glare_without_another_line() -> None:
    story = Story()
    story.calls_in()
    story.keys("512")
    story.tell(ev.DialRefused(story.last(act.DialLeg).leg, ev.DialRefusal.GLARE))
    assert story.said() == ("no-free-line", "menu-again")


def test_two_callers_for_the_same_extension() -> None:
    story = Story(lines=3)
    first = story.calls_in(CUSTOMER, GSM1)
    story.keys("512", first)
    story.answers()
    second = story.calls_in(OTHER_CUSTOMER, GSM3)
    story.keys("512", second)
    assert len(story.all(act.DialLeg)) == 1
    assert story.said() == ("busy", "menu-again")
    assert story.texts()[0][0] == EMPLOYEE


def test_a_second_caller_on_a_busy_line() -> None:
    story = Story()
    story.calls_in()
    story.tell(ev.CallWaitingOffered(GSM1, OTHER_CUSTOMER, CallerIdState.VALID))
    assert act.RefuseWaitingCall(GSM1) in story.done
    cdr = story.cdr()
    assert (cdr.call, cdr.caller, cdr.disposition, cdr.cause) == (
        "c18",
        OTHER_CUSTOMER,
        Disposition.BUSY,
        Cause.USER_BUSY,
    )
    assert cdr.duration_s == 0.0
    # Reception, the lowest extension, is told: the caller could not ask for anybody.
    assert story.texts() == [(EMPLOYEE, "Cuộc gọi nhỡ từ 0913000333 tới 0901234567 lúc 14:05 ngày 22/11.")]
    assert len(story.switchboard.calls) == 1


def test_our_own_line_calls_us() -> None:
    story = Story(lines=3)
    leg = story.offered(SECOND_LINE)
    assert story.hung_up() == [leg]
    assert story.all(act.AnswerLeg) == []
    story.hang_ups_take_effect()
    assert (story.cdr().disposition, story.cdr().cause) == (Disposition.FAILED, Cause.CALL_REJECTED)


def test_an_employees_phone_forwarded_back_to_us() -> None:
    story = Story(lines=3)
    story.calls_in()
    story.keys("512")
    ringing = story.last(act.DialLeg).leg
    looped = story.offered(SECOND_LINE, GSM3)
    assert story.hung_up() == [ringing, looped]
    assert story.said() == ("unreachable", "menu-again")


def test_a_line_that_loses_its_modem_in_a_call() -> None:
    story = Story()
    caller = story.calls_in()
    story.keys("512")
    party = story.answers()
    story.ends(party, Cause.TEMPORARY_FAILURE, EndedBy.NETWORK)
    story.tell(ev.LineChanged(GSM2, LineState.DOWN, SECOND_LINE))
    assert story.hung_up() == [caller]
    story.hang_ups_take_effect()
    assert (story.cdr().disposition, story.cdr().cause) == (Disposition.ANSWERED, Cause.TEMPORARY_FAILURE)


def test_no_voice_path() -> None:
    story = Story()
    caller = story.offered()
    story.tell(ev.LegAnswered(caller))
    story.tell(ev.LegAudioFailed(caller, "refused"))
    story.hang_ups_take_effect()
    assert (story.cdr().disposition, story.cdr().cause) == (Disposition.FAILED, Cause.CHANNEL_UNAVAILABLE)


def test_a_company_of_its_own_greeting_and_nobody_in_it() -> None:
    from edge.dialplan.settings import Company, Settings

    story = Story(Settings(company=Company("Hoa Sen", "hoa-sen.flac", "en")))
    story.calls_in()
    assert story.last(act.PlayPrompts).prompts == ("company-greeting",)
    assert story.last(act.PlayPrompts).language == "en"
    story.keys("512")
    assert story.said() == ("wrong-extension", "menu-again")


def test_strangers_reach_no_outside_number() -> None:
    story = Story()
    story.calls_in()
    story.keys("90988777666")
    story.passes(4.0)
    assert story.all(act.DialLeg) == []
    story.keys("112#")
    assert story.all(act.DialLeg) == []
    assert COLLEAGUE not in [each.called for each in story.all(act.DialLeg)]
