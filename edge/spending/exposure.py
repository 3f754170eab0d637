"""Legs that somebody else can make dearer: in which budgets they count at the dearest price they may come to have.

Prices hang together within a hotline, in the order in which calls were answered. How long an earlier call goes on
cannot be known, and it is not cut for a limit that does not count it; by drawing a bundle empty or by moving a tier or
the cap for calls abroad it makes later calls dearer, even ones that have ended and are stored. A budget that counts the
earlier call too keeps both in hand; in one that does not, the later leg is *exposed* until the other has ended.
"""

from __future__ import annotations

from collections.abc import Sequence

from edge.spending.budgets import Budget
from edge.spending.legs import HeldLeg

NOWHERE: frozenset[Budget] = frozenset()


def mark_exposed(legs: Sequence[HeldLeg], new: HeldLeg | None = None) -> None:
    """Writes `exposed_in` of every leg. `legs`: all of their hotlines, in the order of the plan; `new`: the one among
    them that is being decided on.
    """
    live: dict[str | None, list[HeldLeg]] = {}
    ringing: list[HeldLeg] = []
    for leg in legs:
        others = live.setdefault(leg.request.hotline, [])
        if leg.answered is None:
            ringing.append(leg)
        else:
            leg.exposed_in = _exposed_in(leg, others)
        if leg.is_live:
            others.append(leg)
    for leg in ringing:
        # Whoever rings or talks now may have been answered before it.
        leg.exposed_in = _exposed_in(leg, [other for other in live[leg.request.hotline] if other is not leg])
        if leg is not new:
            # So may a call that nobody has asked for yet. Of the newest leg that is the one block beyond the limit;
            # of all that ring together it would be more than one.
            leg.exposed_in |= {budget for budget in leg.budgets if _is_kept(budget) and budget.is_shared_by_some}


def _exposed_in(leg: HeldLeg, others: Sequence[HeldLeg]) -> frozenset[Budget]:
    if not others:
        return NOWHERE
    return frozenset(
        budget for budget in leg.budgets if _is_kept(budget) and any(budget not in other.budgets for other in others)
    )


def _is_kept(budget: Budget) -> bool:
    """It limits money, and calls are barred or cut for it."""
    return budget.vnd is not None and budget.stops
