"""What the switchboard does beside calls: SMS, settings, storage, stop, checkpoints, and what it did not expect."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.calls import actions as act
from edge.calls import events as ev
from edge.calls import transitions
from edge.calls.notices import missed_call_text
from edge.calls.stages import Stage
from edge.calls.switchboard import Switchboard, SwitchboardBusyError
from edge.dialplan.settings import Notices, Settings, Timers
from edge.telephony import (
    CallId,
    CallState,
    Cause,
    ClockSource,
    Disposition,
    LegId,
    LineState,
    MessageId,
    Moment,
    PhoneNumber,
    RecordingId,
)
from tests.edge.calls.story import COMPANY, CUSTOMER, EMPLOYEE, GSM1, GSM2, HOTLINE, SECOND_LINE, WALL_0, Story

# --- SMS ----------------------------------------------------------------------------------------------------------


def test_an_sms_that_somebody_wants_sent() -> None:
    story = Story()
    assert story.tell(ev.SmsRequested(CUSTOMER, "Chào", "anna")) == [
        act.SendMessage(MessageId("m5"), GSM1, CUSTOMER, "Chào", by="anna")
    ]
    assert story.tell(ev.SmsSent(MessageId("m5"))) == [act.NoteMessageOutcome(MessageId("m5"), sent=True)]
    assert story.tell(ev.SmsFailed(MessageId("m5"), "no credit")) == [
        act.NoteMessageOutcome(MessageId("m5"), sent=False, reason="no credit")
    ]


def test_an_sms_without_a_line_is_refused_at_once() -> None:
    story = Story(lines=0)
    (rejected,) = story.tell(ev.SmsRequested(CUSTOMER, "Chào", "anna"))
    assert rejected == act.RejectMessage(MessageId("m5"), CUSTOMER, "Chào", "anna", "no line has service")


def test_an_sms_goes_over_a_free_line_if_there_is_one() -> None:
    story = Story()
    story.calls_in()
    story.tell(ev.SmsRequested(CUSTOMER, "Chào", "anna"))
    assert story.last(act.SendMessage).line == GSM2


def test_a_received_sms_is_stored() -> None:
    story = Story()
    received = ev.SmsReceived(GSM1, None, "MobiFone", "KM 50%", WALL_0)
    assert story.tell(received) == [act.StoreReceivedMessage(GSM1, "MobiFone", "KM 50%", WALL_0)]


def test_a_notice_waits_for_a_line() -> None:
    story = Story()
    caller = story.calls_in()
    story.keys("512")
    for line, number in ((GSM1, HOTLINE), (GSM2, SECOND_LINE)):
        story.tell(ev.LineChanged(line, LineState.NO_SERVICE, number))
    story.ends(caller, Cause.TEMPORARY_FAILURE)
    story.hang_ups_take_effect()
    assert story.texts() == []
    resumed = Switchboard.restore(story.switchboard.checkpoint())
    actions = resumed.handle(ev.LineChanged(GSM2, LineState.UP, SECOND_LINE), story.now)
    assert [type(each) for each in actions] == [act.SendMessage]
    assert resumed.checkpoint().waiting == ()


def test_notices_can_be_turned_off() -> None:
    story = Story(replace(COMPANY, notices=Notices(missed_call_sms=False)))
    story.calls_in()
    story.keys("512")
    story.ends(story.last(act.DialLeg).leg, Cause.USER_BUSY)
    assert story.texts() == []


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("clock", [ClockSource.NTP, ClockSource.NONE])
def test_a_notice_fits_one_sms(language: str, clock: ClockSource) -> None:
    text = missed_call_text(language, PhoneNumber("+842438251234"), "0901234567", WALL_0, clock)
    assert "02438251234" in text
    assert ("14:05" in text) is (clock is ClockSource.NTP)
    assert len(text) <= 70


# --- settings, clock, views ---------------------------------------------------------------------------------------


def test_a_new_revision_holds_from_the_next_call_on() -> None:
    story = Story()
    story.calls_in()
    story.tell(ev.SettingsApplied(2, replace(COMPANY, timers=Timers(ring_employee_s=5.0), extensions=())))
    story.keys("512")
    assert story.dialled() == (GSM2, EMPLOYEE)
    story.passes(20.0)
    assert story.state() == "ringing"


def test_the_stamps_of_a_cdr_come_from_one_clock() -> None:
    story = Story()
    caller = story.calls_in()
    story.tell(ev.ClockChanged(ClockSource.NTP))
    years_s = 50 * 365 * 86400.0
    story.switchboard.handle(ev.LegEnded(caller, Cause.NORMAL_CLEARING, ev.EndedBy.FAR_END), story.now)
    other = Story()
    leg = other.calls_in()
    jumped = Moment(other.mono + 4.0, other.now.wall + years_s)
    (close,) = other.switchboard.handle(ev.LegEnded(leg, Cause.NORMAL_CLEARING, ev.EndedBy.FAR_END), jumped)[-1:]
    assert isinstance(close, act.CloseCdr)
    assert close.cdr.ended - close.cdr.started == pytest.approx(close.cdr.duration_s) == pytest.approx(4.5)


def test_what_the_page_sees() -> None:
    story = Story()
    story.calls_in()
    story.keys("512")
    (call,) = story.switchboard.calls
    assert (call.call, call.caller, call.hotline, call.called, call.extension, call.state) == (
        "c17",
        CUSTOMER,
        HOTLINE,
        EMPLOYEE,
        "512",
        "ringing",
    )
    assert [each.state for each in call.legs] == [CallState.ACTIVE, CallState.DIALING]
    assert [(each.line, each.busy) for each in story.switchboard.lines] == [(GSM1, True), (GSM2, True)]
    party = story.answers()
    assert story.switchboard.calls[0].answered is not None
    story.ends(party)
    story.hang_ups_take_effect()
    assert [each.busy for each in story.switchboard.lines] == [False, False]


# --- stop ---------------------------------------------------------------------------------------------------------


def test_stop_when_nothing_is_up() -> None:
    story = Story()
    assert story.tell(ev.StopRequested()) == [act.ReportStopped()]
    assert story.tell(ev.StopRequested()) == []
    leg = story.offered()
    assert story.hung_up() == [leg]
    story.ends(leg)
    assert story.cdr().disposition is Disposition.FAILED


def test_stop_gives_every_call_its_cdr() -> None:
    story = Story(lines=3)
    story.calls_in()
    story.keys("513")
    party = story.answers()
    listening = story.calls_in(PhoneNumber("+84913000333"), "gsm-3")
    done = story.tell(ev.StopRequested())
    assert act.StopRecording(RecordingId("c17.r1")) in done
    assert {each.leg for each in done if isinstance(each, act.HangUpLeg)} >= {party, listening}
    story.hang_ups_take_effect()
    assert story.all(act.ReportStopped) == []
    story.tell(ev.RecordingFinished(RecordingId("c17.r1")))
    assert len(story.all(act.ReportStopped)) == 1
    dispositions = {each.cdr.call: each.cdr.disposition for each in story.all(act.CloseCdr)}
    assert dispositions == {"c17": Disposition.ANSWERED, "c18": Disposition.FAILED}


def test_stop_waits_three_seconds_and_no_longer() -> None:
    story = Story()
    story.calls_in()
    story.keys("512")
    story.answers()
    story.tell(ev.StopRequested())
    story.passes(2.9)
    assert story.all(act.CloseCdr) == []
    story.passes(0.2)
    assert story.cdr().disposition is Disposition.ANSWERED
    assert {each.cause for each in story.cdr().legs} == {Cause.RECOVERY_ON_TIMER}
    assert isinstance(story.done[-1], act.ReportStopped)


# --- checkpoints, untidiness --------------------------------------------------------------------------------------


def test_a_checkpoint_only_while_quiet() -> None:
    story = Story()
    caller = story.calls_in()
    with pytest.raises(SwitchboardBusyError, match="1 calls are up"):
        story.switchboard.checkpoint()
    story.ends(caller)
    checkpoint = story.switchboard.checkpoint()
    assert checkpoint.next_call == 18
    resumed = Switchboard.restore(checkpoint)
    assert resumed.lines == story.switchboard.lines
    assert resumed.checkpoint() == checkpoint


def test_a_switchboard_without_a_past() -> None:
    switchboard = Switchboard(Settings())
    assert switchboard.quiet
    assert switchboard.checkpoint().next_call == 1


def test_an_event_of_a_leg_that_is_long_gone_is_counted() -> None:
    story = Story()
    story.tell(ev.LegAnswered(LegId("c3.1")))
    story.tell(ev.PromptFinished(LegId("c3.1"), 1))
    story.tell(ev.CallEndRequested(CallId("c3"), "anna"))
    assert story.switchboard.unexpected == {("none", "LegAnswered"): 1}


def test_doubled_reports_change_nothing() -> None:
    story = Story()
    leg = story.calls_in()
    for event in (ev.LegAnswered(leg), ev.LegAudioOpened(leg), ev.PromptFinished(leg, 99)):
        assert story.tell(event) == []
    story.keys("512")
    ringing = story.last(act.DialLeg).leg
    for event in (ev.LegAlerting(ringing), ev.LegAlerting(ringing), ev.KeyPressed(leg, "1")):
        assert story.tell(event) == []
    story.answers()
    assert story.tell(ev.LegAnswered(ringing)) == []
    story.ends(leg)
    assert story.tell(ev.LegEnded(leg, Cause.NORMAL_CLEARING, ev.EndedBy.NETWORK)) == []
    story.hang_ups_take_effect()
    assert story.cdr().legs[0].ended_by is ev.EndedBy.FAR_END
    assert story.switchboard.unexpected == {}


def test_a_trigger_that_the_table_does_not_foresee_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story()
    leg = story.calls_in()
    monkeypatch.setattr(transitions, "TRANSITIONS", {stage: {} for stage in Stage})
    assert story.tell(ev.KeyPressed(leg, "5")) == []
    assert story.switchboard.unexpected == {("greeting", "key"): 1}


def test_a_line_that_never_reports_the_end_does_not_hold_the_call() -> None:
    story = Story()
    caller = story.calls_in()
    story.keys("512")
    story.answers()
    story.ends(caller)
    story.passes(31.0)
    assert story.cdr().legs[1].cause is Cause.RECOVERY_ON_TIMER
    assert story.switchboard.quiet


def test_an_answer_that_never_takes_effect() -> None:
    story = Story()
    story.offered()
    story.passes(31.0)
    story.hang_ups_take_effect()
    assert (story.cdr().disposition, story.cdr().cause) == (Disposition.FAILED, Cause.RECOVERY_ON_TIMER)
