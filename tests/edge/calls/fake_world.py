"""A world that does what the switchboard says, late, in any order, and not always with success; and watches its laws.

What an action leads to waits in `pending` until somebody delivers it, so that everything can cross everything else:
an answer crosses a hang-up, a call comes in while its line is told to dial. Per leg the order stays, as lines promise.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from edge.calls import actions as act
from edge.calls import events as ev
from edge.calls.checkpoint import Checkpoint
from edge.calls.replay import Entry, replay
from edge.calls.switchboard import Switchboard
from edge.dialplan.numbers import EMERGENCY_NUMBERS
from edge.telephony import CallerIdState, Cause, EndedBy, LegId, LineId, LineState, Moment, PhoneNumber, RecordingId

SLOWEST_S = 10.0


@dataclass(slots=True)
class WorldLeg:
    """`over` is the truth; `told_*` is what the switchboard has been told of it."""

    line: LineId
    incoming: bool
    over: bool = False
    told_answered: bool = False
    told_ended: bool = False
    hang_up_wanted: bool = False
    answered: bool = False
    player: int | None = None


@dataclass(slots=True)
class WorldLine:
    number: PhoneNumber
    state: LineState = LineState.UP
    leg: LegId | None = None
    offering: bool = False


@dataclass
class FakeWorld:
    start: Checkpoint
    numbers: tuple[PhoneNumber, ...]
    mono: float = 500.0
    lines: dict[LineId, WorldLine] = field(default_factory=dict)
    legs: dict[LegId, WorldLeg] = field(default_factory=dict)
    pending: list[ev.Event] = field(default_factory=list)
    matrix: dict[tuple[LegId, LegId], float] = field(default_factory=dict)
    recordings: dict[RecordingId, str] = field(default_factory=dict)
    """started, stopping or closed."""
    journal: list[Entry] = field(default_factory=list)
    offers: int = 0
    cdrs: list[act.CloseCdr] = field(default_factory=list)
    undelivered_s: float = 0.0
    purse: str = "open"
    """open, empty, or silent: how spending control answers now."""
    asked: dict[LegId, str] = field(default_factory=dict)
    """What the switchboard knows of the legs it asked about: asked, authorised, barred, metered, released."""

    def __post_init__(self) -> None:
        self.switchboard = Switchboard.restore(self.start)
        for index, number in enumerate(self.numbers):
            line = LineId(f"gsm-{index + 1}")
            self.lines[line] = WorldLine(number)
            self.tell(ev.LineChanged(line, LineState.UP, number))

    # --- events in, actions out -----------------------------------------------------------------------------------

    @property
    def now(self) -> Moment:
        return Moment(self.mono, 1.8e9 + self.mono)

    def tell(self, event: ev.Event) -> None:
        self._note(event)
        actions = self.switchboard.handle(event, self.now)
        self.journal.append((len(self.journal) + 1, self.now, event, tuple(actions)))
        for action in actions:
            self._perform(action)

    def deliver(self, index: int) -> None:
        """One of the things that are on their way arrives; of one leg, the oldest first."""
        event = self.pending[index % len(self.pending)]
        leg = _leg_of(event)
        if leg is not None:
            event = next(each for each in self.pending if _leg_of(each) == leg)
        self.pending.remove(event)
        self.tell(event)

    def passes(self, seconds: float) -> None:
        """Time goes by. Lines and recorder are slow but keep their promises: nothing stays on its way for long."""
        while seconds > 0:
            step = min(seconds, SLOWEST_S / 2)
            seconds -= step
            self.undelivered_s += step
            if self.undelivered_s > SLOWEST_S:
                while self.pending:
                    self.deliver(0)
                self.undelivered_s = 0.0
            self._wake(self.mono + step)

    def _wake(self, end: float) -> None:
        while (deadline := self.switchboard.next_deadline) is not None and deadline <= end:
            self.mono = max(self.mono, deadline)
            self.tell(ev.TimePassed())
        self.mono = end

    # --- what people and networks do ------------------------------------------------------------------------------

    def call_in(self, line: LineId, caller: PhoneNumber | None) -> None:
        world_line = self.lines[line]
        if world_line.state is not LineState.UP or world_line.offering:
            return
        self.offers += 1
        state = CallerIdState.VALID if caller is not None else CallerIdState.WITHHELD
        if world_line.leg is not None:
            self.tell(ev.CallWaitingOffered(line, caller, state))
        else:
            world_line.offering = True
            self.tell(ev.CallOffered(line, caller, state))
            assert not world_line.offering, "every offered call is claimed"

    def live(self) -> list[LegId]:
        return [leg for leg, each in self.legs.items() if not each.over]

    def ringing(self) -> list[LegId]:
        """Legs we dial that have not been answered."""
        return [leg for leg in self.live() if not self.legs[leg].incoming and not self.legs[leg].answered]

    def end(self, leg: LegId, cause: Cause, by: EndedBy) -> None:
        world_leg = self.legs[leg]
        if not world_leg.over:
            world_leg.over = True
            self.lines[world_leg.line].leg = None
            self.pending.append(ev.LegEnded(leg, cause, by))

    def answer(self, leg: LegId, *, audio: bool = True) -> None:
        world_leg = self.legs[leg]
        if not world_leg.over and not world_leg.answered:
            world_leg.answered = True
            self.pending.append(ev.LegAnswered(leg))
            self.pending.append(ev.LegAudioOpened(leg) if audio else ev.LegAudioFailed(leg, "refused"))

    def metered(self) -> list[LegId]:
        """Legs whose budget runs."""
        return [leg for leg, known in self.asked.items() if known == "metered"]

    def lose_modem(self, line: LineId) -> None:
        world_line = self.lines[line]
        world_line.state = LineState.DOWN
        if world_line.leg is not None:
            self.end(world_line.leg, Cause.TEMPORARY_FAILURE, EndedBy.NETWORK)
        self.pending.append(ev.LineChanged(line, LineState.DOWN, world_line.number))

    def find_modem(self, line: LineId) -> None:
        self.lines[line].state = LineState.UP
        self.pending.append(ev.LineChanged(line, LineState.UP, self.lines[line].number))

    def settle(self) -> None:
        """Everybody hangs up, everything arrives, the longest patience passes."""
        for leg in self.live():
            self.end(leg, Cause.NORMAL_CLEARING, EndedBy.FAR_END)
        for _ in range(2):
            while self.pending:
                self.deliver(0)
            self.passes(200.0)

    # --- the switchboard's actions, and the laws it must keep --------------------------------------------------------

    def _perform(self, action: act.Action) -> None:
        match action:
            case act.ClaimLeg(leg, line):
                self._claim(leg, line)
            case act.AnswerLeg(leg):
                self._must_live(leg)
                self.answer(leg)
            case act.AuthoriseLeg(leg):
                self._authorise(leg)
            case act.MeterLeg(leg):
                assert self.asked[leg] == "authorised", f"{leg} is metered while {self.asked[leg]}"
                assert self.legs[leg].told_answered
                self.asked[leg] = "metered"
            case act.ReleaseLeg(leg):
                self._release(leg)
            case act.DialLeg(leg, line, called):
                assert (self.asked.get(leg) == "authorised") is not (called in EMERGENCY_NUMBERS), f"{leg}: {called}"
                self._dial(leg, line)
            case act.HangUpLeg(leg):
                self._must_live(leg)
                assert not self.legs[leg].hang_up_wanted, f"{leg} is hung up twice"
                self.legs[leg].hang_up_wanted = True
                self.end(leg, Cause.NORMAL_CLEARING, EndedBy.US)
            case act.CloseCdr():
                self._close(action)
            case act.SendMessage(message):
                self.pending.append(ev.SmsSent(message))
            case _:
                self._perform_media(action)

    def _perform_media(self, action: act.Action) -> None:
        match action:
            case act.PlayPrompts(leg, player):
                self._must_live(leg)
                self.legs[leg].player = player
            case act.PlayTone(leg, act.Tone.RECORDING):
                self._must_live(leg)
            case act.PlayTone(leg) | act.StopPlaying(leg):
                self._must_live(leg)
                self.legs[leg].player = None
            case act.SetHearing(listener, speaker, gain):
                self._hear(listener, speaker, gain)
            case act.StartRecording(recording, _, left, right):
                self._must_live(left)
                self._must_live(right)
                assert recording not in self.recordings
                self.recordings[recording] = "started"
            case act.StopRecording(recording):
                assert self.recordings[recording] == "started", f"{recording} is stopped twice or too late"
                self.recordings[recording] = "stopping"
                self.pending.append(ev.RecordingFinished(recording))

    def _claim(self, leg: LegId, line: LineId) -> None:
        assert self.lines[line].offering, "only what was offered is claimed"
        self.lines[line].offering = False
        self.lines[line].leg = leg
        self.legs[leg] = WorldLeg(line, incoming=True)

    def _authorise(self, leg: LegId) -> None:
        assert leg not in self.asked, f"{leg} is asked about twice"
        self.asked[leg] = "asked"
        if self.purse == "open":
            self.pending.append(ev.LegAuthorised(leg))
        elif self.purse == "empty":
            self.pending.append(ev.LegBarred(leg, ev.BarReason.HOTLINE_LIMIT))

    def _release(self, leg: LegId) -> None:
        assert self.asked[leg] in ("asked", "authorised", "metered"), f"{leg} is released while {self.asked[leg]}"
        self.asked[leg] = "released"

    def _dial(self, leg: LegId, line: LineId) -> None:
        world_line = self.lines[line]
        assert leg not in self.legs
        self.legs[leg] = WorldLeg(line, incoming=False)
        if world_line.state is not LineState.UP:
            self._refuse(leg, ev.DialRefusal.LINE_DOWN)
        elif world_line.leg is not None:
            self._refuse(leg, ev.DialRefusal.GLARE)
        else:
            world_line.leg = leg

    def _refuse(self, leg: LegId, reason: ev.DialRefusal) -> None:
        self.legs[leg].over = True
        self.pending.append(ev.DialRefused(leg, reason))

    def glare(self, leg: LegId, caller: PhoneNumber) -> None:
        """Our dialling loses against somebody who calls in; the line tells both in that order."""
        world_leg = self.legs[leg]
        self.lines[world_leg.line].leg = None
        world_leg.over = True
        self.pending = [each for each in self.pending if _leg_of(each) != leg]
        self.tell(ev.DialRefused(leg, ev.DialRefusal.GLARE))
        if self.lines[world_leg.line].leg is None:
            self.call_in(world_leg.line, caller)

    def _hear(self, listener: LegId, speaker: LegId, gain: float) -> None:
        if gain:
            for leg in (listener, speaker):
                self._must_live(leg)
                assert self.legs[leg].told_answered, f"{leg} is bridged before its answer"
            self.matrix[listener, speaker] = gain
        else:
            del self.matrix[listener, speaker]

    def _must_live(self, leg: LegId) -> None:
        assert not self.legs[leg].told_ended, f"{leg} is dead, and the switchboard knows"

    def _close(self, close: act.CloseCdr) -> None:
        cdr = close.cdr
        assert cdr.call not in [each.cdr.call for each in self.cdrs], f"{cdr.call} has two CDRs"
        for leg in cdr.legs:
            known = self.legs.get(leg.leg)
            assert known is None or known.told_ended or leg.cause is Cause.RECOVERY_ON_TIMER
            assert known is None or leg.duration_s == 0 or known.told_answered
        for recording in cdr.recordings:
            assert self.recordings[recording] == "closed", f"{recording} is open, its CDR closed"
        assert cdr.billable_s >= 0
        assert cdr.ended >= cdr.started
        self.cdrs.append(close)

    def _note(self, event: ev.Event) -> None:
        """What the switchboard is told from now on counts as known to it."""
        match event:
            case ev.LegAuthorised(leg) if self.asked[leg] == "asked":
                self.asked[leg] = "authorised"
            case ev.LegBarred(leg) if self.asked[leg] == "asked":
                self.asked[leg] = "barred"
            case ev.LegAnswered(leg):
                self.legs[leg].told_answered = True
            case ev.LegEnded(leg) | ev.DialRefused(leg):
                self.legs[leg].told_ended = True
            case ev.RecordingFinished(recording) | ev.RecordingFailed(recording):
                self.recordings[recording] = "closed"

    # --- in the end -----------------------------------------------------------------------------------------------

    def check_quiet(self) -> None:
        assert self.switchboard.calls == ()
        assert self.switchboard.next_deadline is None
        assert not any(each.busy for each in self.switchboard.lines)
        assert set(self.asked.values()) <= {"released", "barred"}
        assert self.matrix == {}
        assert len(self.cdrs) == self.offers
        assert set(self.recordings.values()) <= {"closed"}
        assert self.switchboard.unexpected == {}
        assert replay(self.start, self.journal) is None


def _leg_of(event: ev.Event) -> LegId | None:
    match event:
        case (
            ev.LegAuthorised(leg)
            | ev.LegBarred(leg)
            | ev.BudgetRunningOut(leg)
            | ev.BudgetSpent(leg)
            | ev.LegAlerting(leg)
            | ev.LegAnswered(leg)
            | ev.LegEnded(leg)
            | ev.DialRefused(leg)
            | ev.LegAudioOpened(leg)
            | ev.LegAudioFailed(leg)
        ):
            return leg
        case _:
            return None
