"""Many calls at once in a disorderly world; the laws of the switchboard hold in every one (`fake_world`).

One CDR per offered call; no dead leg is bridged, played to or hung up; every recording closes before its CDR; the
matrix is empty and nothing is armed when all is quiet; replay gives the same actions. Nothing but an emergency is
dialled without spending control's word; what it was asked about is metered at most once and released exactly once.
"""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from edge.calls import events as ev
from edge.calls.checkpoint import Checkpoint
from edge.dialplan.settings import Extension, RecordMode, Settings
from edge.telephony import Cause, ClockSource, EndedBy, LineState, PhoneNumber
from tests.edge.calls.fake_world import FakeWorld

OWN = tuple(PhoneNumber(f"+8490123456{digit}") for digit in range(4))
COMPANY = Settings(
    extensions=(
        Extension("512", "Sales", PhoneNumber("+84903000111"), RecordMode.BOTH),
        Extension("513", "Support", PhoneNumber("+84903000112"), pin="4321"),
    )
)
CALLERS = st.sampled_from(
    [
        PhoneNumber("+84912000222"),
        PhoneNumber("+84913000333"),
        COMPANY.extensions[0].mobile,
        COMPANY.extensions[1].mobile,
        OWN[1],
        None,
    ]
)
KEYS = st.sampled_from(["512", "513", "6", "333", "0988777666#", "90033123456789#", "112", "4321", "9", "#", "*"])
GOOD_CALLERS = st.sampled_from(["+84912000222", "+84913000333", "+84915000555", None, "+84903000111"])
GOOD_KEYS = st.sampled_from(["512", "513", "513", "112"])
CAUSES = st.sampled_from([Cause.USER_BUSY, Cause.NO_ANSWER, Cause.SUBSCRIBER_ABSENT, Cause.CONGESTION])
PICK = st.integers(0, 63)


class ManyCalls(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        start = Checkpoint(settings=COMPANY, revision=3, next_call=100, next_message=9, clock=ClockSource.RTC)
        self.world = FakeWorld(start, OWN)

    def _line(self, pick: int) -> str:
        return list(self.world.lines)[pick % len(self.world.lines)]

    @rule(pick=PICK, caller=CALLERS)
    def somebody_calls(self, pick, caller):
        self.world.call_in(self._line(pick), caller)

    @rule(pick=PICK, caller=GOOD_CALLERS, keys=GOOD_KEYS, answered=st.booleans())
    def somebody_gets_through(self, pick, caller, keys, answered):
        """The usual beginning, so that much of the time is spent where calls meet."""
        before = set(self.world.legs)
        self.world.call_in(self._line(pick), caller)
        self.everything_arrives()
        for leg in [each for each in self.world.legs if each not in before]:
            for key in keys:
                self.world.tell(ev.KeyPressed(leg, key))
        self.everything_arrives()
        for leg in [each for each in self.world.ringing() if each not in before and answered]:
            self.world.answer(leg)
            self.everything_arrives()

    @precondition(lambda self: self.world.pending)
    @rule(pick=PICK)
    def something_arrives(self, pick):
        self.world.deliver(pick)

    @rule()
    def everything_arrives(self):
        while self.world.pending:
            self.world.deliver(0)

    @precondition(lambda self: self.world.live())
    @rule(pick=PICK, keys=KEYS, slowly=st.booleans())
    def somebody_presses_keys(self, pick, keys, slowly):
        legs = self.world.live()
        leg = legs[pick % len(legs)]
        for key in keys:
            self.world.passes(1.5 if slowly else 0.24)
            self.world.tell(ev.KeyPressed(leg, key))

    @precondition(lambda self: any(leg.player is not None for leg in self.world.legs.values()))
    @rule(pick=PICK)
    def a_prompt_ends(self, pick):
        playing = [(name, leg) for name, leg in self.world.legs.items() if leg.player is not None]
        name, leg = playing[pick % len(playing)]
        player, leg.player = leg.player, None
        self.world.tell(ev.PromptFinished(name, player))

    @precondition(lambda self: self.world.ringing())
    @rule(pick=PICK, alerting=st.booleans(), audio=st.sampled_from([True, True, True, False]))
    def somebody_answers(self, pick, alerting, audio):
        legs = self.world.ringing()
        leg = legs[pick % len(legs)]
        if alerting:
            self.world.pending.append(ev.LegAlerting(leg))
        self.world.answer(leg, audio=audio)

    @precondition(lambda self: self.world.ringing())
    @rule(pick=PICK, cause=CAUSES)
    def nobody_answers(self, pick, cause):
        legs = self.world.ringing()
        self.world.end(legs[pick % len(legs)], cause, EndedBy.NETWORK)

    @precondition(lambda self: self.world.ringing())
    @rule(pick=PICK)
    def somebody_calls_while_we_dial(self, pick):
        legs = self.world.ringing()
        self.world.glare(legs[pick % len(legs)], PhoneNumber("+84914000444"))

    @precondition(lambda self: self.world.live())
    @rule(pick=PICK)
    def somebody_hangs_up(self, pick):
        legs = self.world.live()
        self.world.end(legs[pick % len(legs)], Cause.NORMAL_CLEARING, EndedBy.FAR_END)

    @rule(pick=PICK, what=st.sampled_from(["recording", "page", "modem", "card", "audio"]))
    def something_goes_wrong(self, pick, what):
        world = self.world
        calls, live = world.switchboard.calls, world.live()
        if what == "recording":
            for name in [name for name, state in world.recordings.items() if state == "started"][:1]:
                world.tell(ev.RecordingFailed(name, "card error"))
        elif what == "page" and calls:
            world.tell(ev.CallEndRequested(calls[pick % len(calls)].call, "manager"))
        elif what == "audio" and live:
            world.pending.append(ev.LegAudioFailed(live[pick % len(live)], "refused"))
        elif what == "modem" and world.lines[self._line(pick)].state is LineState.UP:
            world.lose_modem(self._line(pick))
        elif what == "modem":
            world.find_modem(self._line(pick))
        elif what == "card":
            world.tell(ev.StorageChanged(pick % 2 == 0))

    @rule(purse=st.sampled_from(["open", "open", "empty", "silent"]))
    def spending_control_thinks_again(self, purse):
        self.world.purse = purse

    @precondition(lambda self: self.world.metered())
    @rule(pick=PICK, spent=st.booleans())
    def a_budget_runs_out(self, pick, spent):
        legs = self.world.metered()
        leg = legs[pick % len(legs)]
        self.world.pending.append(ev.BudgetSpent(leg) if spent else ev.BudgetRunningOut(leg, 30))

    @rule(seconds=st.sampled_from([0.5, 3.1, 7.1, 26.0, 61.0]))
    def time_passes(self, seconds):
        self.world.passes(seconds)

    @invariant()
    def a_deadline_is_armed_while_calls_are_up(self):
        for call in self.world.switchboard.calls:
            if call.state != "talking":
                assert self.world.switchboard.next_deadline is not None
        assert self.world.switchboard.unexpected == {}

    def teardown(self):
        self.world.settle()
        self.world.check_quiet()


def test_many_calls() -> None:
    run_state_machine_as_test(ManyCalls, settings=settings(max_examples=150, stateful_step_count=50))


@pytest.mark.campaign
def test_very_many_calls() -> None:
    run_state_machine_as_test(ManyCalls, settings=settings(max_examples=3000, stateful_step_count=80))


def test_stopping_in_the_middle_of_anything() -> None:
    class Stopped(ManyCalls):
        def teardown(self):
            self.world.tell(ev.StopRequested())
            self.world.passes(0.5)
            self.everything_arrives()
            assert self.world.switchboard.calls == ()
            assert self.world.switchboard.next_deadline is None
            assert set(self.world.asked.values()) <= {"released", "barred"}
            assert len(self.world.cdrs) == self.world.offers

    run_state_machine_as_test(Stopped, settings=settings(max_examples=40, stateful_step_count=25))
