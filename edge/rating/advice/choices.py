"""From the costs of plans to a ranked list of choices: a plan, and for each hotline a bundle or none.

Hotlines do not touch each other, so a plan's best choice is the best of every hotline. Beside it stand the plan without
any bundle, the single bundles of the busiest hotline, and the best choice with one hotline changed: the nearest
runners-up there are. Every one of them is exact; what is left out is only less interesting.

What prices everything ranks before what leaves something unrated, however cheap: a missing price is no price of 0.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from edge.rating.advice.cost import GroupCost, Option
from edge.rating.advice.plan_cost import PlanCost
from edge.rating.invoice import Invoice, Line

MOST = 20
"""Choices in a list, unless there are more plans than that."""
_LEAST_RUNNERS_UP = 2

Picked = tuple[int, ...]
"""For each group of a plan the index of its option."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A plan with one option for each of its groups."""

    cost: PlanCost
    options: Sequence[Option]

    @property
    def invoice(self) -> Invoice:
        """The month as one invoice; VAT and total are its own."""
        fees = self.cost.fees
        usage = [
            ("voice", self.voice_vnd),
            ("sms", self.sms_vnd),
            ("requests", self.requests_vnd),
            ("bundles", self.bundles_vnd),
            ("discount", self.discount_vnd),
        ]
        lines = tuple(Line(code, code, 1, "month", amount) for code, amount in usage)
        return Invoice(fees.plan, fees.period, fees.lines + lines, fees.unrated, fees.vat)

    @property
    def total_vnd(self) -> int:
        return self.invoice.total_vnd

    @property
    def fees_vnd(self) -> int:
        return self.cost.fees.total_vnd

    @property
    def voice_vnd(self) -> int:
        """Calls, those abroad before discount."""
        return sum(group.fixed_vnd for group in self.cost.groups) + sum(option.tiers_vnd for option in self.options)

    @property
    def sms_vnd(self) -> int:
        return sum(group.sms_vnd for group in self.cost.groups)

    @property
    def requests_vnd(self) -> int:
        return sum(group.requests_vnd for group in self.cost.groups)

    @property
    def bundles_vnd(self) -> int:
        return sum(option.bundles_vnd for option in self.options)

    @property
    def discount_vnd(self) -> int:
        """Not positive."""
        return sum(group.discount_vnd for group in self.cost.groups)

    @property
    def bundles(self) -> list[tuple[str, Option]]:
        """Hotline and bundle, of the hotlines that have one."""
        pairs = zip(self.cost.groups, self.options, strict=True)
        return [(group.name, option) for group, option in pairs if option.bundle is not None]

    @property
    def unrated(self) -> int:
        """Usage records without a price."""
        return sum(sum(group.unrated.values()) for group in self.cost.groups)

    @property
    def unpriced(self) -> int:
        """Everything without a price: usage and fees."""
        return self.unrated + len(self.cost.fees.unrated)


def rank(costs: Sequence[PlanCost]) -> list[Choice]:
    """The choices of all plans, best first."""
    with_bundles = sum(cost.sells_bundles for cost in costs)
    room = MOST - len(costs) - with_bundles
    runners_up = max(_LEAST_RUNNERS_UP, room // with_bundles) if with_bundles else 0
    choices = [
        Choice(cost, [group.options[index] for group, index in zip(cost.groups, picked, strict=True)])
        for cost in costs
        for picked in _picked(cost, runners_up)
    ]
    return sorted(choices, key=_place)


def _place(choice: Choice) -> tuple[int, int, str, int]:
    return choice.unpriced, choice.total_vnd, choice.cost.plan.name, len(choice.bundles)


def _picked(cost: PlanCost, runners_up: int) -> list[Picked]:
    groups = cost.groups
    best = tuple(_best(group) for group in groups)
    none = (0,) * len(groups)
    singles = heapq.nsmallest(runners_up // 2, _singles(groups, none), key=lambda each: _total(groups, each))
    found = dict.fromkeys([best, none, *singles, *_nearest(groups, best, runners_up)])
    return list(found)[: 2 + runners_up]


def _best(group: GroupCost) -> int:
    """The cheapest option; of equals the first, which is no bundle before any."""
    return min(range(len(group.options)), key=lambda index: group.options[index].total_vnd)


def _distinct(group: GroupCost) -> Iterator[int]:
    """Options but those whose renewal changes nothing: not spent within the month."""
    for index, option in enumerate(group.options):
        if not (option.renew and option.total_vnd == group.options[index - 1].total_vnd):
            yield index


def _singles(groups: Sequence[GroupCost], none: Picked) -> list[Picked]:
    """One bundle for the busiest hotline, none for the others."""
    if not groups:
        return []
    busiest = max(range(len(groups)), key=lambda index: groups[index].tier_s)
    return [_with(none, busiest, option) for option in _distinct(groups[busiest]) if option]


def _nearest(groups: Sequence[GroupCost], best: Picked, most: int) -> list[Picked]:
    """The best with one hotline's option changed, the least loss first."""
    changed = (
        (option.total_vnd - group.options[best[place]].total_vnd, place, index)
        for place, group in enumerate(groups)
        for index, option in ((index, group.options[index]) for index in _distinct(group))
        if index != best[place]
    )
    return [_with(best, place, index) for _, place, index in heapq.nsmallest(most, changed)]


def _with(picked: Picked, place: int, index: int) -> Picked:
    return (*picked[:place], index, *picked[place + 1 :])


def _total(groups: Sequence[GroupCost], picked: Picked) -> int:
    return sum(group.options[index].total_vnd for group, index in zip(groups, picked, strict=True))
