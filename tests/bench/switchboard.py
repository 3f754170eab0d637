"""Events per second in the pure core: whole calls of every kind, many at a time, told by hand-made lines."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import cycle
from random import Random

from edge.calls import actions as do
from edge.calls import events as ev
from edge.calls.checkpoint import Checkpoint
from edge.calls.switchboard import Switchboard
from edge.telephony import CallerIdState, Cause, ClockSource, EndedBy, LegId, LineId, LineState, Moment, PhoneNumber
from tests.bench.figures import Report
from tests.support.day import COMPANY, EMPLOYEES

LINES = 8
PAIRS = LINES // 2
_Script = Iterator[ev.Event]


class _Told:
    """Tells a switchboard its events and finds what it wanted; the time spent in `handle` alone is counted."""

    def __init__(self) -> None:
        self.board = Switchboard.restore(Checkpoint(settings=COMPANY, revision=1, clock=ClockSource.NTP))
        self.events = 0
        self.cdrs = 0
        self.spent_s = 0.0
        self._mono = 1000.0
        self._legs: dict[LineId, LegId] = {}
        self._dialled: list[tuple[LegId, LineId]] = []
        self.prompts: dict[LegId, int] = {}

    def tell(self, event: ev.Event) -> None:
        self._mono += 0.05
        now = Moment(self._mono, 1_795_500_000.0 + self._mono)
        began = time.perf_counter()
        actions = self.board.handle(event, now)
        self.spent_s += time.perf_counter() - began
        self.events += 1
        authorised: list[LegId] = []
        for action in actions:
            match action:
                case do.AuthoriseLeg(leg):
                    authorised.append(leg)
                case do.ClaimLeg(leg, line):
                    self._legs[line] = leg
                case do.DialLeg(leg, line):
                    self._dialled.append((leg, line))
                case do.PlayPrompts(leg, player):
                    self.prompts[leg] = player
                case do.CloseCdr():
                    self.cdrs += 1
        for leg in authorised:  # as the engine does it: right after the event that asked
            self.tell(ev.LegAuthorised(leg))

    def leg_on(self, line: LineId) -> LegId:
        return self._legs[line]

    def take_dialled(self) -> LegId:
        return self._dialled.pop(0)[0]


def _answered(told: _Told, line: LineId, caller: PhoneNumber) -> Iterator[ev.Event]:
    yield ev.CallOffered(line, caller, CallerIdState.VALID)
    leg = told.leg_on(line)
    yield ev.LegAnswered(leg)
    yield ev.LegAudioOpened(leg)


def _keys(leg: LegId, keys: str) -> Iterator[ev.Event]:
    for key in keys:
        yield ev.KeyPressed(leg, key)


def _talks(told: _Told, line: LineId, caller: PhoneNumber, extension: str) -> _Script:
    yield from _answered(told, line, caller)
    front = told.leg_on(line)
    yield from _keys(front, extension)
    party = told.take_dialled()
    yield ev.LegAlerting(party)
    yield ev.LegAnswered(party)
    yield ev.LegAudioOpened(party)
    for _ in range(4):
        yield ev.TimePassed()
    yield ev.LegEnded(front, Cause.NORMAL_CLEARING, EndedBy.FAR_END)
    yield ev.LegEnded(party, Cause.NORMAL_CLEARING, EndedBy.US)
    if extension == "512":  # recorded both ways
        yield ev.RecordingFinished(_recording_of(front))


def _recording_of(leg: LegId) -> ev.RecordingId:
    return ev.RecordingId(f"{leg.partition('.')[0]}.r1")


def _finds_nobody(told: _Told, line: LineId, caller: PhoneNumber, extension: str) -> _Script:
    yield from _answered(told, line, caller)
    front = told.leg_on(line)
    yield from _keys(front, extension)
    party = told.take_dialled()
    yield ev.LegAlerting(party)
    yield ev.LegEnded(party, Cause.USER_BUSY, EndedBy.FAR_END)
    yield ev.PromptFinished(front, told.prompts[front])
    yield ev.LegEnded(front, Cause.NORMAL_CLEARING, EndedBy.FAR_END)


def _gives_up(told: _Told, line: LineId, caller: PhoneNumber, _: str) -> _Script:
    yield from _answered(told, line, caller)
    front = told.leg_on(line)
    yield from _keys(front, "333")
    yield ev.PromptFinished(front, told.prompts[front])
    yield ev.LegEnded(front, Cause.NORMAL_CLEARING, EndedBy.FAR_END)


Kind = Callable[[_Told, LineId, PhoneNumber, str], _Script]
KINDS: tuple[Kind, ...] = (_talks, _talks, _talks, _finds_nobody, _gives_up)


def measure(small: bool) -> Report:
    calls = 400 if small else 20_000
    report = Report("time inside `Switchboard.handle`, one thread; 60 % of the calls reach somebody, 4 at a time")
    told = _Told()
    for index in range(LINES):
        told.tell(ev.LineChanged(LineId(f"gsm-{index + 1}"), LineState.UP, PhoneNumber(f"+8490123456{index}")))
    _tell_calls(told, calls)
    if told.cdrs != calls or not told.board.quiet:
        raise AssertionError(f"{calls} calls, {told.cdrs} CDRs, quiet: {told.board.quiet}")
    report.add("switchboard_events_per_s", told.events / told.spent_s)
    report.add("switchboard_us_per_event", 1e6 * told.spent_s / told.events)
    unexpected = {f"{what} in {stage}": count for (stage, what), count in told.board.unexpected.items()}
    report.notes = {"events": told.events, "calls": calls, "unexpected": unexpected}
    return report


def _tell_calls(told: _Told, calls: int) -> None:
    """On each of four lines one call after the other; an event of each in turn."""
    rng = Random(5)
    extensions = cycle(EMPLOYEES)
    running: dict[LineId, _Script] = {}
    begun = 0
    while begun < calls or running:
        for index in range(PAIRS):
            line = LineId(f"gsm-{index + 1}")
            if line not in running and begun < calls:
                caller = PhoneNumber(f"+8491{rng.randrange(10**7):07}")
                running[line] = rng.choice(KINDS)(told, line, caller, next(extensions))
                begun += 1
            event = next(running[line], None) if line in running else None
            if event is not None:
                told.tell(event)
            else:
                running.pop(line, None)
