"""A group's calls abroad in one month: their price, the discount on it, and those that have none.

Up to the month's cap nothing depends on order and arrays do; from the first call that may reach it, each call is
walked, because one that finds no price counts nothing and leaves room for the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from edge.rating.columns import Whole
from edge.rating.invoice import half_up
from edge.rating.rows import Abroad, Row
from edge.rating.tariff import Offer, Plan, Tariff


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
    unrated: dict[int, int] | None = None
    """Situation to the number of calls without a price."""
    percents_vnd: int = 0

    @property
    def discount_vnd(self) -> int:
        """Not positive: the invoice's own line."""
        return -half_up(Fraction(self.percents_vnd, 100))

    def missing(self, situation: int, calls: int = 1) -> None:
        self.unrated = self.unrated or {}
        self.unrated[situation] = self.unrated.get(situation, 0) + calls


def terms_of(row: Row, plan: Plan) -> Terms | None:
    """The terms of a row; None for a row that is not of calls abroad."""
    if not isinstance(row.pricing, Abroad):
        return None
    versions: Mapping[str, Tariff] = {version.version: version for version in plan.versions}
    label, _, name = row.rule.split("/", 2)
    section = versions[label].international
    discounted = section is not None and name.startswith(f"{Offer.DISCOUNT.value}.")
    return Terms(row.pricing, section.discount_percent if section is not None and discounted else 0)


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
            cost.missing(index, len(seconds))
            continue
        amount = int(((seconds * terms.price.within_vnd_per_min + 30) // 60).sum())
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
            cost.missing(index)
            continue
        position += seconds
        sixtieths = within * (price.within_vnd_per_min or 0)
        whole = sixtieths + beyond * (price.idd_vnd_per_min or 0)
        cost.amount_vnd += (whole + 30) // 60
        if terms.discount_percent:
            discountable = whole if price.tier_within == price.tier_beyond else sixtieths
            cost.percents_vnd += (discountable + 30) // 60 * terms.discount_percent
