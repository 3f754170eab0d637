"""A group's calls abroad in one month: their price, the discount on it, and those that have none.

Up to the month's cap nothing depends on order and arrays do; from the first call that may reach it, each call is
walked, because one that finds no price counts nothing and leaves room for the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from edge.rating.advice.ladder import rounded_vnd
from edge.rating.columns import Whole
from edge.rating.invoice import discount_of, half_up
from edge.rating.rows import Abroad, Row
from edge.rating.tariff import Plan


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for the calls of one situation."""

    price: Abroad
    discount_percent: int
    """0 where the offer is none."""


@dataclass(slots=True)
class AbroadCost:
    """The sum over a group; amounts are rounded per call, the discount once."""

    amount_vnd: int = 0
    unrated: Counter[int] = field(default_factory=Counter)
    """Situation to the number of calls without a price."""
    percents_vnd: int = 0

    @property
    def discount_vnd(self) -> int:
        """Not positive: the invoice's own line."""
        return -half_up(Fraction(self.percents_vnd, 100))


def terms_of(row: Row, plan: Plan) -> Terms | None:
    """The terms of a row; None for a row that is not of calls abroad."""
    if not isinstance(row.pricing, Abroad):
        return None
    section = discount_of(row.rule, plan)
    return Terms(row.pricing, 0 if section is None else section.discount_percent)


def cost_abroad(terms: Sequence[Terms | None], situation: Whole, billed_s: Whole) -> AbroadCost:
    """The calls of a group in their order."""
    used = {index: found for index in np.unique(situation).tolist() if (found := terms[index]) is not None}
    caps = [found.price.cap_s for found in used.values() if found.price.cap_s is not None]
    cost = AbroadCost()
    if not caps or int(billed_s.sum()) < min(caps):
        _all_within(used, situation, billed_s, cost)
    else:
        _walk(used, zip(situation.tolist(), billed_s.tolist(), strict=True), cost)
    return cost


def _all_within(used: Mapping[int, Terms], situation: Whole, billed_s: Whole, cost: AbroadCost) -> None:
    for index, terms in used.items():
        seconds = billed_s[situation == index]
        if terms.price.within_vnd_per_min is None:
            cost.unrated[index] += len(seconds)
            continue
        amount = rounded_vnd(seconds * terms.price.within_vnd_per_min)
        cost.amount_vnd += amount
        cost.percents_vnd += amount * terms.discount_percent


def _walk(used: Mapping[int, Terms], calls: Iterable[tuple[int, int]], cost: AbroadCost) -> None:
    position = 0
    for index, seconds in calls:
        terms = used[index]
        price = terms.price
        within = seconds if price.cap_s is None else min(seconds, max(0, price.cap_s - position))
        beyond = seconds - within
        if (within and price.within_vnd_per_min is None) or (beyond and price.idd_vnd_per_min is None):
            cost.unrated[index] += 1
            continue
        position += seconds
        sixtieths = within * (price.within_vnd_per_min or 0)
        whole = sixtieths + beyond * (price.idd_vnd_per_min or 0)
        discountable = whole if price.tier_within == price.tier_beyond else sixtieths
        cost.amount_vnd += _half_up(whole)
        cost.percents_vnd += _half_up(discountable) * terms.discount_percent


def _half_up(sixtieths: int) -> int:
    return (sixtieths + 30) // 60
