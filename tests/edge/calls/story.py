"""Tells a call to the switchboard and keeps what it wanted done: the scenario tests read like stories.

    story.calls_in("0912000222")
    story.keys("512")
    assert story.dialled() == ("gsm-2", EMPLOYEE)

Spending control authorises everything unless the story says otherwise (`purse`). A story also keeps its journal, so
that every one of them can be replayed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from edge.calls import actions as act
from edge.calls import events as ev
from edge.calls.checkpoint import Checkpoint
from edge.calls.replay import Entry
from edge.calls.switchboard import Switchboard
from edge.dialplan.settings import Extension, RecordMode, Settings
from edge.telephony import (
    CallerIdState,
    Cause,
    Cdr,
    ClockSource,
    EndedBy,
    LegId,
    LineId,
    LineState,
    Moment,
    PhoneNumber,
)

GSM1, GSM2, GSM3 = LineId("gsm-1"), LineId("gsm-2"), LineId("gsm-3")
HOTLINE, SECOND_LINE = PhoneNumber("+84901234567"), PhoneNumber("+84937654321")
CUSTOMER, OTHER_CUSTOMER = PhoneNumber("+84912000222"), PhoneNumber("+84913000333")
EMPLOYEE, COLLEAGUE = PhoneNumber("+84903000111"), PhoneNumber("+84903000112")
OUTSIDE = PhoneNumber("+84988777666")
COMPANY = Settings(
    extensions=(
        Extension("512", "Sales", EMPLOYEE),
        Extension("513", "Support", COLLEAGUE, RecordMode.BOTH, pin="4321"),
        Extension("6001", "Store", PhoneNumber("+84903000113")),
    )
)
WALL_0 = 1_795_331_100.0  # 2026-11-22 14:05:00 in Vietnam

A = TypeVar("A")
Purse = Callable[[act.AuthoriseLeg], ev.Event | None]
"""What spending control answers, if anything."""


def open_purse(asked: act.AuthoriseLeg) -> ev.Event:
    return ev.LegAuthorised(asked.leg)


def silent_purse(_: act.AuthoriseLeg) -> None:
    """Something of ours is broken."""


def empty_purse(reason: ev.BarReason) -> Purse:
    return lambda asked: ev.LegBarred(asked.leg, reason)


class Story:
    def __init__(self, settings: Settings = COMPANY, *, lines: int = 2, purse: Purse = open_purse) -> None:
        self.purse = purse
        self.start = Checkpoint(settings=settings, revision=1, next_call=17, next_message=5, clock=ClockSource.NTP)
        self.switchboard = Switchboard.restore(self.start)
        self.mono = 1000.0
        self.journal: list[Entry] = []
        self.done: list[act.Action] = []
        numbers = (HOTLINE, SECOND_LINE, PhoneNumber("+84909000003"))
        for index in range(lines):
            self.tell(ev.LineChanged(LineId(f"gsm-{index + 1}"), LineState.UP, numbers[index]))

    # --- what happens ---------------------------------------------------------------------------------------------

    @property
    def now(self) -> Moment:
        return Moment(self.mono, WALL_0 + self.mono - 1000.0)

    def tell(self, event: ev.Event) -> list[act.Action]:
        """Everything that was done about it, spending control's answer in the same turn among it."""
        done = self.switchboard.handle(event, self.now)
        self.journal.append((len(self.journal) + 1, self.now, event, tuple(done)))
        self.done += done
        for asked in [each for each in done if isinstance(each, act.AuthoriseLeg)]:
            if (answer := self.purse(asked)) is not None:
                done = [*done, *self.tell(answer)]
        return done

    def passes(self, seconds: float) -> None:
        """Time goes by; the engine wakes the switchboard whenever it asked for it."""
        end = self.mono + seconds
        while (deadline := self.switchboard.next_deadline) is not None and deadline <= end:
            self.mono = max(self.mono, deadline)
            self.tell(ev.TimePassed())
        self.mono = end

    def offered(self, caller: PhoneNumber | None = CUSTOMER, line: LineId = GSM1) -> LegId:
        state = CallerIdState.VALID if caller is not None else CallerIdState.WITHHELD
        self.tell(ev.CallOffered(line, caller, state))
        return self.last(act.ClaimLeg).leg

    def calls_in(self, caller: PhoneNumber | None = CUSTOMER, line: LineId = GSM1) -> LegId:
        """Offered, answered, and the voice path is open."""
        leg = self.offered(caller, line)
        self.passes(0.5)
        self.tell(ev.LegAnswered(leg))
        self.tell(ev.LegAudioOpened(leg))
        return leg

    def prompt_ends(self) -> None:
        prompt = self.last(act.PlayPrompts)
        self.passes(2.0)
        self.tell(ev.PromptFinished(prompt.leg, prompt.player))

    def keys(self, keys: str, leg: LegId | None = None) -> None:
        leg = leg or self.last(act.ClaimLeg).leg
        for key in keys:
            self.passes(0.24)
            self.tell(ev.KeyPressed(leg, key))

    def answers(self) -> LegId:
        """The telephone that was dialled last rings and is picked up."""
        leg = self.last(act.DialLeg).leg
        self.tell(ev.LegAlerting(leg))
        self.passes(2.0)
        self.tell(ev.LegAnswered(leg))
        self.tell(ev.LegAudioOpened(leg))
        return leg

    def ends(self, leg: LegId, cause: Cause = Cause.NORMAL_CLEARING, by: EndedBy = EndedBy.FAR_END) -> None:
        self.tell(ev.LegEnded(leg, cause, by))

    def hang_ups_take_effect(self) -> None:
        """Lines report the end of each leg that the switchboard hung up and has not heard of since."""
        ended = {event.leg for _, _, event, _ in self.journal if isinstance(event, ev.LegEnded)}
        for action in self.all(act.HangUpLeg):
            if action.leg not in ended:
                self.ends(action.leg, Cause.NORMAL_CLEARING, EndedBy.US)

    # --- what was wanted ------------------------------------------------------------------------------------------

    def all(self, kind: type[A]) -> list[A]:
        return [each for each in self.done if isinstance(each, kind)]

    def last(self, kind: type[A]) -> A:
        found = self.all(kind)
        assert found, f"no {kind.__name__} was wanted"
        return found[-1]

    def said(self) -> tuple[str, ...]:
        return self.last(act.PlayPrompts).prompts

    def dialled(self) -> tuple[LineId, PhoneNumber]:
        dial = self.last(act.DialLeg)
        return dial.line, dial.called

    def hung_up(self) -> list[LegId]:
        return [each.leg for each in self.all(act.HangUpLeg)]

    def state(self) -> str:
        (call,) = self.switchboard.calls
        return call.state

    def cdr(self) -> Cdr:
        """Of the only call that has ended."""
        (close,) = self.all(act.CloseCdr)
        return close.cdr

    def texts(self) -> list[tuple[PhoneNumber, str]]:
        return [(each.called, each.text) for each in self.all(act.SendMessage)]
