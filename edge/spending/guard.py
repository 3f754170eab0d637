"""Spending control: may a leg be dialled, how long may it last, who is to be told.

    guard = SpendingGuard(price, settings.spending, settings.extensions, settings.company.language)
    guard.load(stored_charges_of_the_month, now)
    for action in guard.handle(LegRequested(...), now): ...     # Authorise or Bar, at once
    guard.next_deadline                                         # then handle(TimePassed(), now)

Invariants
- A leg is held from its request until its charge is stored and no leg in progress can change it any more (one that
  was answered before it, on the same hotline), so that no spending is out of sight in between or counted twice.
- Durations are monotonic. Wall time only says to which day, month and night a leg belongs: that in which it was
  answered. A clock that is set moves the stamps of legs in progress with it and cuts nothing.
- Only calls that employees make are barred or cut. Emergency calls never come here.
- A leg without a price counts its seconds. A limit in money that blocks or cuts bars it, as such a limit could not be
  kept; but not while the box does not know the date, because then nothing at all has a price.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from edge.dialplan.limits import LimitPeriod, Spending
from edge.dialplan.settings import Extension
from edge.spending.accounts import Accounts
from edge.spending.actions import Action, Authorise, Bar, CutLeg, KeepFraudState, WarnLeg
from edge.spending.ahead import LOOK_S, STOP_S, Ahead, first_second, run, runs
from edge.spending.budgets import Budget, Budgets
from edge.spending.calendar import CLOCK_UNSET_BEFORE, DAY_S, LOCAL_OFFSET_S, day_of, label_of
from edge.spending.estimate import Estimator, Totals
from edge.spending.events import (
    ChargesStored,
    Event,
    LegMetered,
    LegReleased,
    LegRequested,
    NumberRefused,
    SettingsChanged,
    TimePassed,
)
from edge.spending.fraud import Cap, FraudState, FraudWatch, Run
from edge.spending.held import HeldLegs, budgets_for
from edge.spending.legs import HeldLeg, PriceOracle
from edge.spending.levels import REACHED, Levels
from edge.spending.notices import Notices
from edge.spending.reserve import Planner
from edge.spending.spent import Spent
from edge.spending.usage import Usage, fraud_use, is_open_again, limit_uses
from edge.telephony import LegId, Moment

WARNING_S = 30
"""The spoken warning comes so long before the cut."""
_SOON_S = 0.001
"""A timer that fires this much early fires in time."""


class SpendingGuard:
    """One per box. `price` is asked within `handle`; what it raises passes through, with the leg not authorised."""

    def __init__(
        self, price: PriceOracle, spending: Spending, extensions: Sequence[Extension] = (), language: str = "vi"
    ) -> None:
        self._spending = spending
        self._accounts = Accounts()
        self._estimator = Estimator(price, self._accounts)
        self._planner = Planner(self._estimator)
        self._budgets = Budgets(spending.limits, tuple(extensions))
        self._notices = Notices(spending.fraud_guard, tuple(extensions), language)
        self._levels = Levels()
        self._fraud = FraudWatch(spending.fraud_guard)
        self._held = HeldLegs()
        self._day: int | None = None
        self._deadline: float | None = None

    @property
    def next_deadline(self) -> float | None:
        """Monotonic seconds; None while no call is in progress."""
        return self._deadline

    def load(self, spent: Iterable[Spent], now: Moment, fraud: FraudState | None = None) -> None:
        """The stored charges of the current month and of the last two days, at start and when the box has been told the
        date; at start also what was kept of the fraud guard. Tells nobody: what they have passed was told before.
        """
        self._take(spent, now)
        for budget, vnd, seconds in self._standing(now):
            self._levels.take_as_told(budget, vnd, seconds)
        if fraud is not None:
            self._fraud.restore(fraud, now)
        self._day = day_of(now.wall)

    def handle(self, event: Event, now: Moment) -> list[Action]:
        """What is to be done about it, in order."""
        if self._held.follow_clock(now, self._budgets):
            self._fraud.clock_was_set()
        self._turn_day(now)
        actions = self._handle(event, now)
        state = self._fraud.to_keep(now)
        return actions if state is None else [*actions, KeepFraudState(state)]

    def _handle(self, event: Event, now: Moment) -> list[Action]:
        actions: list[Action] = []
        match event:
            case LegRequested():
                return list(self._request(event, now))
            case LegMetered(leg):
                actions += self._meter(leg, now)
            case LegReleased(leg):
                self._release(leg, now)
            case NumberRefused(extension, called):
                if self._fraud.refused(now):
                    actions += self._notices.refused(self._fraud.refused_count(now), extension, called)
                return actions
            case ChargesStored(spent):
                actions += self._store(spent, now)
            case SettingsChanged():
                actions += self._change(event, now)
            case TimePassed():
                pass
        return [*actions, *self._look(now)]

    def usage(self, now: Moment) -> Usage:
        """What of every limit is used, calls in progress included. Changes nothing."""
        legs = self._held.in_order(now)
        outlook = [leg.billed_s(now.mono) for leg in legs]
        amounts = self._estimator.amounts(legs, outlook, now)
        totals = self._estimator.added_up(legs, outlook, amounts)
        hotlines = {hotline for _, hotline in self._accounts.spenders() if hotline is not None}
        hotlines |= {leg.request.hotline for leg in legs if leg.request.hotline is not None}
        uses = limit_uses(self._spending, self._budgets, self._estimator, self._levels, legs, totals, hotlines, now)
        running = runs(legs, outlook, amounts, now)
        return Usage(tuple(uses), fraud_use(self._spending.fraud_guard, self._fraud, running, now))

    def costs(self, now: Moment) -> dict[LegId, int | None]:
        """VND that each answered leg in progress would cost if it ended now; None: no price. Changes nothing."""
        legs = self._held.in_order(now)
        amounts = self._estimator.amounts(legs, [leg.billed_s(now.mono) for leg in legs], now)
        return {leg.leg: amount for leg, amount in zip(legs, amounts, strict=True) if leg.is_talking}

    # --- legs -----------------------------------------------------------------------------------------------------

    def _request(self, request: LegRequested, now: Moment) -> Iterator[Action]:
        leg = HeldLeg(request, budgets_for(request, self._budgets, now.wall))
        if not leg.is_employees:
            self._held.add(leg)
            yield Authorise(leg.leg)
            return
        if self._fraud.bars(now):
            yield Bar(leg.leg, None)
            return
        clock_is_set = now.wall >= CLOCK_UNSET_BEFORE
        others = self._held.in_order(now)
        held_s = [each.reserved_s for each in others]
        budget = self._planner.barred_by(others, leg, now, unpriced_stops=clock_is_set)
        if held_s != [each.reserved_s for each in others]:
            self._wake_at(now.mono)  # who made room gets his share of what is left, after this decision
        if budget is not None:
            yield Bar(leg.leg, budget.limit.scope)
            yield from self._barred(budget, leg, now)
            return
        first_block = run(leg, now, leg.reserved_s, leg.amount_vnd)
        cap = self._fraud.passed([*self._runs_so_far(now), first_block], now.wall)
        if cap is not None:
            yield Bar(leg.leg, None)
            yield from self._stop_all(cap, now)
            return
        for each in leg.budgets:
            if leg.amount_vnd or each.vnd is None:  # what is free passes a budget of money that is used up
                self._levels.open(each)
        leg.reserved_vnd = None  # reckoned anew before the next decision: from now on it may count at its dearest
        self._held.add(leg)
        yield Authorise(leg.leg)

    def _barred(self, budget: Budget, leg: HeldLeg, now: Moment) -> Iterator[Action]:
        if leg.amount_vnd is None and budget.vnd is not None:
            yield from self._notices.unpriced(budget, leg.request.called)
        elif budget.limit.period is not LimitPeriod.CALL:
            yield from self._exhausted(budget, now)

    def _meter(self, name: LegId, now: Moment) -> Iterator[Action]:
        leg = self._held.get(name)
        if leg is None or leg.answered is not None:
            return
        leg.answered = now
        leg.budgets = budgets_for(leg.request, self._budgets, now.wall)
        leg.cut = leg.is_employees and self._fraud.bars(now)
        if leg.cut:
            yield CutLeg(leg.leg)

    def _release(self, name: LegId, now: Moment) -> None:
        leg = self._held.get(name)
        if leg is None or not leg.is_live:
            return
        if leg.answered is None:
            self._held.drop(name)
        else:
            leg.ended_s = leg.reserved_s = leg.billed_s(now.mono)
        self._settle(now)

    def _settle(self, now: Moment) -> None:
        """Charges that are final go from the held legs to the accounts."""
        for leg in self._held.settled(now):
            assert leg.charge is not None
            self._put(leg.charge, now)
            for budget in leg.budgets:
                if budget.limit.period is LimitPeriod.CALL:
                    self._levels.forget(budget)

    def _put(self, charge: Spent, now: Moment) -> None:
        self._fraud.put(charge, self._accounts.put(charge), now.wall)

    # --- charges, settings, days ----------------------------------------------------------------------------------

    def _take(self, spent: Iterable[Spent], now: Moment) -> None:
        """Charges of legs that are held count there, all others in the accounts."""
        for each in spent:
            leg = self._held.get(LegId(each.item))
            if leg is None:
                self._put(each, now)
            else:
                leg.store(each)

    def _store(self, spent: tuple[Spent, ...], now: Moment) -> Iterator[Action]:
        self._take(spent, now)
        self._settle(now)
        touched = {
            budget: None
            for each in spent
            if each.outgoing
            for budget in self._budgets.of(each.calling_extension, each.hotline, day_of(each.answered_at))
        }
        totals = self._totals_now(now)
        for budget in touched:
            used = totals.get(budget)
            yield from self._told(budget, *(self._estimator.used(budget) if used is None else used), now)

    def _change(self, event: SettingsChanged, now: Moment) -> Iterator[Action]:
        self._spending = event.spending
        self._budgets = Budgets(event.spending.limits, event.extensions)
        self._notices = Notices(event.spending.fraud_guard, event.extensions, event.language)
        self._held.rebudget(self._budgets, now)
        self._fraud.change(event.spending.fraud_guard, self._runs_so_far(now), now.wall)
        for budget, vnd, seconds in self._standing(now):
            yield from self._told(budget, vnd, seconds, now)

    def _standing(self, now: Moment) -> Iterator[tuple[Budget, int, int]]:
        """Every budget of this day and month that somebody has spent of, with what is stored."""
        day = day_of(now.wall)
        found = {
            budget: None
            for extension, hotline in sorted(self._accounts.spenders(), key=str)
            for budget in self._budgets.of(extension, hotline, day)
        }
        for budget in found:
            yield budget, *self._estimator.used(budget)

    def _turn_day(self, now: Moment) -> None:
        """What nothing counts in any more is forgotten; yesterday is kept for calls that began in it."""
        day = day_of(now.wall)
        if self._day is not None and day > self._day:
            first = label_of(LimitPeriod.MONTH, day - 1)
            self._levels.forget_before(label_of(LimitPeriod.DAY, day - 1), first)
            self._budgets.forget_before(day - 1)
            self._fraud.forget(now.wall)
            while label_of(LimitPeriod.MONTH, day - 1) == first:
                day -= 1
            self._accounts.forget_before(day * DAY_S - LOCAL_OFFSET_S)
            for leg in self._held.outlived(now):
                leg.store(leg.as_spent())
            self._settle(now)
        self._day = day_of(now.wall)

    # --- looking --------------------------------------------------------------------------------------------------

    def _look(self, now: Moment) -> Iterator[Action]:
        """Prices what is in progress, tells levels, watches the caps, renews reservations, warns and cuts."""
        legs = self._held.in_order(now)
        self._deadline = None
        if not legs:
            return
        outlook = [leg.billed_s(now.mono) for leg in legs]
        amounts = self._estimator.amounts(legs, outlook, now)
        for leg, amount in zip(legs, amounts, strict=True):
            leg.amount_vnd = amount
        totals = self._estimator.added_up(legs, outlook, amounts)
        for budget, used in totals.items():
            yield from self._told(budget, *used, now)
        if any(leg.is_live for leg in legs):
            yield from self._look_ahead(legs, totals, now)
        self._planner.reckon(legs, now)

    def _look_ahead(self, legs: list[HeldLeg], totals: Totals, now: Moment) -> Iterator[Action]:
        if any(leg.is_talking for leg in legs):
            self._wake_at(now.mono + LOOK_S)
            ahead = Ahead(self._estimator, legs, now)
            yield from self._watch_caps(legs, ahead, now)
            self._watch_levels(ahead, totals, now)
        self._planner.plan(legs, now)
        for leg in legs:
            if leg.can_be_cut and not leg.cut:
                yield from self._end_in_time(legs, leg, now)

    def _watch_levels(self, ahead: Ahead, totals: Totals, now: Moment) -> None:
        """Wakes at the second in which somebody is to be told. `totals`: those of now, of which all has been told."""

        def is_told(later_s: int) -> bool:
            return any(
                budget.percent(*used) > budget.percent(*totals[budget]) and self._levels.would_pass(budget, *used)
                for budget, used in ahead.totals(later_s).items()
            )

        # What the caps are looked at for is priced already, and lasts as long.
        if is_told(STOP_S + LOOK_S) and is_told(LOOK_S):
            self._wake_at(now.mono + first_second(is_told))

    def _end_in_time(self, legs: list[HeldLeg], leg: HeldLeg, now: Moment) -> Iterator[Action]:
        left_s = leg.cut_at() - now.mono
        if not leg.ends or left_s > WARNING_S + _SOON_S:
            leg.warned = False
            if leg.ends:
                self._wake_at(leg.cut_at() - WARNING_S)
            return
        if left_s <= _SOON_S:
            leg.cut = True
            yield CutLeg(leg.leg)
            for budget in self._planner.bound_by(legs, leg, now):
                yield from self._exhausted(budget, now)
            return
        self._wake_at(leg.cut_at())
        if not leg.warned and left_s >= 1:
            leg.warned = True
            yield WarnLeg(leg.leg, int(left_s + _SOON_S))

    def _wake_at(self, mono: float | None) -> None:
        if mono is not None:
            self._deadline = mono if self._deadline is None else min(self._deadline, mono)

    # --- caps -----------------------------------------------------------------------------------------------------

    def _watch_caps(self, legs: list[HeldLeg], ahead: Ahead, now: Moment) -> Iterator[Action]:
        """Stops everything where a cap would be passed, and wakes at the second in which that is."""
        if self._fraud.bars(now) or not any(leg.is_talking and leg.is_employees for leg in legs):
            return

        def cap_in(later_s: int) -> Cap | None:
            return self._fraud.passed(ahead.runs(STOP_S + later_s), now.wall + STOP_S + later_s)

        if cap_in(LOOK_S) is None:
            return
        cap = cap_in(0)
        if cap is not None:
            yield from self._stop_all(cap, now)
        else:
            self._wake_at(now.mono + first_second(lambda later_s: cap_in(later_s) is not None))

    def _stop_all(self, cap: Cap, now: Moment) -> Iterator[Action]:
        """The alarm first, then every outgoing call, also those that still ring."""
        yield from self._notices.cap(cap, self._fraud.bar(cap, now))
        for leg in self._held.in_order(now):
            if leg.is_employees and leg.is_live and not leg.cut:
                leg.cut = True
                yield CutLeg(leg.leg)

    def _runs_so_far(self, now: Moment) -> list[Run]:
        """What is not stored yet, at the prices of the last look."""
        legs = self._held.in_order(now)
        return runs(legs, [leg.billed_s(now.mono) for leg in legs], [leg.amount_vnd for leg in legs], now)

    # --- telling --------------------------------------------------------------------------------------------------

    def _told(self, budget: Budget, vnd: int, seconds: int, now: Moment) -> Iterator[Action]:
        if self._levels.is_closed(budget):
            if not is_open_again(budget, self._estimator, self._held.in_order(now)):
                return
            self._levels.open(budget)
        level = self._levels.passed(budget, vnd, seconds)
        if level is not None:
            yield from self._notices.level(budget, level, vnd, seconds)

    def _exhausted(self, budget: Budget, now: Moment) -> Iterator[Action]:
        if self._levels.exhausted(budget):
            used = self._totals_now(now).get(budget)
            yield from self._notices.level(budget, REACHED, *(self._estimator.used(budget) if used is None else used))

    def _totals_now(self, now: Moment) -> Totals:
        legs = self._held.in_order(now)
        return self._estimator.totals(legs, [leg.billed_s(now.mono) for leg in legs], now)
