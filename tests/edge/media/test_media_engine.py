"""The media shell over fake ports in virtual time: what is heard, when it is reported, what is recorded."""

from __future__ import annotations

import numpy as np
import pytest

from edge.calls.actions import (
    PlayPrompts,
    PlayTone,
    SetHearing,
    StartRecording,
    StopPlaying,
    StopRecording,
    Tone,
)
from edge.calls.events import KeyPressed, PromptFinished
from edge.media.media_engine import MediaEngine
from edge.media.prompts import PromptLibrary
from edge.media.tones import key_tone, silence, tone_cycle
from edge.telephony import CallId, LegId, LineId, RecordingId
from hal.interfaces import FRAME_SAMPLES

A, B = LegId("c1.1"), LegId("c1.2")
LINE_A, LINE_B = LineId("gsm-1"), LineId("gsm-2")
CALL, RECORDING = CallId("c1"), RecordingId("c1.r1")
PROMPTS = PromptLibrary()


class House:
    """A media engine with everything around it in the hand of the test."""

    def __init__(self, loop, clock, new_port, recorder):
        self.loop = loop
        self.events = []
        self.recorder = recorder
        self.ports = {}
        self.new_port = new_port
        self.media = MediaEngine(loop, clock, PROMPTS, recorder, self.events.append, self.ports.get)

    def leg(self, leg, line, *, is_open=True, **options):
        port = self.new_port()
        self.media.leg_added(leg, line, port, **options)
        if is_open:
            self.media.leg_audio_open(leg)
        return port

    def bridge(self, one, other):
        self.media.perform(SetHearing(one, other, 1.0))
        self.media.perform(SetHearing(other, one, 1.0))


@pytest.fixture
def house(loop, clock, new_port, fake_recorder):
    house = House(loop, clock, new_port, fake_recorder)
    yield house
    house.media.close()


def frame(value):
    return np.full(FRAME_SAMPLES, value, np.int16)


def starts_with(heard, expected):
    return len(heard) >= len(expected) and (heard[: len(expected)] == expected).all()


def test_silence_is_written_steadily_when_there_is_nothing_to_say(house):
    port = house.leg(A, LINE_A)
    house.loop.run_for(1.005)
    assert len(port.heard) == 50
    assert not port.heard_samples.any()


def test_two_bridged_legs_hear_each_other_and_not_themselves(house):
    first, second = house.leg(A, LINE_A), house.leg(B, LINE_B)
    first.always, second.always = frame(100), frame(7)
    house.bridge(A, B)
    house.loop.run_for(0.105)
    assert (first.heard_samples == 7).all()
    assert (second.heard_samples == 100).all()
    house.media.perform(SetHearing(A, B, 0.0))
    house.loop.run_for(0.1)
    assert not first.heard[-1].any()
    assert (second.heard[-1] == 100).all()


def frames_until_reported(samples):
    """The prompt, and 80 ms for what is still on its way to the ear."""
    return -(-(len(samples) + 640) // FRAME_SAMPLES)


def test_prompts_are_heard_in_order_and_reported_once_at_their_end(house):
    port = house.leg(A, LINE_A)
    expected = np.concatenate(PROMPTS.pieces(("digit-5", "digit-1"), "vi"))
    house.media.perform(PlayPrompts(A, 3, ("digit-5", "digit-1"), "vi"))
    house.loop.run_for(0.02 * frames_until_reported(expected) + 0.005)
    assert house.events == []
    assert starts_with(port.heard_samples, expected)
    house.loop.run_for(0.02)
    assert house.events == [PromptFinished(A, 3)]
    house.loop.run_for(1.0)
    assert house.events == [PromptFinished(A, 3)]
    assert not port.heard_samples[len(expected) :].any()


def test_a_player_is_held_back_until_the_audio_opens_and_while_it_is_closed(house):
    port = house.leg(A, LINE_A, is_open=False)
    expected = PROMPTS.samples("digit-5", "vi")
    house.media.perform(PlayPrompts(A, 1, ("digit-5",), "vi"))
    house.loop.run_for(2.0)
    assert port.heard == []
    assert port.reads == 0
    house.media.leg_audio_open(A)
    house.loop.run_for(0.105)
    house.media.leg_audio_closed(A)
    house.loop.run_for(2.0)
    assert len(port.heard) == 5
    assert house.events == []
    house.media.leg_audio_open(A)
    house.loop.run_for(2.0)
    assert starts_with(port.heard_samples, expected)
    assert house.events == [PromptFinished(A, 1)]


def test_a_stopped_and_a_replaced_prompt_do_not_report(house):
    port = house.leg(A, LINE_A)
    house.media.perform(PlayPrompts(A, 1, ("greeting",), "vi"))
    house.loop.run_for(0.105)
    house.media.perform(PlayPrompts(A, 2, ("digit-0",), "vi"))
    house.loop.run_for(0.1)
    assert starts_with(port.heard_samples[5 * FRAME_SAMPLES :], PROMPTS.samples("digit-0", "vi")[: 5 * FRAME_SAMPLES])
    house.media.perform(StopPlaying(A))
    house.loop.run_for(5.0)
    assert house.events == []
    assert not port.heard[-1].any()


def test_tones(house):
    port = house.leg(A, LINE_A)
    house.media.perform(PlayTone(A, Tone.RING_BACK))
    house.loop.run_for(10.005)
    assert (port.heard_samples == np.tile(tone_cycle(Tone.RING_BACK), 2)).all()
    house.media.perform(PlayTone(A, Tone.RECORDING))
    house.loop.run_for(2.0)
    beep = tone_cycle(Tone.RECORDING)
    assert starts_with(port.heard_samples[80_000:], beep)
    assert not port.heard_samples[80_000 + len(beep) :].any()
    assert house.events == []


def test_a_missing_prompt_does_not_hold_up_the_call(house, caplog):
    house.leg(A, LINE_A)
    house.media.perform(PlayPrompts(A, 9, ("no-such-prompt",), "vi"))
    house.loop.run_for(0.105)
    assert house.events == [PromptFinished(A, 9)]
    assert "no-such-prompt" in caplog.text


def test_an_answer_to_an_event_may_act_at_once(house):
    """The sink plays the next prompt from within the report of the last."""
    port = house.leg(A, LINE_A)
    first, second = PROMPTS.samples("digit-1", "vi"), PROMPTS.samples("digit-2", "vi")

    def sink(event):
        house.events.append(event)
        if event == PromptFinished(A, 1):
            house.media.perform(PlayPrompts(A, 2, ("digit-2",), "vi"))

    house.media._sink = sink
    house.media.perform(PlayPrompts(A, 1, ("digit-1",), "vi"))
    house.loop.run_for(3.0)
    assert house.events == [PromptFinished(A, 1), PromptFinished(A, 2)]
    begin = (frames_until_reported(first) + 1) * FRAME_SAMPLES
    assert starts_with(port.heard_samples[begin:], second)


def test_the_clock_runs_only_while_there_are_legs(house):
    house.loop.run_for(1.0)
    assert house.media.statistics.ticks == 0
    house.leg(A, LINE_A)
    house.leg(B, LINE_B)
    house.loop.run_for(0.105)
    house.media.leg_removed(A)
    house.loop.run_for(0.1)
    house.media.leg_removed(B)
    ticks = house.media.statistics.ticks
    assert ticks == 10
    house.loop.run_for(1.0)
    assert house.media.statistics.ticks == ticks


def test_actions_on_legs_that_are_gone_are_harmless(house):
    house.leg(A, LINE_A)
    house.media.leg_removed(A)
    house.media.leg_removed(A)
    for action in (
        PlayPrompts(A, 1, ("busy",), "vi"),
        PlayTone(A, Tone.BUSY),
        StopPlaying(A),
        SetHearing(A, B, 1.0),
        StopRecording(RECORDING),
    ):
        house.media.perform(action)
    house.media.leg_audio_open(A)
    house.media.leg_audio_closed(B)
    house.loop.run_for(1.0)
    assert house.events == []


def test_without_a_port_the_line_is_asked_when_the_audio_opens(house, new_port, caplog):
    house.media.leg_added(A, LINE_A)
    house.media.leg_audio_open(A)
    assert "gsm-1 has no audio port" in caplog.text
    house.ports[LINE_A] = new_port()
    house.media.leg_audio_open(A)
    house.loop.run_for(0.105)
    assert len(house.ports[LINE_A].heard) == 5


def test_a_recording_gets_both_sides_as_they_speak_and_outlives_its_legs(house):
    first, second = house.leg(A, LINE_A), house.leg(B, LINE_B, is_open=False)
    first.always, second.always = frame(100), frame(7)
    house.media.perform(StartRecording(RECORDING, CALL, A, B))
    house.media.perform(PlayPrompts(A, 1, ("greeting",), "vi"))
    house.loop.run_for(0.105)
    house.media.leg_audio_open(B)
    house.loop.run_for(0.1)
    house.media.leg_removed(B)
    house.loop.run_for(0.1)
    house.media.perform(StopRecording(RECORDING))
    house.loop.run_for(0.1)
    ((recording, call, started_wall),) = house.recorder.started
    assert (recording, call) == (RECORDING, CALL)
    assert started_wall == pytest.approx(1_790_001_000.0)
    heard = [
        (None if left is None else int(left[0]), None if right is None else int(right[0]))
        for left, right in house.recorder.fed[RECORDING]
    ]
    assert heard == [(100, None)] * 5 + [(100, 7)] * 5 + [(100, None)] * 5
    assert house.recorder.stopped == [RECORDING]


def test_a_warning_in_a_talk_is_heard_by_one_over_the_other_and_stops_nothing(house):
    first, second = house.leg(A, LINE_A), house.leg(B, LINE_B)
    first.always, second.always = frame(100), frame(7)
    house.bridge(A, B)
    house.media.perform(StartRecording(RECORDING, CALL, A, B))
    warning = PROMPTS.samples("budget-warning", "vi")
    house.media.perform(PlayPrompts(A, 9, ("budget-warning",), "vi"))
    house.loop.run_for(0.02 * frames_until_reported(warning) + 0.105)
    assert starts_with(first.heard_samples, np.clip(warning.astype(np.int32) + 7, -32768, 32767))
    assert (first.heard[-1] == 7).all(), "the talk goes on"
    assert (second.heard_samples == 100).all()
    assert house.events == [PromptFinished(A, 9)]
    assert {(int(left[0]), int(right[0])) for left, right in house.recorder.fed[RECORDING]} == {(100, 7)}
    assert house.recorder.stopped == []


def test_closing_stops_recordings_and_the_clock(house):
    house.leg(A, LINE_A)
    house.media.perform(StartRecording(RECORDING, CALL, A, B))
    house.media.close()
    house.media.close()
    house.loop.run_for(1.0)
    assert house.recorder.stopped == [RECORDING]
    assert house.media.statistics.ticks == 0


def test_keys_are_heard_in_the_voice_while_a_prompt_plays(house):
    port = house.leg(A, LINE_A, listen_for_keys=True)
    house.media.perform(PlayPrompts(A, 1, ("greeting",), "vi"))
    port.say(np.concatenate([piece for key in "512" for piece in (key_tone(key), silence(0.12))]))
    house.loop.run_for(1.0)
    assert house.events == [KeyPressed(A, "5"), KeyPressed(A, "1"), KeyPressed(A, "2")]


def test_a_key_reported_by_the_module_too_is_one_press(house):
    port = house.leg(A, LINE_A, listen_for_keys=True)
    port.say(np.concatenate((key_tone("5"), silence(0.12), key_tone("5"), silence(0.12))))
    house.loop.run_for(0.14)
    assert house.media.module_key(A, "5") is False
    house.loop.run_for(0.24)
    assert house.media.module_key(A, "5") is False
    assert house.media.module_key(A, "9") is True
    assert house.events == [KeyPressed(A, "5"), KeyPressed(A, "5")]


def test_module_keys_pass_where_nobody_listens(house):
    house.leg(A, LINE_A)
    assert house.media.module_key(A, "5")
    assert house.media.module_key(A, "5")
