"""Whatever a module says about its calls: ends exactly once, never rings for ever, never hangs up a call that lives."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from hal.at.values import CallEntry
from hal.interfaces import CallState, Moment, RawNumber
from hal.modem import call_events as ev
from hal.modem.calls import CLEAR_AGAIN_S, CLEAR_TRIES, COMPANY_S, STUCK_AFTER_S, CallTracker

NUMBER = RawNumber("0912000222")


def entry(index: int, state: CallState, outgoing: bool = False) -> CallEntry:
    return CallEntry(index=index, outgoing=outgoing, state=state, is_voice=True, multiparty=False, number=NUMBER)


class Story:
    """A tracker with its clock; every list asked for is answered by what stands in `listed`."""

    def __init__(self) -> None:
        self.tracker = CallTracker()
        self.now = 100.0
        self.listed: tuple[CallEntry, ...] = ()
        self.reports: list[tuple[int, CallState]] = []
        self.clears: list[float] = []
        self.given_up = 0

    def tell(self, event: ev.TrackerEvent) -> None:
        for action in self.tracker.handle(event, Moment(self.now, 0.0)):
            match action:
                case ev.ReportCall(report):
                    self.reports.append((report.index, report.state))
                case ev.ReadCalls():
                    asked_at = self.now
                    self.now += 0.001
                    self.tell(ev.CallsRead(self.listed, asked_at))
                case ev.AskCause(index):
                    self.tell(ev.CauseTold(index, None))
                case ev.ClearCall():
                    self.clears.append(self.now)
                case ev.GiveUpCall():
                    self.given_up += 1

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while (due := self.tracker.next_deadline) is not None and due <= until:
            self.now = max(self.now, due)
            self.tell(ev.TimePassed())
        self.now = until

    def talk(self) -> None:
        self.listed = (entry(1, CallState.ACTIVE),)
        self.tell(ev.RingCame())
        self.tell(ev.EntrySeen(entry(1, CallState.ACTIVE)))
        self.wait(COMPANY_S + 1)


def test_stuck_is_cleared_again_and_then_given_up():
    story = Story()
    story.talk()
    told_at = story.now
    story.tell(ev.EndHinted(told=True))
    story.wait(20.0)
    assert len(story.clears) == CLEAR_TRIES
    assert STUCK_AFTER_S <= story.clears[0] - told_at < STUCK_AFTER_S + 1
    assert CLEAR_AGAIN_S <= story.clears[1] - story.clears[0] < CLEAR_AGAIN_S + 1
    assert story.given_up


def test_a_hint_of_our_own_making_hangs_nothing_up():
    story = Story()
    story.talk()
    story.tell(ev.EndHinted())
    story.wait(20.0)
    assert story.clears == []


def test_an_index_that_rings_again_has_a_new_owner():
    story = Story()
    story.talk()
    story.tell(ev.EndHinted(told=True))
    story.listed = (entry(1, CallState.INCOMING),)
    story.wait(1.0)
    assert story.reports[-2:] == [(1, CallState.ENDED), (1, CallState.INCOMING)]
    story.wait(10.0)
    assert story.clears == []


STATES = st.sampled_from(CallState)
EVENTS = st.one_of(
    st.builds(ev.EntrySeen, st.builds(entry, st.integers(1, 3), STATES, st.booleans())),
    st.builds(ev.CallsRead, st.tuples(st.builds(entry, st.integers(1, 3), STATES, st.booleans())), st.just(1e9)),
    st.just(ev.RingCame()),
    st.just(ev.WaitingCame()),
    st.just(ev.ChangeHinted()),
    st.builds(ev.EndHinted, told=st.booleans()),
    st.just(ev.DialAccepted(NUMBER)),
    st.just(ev.ReadFailed()),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(EVENTS, st.floats(0.0, 5.0)), max_size=25))
def test_any_story_comes_to_rest_when_the_list_is_empty(steps):
    story = Story()
    for event, pause_s in steps:
        story.tell(event)
        story.wait(pause_s)
    story.wait(30.0)
    assert story.tracker.idle
    assert story.tracker.next_deadline is None
    for index in (0, 1, 2, 3):
        states = [state for i, state in story.reports if i == index]
        assert not any(a is b is CallState.ENDED for a, b in pairwise(states)) or index == 0
        assert not states or states[-1] is CallState.ENDED
