"""The network's laws and its tables: causes, waiting, hold, glare, messages."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sim_hardware import signals as s
from sim_hardware.network import PAGING_S, RINGING_S, SETUP_S, Network, Stage
from sim_hardware.numbering import national, normalise, operator_named, operator_of, reached
from sim_hardware.signals import EndedBy

ANN, BINH, LINE = "+84912000222", "+84983000111", "+84901234567"


class World:
    """A network and its time."""

    def __init__(self) -> None:
        self.network = Network()
        self.now = 0.0
        self.seen: list[s.Action] = []

    def say(self, *events: s.Event) -> list[s.Action]:
        actions = [action for event in events for action in self.network.handle(event, self.now)]
        self.seen += actions
        return actions

    def wait(self, seconds: float) -> list[s.Action]:
        """Let time pass, deadline by deadline."""
        until, actions = self.now + seconds, []
        while (due := self.network.next_deadline) is not None and due <= until:
            self.now = due
            actions += self.say(s.DeadlineReached())
        self.now = until
        return actions

    def line_on(self, number: str = LINE) -> None:
        self.say(
            s.SubscriberDeclared(number, operator_of(number), switched_on=False, waiting=True),
            s.TerminalAttached(number),
        )

    def connect(self, caller: str, called: str, ref: str = "c1") -> str:
        """A call set up and answered; the called end's ref."""
        self.say(s.CallPlaced(caller, ref, called))
        offers = [a for a in self.wait(1) if isinstance(a, s.OfferCall)]
        self.say(s.CallAccepted(called, offers[-1].ref))
        return offers[-1].ref


def releases(actions: list[s.Action]) -> list[tuple[str, int, str]]:
    return [(a.terminal, a.cause, a.ended_by.value) for a in actions if isinstance(a, s.ReleaseLeg)]


def test_a_call_rings_connects_and_ends_for_both():
    world = World()
    world.say(s.CallPlaced(ANN, "a", "0983000111"))
    actions = world.wait(1)
    assert actions == [s.OfferCall(BINH, "n1", ANN, withheld=False), s.AlertCaller(ANN, "a")]
    assert world.say(s.CallAccepted(BINH, "n1")) == [s.ConnectLeg(ANN, "a"), s.ConnectLeg(BINH, "n1")]
    assert world.network.links[0].talking
    assert world.say(s.CallCleared(BINH, "n1", 16)) == [
        s.ReleaseLeg(ANN, "a", 16, EndedBy.CALLED, own=False),
        s.ReleaseLeg(BINH, "n1", 16, EndedBy.CALLED, own=True),
    ]
    assert world.network.links == ()
    assert world.network.next_deadline is None
    assert world.say(s.CallCleared(ANN, "a", 16)) == []


@pytest.mark.parametrize(
    ("declared", "dialled", "cause"),
    [
        pytest.param({"engaged": True}, BINH, 17, id="busy"),
        pytest.param({"switched_on": False}, BINH, 20, id="off"),
        pytest.param({}, "0123", 1, id="no such number"),
        pytest.param({}, "+1415", 1, id="no such number abroad"),
        pytest.param({}, "131800", 1, id="abroad, and nobody named"),
        pytest.param({}, "131800113", 1, id="1318 and no country"),
        pytest.param({}, ANN, 17, id="himself"),
    ],
)
def test_the_network_refuses_without_ringing(declared, dialled, cause):
    world = World()
    world.say(s.SubscriberDeclared(BINH, operator_of(BINH), **declared), s.CallPlaced(ANN, "a", dialled))
    actions = world.wait(5)
    assert releases(actions) == [(ANN, cause, "network")]
    assert not any(isinstance(a, s.AlertCaller | s.OfferCall) for a in actions)


def test_whoever_was_never_declared_lets_it_ring_for_a_minute():
    world = World()
    world.say(s.CallPlaced(ANN, "a", "0358123456"))
    assert releases(world.wait(SETUP_S + PAGING_S + RINGING_S - 0.1)) == []
    assert {cause for _, cause, _ in releases(world.wait(0.2))} == {19}


@pytest.mark.parametrize(
    ("dialled", "called"),
    [
        ("+442071234567", "+442071234567"),
        ("00442071234567", "+442071234567"),
        ("131800442071234567", "+442071234567"),
        ("+44 20 7123 4567", "+442071234567"),
        ("13180084983000111", BINH),
        ("19001234", "19001234"),
        ("1900 123456", "1900123456"),
        ("18001091", "18001091"),
        ("1088", "1088"),
        ("100", "100"),
    ],
)
def test_numbers_abroad_and_service_numbers_exist_and_ring(dialled, called):
    world = World()
    world.say(s.CallPlaced(ANN, "a", dialled))
    actions = world.wait(1)
    assert actions == [s.OfferCall(called, "n1", ANN, withheld=False), s.AlertCaller(ANN, "a")]
    assert normalise(called) == called == reached(called)


def test_somebody_abroad_calls_and_is_presented_with_his_country_code():
    world = World()
    world.line_on()
    world.say(s.CallPlaced("+442071234567", "a", national(LINE)))
    assert s.OfferCall(LINE, "n1", "+442071234567", withheld=False) in world.wait(1)
    assert national("+442071234567") == "+442071234567"


def test_a_rejection_is_the_called_ones_doing():
    world = World()
    world.say(s.CallPlaced(ANN, "a", BINH))
    world.wait(3)
    assert releases(world.say(s.CallCleared(BINH, "n1", 21)))[0] == (ANN, 21, "called")


@pytest.mark.parametrize("number", ["112", "113", "114", "115"])
def test_emergency_numbers_are_answered_by_the_network(number):
    world = World()
    world.say(s.CallPlaced(ANN, "a", number))
    assert world.wait(2) == [s.AlertCaller(ANN, "a"), s.ConnectLeg(ANN, "a")]
    assert releases(world.say(s.CallCleared(ANN, "a", 16))) == [(ANN, 16, "caller")]


def test_a_person_in_a_call_is_busy():
    world = World()
    world.connect(ANN, BINH)
    world.say(s.CallPlaced("+84903000333", "x", BINH))
    assert releases(world.wait(2)) == [("+84903000333", 17, "network")]


def test_a_line_in_a_call_is_offered_one_waiting_call():
    world = World()
    world.line_on()
    world.connect(ANN, LINE)
    world.say(s.CallPlaced(BINH, "b", LINE))
    offer = next(a for a in world.wait(SETUP_S) if isinstance(a, s.OfferCall))
    refused = world.say(s.CallCleared(LINE, offer.ref, 17))
    assert releases(refused)[0] == (BINH, 17, "network"), "call waiting off: nobody heard it ring"
    world.say(s.CallPlaced(BINH, "b2", LINE))
    world.wait(2)
    world.say(s.CallPlaced("+84903000333", "x", LINE))
    assert releases(world.wait(2)) == [("+84903000333", 17, "network")], "one waiting call at a time"


def test_accepting_a_waiting_call_holds_the_first_and_resume_joins():
    world = World()
    world.line_on()
    first = world.connect(ANN, LINE)
    second = world.connect(BINH, LINE, ref="b")
    assert [link.talking for link in world.network.links] == [False, True]
    world.say(s.CallHeld(LINE, second), s.CallResumed(LINE, first))
    assert [link.talking for link in world.network.links] == [True, False]
    world.say(s.CallResumed(LINE, second))
    assert [link.talking for link in world.network.links] == [True, True]


def test_glare_the_incoming_call_wins():
    world = World()
    world.line_on()
    world.say(s.CallPlaced(ANN, "a", LINE))
    world.wait(SETUP_S / 2)
    world.say(s.CallPlaced(LINE, "m1", BINH))
    actions = world.wait(1)
    assert actions[:2] == [
        s.ReleaseLeg(LINE, "m1", 41, EndedBy.NETWORK, own=False),
        s.OfferCall(LINE, "n1", ANN, withheld=False),
    ]
    assert releases(world.say(s.CallPlaced(LINE, "m2", BINH))) == [(LINE, 41, "network")], "it rings: no dialling"


def test_a_line_that_loses_its_radio_drops_its_calls():
    world = World()
    world.line_on()
    ref = world.connect(ANN, LINE)
    actions = world.say(s.TerminalDetached(LINE))
    assert actions == [
        s.ReleaseLeg(ANN, "c1", 31, EndedBy.NETWORK, own=False),
        s.ReleaseLeg(LINE, ref, 31, EndedBy.NETWORK, own=True),
    ]
    world.say(s.CallPlaced(ANN, "again", LINE))
    assert releases(world.wait(1)) == [(ANN, 20, "network")]


def test_keys_reach_the_other_end_only_while_they_talk():
    world = World()
    ref = world.connect(ANN, BINH)
    assert world.say(s.KeyPressed(ANN, "c1", "5")) == [s.RelayKey(BINH, ref, "5")]
    world.say(s.CallHeld(BINH, ref))
    assert world.say(s.KeyPressed(ANN, "c1", "5")) == []


def test_messages_wait_for_whoever_is_away():
    world = World()
    world.line_on()
    text = "Bạn có cuộc gọi nhỡ từ 0912 000 222"
    assert world.say(s.MessageSubmitted(LINE, 7, "0983000111", text)) == [
        s.AcceptMessage(LINE, 7),
        s.DeliverMessage(BINH, LINE, text),
    ]
    world.say(s.TerminalDetached(LINE))
    assert world.say(s.MessageSubmitted(ANN, 8, LINE, "xin chào")) == [s.AcceptMessage(ANN, 8)]
    assert s.DeliverMessage(LINE, ANN, "xin chào") in world.say(s.TerminalAttached(LINE))
    assert world.say(s.MessageSubmitted(ANN, 9, "12", "x")) == [s.RefuseMessage(ANN, 9, 1)]


@pytest.mark.parametrize(
    ("number", "operator"),
    [
        ("0891234567", "MobiFone"),
        ("0901234567", "MobiFone"),
        ("0912000222", "Vinaphone"),
        ("0356123456", "Viettel"),
        ("0561234567", "Vietnamobile"),
        ("0991234567", "Gmobile"),
        ("0871234567", "iTel"),
        ("02838221234", "VNPT fixed"),
    ],
)
def test_operators_by_prefix(number, operator):
    e164 = normalise(number)
    assert e164 is not None
    assert operator_of(e164).name == operator
    assert national(e164) == number


def test_a_ported_number_is_declared_by_name():
    world = World()
    world.say(s.SubscriberDeclared(ANN, operator_named("viettel")))
    assert world.network.operator(ANN).name == "Viettel"
    assert world.network.operator(BINH).name == "Viettel"


NUMBERS = (ANN, BINH, LINE, "+84937654321")


class NetworkLaws(RuleBasedStateMachine):
    """Whatever the terminals do: each leg is released once, nobody talks twice, quiet means nothing armed."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        for line in NUMBERS[2:]:
            self.world.line_on(line)
        self.dialled = 0
        self.joined = False

    def legs(self) -> list[tuple[str, str]]:
        ends = [end for link in self.world.network.links for end in (link.caller, link.called)]
        return [(end.terminal, end.ref) for end in ends if end is not None]

    @rule(caller=st.sampled_from(NUMBERS), called=st.sampled_from((*NUMBERS, "112", "0123", "0358123456")))
    def dial(self, caller, called):
        self.dialled += 1
        self.world.say(s.CallPlaced(caller, f"c{self.dialled}", called))

    @rule(pick=st.integers(0, 99), what=st.sampled_from(("accept", "clear", "hold", "key")))
    def act(self, pick, what):
        legs = self.legs()
        if not legs:
            return
        terminal, ref = legs[pick % len(legs)]
        match what:
            case "accept":
                self.world.say(s.CallAccepted(terminal, ref))
            case "clear":
                self.world.say(s.CallCleared(terminal, ref, 16))
            case "hold":
                self.world.say(s.CallHeld(terminal, ref))
            case "key":
                self.world.say(s.KeyPressed(terminal, ref, "1"))

    @rule(line=st.sampled_from(NUMBERS[2:]), on=st.booleans())
    def radio(self, line, on):
        self.world.say(s.TerminalAttached(line) if on else s.TerminalDetached(line))

    @rule(seconds=st.sampled_from((0.01, 0.2, 1.0, 61.0)))
    def wait(self, seconds):
        self.world.wait(seconds)

    @invariant()
    def one_release_for_each_leg(self):
        offered = [(a.terminal, a.ref) for a in self.world.seen if isinstance(a, s.OfferCall)]
        released = [(a.terminal, a.ref) for a in self.world.seen if isinstance(a, s.ReleaseLeg)]
        assert len(released) == len(set(released))
        live = self.legs()
        assert not set(live) & set(released)
        assert set(offered) <= set(live) | set(released)
        assert len(live) + len(released) == self.dialled + len(offered)

    @invariant()
    def nobody_talks_twice(self):
        unheld = [
            end.terminal
            for link in self.world.network.links
            if link.stage is Stage.ACTIVE
            for end, holds in ((link.caller, link.caller_holds), (link.called, link.called_holds))
            if end is not None and not holds
        ]
        assert len(unheld) == len(set(unheld))

    @invariant()
    def quiet_means_nothing_armed(self):
        waiting = [link for link in self.world.network.links if link.stage is not Stage.ACTIVE]
        assert (self.world.network.next_deadline is None) == (not waiting)

    def teardown(self):
        for terminal, ref in self.legs():
            self.world.say(s.CallCleared(terminal, ref, 16))
        assert self.world.network.next_deadline is None
        self.one_release_for_each_leg()


NetworkLaws.TestCase.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
TestNetworkLaws = NetworkLaws.TestCase
