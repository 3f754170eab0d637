"""The switchboard: every event of the box goes in with its moment, what is to be done comes out.

Pure: no clock, no I/O, no randomness; ids come from counters. The same checkpoint and the same events give the same
actions on any machine (see `edge.calls.replay`). It only finds the call that an event belongs to; the course of a call
is `edge.calls.transitions`.

    switchboard = Switchboard.restore(checkpoint)
    actions = switchboard.handle(CallOffered(line, caller, CallerIdState.VALID), now)
    ... perform them; wake up with TimePassed() at switchboard.next_deadline (monotonic seconds)

Ids carry their call: leg `c17.2` and recording `c17.r1` belong to call `c17`.
"""

from __future__ import annotations

from edge.calls import transitions, triggers
from edge.calls.actions import (
    Action,
    AnswerLeg,
    ClaimLeg,
    NoteMessageOutcome,
    RefuseWaitingCall,
    ReportStopped,
    StoreReceivedMessage,
)
from edge.calls.call import Call, Verdict
from edge.calls.checkpoint import Checkpoint
from edge.calls.events import (
    BudgetRunningOut,
    BudgetSpent,
    CallEndRequested,
    CallOffered,
    CallWaitingOffered,
    ClockChanged,
    DialRefused,
    Event,
    KeyPressed,
    LegAlerting,
    LegAnswered,
    LegAudioFailed,
    LegAudioOpened,
    LegAuthorised,
    LegBarred,
    LegEnded,
    LineChanged,
    PromptFinished,
    RecordingFailed,
    RecordingFinished,
    SettingsApplied,
    SmsFailed,
    SmsReceived,
    SmsRequested,
    SmsSent,
    SpendingNoticed,
    StopRequested,
    StorageChanged,
    TimePassed,
)
from edge.calls.front_office import FrontOffice
from edge.calls.ivr import ANSWER_PATIENCE_S
from edge.calls.leg import Leg
from edge.calls.stages import Stage, Trigger
from edge.calls.views import CallView, LineView, view
from edge.dialplan.routes import find_employee
from edge.dialplan.settings import Settings
from edge.telephony import (
    CallId,
    Cause,
    Direction,
    Disposition,
    EndedBy,
    LegId,
    LineId,
    Moment,
    PhoneNumber,
    Service,
)

STOP_PATIENCE_S = 3.0
"""After that the process goes, whatever lines and recorder still owe us; every call has its CDR by then."""

_LOOP = Verdict(Disposition.FAILED, Cause.CALL_REJECTED)
_LINE_BUSY = Verdict(Disposition.BUSY, Cause.USER_BUSY)
_STOPPING = Verdict(Disposition.FAILED, Cause.TEMPORARY_FAILURE)

_OF_MEDIA = (KeyPressed, PromptFinished, LegAudioOpened, LegAudioFailed)
_OF_SPENDING = (LegAuthorised, LegBarred, BudgetRunningOut, BudgetSpent)
_UNTIDY = (*_OF_MEDIA, *_OF_SPENDING)
"""What media and spending control may still report of a call that has just closed."""


class SwitchboardBusyError(RuntimeError):
    """A checkpoint was asked for while calls are up; wait until `quiet`."""


class Switchboard:
    def __init__(self, settings: Settings | None = None, *, start: Checkpoint | None = None) -> None:
        """`start` holds all there is to know at the beginning, counters among it; `settings` alone starts afresh."""
        self._office = FrontOffice(start or Checkpoint(settings or Settings()))
        self._stop_at: float | None = None
        self._stopping = False
        self._unexpected: dict[tuple[str, str], int] = {}

    @classmethod
    def restore(cls, checkpoint: Checkpoint) -> Switchboard:
        """The switchboard as it was, counters and lines included."""
        return cls(start=checkpoint)

    # --- read-only state ------------------------------------------------------------------------------------------

    @property
    def quiet(self) -> bool:
        """No call is up and the box is not going down: a checkpoint can be taken."""
        return not self._office.calls and not self._stopping

    @property
    def next_deadline(self) -> float | None:
        """Monotonic second at which `TimePassed` is wanted; None when nothing waits."""
        waits = [call.next_deadline for call in self._office.calls.values()]
        return min((each for each in (*waits, self._stop_at) if each is not None), default=None)

    @property
    def calls(self) -> tuple[CallView, ...]:
        """Calls in progress, oldest first."""
        return tuple(view(each) for each in self._office.calls.values())

    @property
    def lines(self) -> tuple[LineView, ...]:
        busy = self._office.busy_lines
        return tuple(
            LineView(each.line, each.state, each.number, each.line in busy) for each in self._office.pool.lines
        )

    @property
    def unexpected(self) -> dict[tuple[str, str], int]:
        """How often which event (or trigger) came in which stage without anything foreseen for it."""
        return dict(self._unexpected)

    def checkpoint(self) -> Checkpoint:
        """All there is to know. Raises `SwitchboardBusyError` unless `quiet`."""
        if not self.quiet:
            raise SwitchboardBusyError(f"{len(self._office.calls)} calls are up; take the checkpoint when none is")
        office = self._office
        return Checkpoint(
            settings=office.settings,
            revision=office.revision,
            lines=office.pool.lines,
            next_call=office.next_call,
            next_message=office.messages.next_message,
            clock=office.clock,
            recording_allowed=office.recording_allowed,
            waiting=office.messages.waiting,
        )

    # --- events ---------------------------------------------------------------------------------------------------

    def handle(self, event: Event, now: Moment) -> list[Action]:
        """Takes one event; returns what is to be done, in order."""
        self._dispatch(event, now)
        self._office.close_finished_calls(now)
        self._report_stopped()
        return self._office.take_actions()

    def _dispatch(self, event: Event, now: Moment) -> None:
        match event:
            case CallOffered(line, caller):
                self._offered(event, line, caller, now)
            case CallWaitingOffered(line, caller):
                self._waiting_offered(event, line, caller, now)
            case TimePassed():
                self._time_passed(event, now)
            case CallEndRequested(call):
                self._advance_by_id(call, Trigger.END_REQUESTED, event, now)
            case StopRequested():
                self._stop(event, now)
            case (
                LegAuthorised(leg)
                | LegBarred(leg)
                | BudgetRunningOut(leg)
                | BudgetSpent(leg)
                | LegAlerting(leg)
                | LegAnswered(leg)
                | LegEnded(leg)
                | DialRefused(leg)
                | LegAudioOpened(leg)
                | LegAudioFailed(leg)
                | KeyPressed(leg)
                | PromptFinished(leg)
            ):
                self._of_call(_call_of(leg), event, now)
            case RecordingFinished(recording) | RecordingFailed(recording):
                self._of_call(_call_of(recording), event, now)
            case _:
                self._of_house(event, now)

    def _of_house(self, event: Event, now: Moment) -> None:
        """Events that belong to no call."""
        office = self._office
        match event:
            case LineChanged(line, state, number):
                office.pool.change(line, state, number)
                office.send_waiting_messages()
            case SettingsApplied(revision, settings):
                office.revision, office.settings = revision, settings
            case StorageChanged(allowed):
                self._storage_changed(event, allowed, now)
            case ClockChanged(source):
                office.clock = source
            case SmsReceived():
                sender = event.sender if event.sender is not None else event.sender_text
                office.act(StoreReceivedMessage(event.line, sender, event.text, event.sent_at))
            case SmsRequested(called, text, by):
                office.send_message(called, text, by)
            case SpendingNoticed(called, text):
                office.tell_of_spending(called, text)
            case SmsSent(message):
                office.act(NoteMessageOutcome(message, sent=True))
            case SmsFailed(message, reason):
                office.act(NoteMessageOutcome(message, sent=False, reason=reason))
            case _:
                self._count("none", type(event).__name__)

    # --- calls come in --------------------------------------------------------------------------------------------

    def _offered(self, event: Event, line: LineId, caller: PhoneNumber | None, now: Moment) -> None:
        call = self._new_call(line, caller, now)
        self._office.act(ClaimLeg(call.front.leg, line))
        if self._is_own(caller):
            self._end_looped_tries(event, caller, now)
            call.finish(now, _LOOP)
        elif self._stopping:
            call.finish(now, _STOPPING)
        else:
            self._office.act(AnswerLeg(call.front.leg, line))
            call.wait(now, ANSWER_PATIENCE_S)

    def _waiting_offered(self, event: Event, line: LineId, caller: PhoneNumber | None, now: Moment) -> None:
        """A second caller on a busy line: refused, and a CDR of his own all the same."""
        call = self._new_call(line, caller, now)
        self._office.act(RefuseWaitingCall(line))
        call.front.end(Cause.USER_BUSY, EndedBy.US, now)
        if self._is_own(caller):
            self._end_looped_tries(event, caller, now)
            call.finish(now, _LOOP)
        else:
            call.finish(now, _LINE_BUSY)
            self._office.missed_while_busy(call, now)

    def _new_call(self, line: LineId, caller: PhoneNumber | None, now: Moment) -> Call:
        office = self._office
        name = CallId(f"c{office.next_call}")
        office.next_call += 1
        employee = find_employee(office.settings, caller)
        front = Leg(
            leg=LegId(f"{name}.1"),
            line=line,
            hotline=office.pool.number_of(line),
            direction=Direction.IN,
            number=caller,
            service=Service.INBOUND,
            started=now,
            calling_extension=employee.number if employee is not None else None,
        )
        call = Call(name, front, office.settings, office, employee, legs=[front])
        office.calls[name] = call
        return call

    def _is_own(self, caller: PhoneNumber | None) -> bool:
        return caller is not None and caller in self._office.own_numbers

    def _end_looped_tries(self, event: Event, caller: PhoneNumber | None, now: Moment) -> None:
        """A telephone that one of our lines rings now is forwarded back to us: that ringing leads nowhere."""
        for call in tuple(self._office.calls.values()):
            party = call.party
            if call.stage is Stage.RINGING and party is not None and party.steers and party.hotline == caller:
                self._advance(call, Trigger.LOOPED, event, now)

    # --- calls go on ----------------------------------------------------------------------------------------------

    def _of_call(self, name: CallId, event: Event, now: Moment) -> None:
        call = self._office.calls.get(name)
        if call is None:
            if not isinstance(event, _UNTIDY):
                self._count("none", type(event).__name__)
            return
        trigger = triggers.read(call, event, now)
        if trigger is not None:
            self._advance(call, trigger, event, now)

    def _advance_by_id(self, name: CallId, trigger: Trigger, event: Event, now: Moment) -> None:
        call = self._office.calls.get(name)
        if call is not None:
            self._advance(call, trigger, event, now)

    def _advance(self, call: Call, trigger: Trigger, event: Event, now: Moment) -> None:
        stage = call.stage
        if not transitions.advance(call, trigger, event, now):
            self._count(stage.value, trigger.value)

    def _time_passed(self, event: Event, now: Moment) -> None:
        for call in tuple(self._office.calls.values()):
            if call.refresh_at is not None and call.refresh_at <= now.mono:
                self._office.refresh(call, now)
            if call.timer is not None and call.timer <= now.mono:
                call.timer = None
                self._advance(call, Trigger.TIME, event, now)
        if self._stop_at is not None and self._stop_at <= now.mono:
            for call in self._office.calls.values():
                call.force_end(now)

    def _storage_changed(self, event: Event, allowed: bool, now: Moment) -> None:
        self._office.recording_allowed = allowed
        if not allowed:
            for call in self._office.calls.values():
                if call.stage is Stage.TALKING:
                    self._advance(call, Trigger.RECORDING_FORBIDDEN, event, now)

    # --- the box goes down ----------------------------------------------------------------------------------------

    def _stop(self, event: Event, now: Moment) -> None:
        if self._stopping:
            return
        self._stopping = True
        self._stop_at = now.mono + STOP_PATIENCE_S
        for call in self._office.calls.values():
            self._advance(call, Trigger.STOP_REQUESTED, event, now)
        self._office.act(*self._office.messages.give_up())

    def _report_stopped(self) -> None:
        if self._stop_at is not None and not self._office.calls:
            self._stop_at = None
            self._office.act(ReportStopped())

    def _count(self, stage: str, what: str) -> None:
        self._unexpected[stage, what] = self._unexpected.get((stage, what), 0) + 1


def _call_of(name: str) -> CallId:
    """The call in the id of one of its legs or recordings."""
    return CallId(name.split(".", 1)[0])
