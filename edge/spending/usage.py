"""What of the limits is used, as `GetSpending` and the page show it: rows for reading, made when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edge.dialplan.limits import FraudGuard, LimitPeriod, Spending
from edge.spending.budgets import Budget, Budgets
from edge.spending.calendar import day_of
from edge.spending.estimate import Estimator, Totals
from edge.spending.fraud import FraudWatch, Run
from edge.spending.legs import HeldLeg
from edge.spending.levels import REACHED, Levels, has_room
from edge.telephony import Moment


@dataclass(frozen=True, slots=True)
class LimitUse:
    """One limit of one subject, calls in progress included."""

    scope: str
    subject: str
    period: str
    at_end: str
    vnd: int | None
    minutes: int | None
    used_vnd: int
    used_s: int
    percent: int
    state: str
    """ok, warned or reached."""


@dataclass(frozen=True, slots=True)
class FraudUse:
    hour_vnd: int
    hourly_vnd: int | None
    night_vnd: int
    nightly_vnd: int | None
    refused: int
    barred_until: float | None
    """POSIX seconds."""


@dataclass(frozen=True, slots=True)
class Usage:
    limits: tuple[LimitUse, ...]
    fraud: FraudUse


def limit_uses(
    spending: Spending,
    budgets: Budgets,
    estimator: Estimator,
    levels: Levels,
    legs: list[HeldLeg],
    totals: Totals,
    hotlines: set[str],
    now: Moment,
) -> Iterator[LimitUse]:
    """In the order of the settings. `totals` are those of what the legs have used up to now."""
    day = day_of(now.wall)
    for limit in spending.limits:
        if limit.period is LimitPeriod.CALL:
            running = [budget for leg in legs if leg.is_live for budget in leg.budgets if budget.limit is limit]
            found = running or [budgets.of_limit(limit, limit.subject, day)]
        else:
            found = [budgets.of_limit(limit, subject, day) for subject in budgets.subjects(limit, hotlines)]
        for budget in found:
            used = totals.get(budget)
            is_closed = levels.is_closed(budget) and not is_open_again(budget, estimator, legs)
            yield _use(budget, *(estimator.used(budget) if used is None else used), is_closed=is_closed)


def is_open_again(budget: Budget, estimator: Estimator, legs: list[HeldLeg]) -> bool:
    """Whether a new call finds room in it, beside what is stored and what calls in progress hold."""
    return has_room(budget, *estimator.of_budgets((budget,), legs)[budget])


def fraud_use(guard: FraudGuard, watch: FraudWatch, running: list[Run], now: Moment) -> FraudUse:
    """`running`: what is not stored yet."""
    return FraudUse(
        watch.hour_vnd(running, now.wall),
        guard.hourly_vnd,
        watch.night_vnd(running, now.wall),
        guard.night_vnd,
        watch.refused_count(now),
        watch.barred_until(now),
    )


def _use(budget: Budget, vnd: int, seconds: int, *, is_closed: bool) -> LimitUse:
    limit = budget.limit
    percent = budget.percent(vnd, seconds)
    return LimitUse(
        limit.scope.value,
        budget.subject,
        limit.period.value,
        limit.at_end.value,
        limit.vnd,
        limit.minutes,
        vnd,
        seconds,
        percent,
        _state(budget, percent, is_closed=is_closed),
    )


def _state(budget: Budget, percent: int, *, is_closed: bool) -> str:
    if percent >= REACHED or is_closed:
        return "reached"
    return "warned" if any(percent >= level for level in budget.limit.warn_percent) else "ok"
