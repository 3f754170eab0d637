"""The guard with the box's own rater and store behind it: shipped tariffs, a bundle that runs out, a band that ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.billing import Biller
from edge.billing.spent import charged
from edge.billing.tables import RateTables
from edge.dialplan.billing import Billing, BundlePurchase, PlanChoice
from edge.dialplan.limits import FraudGuard, Limit, LimitEnd, LimitPeriod, LimitScope, Spending
from edge.spending.legs import LegInProgress
from edge.spending.oracle import PreviewOracle
from edge.spending.spent import Spent
from edge.store.ledger import Ledger
from edge.telephony import LegId, Moment
from tests.edge.billing import paper_calls as paper
from tests.edge.spending.plan import OFF_NET, ON_NET, Plan
from tests.edge.spending.world import EXTENSIONS, HOTLINE, OTHER_HOTLINE, CallPlan, World

NO_GUARD = FraudGuard(hourly_vnd=None, night_vnd=None, refused_tries=None)
LONDON = "+442071234567"
BLOCK_VND = 6 * 4500 // 60
"""A first block abroad, at the ordinary price of any destination that is called here."""
BUNDLE = BundlePurchase(HOTLINE, 8, "2026-11-20T08:00:00+07:00", auto_renew=False)
BUNDLED = Billing(plans=(PlanChoice("3c", "0001-01"),), bundles=(BUNDLE,))
"""600 000 seconds on the first hotline."""


@cache
def tables() -> RateTables:
    return RateTables()


class Stored(Plan):
    """What the box has: amounts are the biller's, `store` is what happens when a call ends."""

    def __init__(self, billing: Billing, used_s: int) -> None:
        super().__init__()
        self._biller = Biller(tables(), billing)
        self._oracle = PreviewOracle(self._biller, dict)
        self._ledger = Ledger(Path(":memory:"), "box", "boot")
        self._numbers = count(1)
        if used_s:
            self._close(paper.leg("c0.1", paper.at("2026-11-20T09:00"), float(used_s)))

    def __call__(self, legs: Sequence[LegInProgress]) -> list[int | None]:
        return self._oracle(legs)

    def dearest(self, legs: Sequence[LegInProgress]) -> list[int | None]:
        return self._oracle.dearest(legs)

    def store(self, leg: LegInProgress) -> list[Spent]:
        seconds = float(leg.billed_s)
        made = paper.leg(leg.leg, leg.answered_at, seconds, number=leg.called, hotline=leg.hotline)
        return self._close(replace(made, calling_extension=leg.calling_extension))

    def amount(self, leg: LegId) -> int:
        charge = self._ledger.current_charge(leg)
        assert charge is not None
        return int(charge["amount_vnd"])

    def close(self) -> None:
        self._ledger.close()

    def _close(self, leg: paper.CdrLeg) -> list[Spent]:
        cdr = paper.call(next(self._numbers), leg)
        charges = self._biller.charges_for(cdr, self._ledger)
        self._ledger.close_cdr(cdr, charges, Moment(0.0, cdr.ended))
        return charged(self._ledger, charges)


def spending(limits: list[Limit]) -> Spending:
    return Spending(limits=tuple(limits), fraud_guard=NO_GUARD)


def bills(world: World, plan: Stored, limit: Limit) -> Iterator[int]:
    """VND of every subject of a limit, as it stands in the ledger when all is over."""
    departments = {each.number: each.department for each in EXTENSIONS}
    sums: dict[str, int] = {}
    for leg, story in world.stories.items():
        if story.answered is None:
            continue
        extension = story.plan.extension or ""
        subject = extension if limit.scope is LimitScope.EXTENSION else departments[extension]
        key = leg if limit.period is LimitPeriod.CALL else subject
        sums[key] = sums.get(key, 0) + plan.amount(leg)
    yield from sums.values()


calls = st.builds(
    CallPlan,
    at=st.integers(0, 300).map(float),
    lasts_s=st.integers(1, 500).map(float) | st.just(1000.0),
    extension=st.sampled_from([each.number for each in EXTENSIONS]),
    called=st.sampled_from([ON_NET, OFF_NET, OFF_NET, LONDON]),
    hotline=st.sampled_from([HOTLINE, HOTLINE, HOTLINE, OTHER_HOTLINE]),
    rings_s=st.integers(0, 20).map(float),
    stored_after_s=st.sampled_from([0.0, 40.0, 600.0]),
)
limits = st.builds(
    Limit,
    scope=st.sampled_from([LimitScope.EXTENSION, LimitScope.DEPARTMENT]),
    period=st.sampled_from(LimitPeriod),
    vnd=st.integers(100, 9000),
    at_end=st.just(LimitEnd.CUT),
)


@given(
    used=st.sampled_from([(BUNDLED, 599_600), (BUNDLED, 599_950), (Billing(), 59_700), (Billing(), 0)]),
    calls=st.lists(calls, min_size=2, max_size=7),
    limited=st.lists(limits, min_size=1, max_size=2),
)
@settings(max_examples=12)
def test_never_more_than_one_block_beyond(
    used: tuple[Billing, int], calls: list[CallPlan], limited: list[Limit]
) -> None:
    plan = Stored(*used)
    world = World(spending(limited), plan)
    for each in calls:
        world.call(each)
    world.run()
    for limit in limited:
        assert limit.vnd is not None
        for vnd in bills(world, plan, limit):
            assert vnd <= limit.vnd + BLOCK_VND + len(calls)
    plan.close()


@pytest.mark.parametrize("period", LimitPeriod)
def test_a_bundle_that_another_call_draws_empty(period: LimitPeriod) -> None:
    """400 free seconds are left. 520 talks first and long; the call of 512 was free when it ended, and is not now."""
    limit = Limit(LimitScope.EXTENSION, period, "512", None, 3000, (), LimitEnd.CUT)
    plan = Stored(BUNDLED, 599_600)
    world = World(spending([limit]), plan)
    long = world.call(CallPlan(at=0, rings_s=0, lasts_s=900, extension="520"))
    leg = world.call(CallPlan(at=5, rings_s=0, lasts_s=300, extension="512"))
    world.run(until_s=150)
    assert world.guard.costs(world.now)[leg] == 0, "people see what it costs by what is known"
    world.run()
    assert world.story(leg).billed_s == 200, "3 000 VND at 900 a minute"
    assert plan.amount(leg) == 3000
    assert plan.amount(long) == 15 * 500
    plan.close()


def test_a_stored_call_is_priced_in_its_place() -> None:
    """Until the long call before it is stored, too, its charge goes with it."""
    limit = Limit(LimitScope.HOTLINE, LimitPeriod.DAY, "", None, 100_000, (50,), LimitEnd.WARN)
    plan = Stored(BUNDLED, 599_600)
    world = World(spending([limit]), plan)
    world.call(CallPlan(at=0, rings_s=0, lasts_s=900, extension="520"))
    world.call(CallPlan(at=5, rings_s=0, lasts_s=100, extension="512"))
    for at_s, used_vnd in ((200, 0), (350, 750), (500, 1500 + 100 * 15)):
        world.run(until_s=at_s)
        (use,) = (each for each in world.guard.usage(world.now).limits if each.subject == HOTLINE)
        assert use.used_vnd == used_vnd
    plan.close()
