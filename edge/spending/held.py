"""The legs that spending control holds: from their request until their charge is stored, in the order of the plan."""

from __future__ import annotations

from edge.spending.budgets import Budget, Budgets
from edge.spending.calendar import DAY_S, day_of
from edge.spending.events import LegRequested
from edge.spending.legs import HeldLeg
from edge.telephony import LegId, Moment

CLOCK_STEP_S = 1.0
"""Wall and monotonic time apart by more than this since the last look: the clock was set."""

MOST_WAITING = 256
"""Stored legs that wait for an earlier one; each costs some microseconds at every look. A line carries one call, seldom
two, so that there are hardly ever any: this is for a call that never ends."""


class HeldLegs:
    def __init__(self) -> None:
        self._legs: dict[str, HeldLeg] = {}
        self._offset: float | None = None

    def in_order(self, now: Moment) -> list[HeldLeg]:
        return sorted(self._legs.values(), key=lambda leg: leg.order(now))

    def get(self, leg: LegId) -> HeldLeg | None:
        return self._legs.get(leg)

    def add(self, leg: HeldLeg) -> None:
        self._legs[leg.leg] = leg

    def drop(self, item: str) -> HeldLeg | None:
        return self._legs.pop(item, None)

    def settled(self, now: Moment) -> list[HeldLeg]:
        """Takes out the legs whose stored charge no leg in progress can change any more: none of the same hotline was
        answered before them. Of those that wait for that, the oldest go first when there are too many.
        """
        in_order = self.in_order(now)
        open_hotlines: set[str | None] = set()
        settled: list[HeldLeg] = []
        waiting: list[HeldLeg] = []
        for leg in in_order:
            if leg.charge is None:
                open_hotlines.add(leg.request.hotline)
            else:
                (waiting if leg.request.hotline in open_hotlines else settled).append(leg)
        settled += waiting[:-MOST_WAITING]
        for leg in settled:
            del self._legs[leg.leg]
        return settled

    def outlived(self, now: Moment) -> list[HeldLeg]:
        """Legs that ended a day ago and whose charge never came: the store has a fault."""
        return [
            leg
            for leg in self._legs.values()
            if leg.ended_s is not None and leg.answered and leg.answered.mono + leg.ended_s < now.mono - DAY_S
        ]

    def rebudget(self, budgets: Budgets, now: Moment) -> None:
        """Limits or extensions have changed: every leg counts in what holds now."""
        for leg in self._legs.values():
            leg.budgets = budgets_for(leg.request, budgets, now.wall if leg.answered is None else leg.answered.wall)

    def follow_clock(self, now: Moment, budgets: Budgets) -> bool:
        """A clock that was set was wrong when the legs were answered, too: their stamps move with it. True: it was."""
        step = 0.0 if self._offset is None else now.wall - now.mono - self._offset
        self._offset = now.wall - now.mono
        if abs(step) <= CLOCK_STEP_S:
            return False
        for leg in self._legs.values():
            if leg.answered is not None:
                leg.answered = Moment(leg.answered.mono, leg.answered.wall + step)
        self.rebudget(budgets, now)
        return True


def budgets_for(request: LegRequested, budgets: Budgets, answered_wall: float) -> tuple[Budget, ...]:
    return budgets.of(request.calling_extension, request.hotline, day_of(answered_wall), request.leg)
