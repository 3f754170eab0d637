"""What a modem is told and what it reports, free of vendors; the causes and states of 27.007 and Q.850."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Protocol, TypeAlias


class Cause(IntEnum):
    """Why a call ended: Q.850 §2.2.7 cause values, as far as modems and networks report them."""

    UNKNOWN = 0
    UNASSIGNED_NUMBER = 1
    NORMAL_CLEARING = 16
    USER_BUSY = 17
    NO_USER_RESPONDING = 18
    NO_ANSWER = 19
    SUBSCRIBER_ABSENT = 20
    CALL_REJECTED = 21
    DESTINATION_OUT_OF_ORDER = 27
    INVALID_NUMBER = 28
    NORMAL_UNSPECIFIED = 31
    NO_CIRCUIT = 34
    NETWORK_OUT_OF_ORDER = 38
    TEMPORARY_FAILURE = 41
    CONGESTION = 42
    CHANNEL_UNAVAILABLE = 44
    BARRED = 52
    INCOMPATIBLE = 88
    RECOVERY_ON_TIMER = 102
    PROTOCOL_ERROR = 111
    INTERWORKING = 127


class CallerIdState(Enum):
    """27.007 §7.6 <CLI validity>."""

    VALID = "valid"
    WITHHELD = "withheld"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class RawNumber:
    """A number as the modem wrote it: digits with or without +, and its 24.008 §10.5.4.7 type of address."""

    digits: str
    address_type: int = 129
    """129 unknown or national, 145 international, 161 national."""
    validity: CallerIdState = CallerIdState.VALID


class CallState(Enum):
    """27.007 §7.18 <stat>, plus the end that vendors report."""

    ACTIVE = "active"
    HELD = "held"
    DIALING = "dialing"
    ALERTING = "alerting"
    INCOMING = "incoming"
    WAITING = "waiting"
    ENDED = "ended"


class SimState(Enum):
    READY = "ready"
    PIN_REQUIRED = "pin-required"
    PUK_REQUIRED = "puk-required"
    ABSENT = "absent"
    FAILURE = "failure"


class RegistrationState(Enum):
    """27.007 §7.2 <stat>, for circuit-switched or IMS voice."""

    IDLE = "idle"
    HOME = "home"
    SEARCHING = "searching"
    DENIED = "denied"
    UNKNOWN = "unknown"
    ROAMING = "roaming"

    @property
    def takes_calls(self) -> bool:
        return self in (RegistrationState.HOME, RegistrationState.ROAMING)


@dataclass(frozen=True, slots=True)
class ModemIdentity:
    family: str
    """Profile that drives it, e.g. `sim7600`."""
    manufacturer: str
    model: str
    revision: str
    imei: str
    """15 digits, or empty where the module does not tell."""
    own_number: str | None = None
    """From AT+CNUM, as the SIM wrote it; often absent."""
    voice: bool = True
    """False: SMS/USSD only (no PCM path found)."""


# --- commands -----------------------------------------------------------------------------------------------------
# Each has a token chosen by the caller; exactly one `CommandDone` or `CommandFailed` with that token follows.


@dataclass(frozen=True, slots=True)
class Dial:
    token: int
    number: str
    """National digits or + and digits; the driver adds what its dialect needs."""


@dataclass(frozen=True, slots=True)
class Answer:
    token: int


@dataclass(frozen=True, slots=True)
class HangUp:
    """Ends every call of the modem, ringing or active (AT+CHUP)."""

    token: int


@dataclass(frozen=True, slots=True)
class RefuseWaiting:
    """User-determined busy to the waiting caller (22.030 §6.5.5.1, CHLD=0)."""

    token: int


@dataclass(frozen=True, slots=True)
class SendKeys:
    token: int
    keys: str
    """0-9 * # A-D, sent as DTMF in the active call."""


@dataclass(frozen=True, slots=True)
class SendSms:
    token: int
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class ListCalls:
    """Asks for `CallsListed` (AT+CLCC): the reconciliation of the lines room."""

    token: int


ModemCommand = Dial | Answer | HangUp | RefuseWaiting | SendKeys | SendSms | ListCalls

# --- events -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ModemReady:
    """Bring-up is complete, stale calls are cleared: commands are welcome."""

    identity: ModemIdentity


@dataclass(frozen=True, slots=True)
class ModemLost:
    """Port gone, module restarted or silent: every call of this modem is lost. `ModemReady` may follow later."""

    reason: str


@dataclass(frozen=True, slots=True)
class SimReported:
    state: SimState
    pin_tries_left: int | None = None


@dataclass(frozen=True, slots=True)
class RegistrationReported:
    state: RegistrationState
    operator: str = ""


@dataclass(frozen=True, slots=True)
class SignalReported:
    rssi_dbm: int | None
    """None: not known."""


@dataclass(frozen=True, slots=True)
class NetworkTimeReported:
    wall: float
    """POSIX seconds from the mobile network (CLTS/CCLK)."""


@dataclass(frozen=True, slots=True)
class RingHeard:
    """One RING; it repeats about every 3 s while the call rings."""


@dataclass(frozen=True, slots=True)
class CallerIdReported:
    """One +CLIP; it follows each RING, or comes late, or never."""

    number: RawNumber


@dataclass(frozen=True, slots=True)
class WaitingCallReported:
    """+CCWA (27.007 §7.12): somebody calls while a call is up."""

    number: RawNumber


@dataclass(frozen=True, slots=True)
class CallReported:
    """A call of the modem entered a state. `index` is opaque and only unique while the call lives."""

    index: int
    outgoing: bool
    state: CallState
    number: RawNumber | None = None
    cause: Cause | None = None
    """Only with ENDED, and only where the module tells (AT+CEER or a final result)."""


@dataclass(frozen=True, slots=True)
class CallsListed:
    """The whole AT+CLCC list, voice calls only; empty when there is none."""

    calls: tuple[CallReported, ...]


@dataclass(frozen=True, slots=True)
class KeyReported:
    """The far end pressed a key (module detection)."""

    key: str


@dataclass(frozen=True, slots=True)
class AudioOpened:
    """The PCM port carries the active call's voice, both ways."""


@dataclass(frozen=True, slots=True)
class AudioFailed:
    """The module refused the voice path for the whole retry window; the call itself may live."""

    reason: str


@dataclass(frozen=True, slots=True)
class SmsPartReceived:
    """One stored or direct message TPDU (23.040 §9.2.2.1), already deleted from the module's storage."""

    sender: RawNumber
    text: str
    sent_at: float
    """POSIX seconds by the service centre's stamp."""
    reference: int | None = None
    part: int = 1
    parts: int = 1


@dataclass(frozen=True, slots=True)
class CommandDone:
    token: int


@dataclass(frozen=True, slots=True)
class CommandFailed:
    token: int
    reason: str
    cause: Cause | None = None


ModemEvent = (
    ModemReady
    | ModemLost
    | SimReported
    | RegistrationReported
    | SignalReported
    | NetworkTimeReported
    | RingHeard
    | CallerIdReported
    | WaitingCallReported
    | CallReported
    | CallsListed
    | KeyReported
    | AudioOpened
    | AudioFailed
    | SmsPartReceived
    | CommandDone
    | CommandFailed
)

ModemSink: TypeAlias = Callable[[ModemEvent], None]


class Modem(Protocol):
    """One modem under one driver; reports to the sink given at construction."""

    def start(self) -> None: ...

    def perform(self, command: ModemCommand) -> None:
        """Enqueues; the outcome comes as an event."""
        ...

    def signs_off(self, reason: str) -> None:
        """Its power is going, says who switches it: lost from now on, though it may answer for some seconds yet."""
        ...

    async def close(self) -> None: ...
