"""Calls that somebody else on the hotline can make dearer: what is kept in hand for that, and what is not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from edge.dialplan.limits import FraudGuard, Limit, LimitEnd, LimitPeriod, LimitScope, Spending
from edge.spending.legs import LegInProgress
from tests.edge.spending.plan import FREE, OFF_NET, ON_NET, Plan
from tests.edge.spending.world import HOTLINE, OTHER_HOTLINE, CallPlan, World

NO_GUARD = FraudGuard(hourly_vnd=None, night_vnd=None, refused_tries=None)
CUT = LimitEnd.CUT
PER_DAY = Limit(LimitScope.EXTENSION, LimitPeriod.DAY, "512", None, 3000, (), CUT)
PER_CALL = Limit(LimitScope.EXTENSION, LimitPeriod.CALL, "512", None, 3000, (), CUT)
RISING = {"+8490": [(None, 500)], "+8491": [(600, 600), (None, 900)]}
"""200 s for 3 000 VND at the dearest, 300 s at first."""


class Listening(Plan):
    """Counts how often it is asked for the dearest price."""

    asked = 0

    def dearest(self, legs: Sequence[LegInProgress]) -> list[int | None]:
        self.asked += 1
        return super().dearest(legs)


def world_of(*limits: Limit, **plan: int) -> World:
    return World(Spending(limits=limits, fraud_guard=NO_GUARD), Listening(tables=RISING, **plan))


def asked(world: World) -> int:
    assert isinstance(world.plan, Listening)
    return world.plan.asked


@pytest.mark.parametrize("limit", [PER_DAY, PER_CALL], ids=["day", "call"])
@pytest.mark.parametrize("extension", ["520", None], ids=["a colleague", "a customer"])
def test_behind_somebody_else_a_call_counts_at_its_dearest(limit: Limit, extension: str | None) -> None:
    world = world_of(limit)
    world.call(CallPlan(at=0, rings_s=0, lasts_s=900, extension=extension))
    leg = world.call(CallPlan(at=5, rings_s=0))
    world.run()
    assert world.story(leg).billed_s == 200


def test_when_the_other_has_ended_the_rest_is_given_back() -> None:
    world = world_of(PER_DAY)
    world.call(CallPlan(at=0, rings_s=0, lasts_s=100, extension="520", stored_after_s=500))
    leg = world.call(CallPlan(at=5, rings_s=0))
    world.run()
    assert world.story(leg).billed_s == 300


def test_it_counts_so_even_after_it_is_stored_and_until_the_other_has_ended() -> None:
    world = world_of(PER_DAY)
    world.call(CallPlan(at=0, rings_s=0, lasts_s=900, extension="520"))
    world.call(CallPlan(at=5, rings_s=0, lasts_s=150))
    second = world.call(CallPlan(at=300, rings_s=0, hotline=OTHER_HOTLINE))
    world.run()
    assert world.story(second).billed_s == 750 * 60 // 600, "3 000 VND less 150 s at 900"


def test_people_are_told_what_it_costs_and_not_what_it_may() -> None:
    world = world_of(PER_DAY)
    world.call(CallPlan(at=0, rings_s=0, lasts_s=900, extension="520"))
    leg = world.call(CallPlan(at=5, rings_s=0))
    world.run(until_s=104.5)
    assert world.guard.costs(world.now)[leg] == 1000
    (use,) = world.guard.usage(world.now).limits
    assert (use.used_vnd, use.percent) == (1000, 33)


@pytest.mark.parametrize("scope", [LimitScope.HOTLINE, LimitScope.COMPANY])
def test_who_counts_both_keeps_both_in_hand(scope: LimitScope) -> None:
    world = world_of(Limit(scope, LimitPeriod.DAY, "", None, 9000, (), CUT))
    for extension in ("520", "512"):
        world.call(CallPlan(at=0, rings_s=0, extension=extension))
    world.run()
    assert sum(story.billed_s for story in world.stories.values()) == 800, "600 s at 600, the rest at 900"
    assert asked(world) == 0


@pytest.mark.parametrize(
    "other",
    [
        CallPlan(at=0, rings_s=0, extension="520", hotline=OTHER_HOTLINE),
        CallPlan(at=9, rings_s=0, extension="520", hotline=HOTLINE),
    ],
    ids=["on another hotline", "answered later"],
)
def test_who_cannot_be_made_dearer_is_not_asked_about(other: CallPlan) -> None:
    world = world_of(PER_CALL)
    leg = world.call(CallPlan(at=5, rings_s=0))
    world.call(other)
    world.run()
    assert world.story(leg).billed_s == 300
    assert asked(world) == 0


def test_minutes_and_limits_that_only_warn_keep_nothing_in_hand() -> None:
    minutes = Limit(LimitScope.EXTENSION, LimitPeriod.DAY, "512", 5, None, (), CUT)
    warning = Limit(LimitScope.EXTENSION, LimitPeriod.DAY, "512", None, 3000, (), LimitEnd.WARN)
    world = world_of(minutes, warning)
    world.call(CallPlan(at=0, rings_s=0, lasts_s=900, extension="520"))
    leg = world.call(CallPlan(at=5, rings_s=0))
    world.run()
    assert world.story(leg).billed_s == 300
    assert asked(world) == 0


def test_telephones_that_ring_on_a_bundle_are_one_block_beyond_and_not_two() -> None:
    """Each is free as long as nobody is answered before it who draws the bundle empty."""
    limit = Limit(LimitScope.EXTENSION, LimitPeriod.DAY, "512", None, 1, (), CUT)
    world = world_of(limit, bundle_s=12)
    first = world.call(CallPlan(at=0, rings_s=5))
    second = world.call(CallPlan(at=1, rings_s=5))
    world.call(CallPlan(at=2, rings_s=0, lasts_s=900, extension="520"))
    world.run()
    assert (world.story(first).billed_s, world.story(second).barred is None) == (6, False)


@pytest.mark.parametrize(("called", "bars"), [(OFF_NET, True), (ON_NET, False), (FREE, False)])
def test_a_first_block_is_barred_by_what_it_may_come_to_cost(called: str, bars: bool) -> None:
    world = world_of(Limit(LimitScope.EXTENSION, LimitPeriod.DAY, "512", None, 50, (), CUT), bundle_s=60)
    world.call(CallPlan(at=0, rings_s=0, lasts_s=900, extension="520"))
    leg = world.call(CallPlan(at=5, rings_s=0, lasts_s=20, called=called))
    world.run()
    assert (world.story(leg).barred is not None) is bars
