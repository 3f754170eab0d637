"""An employee, known by caller id, calls the hotline: colleagues, outside, PIN, emergency (A041, A092, A153)."""

from __future__ import annotations

import pytest

from edge.calls import actions as act
from edge.calls import events as ev
from edge.telephony import Cause, Disposition, EndedBy, PhoneNumber, Service
from tests.edge.calls.story import COLLEAGUE, EMPLOYEE, GSM2, HOTLINE, OUTSIDE, SECOND_LINE, Story


@pytest.mark.parametrize("keys", ["90988777666#", "0988777666#", "90988777666", "0988777666"])
def test_an_outside_call(keys: str) -> None:
    story = Story()
    caller = story.calls_in(EMPLOYEE)
    assert story.said() == ("employee-greeting",)
    story.keys(keys)
    if not keys.endswith("#"):
        story.passes(2.9)
        assert story.all(act.DialLeg) == []
        story.passes(0.2)
    assert story.dialled() == (GSM2, OUTSIDE)
    party = story.answers()
    story.passes(10.0)
    story.ends(party)
    story.hang_ups_take_effect()
    cdr = story.cdr()
    assert (cdr.caller, cdr.hotline, cdr.called, cdr.extension) == (EMPLOYEE, HOTLINE, OUTSIDE, "512")
    assert cdr.disposition is Disposition.ANSWERED
    outside = cdr.legs[1]
    assert (outside.service, outside.hotline) == (Service.OUTBOUND, SECOND_LINE)
    assert (outside.calling_extension, outside.called_extension) == ("512", None)
    assert story.hung_up() == [caller]


def test_an_outside_number_rings_longer_and_nobody_gets_an_sms() -> None:
    story = Story()
    story.calls_in(EMPLOYEE)
    story.keys("0988777666#")
    story.tell(ev.LegAlerting(story.last(act.DialLeg).leg))
    story.passes(59.0)
    assert story.hung_up() == []
    story.passes(2.0)
    assert story.said() == ("no-answer", "menu-again")
    assert story.texts() == []


def test_a_colleague_by_extension_or_by_his_own_number() -> None:
    for keys in ("6001", "0903000113#"):
        story = Story()
        story.calls_in(EMPLOYEE)
        story.keys(keys)
        assert story.dialled() == (GSM2, PhoneNumber("+84903000113"))
        party = story.answers()
        story.ends(party)
        story.hang_ups_take_effect()
        cdr = story.cdr()
        assert (cdr.extension, cdr.legs[1].service) == ("6001", Service.CONNECT)
        assert (cdr.legs[1].calling_extension, cdr.legs[1].called_extension) == ("512", "6001")


@pytest.mark.parametrize(
    ("keys", "prompt", "cause"),
    [
        ("90033123456789#", "outside-refused", Cause.BARRED),
        ("919001234#", "outside-refused", Cause.BARRED),
        ("9100#", "outside-refused", Cause.BARRED),
        ("0901234567#", "outside-refused", Cause.BARRED),
        ("90123#", "bad-number", Cause.INVALID_NUMBER),
        ("0912#", "bad-number", Cause.INVALID_NUMBER),
    ],
)
def test_numbers_that_are_refused(keys: str, prompt: str, cause: Cause) -> None:
    story = Story()
    caller = story.calls_in(EMPLOYEE)
    story.keys(keys)
    assert story.said() == (prompt, "menu-again")
    assert story.all(act.DialLeg) == []
    story.ends(caller)
    assert story.cdr().disposition is Disposition.ABANDONED


@pytest.mark.parametrize("keys", ["112", "9113", "114", "9115"])
def test_emergency_passes_at_the_last_digit_and_without_a_pin(keys: str) -> None:
    story = Story()
    story.calls_in(COLLEAGUE)
    story.keys(keys)
    assert story.dialled() == (GSM2, PhoneNumber(keys[-3:]))


def test_the_right_pin() -> None:
    story = Story()
    story.calls_in(COLLEAGUE)
    story.keys("90988777666#")
    assert story.said() == ("enter-pin",)
    assert story.state() == "pin"
    story.passes(1.2)
    story.keys("4321")
    assert story.dialled() == (GSM2, OUTSIDE)
    story.ends(story.last(act.DialLeg).leg, Cause.USER_BUSY)
    story.passes(1.2)
    story.keys("90988777666#")
    assert len(story.all(act.DialLeg)) == 2, "one PIN per call is enough"


def test_a_wrong_pin_three_times() -> None:
    story = Story()
    story.calls_in(COLLEAGUE)
    story.keys("90988777666#")
    for keys in ("1111", "12#", ""):
        story.prompt_ends()
        story.keys(keys)
        if not keys:
            story.passes(7.1)
    assert story.said() == ("wrong-pin", "goodbye")
    assert story.state() == "farewell"
    story.prompt_ends()
    story.hang_ups_take_effect()
    assert (story.cdr().disposition, story.cdr().cause) == (Disposition.FAILED, Cause.CALL_REJECTED)
    assert story.all(act.DialLeg) == []


def test_an_employee_who_calls_himself_is_busy_and_gets_no_sms() -> None:
    story = Story()
    story.calls_in(EMPLOYEE)
    story.keys("512")
    assert story.said() == ("busy", "menu-again")
    assert story.texts() == []


def test_the_end_by_a_person_on_the_page() -> None:
    story = Story()
    caller = story.calls_in(EMPLOYEE)
    story.keys("0988777666#")
    party = story.answers()
    story.tell(ev.CallEndRequested(story.switchboard.calls[0].call, "manager"))
    assert story.hung_up() == [caller, party]
    story.hang_ups_take_effect()
    assert story.cdr().disposition is Disposition.ANSWERED
    assert [each.ended_by for each in story.cdr().legs] == [EndedBy.US, EndedBy.US]
    story.tell(ev.CallEndRequested(story.cdr().call, "manager"))
