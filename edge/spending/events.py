"""What reaches spending control. Past tense; each is handed to `SpendingGuard.handle` with its moment."""

from __future__ import annotations

from dataclasses import dataclass

from edge.dialplan.limits import Spending
from edge.dialplan.settings import Extension
from edge.spending.spent import Spent
from edge.telephony import LegId, PhoneNumber, Service


@dataclass(frozen=True, slots=True)
class LegRequested:
    """The switchboard wants to dial a leg. `Authorise` or `Bar` follows at once."""

    leg: LegId
    hotline: PhoneNumber | None
    """The SIM that would dial."""
    called: PhoneNumber
    service: Service
    calling_extension: str | None
    """None: no employee makes the call (a customer is being connected). It is counted, and never barred or cut."""
    called_extension: str | None = None


@dataclass(frozen=True, slots=True)
class LegMetered:
    """An authorised leg was answered: it costs from now on."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class LegReleased:
    """An authorised leg has ended, answered or not."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class NumberRefused:
    """An employee dialled a number that barring refuses."""

    extension: str
    called: PhoneNumber


@dataclass(frozen=True, slots=True)
class ChargesStored:
    """Charges of ended legs and sent messages are in the store: new ones, and revisions of earlier ones."""

    spent: tuple[Spent, ...]


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """Holds at once, for calls in progress too."""

    spending: Spending
    extensions: tuple[Extension, ...]
    language: str
    """Of SMS: vi or en."""


@dataclass(frozen=True, slots=True)
class TimePassed:
    """`next_deadline` has come."""


Event = LegRequested | LegMetered | LegReleased | NumberRefused | ChargesStored | SettingsChanged | TimePassed
