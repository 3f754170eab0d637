"""Recording by extension and direction: announced, never in the way, closed before its CDR."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.calls import actions as act
from edge.calls import events as ev
from edge.dialplan.settings import RecordingPolicy, RecordMode
from edge.telephony import RecordingId
from tests.edge.calls.story import COLLEAGUE, COMPANY, CUSTOMER, GSM2, Story

R1 = RecordingId("c17.r1")


def test_announced_to_the_caller_while_it_rings_and_by_a_tone_to_the_employee() -> None:
    story = Story()
    caller = story.calls_in()
    story.keys("513")
    assert story.dialled() == (GSM2, COLLEAGUE)
    assert story.said() == ("recording-announcement",)
    story.prompt_ends()
    assert story.last(act.PlayTone) == act.PlayTone(caller, act.Tone.RING_BACK)
    party = story.answers()
    assert story.last(act.PlayTone) == act.PlayTone(party, act.Tone.RECORDING)
    assert story.last(act.StartRecording) == act.StartRecording(R1, story.switchboard.calls[0].call, caller, party)
    assert story.switchboard.calls[0].recording
    story.ends(caller)
    assert story.last(act.StopRecording) == act.StopRecording(R1)
    story.ends(party)
    assert story.all(act.CloseCdr) == [], "the CDR waits for its recording"
    story.tell(ev.RecordingFinished(R1))
    assert story.cdr().recordings == (R1,)


def test_an_answer_during_the_announcement_bridges_at_once() -> None:
    story = Story()
    caller = story.calls_in()
    story.keys("513")
    story.answers()
    done = story.done[story.done.index(act.StopPlaying(caller), -8) :]
    assert [type(each) for each in done[:3]] == [act.StopPlaying, act.SetHearing, act.SetHearing]


@pytest.mark.parametrize(
    ("mode", "caller_is_employee", "recorded"),
    [
        (RecordMode.OFF, False, False),
        (RecordMode.IN, False, True),
        (RecordMode.OUT, False, False),
        (RecordMode.BOTH, False, True),
        (RecordMode.OFF, True, False),
        (RecordMode.IN, True, False),
        (RecordMode.OUT, True, True),
        (RecordMode.BOTH, True, True),
    ],
)
def test_by_extension_and_direction(mode: RecordMode, caller_is_employee: bool, recorded: bool) -> None:
    extension = replace(COMPANY.extensions[0], record=mode)
    story = Story(replace(COMPANY, extensions=(extension,)))
    story.calls_in(extension.mobile if caller_is_employee else CUSTOMER)
    story.keys("0988777666#" if caller_is_employee else "512")
    story.answers()
    assert bool(story.all(act.StartRecording)) is recorded


def test_without_announcement() -> None:
    story = Story(replace(COMPANY, recording=RecordingPolicy(announce=False)))
    story.calls_in()
    story.keys("513")
    story.answers()
    assert story.said() == ("greeting",)
    assert act.Tone.RECORDING not in [each.tone for each in story.all(act.PlayTone)]
    assert len(story.all(act.StartRecording)) == 1


def test_a_full_card_stops_recordings_and_no_calls() -> None:
    story = Story()
    caller = story.calls_in()
    story.keys("513")
    story.answers()
    story.tell(ev.StorageChanged(recording_allowed=False))
    assert story.last(act.StopRecording) == act.StopRecording(R1)
    assert story.state() == "talking"
    story.tell(ev.RecordingFinished(R1))
    story.ends(caller)
    assert len(story.all(act.StopRecording)) == 1
    story.hang_ups_take_effect()
    assert story.cdr().recordings == (R1,)

    story.calls_in()
    story.keys("513")
    story.answers()
    assert len(story.all(act.StartRecording)) == 1
    assert "recording-announcement" not in story.said()


def test_a_recording_that_fails_does_not_disturb_the_call() -> None:
    story = Story()
    caller = story.calls_in()
    story.keys("513")
    story.answers()
    story.tell(ev.RecordingFailed(R1, "card error"))
    assert story.state() == "talking"
    story.ends(caller)
    story.hang_ups_take_effect()
    assert story.cdr().recordings == (R1,)


def test_a_recorder_that_never_reports_does_not_hold_the_cdr_for_ever() -> None:
    story = Story()
    caller = story.calls_in()
    story.keys("513")
    story.answers()
    story.ends(caller)
    story.hang_ups_take_effect()
    story.passes(31.0)
    assert story.cdr().recordings == (R1,)
    assert story.cdr().duration_s < 10.0, "the call ended with its last leg"
    assert story.switchboard.next_deadline is None
