"""What is said between the network and its terminals: events it hears, actions it wants done.

A terminal is named by its E.164 number; a leg by `(terminal, ref)`, where the caller's end chose its own `ref` and the
network chose the called end's. Times are seconds of the world's one clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sim_hardware.numbering import Operator


class EndedBy(Enum):
    CALLER = "caller"
    CALLED = "called"
    NETWORK = "network"


# --- events: what reaches the network -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SubscriberDeclared:
    """A number is described, anew or again; calls in progress are not touched."""

    number: str
    operator: Operator
    switched_on: bool = True
    engaged: bool = False
    """Always busy (a person's behaviour)."""
    waiting: bool = False
    """Is offered a second call; its terminal decides (a modem with AT+CCWA)."""


@dataclass(frozen=True, slots=True)
class TerminalAttached:
    number: str


@dataclass(frozen=True, slots=True)
class TerminalDetached:
    number: str


@dataclass(frozen=True, slots=True)
class CallPlaced:
    terminal: str
    ref: str
    dialled: str
    """As it was dialled."""
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class CallAccepted:
    terminal: str
    ref: str


@dataclass(frozen=True, slots=True)
class CallCleared:
    """This end gives the call up, in whatever state it is."""

    terminal: str
    ref: str
    cause: int


@dataclass(frozen=True, slots=True)
class CallHeld:
    terminal: str
    ref: str


@dataclass(frozen=True, slots=True)
class CallResumed:
    """Taken back from hold; beside another active call it joins a multiparty (24.084)."""

    terminal: str
    ref: str


@dataclass(frozen=True, slots=True)
class KeyPressed:
    terminal: str
    ref: str
    key: str


@dataclass(frozen=True, slots=True)
class MessageSubmitted:
    terminal: str
    token: int
    called: str
    text: str


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """`next_deadline` has come."""


Event = (
    SubscriberDeclared
    | TerminalAttached
    | TerminalDetached
    | CallPlaced
    | CallAccepted
    | CallCleared
    | CallHeld
    | CallResumed
    | KeyPressed
    | MessageSubmitted
    | DeadlineReached
)

# --- actions: what the network does to a terminal -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OfferCall:
    terminal: str
    ref: str
    caller: str
    withheld: bool


@dataclass(frozen=True, slots=True)
class AlertCaller:
    terminal: str
    ref: str


@dataclass(frozen=True, slots=True)
class ConnectLeg:
    terminal: str
    ref: str


@dataclass(frozen=True, slots=True)
class ReleaseLeg:
    """The leg is over: exactly one for each leg that ever was."""

    terminal: str
    ref: str
    cause: int
    """Q.850."""
    ended_by: EndedBy
    own: bool
    """This terminal ended it itself or is away: it need not be told."""


@dataclass(frozen=True, slots=True)
class RelayKey:
    terminal: str
    ref: str
    key: str


@dataclass(frozen=True, slots=True)
class DeliverMessage:
    terminal: str
    sender: str
    text: str


@dataclass(frozen=True, slots=True)
class AcceptMessage:
    terminal: str
    token: int


@dataclass(frozen=True, slots=True)
class RefuseMessage:
    terminal: str
    token: int
    cause: int
    """27.005 §3.2.5, network range."""


@dataclass(frozen=True, slots=True)
class GrantService:
    """The terminal is registered with its operator."""

    terminal: str
    operator: Operator


Action = (
    OfferCall
    | AlertCaller
    | ConnectLeg
    | ReleaseLeg
    | RelayKey
    | DeliverMessage
    | AcceptMessage
    | RefuseMessage
    | GrantService
)
