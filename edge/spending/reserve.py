"""How long each leg may last: reservations that parallel calls take out of the budgets they share.

Invariants: the sum of what is stored and of what is reserved keeps within every limit that cuts, as far as the legs in
it can be cut. A leg is reserved ahead of time, so that its end is known 30 s before; what is left of a budget is shared
out evenly, to the second: a leg that holds more than it needs for that makes room for one that has too little, and for
the first block of a new one. Once its end has been told, a reservation is a promise that only a changed limit, a
changed price or a call that cannot be cut takes back. A leg that no limit can cut is reserved as far as all others.

Prices hang together within a hotline, in the order in which calls were answered, and how long an earlier call goes on
cannot be known. Where a limit does not count that call, it is no reason to cut it: the calls after it count at the
dearest price that they may come to have (see exposure), until it has ended. So every limit that cuts, of a call, an
extension, a department, a hotline or the company, is passed by no more than the first block of one call, whatever goes
on beside it. That rests on tables in which a second more never makes a whole bill less, and on these, which can take a
limit further: a limit or a price that is changed under calls in progress; a call that no limit can cut, because no
employee makes it; a call that takes the network longer than a second to end; a row of the tariff without a price.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from edge.spending.budgets import Budget
from edge.spending.estimate import Estimator, Outlook, Totals
from edge.spending.exposure import mark_exposed
from edge.spending.legs import AHEAD_S, FIRST_BLOCK_S, REFILL_S, RELEASE_S, HeldLeg
from edge.telephony import Moment

Fits = Callable[[Outlook, Sequence[int]], bool]
"""(what every leg would last, which of them grow)."""


class Planner:
    """Writes `reserved_s` and `ends` of the legs it is given, which stand in the order of the plan."""

    def __init__(self, estimator: Estimator) -> None:
        self._estimator = estimator

    def barred_by(self, legs: Sequence[HeldLeg], new: HeldLeg, now: Moment, *, unpriced_stops: bool) -> Budget | None:
        """The budget that has not even the first block of a new leg left; None: it may be dialled.

        A leg without a price cannot be kept within an amount of money: `unpriced_stops` says whether that bars it. A
        leg that costs nothing is not barred by money. Calls in progress make room before one is barred.
        """
        budget = self._short_of(legs, new, now, unpriced_stops=unpriced_stops)
        if budget is None or not self._room_made(legs, budget, now):
            return budget
        return self._short_of(legs, new, now, unpriced_stops=unpriced_stops)

    def _room_made(self, legs: Sequence[HeldLeg], budget: Budget, now: Moment) -> bool:
        """Whether any leg of a budget had something to give back."""
        givers = [leg for leg in legs if budget.cuts and budget in leg.budgets and leg.has_to_spare(now.mono)]
        for leg in givers:
            leg.make_room(now.mono)
        return bool(givers)

    def _short_of(self, legs: Sequence[HeldLeg], new: HeldLeg, now: Moment, *, unpriced_stops: bool) -> Budget | None:
        # Those of other hotlines cost what they did at the last look: a decision prices one hotline only.
        near = [leg for leg in legs if leg.reserved_vnd is None or leg.request.hotline == new.request.hotline]
        mark_exposed([*legs, new] if near else [new], new)
        self._reckon([*near, new], now)
        new.amount_vnd = new.reserved_vnd
        totals = self._estimator.of_budgets(new.budgets, [*legs, new])
        for budget in new.budgets:
            vnd, seconds = totals[budget]
            if not budget.stops:
                continue
            if budget.seconds is not None and seconds > budget.seconds:
                return budget
            if budget.vnd is not None and new.amount_vnd is None and unpriced_stops:
                return budget
            if budget.vnd is not None and vnd > budget.vnd and self._may_cost(new, budget, now):
                return budget
        return None

    def _may_cost(self, new: HeldLeg, budget: Budget, now: Moment) -> bool:
        """Whether a new leg costs anything, or may come to in a budget that does not count who draws a bundle empty."""
        if new.amount_vnd or not budget.is_shared_by_some:
            return bool(new.amount_vnd or (budget in new.exposed_in and new.risk_vnd))
        return self._estimator.may_cost(new, now)

    def reckon(self, legs: Sequence[HeldLeg], now: Moment) -> None:
        """Prices what is reserved, for the next decision."""
        mark_exposed(legs)
        self._reckon(legs, now)

    def _reckon(self, legs: Sequence[HeldLeg], now: Moment) -> None:
        reserved = [leg.reserved_s for leg in legs]
        amounts = self._estimator.amounts(legs, reserved, now)
        risks = self._estimator.risks(legs, reserved, amounts, now)
        for leg, amount, risk_vnd in zip(legs, amounts, risks, strict=True):
            leg.reserved_vnd, leg.risk_vnd = amount, risk_vnd

    def plan(self, legs: Sequence[HeldLeg], now: Moment) -> None:
        """Brings the reservations up to date: takes back what no longer fits, extends what comes to its end."""
        mark_exposed(legs)
        for leg in legs:
            if leg.is_talking:
                leg.reserved_s = max(leg.reserved_s, leg.billed_s(now.mono))
                if not leg.can_be_cut and _ahead_s(leg, now) <= REFILL_S:
                    leg.reserved_s = leg.wanted_s(now.mono)
                    leg.ends = False
        if not any(leg.can_be_cut for leg in legs):
            return
        self._take_back(legs, now)
        growing = [
            at
            for at, leg in enumerate(legs)
            if leg.can_be_cut and not leg.cut and (leg.ends or _ahead_s(leg, now) <= REFILL_S)
        ]
        if growing:
            self._grow(legs, growing, now)

    def bound_by(self, legs: Sequence[HeldLeg], leg: HeldLeg, now: Moment) -> list[Budget]:
        """The budgets that keep a leg from lasting one second more."""
        outlook = [each.reserved_s + (each is leg) for each in legs]
        totals = self._estimator.most(legs, outlook, now)
        return [budget for budget in leg.budgets if budget.cuts and budget.exceeded(*totals[budget])]

    # --- taking back ----------------------------------------------------------------------------------------------

    def _take_back(self, legs: Sequence[HeldLeg], now: Moment) -> None:
        """Where reservations are beyond a limit, its legs fall back to what they have used and share the rest."""
        totals = self._estimator.most(legs, [leg.reserved_s for leg in legs], now)
        over = {budget for budget, used in totals.items() if budget.cuts and budget.exceeded(*used)}
        for leg in legs:
            if leg.can_be_cut and not leg.cut and over.intersection(leg.budgets):
                leg.reserved_s = _least_s(leg, now)
                leg.ends = True

    # --- growing --------------------------------------------------------------------------------------------------

    def _grow(self, legs: Sequence[HeldLeg], growing: list[int], now: Moment) -> None:
        """All together as far as their budgets reach; then what is left, second by second."""
        wanted = [leg.wanted_s(now.mono) for leg in legs]
        fits = self._fits(legs, now)
        outlook = _lasting([leg.reserved_s for leg in legs], growing, wanted, AHEAD_S)
        still = [at for at in growing if not fits(outlook, [at])]
        for at in still:
            outlook[at] = legs[at].reserved_s
        if still:
            givers = self._makers_of_room(legs, outlook, still, now)
            for at in givers:
                outlook[at] = legs[at].kept_s(now.mono)
            growing = sorted({*growing, *givers})
            still = sorted({*still, *givers})
        while still:
            whole = _lasting(outlook, still, wanted, AHEAD_S)
            if fits(whole, still):
                outlook = whole
                break
            outlook = _lasting(outlook, still, wanted, _furthest(outlook, still, wanted, fits))
            outlook, stuck = _crumbs(outlook, still, fits)
            still = [at for at in still if at not in stuck and outlook[at] < wanted[at]] if stuck else []
        for at in growing:
            legs[at].reserved_s = outlook[at]
            legs[at].ends = outlook[at] < wanted[at]

    def _makers_of_room(self, legs: Sequence[HeldLeg], outlook: Outlook, stuck: list[int], now: Moment) -> list[int]:
        """The legs that hold more than they need of a budget which keeps others from having as much."""
        wanted = [leg.wanted_s(now.mono) for leg in legs]
        totals = self._estimator.most(legs, _lasting(outlook, stuck, wanted, AHEAD_S), now)
        short = {budget for at in stuck for budget in legs[at].budgets if budget.cuts}
        short = {budget for budget in short if budget.exceeded(*totals[budget])}
        return [at for at, leg in enumerate(legs) if leg.has_to_spare(now.mono) and short.intersection(leg.budgets)]

    def _fits(self, legs: Sequence[HeldLeg], now: Moment) -> Fits:
        """Whether an outlook lets some legs grow: whether the limits that cut *them* are kept, or at least not exceeded
        by more than they are already. A limit never ends a call that it does not count.
        """
        held = self._estimator.most(legs, [leg.reserved_s for leg in legs], now)
        priced: dict[tuple[int, ...], Totals] = {}

        def fits(outlook: Outlook, growing: Sequence[int]) -> bool:
            key = tuple(outlook)
            if key not in priced:
                priced[key] = self._estimator.most(legs, outlook, now)
            totals = priced[key]
            cutting = {budget for at in growing for budget in legs[at].budgets if budget.cuts}
            for budget in cutting:
                vnd, seconds = totals[budget]
                if budget.seconds is not None and seconds > max(budget.seconds, held[budget][1]):
                    return False
                if budget.vnd is not None and vnd > max(budget.vnd, held[budget][0]):
                    return False
            return True

        return fits


def _ahead_s(leg: HeldLeg, now: Moment) -> float:
    return leg.cut_at() - now.mono


def _least_s(leg: HeldLeg, now: Moment) -> int:
    """What a leg that is cut now will have cost: the second that has begun, and the time that hanging up takes."""
    return max(FIRST_BLOCK_S, leg.talked_s(now.mono) + RELEASE_S)


def _lasting(outlook: Outlook, growing: list[int], wanted: Outlook, ahead_s: int) -> Outlook:
    """Every growing leg reserved for at least the next `ahead_s` seconds."""
    grown = list(outlook)
    for at in growing:
        grown[at] = max(outlook[at], wanted[at] - AHEAD_S + ahead_s)
    return grown


def _furthest(outlook: Outlook, growing: list[int], wanted: Outlook, fits: Fits) -> int:
    """The most seconds ahead that all growing legs can have together."""
    low, high = 0, AHEAD_S
    while high - low > 1:
        middle = (low + high) // 2
        if fits(_lasting(outlook, growing, wanted, middle), growing):
            low = middle
        else:
            high = middle
    return low


def _crumbs(outlook: Outlook, growing: list[int], fits: Fits) -> tuple[Outlook, list[int]]:
    """One second more for each leg that can have it alone; those that cannot are stuck."""
    stuck = []
    for at in growing:
        more = list(outlook)
        more[at] += 1
        if fits(more, [at]):
            outlook = more
        else:
            stuck.append(at)
    return outlook, stuck
