"""What spending control wants done. Imperative; the cashier hands them to the switchboard and to the page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from edge.dialplan.limits import LimitScope
from edge.spending.fraud import FraudState
from edge.telephony import LegId, PhoneNumber


@dataclass(frozen=True, slots=True)
class Authorise:
    """There is budget for the first block of the leg, and it is reserved."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class Bar:
    """The leg is not to be dialled."""

    leg: LegId
    by: LimitScope | None
    """Whose limit it is; None: the fraud guard."""


@dataclass(frozen=True, slots=True)
class WarnLeg:
    """Whoever makes the call is told that it will be cut in `seconds_left` (at most 30)."""

    leg: LegId
    seconds_left: int


@dataclass(frozen=True, slots=True)
class CutLeg:
    """The call ends now."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class SendNotice:
    """An SMS."""

    called: PhoneNumber
    text: str


class Weight(Enum):
    """How much a notice on the page weighs."""

    WARNING = "warning"
    """A level before the limit was reached."""
    REACHED = "reached"
    """A limit is used up."""
    ALARM = "alarm"
    """The fraud guard acted."""


@dataclass(frozen=True, slots=True)
class TellPage:
    level: Weight
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class KeepFraudState:
    """To be stored, in place of what was kept before: a restart must not forget it."""

    state: FraudState


Action = Authorise | Bar | WarnLeg | CutLeg | SendNotice | TellPage | KeepFraudState
