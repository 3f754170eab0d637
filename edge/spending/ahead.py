"""The next seconds, if everybody talks on: when a cap of the fraud guard or a level of a limit is reached.

What is looked at every 10 s is so known to the second. Spending only rises while people talk, so that whether something
has been reached by then can be searched for by halves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from edge.spending.estimate import Estimator, Outlook, Totals
from edge.spending.fraud import Run
from edge.spending.legs import HeldLeg
from edge.telephony import Moment

LOOK_S = 10
"""While calls are in progress, levels, caps and reservations are looked at so often."""
STOP_S = 2
"""A cap stops calls so long before they would pass it: the second begun, and the time that hanging up takes."""


class Ahead:
    """As it looks from one moment. Seconds are whole ones from then; each is priced once, when it is asked for."""

    def __init__(self, estimator: Estimator, legs: Sequence[HeldLeg], now: Moment) -> None:
        self._estimator = estimator
        self._legs = legs
        self._now = now
        self._priced: dict[int, tuple[Outlook, list[int | None]]] = {}

    def runs(self, later_s: int) -> list[Run]:
        """What employees' calls will have cost."""
        return runs(self._legs, *self._at(later_s), self._now)

    def totals(self, later_s: int) -> Totals:
        return self._estimator.added_up(self._legs, *self._at(later_s))

    def _at(self, later_s: int) -> tuple[Outlook, list[int | None]]:
        known = self._priced.get(later_s)
        if known is None:
            mono = self._now.mono
            outlook = [leg.billed_s(mono + later_s if leg.is_talking else mono) for leg in self._legs]
            known = self._priced[later_s] = outlook, self._estimator.amounts(self._legs, outlook, self._now)
        return known


def first_second(is_reached: Callable[[int], bool]) -> int:
    """The first of the next ten seconds in which something is reached that is so at their end."""
    low, high = 0, LOOK_S
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_reached(middle) else (middle, high)
    return high


def runs(legs: Sequence[HeldLeg], outlook: Sequence[int], amounts: Sequence[int | None], now: Moment) -> list[Run]:
    """When employees' legs ran and what they cost, as far as they were answered."""
    return [
        run(leg, now, billed_s, amount)
        for leg, billed_s, amount in zip(legs, outlook, amounts, strict=True)
        if leg.is_employees and leg.answered is not None
    ]


def run(leg: HeldLeg, now: Moment, billed_s: int, amount_vnd: int | None) -> Run:
    """One that still rings would begin now."""
    start = now.wall if leg.answered is None else leg.answered.wall
    return Run(start + billed_s, start, amount_vnd or 0, leg.leg)
