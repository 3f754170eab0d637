"""What a line of a modem means: the values that `hal.at.parsers` gives.

Frozen, comparable, printable; the numbers are the standard's own (paragraph beside each).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from hal.interfaces import CallState, RawNumber, RegistrationState, SimState


@dataclass(frozen=True, slots=True)
class Rang:
    """RING, or +CRING: VOICE (27.007 §6.11) where another program left CRC=1."""


@dataclass(frozen=True, slots=True)
class CallerShown:
    """+CLIP (27.007 §7.6)."""

    number: RawNumber


@dataclass(frozen=True, slots=True)
class CallWaits:
    """+CCWA (27.007 §7.12)."""

    number: RawNumber


@dataclass(frozen=True, slots=True)
class CallEntry:
    """+CLCC (27.007 §7.18), as a list line or as SIMCom's URC."""

    index: int
    outgoing: bool
    state: CallState
    is_voice: bool
    multiparty: bool
    number: RawNumber | None


@dataclass(frozen=True, slots=True)
class VoiceBegan:
    """SIMCom VOICE CALL: BEGIN."""


@dataclass(frozen=True, slots=True)
class VoiceEnded:
    """SIMCom VOICE CALL: END, with the time of talk where there was any."""

    talk_s: int | None


@dataclass(frozen=True, slots=True)
class CallMissed:
    """SIMCom MISSED_CALL: the caller gave up."""


class EndWord(Enum):
    """V.250 §6.3.1 result codes that may also come unasked."""

    NO_CARRIER = "NO CARRIER"
    BUSY = "BUSY"
    NO_ANSWER = "NO ANSWER"
    NO_DIALTONE = "NO DIALTONE"


@dataclass(frozen=True, slots=True)
class CallCleared:
    """A result word outside any dialling or answering."""

    word: EndWord


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """DTMF of the far end, one of 0-9 * # A-D."""

    key: str


@dataclass(frozen=True, slots=True)
class SimTold:
    """+CPIN (27.007 §8.3), +SIMCARD, +SIM REMOVED."""

    state: SimState


@dataclass(frozen=True, slots=True)
class RegistrationTold:
    """+CREG / +CEREG / +CGREG (27.007 §7.2, §10.1.22, §10.1.20)."""

    domain: str
    """CREG, CEREG or CGREG."""
    state: RegistrationState
    access: int | None = None
    """<AcT>: 0 GSM, 2 UTRAN, 7 E-UTRAN."""


@dataclass(frozen=True, slots=True)
class SignalTold:
    """+CSQ (27.007 §8.5)."""

    rssi_dbm: int | None


@dataclass(frozen=True, slots=True)
class ClockTold:
    """+CCLK (27.007 §8.15) or *PSUTTZ."""

    wall: float


@dataclass(frozen=True, slots=True)
class ZoneChanged:
    """+CTZV (27.007 §8.41): the network has told the time; +CCLK? has it."""


@dataclass(frozen=True, slots=True)
class MessageStored:
    """+CMTI (27.005 §3.4.1)."""

    memory: str
    index: int


@dataclass(frozen=True, slots=True)
class ReportStored:
    """+CDSI (27.005 §3.4.1)."""

    memory: str
    index: int


@dataclass(frozen=True, slots=True)
class MessageArrived:
    """+CMT with its PDU line (27.005 §3.4.1)."""

    pdu: str


@dataclass(frozen=True, slots=True)
class ReportArrived:
    """+CDS with its PDU line (27.005 §3.4.1)."""

    pdu: str


@dataclass(frozen=True, slots=True)
class StorageFull:
    """No room for the next message."""


@dataclass(frozen=True, slots=True)
class UssdTold:
    """+CUSD (27.007 §7.15)."""

    mode: int
    text: str | None
    coding: int | None


class BootStep(Enum):
    STARTED = "started"
    """RDY, *ATREADY: the module has just booted."""
    PROGRESSED = "progressed"
    """SMS DONE, PB DONE, Call Ready: later steps, some units leave them out."""
    POWERED_DOWN = "powered-down"


@dataclass(frozen=True, slots=True)
class Booted:
    step: BootStep


@dataclass(frozen=True, slots=True)
class SupplyWarned:
    """UNDER-VOLTAGE WARNNING and its kin; the module is still up."""

    text: str


@dataclass(frozen=True, slots=True)
class Noise:
    """A known line that tells us nothing."""


Urc = (
    Rang
    | CallerShown
    | CallWaits
    | CallEntry
    | VoiceBegan
    | VoiceEnded
    | CallMissed
    | CallCleared
    | KeyPressed
    | SimTold
    | RegistrationTold
    | SignalTold
    | ClockTold
    | ZoneChanged
    | MessageStored
    | ReportStored
    | MessageArrived
    | ReportArrived
    | StorageFull
    | UssdTold
    | Booted
    | SupplyWarned
    | Noise
)


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One entry of +CMGL or +CMGR in PDU mode (27.005 §4.1, §4.2)."""

    index: int | None
    """None for +CMGR: the one that was asked for."""
    pdu: str
