"""What reaches the switchboard. Past tense; every one is written to the journal with its moment before it is handled.

A line offers a call without a leg id; the switchboard answers with `ClaimLeg`, and from then on the leg has its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from edge.dialplan.settings import Settings
from edge.telephony import (
    CallerIdState,
    CallId,
    Cause,
    ClockSource,
    EndedBy,
    LegId,
    LineId,
    LineState,
    MessageId,
    PhoneNumber,
    RecordingId,
)


class DialRefusal(Enum):
    """Why a line did not even start to dial."""

    GLARE = "glare"
    """A call came in on the line at the same moment; the incoming one wins."""
    LINE_BUSY = "line-busy"
    LINE_DOWN = "line-down"


@dataclass(frozen=True, slots=True)
class CallOffered:
    """Somebody calls the hotline: once per call, after the first caller id or the wait for it."""

    line: LineId
    caller: PhoneNumber | None
    caller_id: CallerIdState


@dataclass(frozen=True, slots=True)
class CallWaitingOffered:
    """Somebody calls a line that carries a call already."""

    line: LineId
    caller: PhoneNumber | None
    caller_id: CallerIdState


class BarReason(Enum):
    """Why spending control does not let a leg be dialled."""

    EXTENSION_LIMIT = "extension-limit"
    DEPARTMENT_LIMIT = "department-limit"
    HOTLINE_LIMIT = "hotline-limit"
    COMPANY_LIMIT = "company-limit"
    FRAUD = "fraud"
    """A cap of the fraud guard was reached."""


@dataclass(frozen=True, slots=True)
class LegAuthorised:
    """The answer to `AuthoriseLeg`: there is budget for the leg."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class LegBarred:
    """The answer to `AuthoriseLeg`: there is none. The leg is not dialled."""

    leg: LegId
    reason: BarReason


@dataclass(frozen=True, slots=True)
class BudgetRunningOut:
    """The budget of a leg in progress lasts so many seconds yet: who called is told by a spoken warning."""

    leg: LegId
    seconds_left: int


@dataclass(frozen=True, slots=True)
class BudgetSpent:
    """The budget of a leg in progress is used up: the call ends."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class SpendingNoticed:
    """Somebody is to be told by SMS about spending: a level reached, a cap, a suspicion."""

    called: PhoneNumber
    text: str


@dataclass(frozen=True, slots=True)
class LegAlerting:
    leg: LegId


@dataclass(frozen=True, slots=True)
class LegAnswered:
    """Incoming: our answer took effect. Outgoing: the far end answered."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class LegEnded:
    """Exactly once for each claimed or dialled leg, unless `DialRefused` said that it never was."""

    leg: LegId
    cause: Cause
    ended_by: EndedBy


@dataclass(frozen=True, slots=True)
class DialRefused:
    """The leg never existed on the air; it is the end of that leg."""

    leg: LegId
    reason: DialRefusal


@dataclass(frozen=True, slots=True)
class LegAudioOpened:
    leg: LegId


@dataclass(frozen=True, slots=True)
class LegAudioFailed:
    leg: LegId
    reason: str


@dataclass(frozen=True, slots=True)
class KeyPressed:
    leg: LegId
    key: str
    """0-9 * # A-D, already freed of doubles (module and in-band detection)."""


@dataclass(frozen=True, slots=True)
class PromptFinished:
    """A prompt was heard to its end; a stopped one does not report."""

    leg: LegId
    player: int


@dataclass(frozen=True, slots=True)
class RecordingFinished:
    recording: RecordingId


@dataclass(frozen=True, slots=True)
class RecordingFailed:
    recording: RecordingId
    reason: str


@dataclass(frozen=True, slots=True)
class LineChanged:
    line: LineId
    state: LineState
    number: PhoneNumber | None
    """Number of the SIM, as configured or read from it."""


@dataclass(frozen=True, slots=True)
class SmsReceived:
    line: LineId
    sender: PhoneNumber | None
    sender_text: str
    """As the network wrote it: some senders are names."""
    text: str
    sent_at: float


@dataclass(frozen=True, slots=True)
class SmsRequested:
    """Page, command line or API want an SMS sent."""

    called: PhoneNumber
    text: str
    by: str


@dataclass(frozen=True, slots=True)
class SmsSent:
    message: MessageId


@dataclass(frozen=True, slots=True)
class SmsFailed:
    message: MessageId
    reason: str


@dataclass(frozen=True, slots=True)
class CallEndRequested:
    """A person with the right ends a call from the page."""

    call: CallId
    by: str


@dataclass(frozen=True, slots=True)
class SettingsApplied:
    """A new revision holds from the next call on."""

    revision: int
    settings: Settings


@dataclass(frozen=True, slots=True)
class StorageChanged:
    """Free space crossed the limit below which nothing is recorded."""

    recording_allowed: bool


@dataclass(frozen=True, slots=True)
class ClockChanged:
    source: ClockSource


@dataclass(frozen=True, slots=True)
class TimePassed:
    """`next_deadline` has come."""


@dataclass(frozen=True, slots=True)
class StopRequested:
    """The box is going down: end every call, take no more."""


Event = (
    CallOffered
    | CallWaitingOffered
    | LegAuthorised
    | LegBarred
    | BudgetRunningOut
    | BudgetSpent
    | SpendingNoticed
    | LegAlerting
    | LegAnswered
    | LegEnded
    | DialRefused
    | LegAudioOpened
    | LegAudioFailed
    | KeyPressed
    | PromptFinished
    | RecordingFinished
    | RecordingFailed
    | LineChanged
    | SmsReceived
    | SmsRequested
    | SmsSent
    | SmsFailed
    | CallEndRequested
    | SettingsApplied
    | StorageChanged
    | ClockChanged
    | TimePassed
    | StopRequested
)
