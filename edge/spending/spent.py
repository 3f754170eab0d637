"""A stored charge as spending control sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from edge.dialplan.numbers import EMERGENCY_NUMBERS
from edge.telephony import Direction, LegId, PhoneNumber


@dataclass(frozen=True, slots=True)
class Spent:
    """One charge in its newest revision. `item` is the leg or message it belongs to: a later one replaces it."""

    item: str
    hotline: PhoneNumber | None
    calling_extension: str | None
    """The employee who made the call; None for everything that no employee's limit counts, emergency calls among it."""
    called_extension: str | None
    answered_at: float
    """POSIX seconds; of a message: when it was sent."""
    billed_s: int
    amount_vnd: int | None
    """None: unrated. It counts its seconds and no money."""
    outgoing: bool
    """False for calls that came in: they cost nothing and count nowhere."""


class UsedLeg(Protocol):
    """What is looked at of a leg that is over."""

    @property
    def leg(self) -> LegId: ...
    @property
    def hotline(self) -> PhoneNumber | None: ...
    @property
    def direction(self) -> Direction: ...
    @property
    def number(self) -> PhoneNumber | None: ...
    @property
    def answered(self) -> float | None: ...
    @property
    def calling_extension(self) -> str | None: ...
    @property
    def called_extension(self) -> str | None: ...


def spent_of(leg: UsedLeg, billed_s: int, amount_vnd: int | None) -> Spent | None:
    """The charge of an ended leg; None for one that was never answered."""
    if leg.answered is None:
        return None
    emergency = leg.number in EMERGENCY_NUMBERS
    return Spent(
        item=leg.leg,
        hotline=leg.hotline,
        calling_extension=None if emergency else leg.calling_extension,
        called_extension=leg.called_extension,
        answered_at=leg.answered,
        billed_s=billed_s,
        amount_vnd=amount_vnd,
        outgoing=leg.direction is Direction.OUT,
    )
