"""Replay: the same journal gives the same actions, and one altered entry or transition is named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from edge.calls import actions as act
from edge.calls import events as ev
from edge.calls import transitions
from edge.calls.replay import replay
from edge.calls.stages import Stage, Trigger
from edge.calls.transitions import TRANSITIONS, ignore
from tests.edge.calls.story import COLLEAGUE, CUSTOMER, EMPLOYEE, Story, empty_purse


def busy_day() -> Story:
    story = Story()
    caller = story.calls_in(CUSTOMER)
    story.keys("512")
    story.ends(story.last(act.DialLeg).leg, ev.Cause.USER_BUSY)
    story.prompt_ends()
    story.keys("513")
    story.answers()
    story.passes(40.0)
    story.ends(caller)
    story.hang_ups_take_effect()
    story.tell(ev.RecordingFinished(story.last(act.StartRecording).recording))
    story.calls_in(COLLEAGUE)
    story.keys("0988777666#")
    story.passes(1.5)
    story.keys("4321")
    party = story.answers()
    story.tell(ev.BudgetRunningOut(party, 30))
    story.tell(ev.BudgetSpent(party))
    story.tell(ev.SpendingNoticed(EMPLOYEE, "513: 100 %"))
    story.hang_ups_take_effect()
    story.purse = empty_purse(ev.BarReason.FRAUD)
    story.calls_in(COLLEAGUE)
    story.keys("512")
    story.tell(ev.StopRequested())
    story.hang_ups_take_effect()
    return story


def test_the_same_again() -> None:
    story = busy_day()
    assert replay(story.start, story.journal) is None


def test_one_altered_event_is_named() -> None:
    story = busy_day()
    index = next(i for i, entry in enumerate(story.journal) if isinstance(entry[2], ev.LegEnded))
    seq, moment, event, expected = story.journal[index]
    assert isinstance(event, ev.LegEnded)
    story.journal[index] = (seq, moment, replace(event, cause=ev.Cause.NO_ANSWER), expected)
    divergence = replay(story.start, story.journal)
    assert divergence is not None
    assert divergence.seq == seq
    assert act.PlayPrompts(event.leg.replace(".2", ".1"), 2, ("busy", "menu-again")) in divergence.expected
    assert act.PlayPrompts(event.leg.replace(".2", ".1"), 2, ("no-answer", "menu-again")) in divergence.got


def test_one_altered_transition_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    story = busy_day()
    ringing = {**TRANSITIONS[Stage.RINGING]}
    ringing[Trigger.PARTY_ANSWERED] = transitions.Transition(ignore, (Stage.RINGING,))
    altered = MappingProxyType({**TRANSITIONS, Stage.RINGING: ringing})
    monkeypatch.setattr(transitions, "TRANSITIONS", altered)
    divergence = replay(story.start, story.journal)
    assert divergence is not None
    assert isinstance(divergence.event, ev.LegAnswered)
    assert any(isinstance(each, act.SetHearing) for each in divergence.expected)
    assert divergence.got == (act.MeterLeg(divergence.event.leg),)


def test_a_missing_entry_is_named_at_the_first_difference() -> None:
    story = busy_day()
    gone = next(i for i, entry in enumerate(story.journal) if entry[3] and isinstance(entry[2], ev.KeyPressed))
    divergence = replay(story.start, story.journal[:gone] + story.journal[gone + 1 :])
    assert divergence is not None
    assert divergence.seq > story.journal[gone][0]


_RUN = """
import json, sys
sys.path.insert(0, sys.argv[1])
from tests.edge.calls.test_replay import busy_day
print(json.dumps([repr(entry) for entry in busy_day().journal]))
"""


def test_no_hash_order_decides_anything(checkout: Path) -> None:
    """Two processes with different hash seeds live the same day."""
    days = []
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", _RUN, str(checkout)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        days.append(json.loads(done.stdout))
    assert days[0] == days[1]
    assert EMPLOYEE in str(days[0])
