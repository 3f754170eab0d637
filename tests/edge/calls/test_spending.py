"""Spending control seen from a call: asked before every dialling, told of answer and end, and obeyed in the middle."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.calls import actions as act
from edge.calls import events as ev
from edge.calls.replay import replay
from edge.dialplan.limits import Barring, Spending
from edge.dialplan.settings import Settings
from edge.telephony import CallState, Cause, Disposition, EndedBy, LegId, LineState, MessageId, PhoneNumber, Service
from tests.edge.calls.story import (
    COLLEAGUE,
    COMPANY,
    CUSTOMER,
    EMPLOYEE,
    GSM1,
    GSM2,
    GSM3,
    HOTLINE,
    OUTSIDE,
    SECOND_LINE,
    Purse,
    Story,
    empty_purse,
    silent_purse,
)

MANAGER = PhoneNumber("+84903000119")
LONDON = PhoneNumber("+442071234567")
PARTY = LegId("c17.2")


def opened(barring: Barring) -> Settings:
    return replace(COMPANY, spending=Spending(barring=barring))


def outside_call(purse: Purse | None = None, *, lines: int = 2) -> tuple[Story, LegId]:
    """An employee keys an outside number."""
    story = Story(lines=lines) if purse is None else Story(lines=lines, purse=purse)
    caller = story.calls_in(EMPLOYEE)
    story.keys("0988777666#")
    return story, caller


# --- asked before dialling ----------------------------------------------------------------------------------------


def test_a_leg_is_asked_about_dialled_metered_and_released() -> None:
    story, caller = outside_call()
    party = story.answers()
    story.passes(10.0)
    story.ends(party)
    story.hang_ups_take_effect()
    spending = [each for each in story.done if isinstance(each, act.SpendingAction | act.DialLeg)]
    assert spending == [
        act.AuthoriseLeg(party, SECOND_LINE, OUTSIDE, Service.OUTBOUND, "512", None),
        act.DialLeg(party, GSM2, OUTSIDE),
        act.MeterLeg(party),
        act.ReleaseLeg(party),
    ]
    assert story.hung_up() == [caller]
    assert replay(story.start, story.journal) is None


def test_a_customers_leg_is_asked_about_without_a_calling_extension() -> None:
    story = Story()
    story.calls_in(CUSTOMER)
    story.keys("512")
    assert story.all(act.AuthoriseLeg) == [
        act.AuthoriseLeg(PARTY, SECOND_LINE, EMPLOYEE, Service.CONNECT, None, "512"),
    ]


@pytest.mark.parametrize("number", ["112", "113", "114", "115"])
@pytest.mark.parametrize("purse", [silent_purse, empty_purse(ev.BarReason.FRAUD)])
def test_an_emergency_is_dialled_at_once_and_never_asked_about(number: str, purse: Purse) -> None:
    story = Story(purse=purse)
    story.calls_in(EMPLOYEE)
    story.keys(number)
    assert story.dialled() == (GSM2, PhoneNumber(number))
    party = story.answers()
    story.ends(party)
    story.hang_ups_take_effect()
    assert [each for each in story.done if isinstance(each, act.SpendingAction)] == []
    assert story.cdr().disposition is Disposition.ANSWERED


@pytest.mark.parametrize(
    ("reason", "prompt"),
    [
        (ev.BarReason.EXTENSION_LIMIT, "limit-reached"),
        (ev.BarReason.DEPARTMENT_LIMIT, "limit-reached"),
        (ev.BarReason.HOTLINE_LIMIT, "limit-reached"),
        (ev.BarReason.COMPANY_LIMIT, "limit-reached"),
        (ev.BarReason.FRAUD, "fraud-guard"),
    ],
)
def test_a_barred_leg_is_never_on_the_air(reason: ev.BarReason, prompt: str) -> None:
    story, caller = outside_call(empty_purse(reason))
    assert story.said() == (prompt, "menu-again")
    assert story.all(act.DialLeg) == story.all(act.ReleaseLeg) == story.hung_up() == []
    assert [each.busy for each in story.switchboard.lines] == [True, False]
    story.ends(caller)
    cdr = story.cdr()
    assert (cdr.disposition, cdr.cause) == (Disposition.FAILED, Cause.BARRED)
    assert (cdr.called, cdr.answered, len(cdr.legs)) == (HOTLINE, None, 1)


def test_a_barred_try_is_one_of_three() -> None:
    story, _ = outside_call(empty_purse(ev.BarReason.EXTENSION_LIMIT))
    for _ in range(2):
        story.prompt_ends()
        story.keys("0988777666#")
    assert story.said() == ("limit-reached", "goodbye")


def test_a_customer_hears_nothing_of_the_companys_limits() -> None:
    story = Story(purse=empty_purse(ev.BarReason.COMPANY_LIMIT))
    story.calls_in(CUSTOMER)
    story.keys("512")
    assert story.said() == ("unreachable", "menu-again")
    assert [called for called, _ in story.texts()] == [EMPLOYEE], "he is told that a customer did not reach him"


def test_the_limit_of_one_hotline_leaves_the_next_free_one() -> None:
    story, _ = outside_call(
        lambda asked: (
            ev.LegBarred(asked.leg, ev.BarReason.HOTLINE_LIMIT)
            if asked.hotline == SECOND_LINE
            else ev.LegAuthorised(asked.leg)
        ),
        lines=3,
    )
    assert [each.leg for each in story.all(act.AuthoriseLeg)] == [PARTY, "c17.3"]
    assert story.dialled() == (GSM3, OUTSIDE)
    assert story.all(act.ReleaseLeg) == []
    assert act.Tone.RING_BACK in [each.tone for each in story.all(act.PlayTone)]


# --- the answer that is late, lost, or no longer waited for ----------------------------------------------------------


@pytest.mark.parametrize(("keys", "prompt"), [("512", "busy"), ("6001", "no-free-line")])
def test_line_and_telephone_are_kept_while_spending_control_is_asked(keys: str, prompt: str) -> None:
    story = Story(lines=3, purse=silent_purse)
    story.calls_in(COLLEAGUE)
    story.keys("512")
    assert story.state() == "authorising"
    assert [each.busy for each in story.switchboard.lines] == [True, True, False]
    (call,) = story.switchboard.calls
    assert [each.state for each in call.legs] == [CallState.ACTIVE]
    story.calls_in(CUSTOMER, GSM3)
    story.keys(keys)
    assert story.said() == (prompt, "menu-again")


def test_an_answer_that_never_comes_fails_the_try() -> None:
    story, caller = outside_call(silent_purse)
    story.passes(1.9)
    assert story.state() == "authorising"
    story.passes(0.2)
    assert story.said() == ("unreachable", "menu-again")
    assert story.all(act.ReleaseLeg) == [act.ReleaseLeg(PARTY)]
    assert story.tell(ev.LegAuthorised(PARTY)) == [], "too late"
    assert story.tell(ev.LegBarred(PARTY, ev.BarReason.FRAUD)) == []
    story.ends(caller)
    assert (story.cdr().disposition, story.cdr().cause) == (Disposition.FAILED, Cause.TEMPORARY_FAILURE)
    assert story.all(act.DialLeg) == []
    assert story.switchboard.unexpected == {}


@pytest.mark.parametrize("how", ["leaves", "is ended", "box stops"])
def test_who_goes_while_it_is_asked_leaves_nothing_held(how: str) -> None:
    story, caller = outside_call(silent_purse)
    if how == "leaves":
        story.ends(caller)
    elif how == "is ended":
        story.tell(ev.CallEndRequested(story.switchboard.calls[0].call, "manager"))
    else:
        story.tell(ev.StopRequested())
    story.hang_ups_take_effect()
    assert story.all(act.ReleaseLeg) == [act.ReleaseLeg(PARTY)]
    assert len(story.cdr().legs) == 1
    story.tell(ev.LegAuthorised(PARTY))
    assert story.all(act.DialLeg) == []
    assert story.switchboard.unexpected == {}


def test_glare_gives_back_and_asks_anew_for_the_next_hotline() -> None:
    story, _ = outside_call(lines=3)
    story.tell(ev.DialRefused(PARTY, ev.DialRefusal.GLARE))
    assert [type(each) for each in story.done[-4:]] == [
        act.PlayTone,
        act.ReleaseLeg,
        act.AuthoriseLeg,
        act.DialLeg,
    ], "ring-back goes on"
    assert story.last(act.AuthoriseLeg).hotline == PhoneNumber("+84909000003")
    story.tell(ev.DialRefused(LegId("c17.3"), ev.DialRefusal.LINE_DOWN))
    assert story.all(act.ReleaseLeg) == [act.ReleaseLeg(PARTY), act.ReleaseLeg(LegId("c17.3"))]
    assert story.said() == ("no-free-line", "menu-again")


def test_a_leg_that_is_not_answered_is_released_when_it_has_ended() -> None:
    story, caller = outside_call()
    story.ends(caller)
    assert story.all(act.ReleaseLeg) == []
    story.tell(ev.LegAnswered(PARTY))
    assert story.all(act.MeterLeg) == [act.MeterLeg(PARTY)], "the network may charge for an answer that came too late"
    story.hang_ups_take_effect()
    assert story.all(act.ReleaseLeg) == [act.ReleaseLeg(PARTY)]


def test_a_leg_that_never_reports_its_end_is_released_by_force() -> None:
    story, caller = outside_call()
    story.answers()
    story.ends(caller)
    story.passes(31.0)
    assert story.all(act.ReleaseLeg) == [act.ReleaseLeg(PARTY)]


# --- in the middle of a call --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "prompt"), [(30, "budget-warning"), (25, "budget-warning"), (24, "budget-ending")])
def test_the_employee_who_calls_out_is_warned(seconds: int, prompt: str) -> None:
    story, caller = outside_call()
    party = story.answers()
    (warning,) = story.tell(ev.BudgetRunningOut(party, seconds))
    assert isinstance(warning, act.PlayPrompts)
    assert (warning.leg, warning.prompts) == (caller, (prompt,))
    assert story.tell(ev.PromptFinished(caller, warning.player)) == [], "the talk goes on"
    story.passes(60.0)
    assert story.state() == "talking", "budget came back: nothing is said"


def test_of_a_customers_call_the_employee_is_warned() -> None:
    story = Story()
    story.calls_in(CUSTOMER)
    story.keys("513")
    party = story.answers()
    (warning,) = story.tell(ev.BudgetRunningOut(party, 30))
    assert isinstance(warning, act.PlayPrompts)
    assert warning.leg == party
    assert story.all(act.StopRecording) == []


def test_a_spent_budget_ends_the_call() -> None:
    story, caller = outside_call()
    party = story.answers()
    story.passes(10.0)
    story.tell(ev.BudgetSpent(party))
    assert story.hung_up() == [caller, party]
    assert story.tell(ev.BudgetSpent(party)) == []
    story.hang_ups_take_effect()
    cdr = story.cdr()
    assert (cdr.disposition, cdr.cause) == (Disposition.ANSWERED, Cause.BARRED)
    assert [(each.cause, each.ended_by) for each in cdr.legs] == [(Cause.NORMAL_CLEARING, EndedBy.US)] * 2
    assert cdr.billable_s == pytest.approx(10.0)
    assert story.all(act.ReleaseLeg) == [act.ReleaseLeg(party)]
    assert replay(story.start, story.journal) is None


def test_the_fraud_guard_also_stops_what_still_rings() -> None:
    story, _ = outside_call()
    story.tell(ev.LegAlerting(PARTY))
    assert story.tell(ev.BudgetRunningOut(PARTY, 30)) == []
    story.tell(ev.BudgetSpent(PARTY))
    assert story.hung_up() == [PARTY]
    assert story.said() == ("fraud-guard", "menu-again")


# --- what people are told -----------------------------------------------------------------------------------------


def test_a_notice_goes_out_at_once_by_a_free_line() -> None:
    story = Story()
    story.calls_in()
    assert story.tell(ev.SpendingNoticed(MANAGER, "80 %")) == [
        act.SendMessage(MessageId("m5"), GSM2, MANAGER, "80 %", by="spending")
    ]


def test_a_notice_rather_goes_beside_a_talk_than_beside_a_ringing_call() -> None:
    story = Story(lines=3)
    story.calls_in(EMPLOYEE)
    story.keys("0988777666#")
    story.offered(CUSTOMER, GSM3)
    story.tell(ev.SpendingNoticed(MANAGER, "80 %"))
    assert story.last(act.SendMessage).line == GSM1


def test_a_notice_without_a_line_waits_for_one() -> None:
    story = Story(lines=1)
    story.tell(ev.LineChanged(GSM1, LineState.NO_SERVICE, HOTLINE))
    assert story.tell(ev.SpendingNoticed(MANAGER, "80 %")) == []
    story.tell(ev.LineChanged(GSM1, LineState.UP, HOTLINE))
    assert story.last(act.SendMessage) == act.SendMessage(MessageId("m5"), GSM1, MANAGER, "80 %", by="spending")


# --- barring and the way abroad -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "noted"),
    [
        ("00442071234567#", LONDON),
        ("131800442071234567#", LONDON),
        ("919001234#", PhoneNumber("19001234")),
        ("91088#", PhoneNumber("1088")),
        ("0901234567#", None),
        ("0123456789#", None),
    ],
)
def test_a_refused_number_is_noted(keys: str, noted: PhoneNumber | None) -> None:
    story = Story()
    story.calls_in(EMPLOYEE)
    story.keys(keys)
    assert story.all(act.NoteRefusedNumber) == ([] if noted is None else [act.NoteRefusedNumber("512", noted)])
    assert story.all(act.AuthoriseLeg) == []


@pytest.mark.parametrize(
    ("prefix", "dialled"),
    [("131800", "131800442071234567"), ("00", "00442071234567"), ("+", "+442071234567")],
)
def test_a_call_abroad(prefix: str, dialled: str) -> None:
    story = Story(opened(Barring(international=True, international_prefix=prefix)))
    story.calls_in(EMPLOYEE)
    story.keys("900442071234567#")
    assert story.last(act.AuthoriseLeg).called == LONDON
    assert story.last(act.DialLeg) == act.DialLeg(PARTY, GSM2, LONDON, dialled)
    story.ends(story.answers())
    story.hang_ups_take_effect()
    assert (story.cdr().called, story.cdr().legs[1].number) == (LONDON, LONDON)


def test_a_pin_comes_before_the_question() -> None:
    story = Story(opened(Barring(premium=True)), purse=empty_purse(ev.BarReason.EXTENSION_LIMIT))
    story.calls_in(COLLEAGUE)
    story.keys("919001234#")
    assert story.all(act.AuthoriseLeg) == []
    story.passes(1.2)
    story.keys("4321")
    assert story.last(act.AuthoriseLeg).called == "19001234"
    assert story.said() == ("limit-reached", "menu-again")
