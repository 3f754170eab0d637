"""What the switchboard wants done. Imperative; performed by the engine in the order given.

An action that cannot be done comes back as an event with a cause; the switchboard decides what that means.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from edge.telephony import CallId, Cdr, LegId, LineId, MessageId, PhoneNumber, RecordingId, Service


class Tone(Enum):
    """Tones the box makes itself (E.180; Vietnam: 425 Hz)."""

    RING_BACK = "ring-back"
    """1 s on, 4 s off."""
    BUSY = "busy"
    """0.5 s on, 0.5 s off."""
    RECORDING = "recording"
    """One short beep that says: this call is recorded."""


# --- spending control: answered by events ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AuthoriseLeg:
    """Before a leg is dialled: may it be? `LegAuthorised` or `LegBarred` follows. Not asked for 112–115."""

    leg: LegId
    hotline: PhoneNumber | None
    """The SIM that would dial."""
    called: PhoneNumber
    service: Service
    calling_extension: str | None
    """Set on calls that an employee makes; limits of extensions, departments and the fraud guard look at those only."""
    called_extension: str | None = None


@dataclass(frozen=True, slots=True)
class MeterLeg:
    """The leg was answered: its budget runs from now on. `BudgetRunningOut` and `BudgetSpent` may follow."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class ReleaseLeg:
    """An authorised leg has ended, answered or not: what it holds of any budget is given back."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class NoteRefusedNumber:
    """An employee dialled a number that barring refuses: the fraud guard counts tries."""

    extension: str
    called: PhoneNumber


SpendingAction = AuthoriseLeg | MeterLeg | ReleaseLeg | NoteRefusedNumber

# --- legs: performed by the line that carries them ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClaimLeg:
    """Names the call that the line offered last."""

    leg: LegId
    line: LineId


@dataclass(frozen=True, slots=True)
class AnswerLeg:
    leg: LegId
    line: LineId


@dataclass(frozen=True, slots=True)
class DialLeg:
    leg: LegId
    line: LineId
    called: PhoneNumber
    dial_string: str | None = None
    """What the SIM dials for a number abroad (A194); None: the national form of `called`."""


@dataclass(frozen=True, slots=True)
class HangUpLeg:
    """Also refuses a call that still rings."""

    leg: LegId
    line: LineId


@dataclass(frozen=True, slots=True)
class PressKeys:
    leg: LegId
    line: LineId
    keys: str


@dataclass(frozen=True, slots=True)
class RefuseWaitingCall:
    line: LineId


@dataclass(frozen=True, slots=True)
class SendMessage:
    message: MessageId
    line: LineId
    called: PhoneNumber
    text: str
    about: CallId | None = None
    by: str = "system"


LineAction = ClaimLeg | AnswerLeg | DialLeg | HangUpLeg | PressKeys | RefuseWaitingCall | SendMessage

# --- media --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlayPrompts:
    """Plays catalogue prompts one after the other to one leg; replaces what it hears from a player now.

    Held back while the leg's audio is not open. `PromptFinished(leg, player)` follows unless it is stopped.
    """

    leg: LegId
    player: int
    prompts: tuple[str, ...]
    """Catalogue ids, digits as `digit-5`; `company-greeting` is the uploaded greeting where there is one."""
    language: str = "vi"


@dataclass(frozen=True, slots=True)
class PlayTone:
    """Repeats until stopped, except RECORDING, which sounds once and reports nothing."""

    leg: LegId
    tone: Tone


@dataclass(frozen=True, slots=True)
class StopPlaying:
    leg: LegId


@dataclass(frozen=True, slots=True)
class SetHearing:
    """One cell of the matrix: how loud `listener` hears `speaker`. 0 disconnects; 1 as it is."""

    listener: LegId
    speaker: LegId
    gain: float


@dataclass(frozen=True, slots=True)
class StartRecording:
    """Two legs as they speak: `left` (the caller) and `right` (the employee or outside party)."""

    recording: RecordingId
    call: CallId
    left: LegId
    right: LegId


@dataclass(frozen=True, slots=True)
class StopRecording:
    """`RecordingFinished` or `RecordingFailed` follows, when what was recorded is safe in the store."""

    recording: RecordingId


MediaAction = PlayPrompts | PlayTone | StopPlaying | SetHearing | StartRecording | StopRecording

# --- records ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RefreshOpenCdr:
    """Writes or rewrites the open row: what a power cut would bill."""

    cdr: Cdr


@dataclass(frozen=True, slots=True)
class CloseCdr:
    """Exactly once per offered call, after its last leg ended and its recordings are closed."""

    cdr: Cdr


@dataclass(frozen=True, slots=True)
class StoreReceivedMessage:
    line: LineId
    sender: str
    text: str
    sent_at: float


@dataclass(frozen=True, slots=True)
class RejectMessage:
    """An SMS that was asked for and cannot be sent now: stored as failed, with the reason."""

    message: MessageId
    called: PhoneNumber
    text: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class NoteMessageOutcome:
    message: MessageId
    sent: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ReportStopped:
    """Every call has ended after `StopRequested`: the process may go."""


RecordAction = RefreshOpenCdr | CloseCdr | StoreReceivedMessage | RejectMessage | NoteMessageOutcome | ReportStopped

Action = SpendingAction | LineAction | MediaAction | RecordAction
