"""What an emulated modem hears and says: the seam between `sim_hardware.modem` and the world around it.

The modem is sans-io: `handle(event, now_s) -> list[Output]`, `next_deadline`. Seconds are of the *modem's own* clock.
No audio samples here: `AudioOpened`/`AudioClosed` tell the shell when the PCM port carries the voice path.
A `call` is the modem's own index of a call (27.007 §7.18 <id>, lowest free), unique while that call lives.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Presentation(Enum):
    """27.007 §7.6 <CLI validity>."""

    ALLOWED = 0
    WITHHELD = 1
    UNAVAILABLE = 2


class Registration(Enum):
    """27.007 §7.2 <stat>."""

    IDLE = 0
    HOME = 1
    SEARCHING = 2
    DENIED = 3
    UNKNOWN = 4
    ROAMING = 5


# --- events: what reaches the modem -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HostWrote:
    data: bytes
    """Bytes from the host on the AT port, split anywhere."""


@dataclass(frozen=True, slots=True)
class TimePassed:
    """`next_deadline` has come."""


@dataclass(frozen=True, slots=True)
class CallArrived:
    """A caller pages this modem: it starts to ring (or, in a call with call waiting on, to beep)."""

    ref: str
    """The network's name of the call; comes back in every output about it."""
    number: str
    """As the network presents it, national or with +."""
    presentation: Presentation = Presentation.ALLOWED


@dataclass(frozen=True, slots=True)
class CallAlerted:
    """The far end of our call rings."""

    ref: str


@dataclass(frozen=True, slots=True)
class CallConnected:
    """The far end of our call answered."""

    ref: str


@dataclass(frozen=True, slots=True)
class CallReleased:
    """The far end or the network ended a call, in whatever state it was."""

    ref: str
    cause: int
    """Q.850."""


@dataclass(frozen=True, slots=True)
class KeyHeard:
    """The far end pressed a key (reported as a URC when detection is on)."""

    ref: str
    key: str


@dataclass(frozen=True, slots=True)
class MessageArrived:
    sender: str
    text: str
    sent_at: float
    """POSIX seconds, for the service centre's time stamp."""


@dataclass(frozen=True, slots=True)
class MessageAccepted:
    """The network took a submitted message (`SubmitMessage.token`)."""

    token: int


@dataclass(frozen=True, slots=True)
class MessageRefused:
    token: int
    cause: int
    """27.005 §3.2.5 <err>."""


@dataclass(frozen=True, slots=True)
class RegistrationChanged:
    registration: Registration
    operator: str = ""
    plmn: str = ""
    signal_rssi: int = 20
    """27.007 §8.5 <rssi>: 0–31, 99 unknown."""


@dataclass(frozen=True, slots=True)
class ClockTold:
    """Network identity and time zone: the wall clock that AT+CCLK? shows from now on."""

    wall_s: float


@dataclass(frozen=True, slots=True)
class FaultInjected:
    """One entry of the fault menu (`sim_hardware.faults`), parameters already checked."""

    name: str
    number: float | None = None
    text: str | None = None


Event = (
    HostWrote
    | TimePassed
    | CallArrived
    | CallAlerted
    | CallConnected
    | CallReleased
    | KeyHeard
    | MessageArrived
    | MessageAccepted
    | MessageRefused
    | RegistrationChanged
    | ClockTold
    | FaultInjected
)

# --- outputs: what the modem does ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WriteHost:
    data: bytes
    """Bytes for the AT port, to be written as one chunk."""


@dataclass(frozen=True, slots=True)
class PlaceCall:
    ref: str
    """Chosen by the modem, e.g. `m1`; unique for the modem's life."""
    number: str


@dataclass(frozen=True, slots=True)
class AcceptCall:
    ref: str


@dataclass(frozen=True, slots=True)
class ReleaseCall:
    ref: str
    cause: int
    """16 normal, 17 busy (a waiting call refused), 21 rejected."""


@dataclass(frozen=True, slots=True)
class HoldCall:
    ref: str


@dataclass(frozen=True, slots=True)
class ResumeCall:
    ref: str


@dataclass(frozen=True, slots=True)
class TransferCalls:
    """Explicit transfer (22.091): the two far ends talk to each other, this modem is out of both calls."""

    held_ref: str
    other_ref: str


@dataclass(frozen=True, slots=True)
class PressKey:
    ref: str
    key: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class SubmitMessage:
    token: int
    called: str
    text: str
    parts: int
    """1 for a short message; a concatenated message comes out once, when its last part is in."""


@dataclass(frozen=True, slots=True)
class AudioOpened:
    """The PCM port carries the active call's voice from now on (AT+CPCMREG=1 accepted)."""

    rate_hz: int = 8000


@dataclass(frozen=True, slots=True)
class AudioClosed:
    pass


@dataclass(frozen=True, slots=True)
class PortVanished:
    """The USB device is gone; the shell closes the pty. `returns_in_s` None: until replugged."""

    returns_in_s: float | None
    new_name: str | None = None


@dataclass(frozen=True, slots=True)
class AudioImpaired:
    """A voice path fault: `direction` "up" (host → network), "down", or "none" when all is well again."""

    direction: str


@dataclass(frozen=True, slots=True)
class Detached:
    """Radio off: the network must drop this modem's calls and registration (restart, unplug, SIM out)."""


@dataclass(frozen=True, slots=True)
class Attached:
    """Radio on and SIM ready: the modem looks for its network."""


Output = (
    WriteHost
    | PlaceCall
    | AcceptCall
    | ReleaseCall
    | HoldCall
    | ResumeCall
    | TransferCalls
    | PressKey
    | SubmitMessage
    | AudioOpened
    | AudioClosed
    | PortVanished
    | AudioImpaired
    | Detached
    | Attached
)
