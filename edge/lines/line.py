"""A modem as a telephone line: modem events and the switchboard's wishes in, commands and leg events out.

    line = Line(LineId("gsm-1"), PhoneNumber("+84901234567"))
    for output in line.handle(RingHeard(), now): ...        # a ModemCommand for the modem, an Event for the switchboard
    ... wake up with LineTimePassed() at line.next_deadline (monotonic seconds)

Pure. The voice call is `edge.lines.voice`; here are the line's state, its SMS, its keys and the sorting of what comes.

A line that registers anew in the middle of a call (fallback from LTE to a voice network does that) is not shown as
offline; what is still true when the call is over is shown then.
"""

from __future__ import annotations

from dataclasses import dataclass

from edge.calls.actions import (
    AnswerLeg,
    ClaimLeg,
    DialLeg,
    HangUpLeg,
    LineAction,
    PressKeys,
    RefuseWaitingCall,
    SendMessage,
)
from edge.calls.events import DialRefusal, KeyPressed, LineChanged, SmsFailed, SmsSent
from edge.dialplan.numbers import national
from edge.lines.keys import KeyFilter
from edge.lines.messages import Inbox
from edge.lines.status import LineStatus
from edge.lines.tokens import Errand, Purpose, Tokens
from edge.lines.voice import Output, Voice
from edge.lines.waiting import WaitingCalls
from edge.telephony import CallState, Cause, LegId, LineId, LineState, Moment, PhoneNumber
from hal.interfaces import (
    AudioFailed,
    AudioOpened,
    CallerIdReported,
    CallReported,
    CallsListed,
    CommandDone,
    CommandFailed,
    KeyReported,
    ModemEvent,
    ModemLost,
    ModemReady,
    NetworkTimeReported,
    RefuseWaiting,
    RegistrationReported,
    RingHeard,
    SendSms,
    SignalReported,
    SimReported,
    SmsPartReceived,
    WaitingCallReported,
)


@dataclass(frozen=True, slots=True)
class LineTimePassed:
    """`Line.next_deadline` has come."""


CallNews = RingHeard | CallerIdReported | WaitingCallReported | CallReported | CallsListed | AudioOpened | AudioFailed
LineInput = ModemEvent | LineAction | LineTimePassed


class Line:
    def __init__(self, line: LineId, number: PhoneNumber | None = None) -> None:
        """`number`: of the SIM, as configured; None: as the SIM itself says."""
        self.line = line
        self._status = LineStatus(configured_number=number)
        self._shown = (LineState.STARTING, number)
        self._tokens = Tokens()
        self._voice = Voice(line, self._tokens)
        self._waiting = WaitingCalls(line)
        self._inbox = Inbox(line)
        self._keys = KeyFilter()

    # --- read-only state ------------------------------------------------------------------------------------------

    @property
    def status(self) -> LineStatus:
        """Modem, SIM, network and signal, as last reported."""
        return self._status

    @property
    def state(self) -> LineState:
        """As the switchboard has been told."""
        return self._shown[0]

    @property
    def number(self) -> PhoneNumber | None:
        return self._shown[1]

    @property
    def busy(self) -> bool:
        """The modem holds a call, or may."""
        return self._voice.busy

    @property
    def leg(self) -> LegId | None:
        """The leg on this line, once it has a name and until its end is reported."""
        return self._voice.leg

    @property
    def drift(self) -> int:
        """How often the modem's own list of calls knew better than its reports."""
        return self._voice.drift

    @property
    def next_deadline(self) -> float | None:
        waits = (self._voice.next_deadline, self._inbox.next_deadline)
        return min((each for each in waits if each is not None), default=None)

    # --- inputs ---------------------------------------------------------------------------------------------------

    def handle(self, event: LineInput, now: Moment) -> list[Output]:
        """Takes one input; returns commands and events in the order in which they are meant."""
        match event:
            case LineTimePassed():
                self._voice.time_passed(now)
                out: list[Output] = [*self._inbox.give_up(now)]
            case ClaimLeg() | AnswerLeg() | DialLeg() | HangUpLeg() | PressKeys() | RefuseWaitingCall() | SendMessage():
                out = self._perform(event, now)
            case _:
                out = self._hear(event, now)
        out = [*self._voice.take_output(), *out]
        if not self.busy:
            self._waiting.forget()
        return [*out, *self._show()]

    def _perform(self, action: LineAction, now: Moment) -> list[Output]:
        match action:
            case ClaimLeg():
                self._voice.claim(action)
            case AnswerLeg():
                self._voice.answer(action, now)
            case DialLeg() if self.state is not LineState.UP:
                self._voice.refuse_dial(action, DialRefusal.LINE_DOWN)
            case DialLeg():
                self._voice.dial(action, now)
            case HangUpLeg():
                self._voice.hang_up(action, now)
            case PressKeys():
                self._voice.press_keys(action)
            case RefuseWaitingCall():
                return [RefuseWaiting(self._tokens.issue(Errand(Purpose.REFUSE_WAITING)))]
            case SendMessage():
                return self._send(action)
        return []

    def _hear(self, event: ModemEvent, now: Moment) -> list[Output]:
        match event:
            case ModemReady() | ModemLost() | SimReported() | RegistrationReported() | SignalReported():
                return self._status_reported(event)
            case KeyReported(key):
                return self._key(key, now)
            case SmsPartReceived():
                return [*self._inbox.take(event, now)]
            case CommandDone(token):
                return self._command_over(token, now)
            case CommandFailed(token, reason, cause):
                return self._command_over(token, now, reason, cause)
            case NetworkTimeReported():
                return []  # the clock's business, not the line's
            case _:
                return self._hear_of_call(event, now)

    def _hear_of_call(self, event: CallNews, now: Moment) -> list[Output]:
        match event:
            case RingHeard():
                self._voice.ring_heard(now)
            case CallerIdReported(number):
                self._voice.caller_named(number, now)
            case WaitingCallReported(number):
                return [*self._waiting.reported(number, None, now)]
            case CallReported():
                return self._call_reported(event, now)
            case CallsListed(calls):
                self._voice.listed(calls, now)
                return [*self._waiting.listed(calls, now)] if self.busy else []
            case AudioOpened():
                self._voice.audio_opened()
            case AudioFailed(reason):
                self._voice.audio_failed(reason)
        return []

    def _call_reported(self, report: CallReported, now: Moment) -> list[Output]:
        if report.state is CallState.WAITING:
            return [*self._waiting.reported(report.number, report.index, now)]
        if not self._waiting.takes_end(report, self._voice.index):
            self._voice.reported(report, now)
        return []

    def _key(self, key: str, now: Moment) -> list[Output]:
        leg = self.leg
        return [KeyPressed(leg, key)] if leg is not None and self._keys.accepts(key, now) else []

    # --- SMS and outcomes -----------------------------------------------------------------------------------------

    def _send(self, action: SendMessage) -> list[Output]:
        if self._status.state in (LineState.DOWN, LineState.STARTING):
            return [SmsFailed(action.message, f"{self.line} has no modem")]
        token = self._tokens.issue(Errand(Purpose.SMS, message=action.message))
        return [SendSms(token, national(action.called), action.text)]

    def _command_over(
        self, token: int, now: Moment, failure: str | None = None, cause: Cause | None = None
    ) -> list[Output]:
        errand = self._tokens.redeem(token)
        if errand is None:
            return []
        if errand.message is not None:
            return [SmsSent(errand.message) if failure is None else SmsFailed(errand.message, failure)]
        self._voice.command_over(errand, now, failed=failure is not None, cause=cause)
        return []

    # --- the line's own state -------------------------------------------------------------------------------------

    def _status_reported(
        self, event: ModemReady | ModemLost | SimReported | RegistrationReported | SignalReported
    ) -> list[Output]:
        self._status = self._status.after(event)
        if not isinstance(event, ModemReady | ModemLost):
            return []
        # A modem that comes up anew has cleared its calls, whether or not its loss was noticed.
        self._voice.modem_lost()
        reason = event.reason if isinstance(event, ModemLost) else "the modem restarted"
        lost = self._tokens.forget_all()
        return [SmsFailed(each.message, reason) for each in lost if each.message is not None]

    def _show(self) -> list[LineChanged]:
        """Tells the switchboard when what it should know has changed."""
        state = self._status.state
        if state is LineState.NO_SERVICE and self._shown[0] is LineState.UP and self.busy:
            return []
        if (state, self._status.number) == self._shown:
            return []
        self._shown = (state, self._status.number)
        return [LineChanged(self.line, state, self._status.number)]
