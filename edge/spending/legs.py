"""Legs that hold a reservation, and the seam to the rater that prices them.

Billed time here is that of the block "6 s + 1": the first block when the leg is answered, then every second begun.
Prices are those of the oracle and of nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from edge.spending.budgets import Budget
from edge.spending.events import LegRequested
from edge.spending.spent import Spent
from edge.telephony import LegId, Moment, PhoneNumber, Service

FIRST_BLOCK_S = 6
"""Rating §1: 6 seconds at least, then by the second."""
RELEASE_S = 1
"""A leg is cut so long before its last reserved second is over: the network takes some tenths to end a call."""
AHEAD_S = 80
"""How far ahead a leg in progress is reserved."""
REFILL_S = 50
"""It is reserved anew when no more than this is left; looked at every 10 s, so it always has 40 s in hand."""

KEPT_S = 32
"""What a leg keeps in hand when it makes room for others: the spoken warning still comes 30 s before its end."""


@dataclass(frozen=True, slots=True)
class LegInProgress:
    """What the rater needs to price a leg as if it ended with `billed_s`."""

    leg: LegId
    hotline: PhoneNumber | None
    called: PhoneNumber
    service: Service
    calling_extension: str | None
    called_extension: str | None
    answered_at: float
    """POSIX seconds; of a leg that still rings: now."""
    billed_s: int
    is_stored: bool = False
    """Its charge is in the store; one that was answered before it is not yet, and may change it."""


class PriceOracle(Protocol):
    """Never remembers: every question is answered on top of what is stored then."""

    def __call__(self, legs: Sequence[LegInProgress]) -> list[int | None]:
        """VND of each leg if it lasts its `billed_s`, in the order given; None: no price.

        The legs are priced together on top of what is stored, each after those of its hotline answered before it, so
        that no two use the same minutes of a bundle or the same place in a tier; hotlines have nothing in common. A
        leg that is stored already stands in the list when one answered before it is still in progress: it is priced in
        its place, as it will be when the other is stored, and is not added twice.
        """
        ...

    def dearest(self, legs: Sequence[LegInProgress]) -> list[int | None]:
        """VND of each leg for its `billed_s` at the dearest price that its row of the tariff can come to have, whatever
        else is on the hotline: no bundle, the highest band, abroad the ordinary price; None: no price.
        """
        ...


@dataclass(slots=True, eq=False)
class HeldLeg:
    """A leg from its request until its charge is stored."""

    request: LegRequested
    budgets: tuple[Budget, ...]
    answered: Moment | None = None
    ended_s: int | None = None
    """Billed seconds of a leg that is over."""
    charge: Spent | None = None
    """Its stored charge, while one answered before it is not stored yet: that one may still change it."""
    reserved_s: int = FIRST_BLOCK_S
    ends: bool = False
    """A limit keeps it from being reserved further: it will be cut."""
    warned: bool = False
    cut: bool = False
    amount_vnd: int | None = None
    """The last price that was known for it."""
    reserved_vnd: int | None = None
    """What `reserved_s` costs, as last reckoned."""
    exposed_in: frozenset[Budget] = frozenset()
    """The budgets in which it counts at its dearest price (see exposure)."""
    risk_vnd: int = 0
    """What `reserved_s` may come to cost beyond `reserved_vnd`, where it is exposed."""

    @property
    def leg(self) -> LegId:
        return self.request.leg

    @property
    def is_employees(self) -> bool:
        """Made by an employee: only such calls are barred and cut."""
        return self.request.calling_extension is not None

    @property
    def is_live(self) -> bool:
        return self.ended_s is None

    @property
    def is_talking(self) -> bool:
        return self.answered is not None and self.ended_s is None

    @property
    def can_be_cut(self) -> bool:
        """In progress, and counted by a limit that cuts."""
        return self.is_talking and self.is_employees and any(budget.cuts for budget in self.budgets)

    def billed_s(self, mono: float) -> int:
        """Seconds that the plan charges up to now; 0 while it rings."""
        if self.ended_s is not None:
            return self.ended_s
        if self.answered is None:
            return 0
        return max(FIRST_BLOCK_S, self.talked_s(mono))

    def talked_s(self, mono: float) -> int:
        """Seconds begun since the answer."""
        assert self.answered is not None
        # A microsecond of the float clock is no second begun.
        return math.ceil(mono - self.answered.mono - 1e-6)

    def store(self, charge: Spent) -> None:
        """What was stored is what counts: the leg is over, and lasted so long."""
        mono = 0.0 if self.answered is None else self.answered.mono
        self.answered = Moment(mono, charge.answered_at)
        self.ended_s = self.reserved_s = charge.billed_s
        self.amount_vnd = charge.amount_vnd
        self.charge = charge

    def wanted_s(self, mono: float) -> int:
        return self.billed_s(mono) + AHEAD_S

    def has_to_spare(self, mono: float) -> bool:
        """It holds more than it must, and nobody has been told yet when it ends."""
        free = self.can_be_cut and not self.cut and not self.warned
        return free and self.reserved_s > self.kept_s(mono)

    def kept_s(self, mono: float) -> int:
        """The least that it can do with: what is billed already, and the time of the warning."""
        return max(self.billed_s(mono), self.talked_s(mono) + KEPT_S)

    def make_room(self, mono: float) -> None:
        """Gives back what it has to spare; the next plan shares it out."""
        self.reserved_s = self.kept_s(mono)
        self.reserved_vnd = None
        self.ends = True

    def cut_at(self) -> float:
        """When it is cut if nothing more is granted."""
        assert self.answered is not None
        return self.answered.mono + self.reserved_s - RELEASE_S

    def as_spent(self) -> Spent:
        """What is known of a leg that is over and whose charge never came."""
        request = self.request
        assert self.answered is not None
        assert self.ended_s is not None
        return Spent(
            request.leg,
            request.hotline,
            request.calling_extension,
            request.called_extension,
            self.answered.wall,
            self.ended_s,
            self.amount_vnd,
            outgoing=True,
        )

    def order(self, now: Moment) -> tuple[bool, float, str]:
        """The order of the plan: answered first, then by id; legs that still ring come last."""
        if self.answered is None:
            return (True, now.wall, self.leg)
        return (False, self.answered.wall, self.leg)

    def lasting(self, billed_s: int, now: Moment) -> LegInProgress:
        request = self.request
        return LegInProgress(
            request.leg,
            request.hotline,
            request.called,
            request.service,
            request.calling_extension,
            request.called_extension,
            now.wall if self.answered is None else self.answered.wall,
            billed_s,
            self.charge is not None,
        )
