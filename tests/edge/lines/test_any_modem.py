"""A modem that reports anything in any order: the promises of a line hold all the same.

A leg lives from its claim or dialling to exactly one end, is answered at most once and says nothing after its end; a
line is offered, dialled and answered in a sensible order; when the modem has no call any more, the line is free and
waits for nothing.
"""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from edge.calls import actions as act
from edge.calls import events as ev
from edge.lines.line import Line, LineInput, LineTimePassed
from edge.telephony import CallerIdState, CallState, Cause, LegId, LineState, Moment, RawNumber
from hal import interfaces as hal
from tests.edge.lines.modem_talk import EMPLOYEE, GSM1, IDENTITY, OWN

NUMBERS = st.sampled_from(
    [RawNumber("0912000222"), RawNumber("", 128, CallerIdState.WITHHELD), RawNumber("0913000333")]
)
REPORTS = st.builds(
    hal.CallReported,
    st.integers(1, 3),
    st.booleans(),
    st.sampled_from(list(CallState)),
    st.one_of(st.none(), NUMBERS),
    st.sampled_from([None, Cause.NORMAL_CLEARING, Cause.USER_BUSY]),
)
RUMOURS = st.one_of(
    st.just(hal.RingHeard()),
    st.builds(hal.CallerIdReported, NUMBERS),
    st.builds(hal.WaitingCallReported, NUMBERS),
    REPORTS,
    REPORTS,
    st.builds(hal.CallsListed, st.lists(REPORTS, max_size=2).map(tuple)),
    st.builds(hal.KeyReported, st.sampled_from("05#")),
    st.just(hal.AudioOpened()),
    st.just(hal.AudioFailed("refused")),
    st.builds(hal.RegistrationReported, st.sampled_from(list(hal.RegistrationState))),
)


class AnyModem(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.line = Line(GSM1, OWN)
        self.mono = 10.0
        self.commands: list[hal.ModemCommand] = []
        self.unclaimed = 0
        self.named = 0
        self.lives: dict[LegId, list[ev.Event]] = {}
        self.tell(hal.ModemReady(IDENTITY))
        self.tell(hal.RegistrationReported(hal.RegistrationState.HOME))

    # --- the line's partners --------------------------------------------------------------------------------------

    def tell(self, event: LineInput) -> None:
        for out in self.line.handle(event, Moment(self.mono, 1e9)):
            if isinstance(out, hal.ModemCommand):
                self._commanded(out)
            elif isinstance(out, ev.CallOffered):
                self.unclaimed += 1
            elif not isinstance(out, ev.LineChanged | ev.CallWaitingOffered):
                self._lived(out)

    def _commanded(self, command: hal.ModemCommand) -> None:
        if isinstance(command, hal.Dial):
            assert self.line.busy
        self.commands.append(command)

    def _lived(self, event: ev.Event) -> None:
        life = self.lives[event.leg]
        assert not life or not isinstance(life[-1], ev.LegEnded | ev.DialRefused), f"{event} after the end"
        if isinstance(event, ev.LegAnswered | ev.LegAlerting):
            assert event not in life
        life.append(event)

    def _name(self) -> LegId:
        self.named += 1
        leg = LegId(f"c{self.named}.1")
        self.lives[leg] = []
        return leg

    @property
    def living(self) -> list[LegId]:
        ends = (ev.LegEnded, ev.DialRefused)
        return [leg for leg, life in self.lives.items() if not life or not isinstance(life[-1], ends)]

    # --- what happens ---------------------------------------------------------------------------------------------

    @rule(rumour=RUMOURS)
    def the_modem_says(self, rumour):
        self.tell(rumour)

    @rule()
    def it_rings_as_it_should(self):
        self.tell(hal.RingHeard())
        self.tell(hal.CallerIdReported(RawNumber("0912000222")))

    @precondition(lambda self: self.unclaimed)
    @rule(answer=st.booleans())
    def the_switchboard_claims(self, answer):
        self.unclaimed -= 1
        leg = self._name()
        self.tell(act.ClaimLeg(leg, GSM1))
        if answer:
            self.tell(act.AnswerLeg(leg, GSM1))

    @rule()
    def the_switchboard_dials(self):
        self.tell(act.DialLeg(self._name(), GSM1, EMPLOYEE))

    @precondition(lambda self: self.living)
    @rule(pick=st.integers(0, 7))
    def the_switchboard_hangs_up(self, pick):
        self.tell(act.HangUpLeg(self.living[pick % len(self.living)], GSM1))

    @precondition(lambda self: self.commands)
    @rule(failed=st.booleans())
    def a_command_is_over(self, failed):
        command = self.commands.pop(0)
        if isinstance(command, hal.ListCalls) and not failed:
            self.tell(hal.CallsListed(()))
        over = hal.CommandFailed(command.token, "ERROR") if failed else hal.CommandDone(command.token)
        self.tell(over)

    @rule(back=st.booleans())
    def the_modem_is_lost(self, back):
        self.commands.clear()
        self.tell(hal.ModemLost("port gone"))
        assert not self.line.busy
        if back:
            self.tell(hal.ModemReady(IDENTITY))
            self.tell(hal.RegistrationReported(hal.RegistrationState.HOME))

    @rule(seconds=st.sampled_from([0.3, 1.0, 3.3, 8.5, 15.0]))
    def time_passes(self, seconds):
        end = self.mono + seconds
        while (deadline := self.line.next_deadline) is not None and deadline <= end:
            self.mono = max(self.mono, deadline)
            self.tell(LineTimePassed())
        self.mono = end

    def teardown(self):
        """The modem has no call any more and answers everything."""
        for _ in range(40):
            while self.unclaimed:
                self.the_switchboard_claims(False)
            while self.commands:
                self.a_command_is_over(False)
            self.time_passes(1.0)
        assert self.living == []
        assert not self.line.busy
        assert self.line.leg is None
        assert self.line.next_deadline is None
        assert self.line.state is not LineState.STARTING


def test_any_modem() -> None:
    run_state_machine_as_test(AnyModem, settings=settings(max_examples=120, stateful_step_count=40))


@pytest.mark.campaign
def test_any_modem_for_long() -> None:
    run_state_machine_as_test(AnyModem, settings=settings(max_examples=1500, stateful_step_count=60))
