"""A line under test, told what its modem reports; the moment moves by hand."""

from __future__ import annotations

from typing import TypeVar

from edge.calls.actions import AnswerLeg, ClaimLeg, DialLeg
from edge.calls.events import CallOffered
from edge.lines.line import Line, LineInput, LineTimePassed
from edge.lines.voice import Output
from edge.telephony import CallerIdState, CallState, Cause, LegId, LineId, Moment, PhoneNumber, RawNumber
from hal.interfaces import (
    Answer,
    CallerIdReported,
    CallReported,
    CallsListed,
    CommandDone,
    Dial,
    ListCalls,
    ModemIdentity,
    ModemReady,
    RegistrationReported,
    RegistrationState,
    RingHeard,
)

GSM1 = LineId("gsm-1")
OWN = PhoneNumber("+84901234567")
CUSTOMER = PhoneNumber("+84912000222")
EMPLOYEE = PhoneNumber("+84903000111")
LEG = LegId("c17.1")
IDENTITY = ModemIdentity("sim7600", "SIMCOM", "SIMCOM_SIM7600E", "LE20B03", "861234567890123")

T = TypeVar("T")


def number(digits: str, kind: int = 129, validity: CallerIdState = CallerIdState.VALID) -> RawNumber:
    return RawNumber(digits, kind, validity)


def call(state: CallState, *, outgoing: bool = False, index: int = 1, cause: Cause | None = None) -> CallReported:
    return CallReported(index, outgoing, state, cause=cause)


class ModemTalk:
    def __init__(self, line: Line | None = None, *, up: bool = True) -> None:
        self.line = line or Line(GSM1, OWN)
        self.mono = 50.0
        self.out: list[Output] = []
        if up:
            self.tell(ModemReady(IDENTITY))
            self.tell(RegistrationReported(RegistrationState.HOME, "MobiFone"))
            self.out.clear()

    @property
    def now(self) -> Moment:
        return Moment(self.mono, 1.0e9 + self.mono)

    def tell(self, event: LineInput) -> list[Output]:
        out = self.line.handle(event, self.now)
        self.out += out
        return out

    def passes(self, seconds: float, *, listing: tuple[CallReported, ...] | None = None) -> None:
        """Time goes by; with `listing`, the modem answers each list of calls with it."""
        end = self.mono + seconds
        while (deadline := self.line.next_deadline) is not None and deadline <= end:
            self.mono = max(self.mono, deadline)
            out = self.tell(LineTimePassed())
            if listing is not None:
                for each in out:
                    if isinstance(each, ListCalls):
                        self.list_answered(each, *listing)
        self.mono = end

    def list_answered(self, asked: ListCalls, *calls: CallReported) -> None:
        self.tell(CallsListed(calls))
        self.tell(CommandDone(asked.token))

    def last(self, kind: type[T]) -> T:
        found = self.all(kind)
        assert found, f"no {kind.__name__}"
        return found[-1]

    def all(self, kind: type[T]) -> list[T]:
        return [each for each in self.out if isinstance(each, kind)]

    # --- usual beginnings -----------------------------------------------------------------------------------------

    def rings(self, digits: str = "0912000222") -> None:
        self.tell(RingHeard())
        self.tell(CallerIdReported(number(digits)))

    def incoming_up(self) -> None:
        self.rings()
        self.tell(ClaimLeg(LEG, GSM1))
        self.tell(AnswerLeg(LEG, GSM1))
        self.tell(call(CallState.ACTIVE))
        self.tell(CommandDone(self.last(Answer).token))
        assert len(self.all(CallOffered)) == 1
        self.out.clear()

    def dials(self) -> Dial:
        self.tell(DialLeg(LEG, GSM1, EMPLOYEE))
        return self.last(Dial)

    def outgoing_up(self) -> None:
        dial = self.dials()
        self.tell(CommandDone(dial.token))
        for state in (CallState.DIALING, CallState.ALERTING, CallState.ACTIVE):
            self.tell(call(state, outgoing=True))
        self.out.clear()
