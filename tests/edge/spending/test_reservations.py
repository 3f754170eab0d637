"""One budget, told exactly: when a call is warned, when it is cut, what parallel calls share."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.dialplan.limits import FraudGuard, Limit, LimitEnd, LimitPeriod, LimitScope, Spending
from tests.edge.spending.plan import FREE, ON_NET, UNPRICED, Plan, spent
from tests.edge.spending.world import HOTLINE, OTHER_HOTLINE, CallPlan, World

NO_GUARD = FraudGuard(hourly_vnd=None, night_vnd=None, refused_tries=None)
CUT, BLOCK, WARN = LimitEnd.CUT, LimitEnd.BLOCK, LimitEnd.WARN


def limited(*limits: Limit) -> Spending:
    return Spending(limits=limits, fraud_guard=NO_GUARD)


def of_extension(period: LimitPeriod = LimitPeriod.DAY, end: LimitEnd = CUT, **most: int) -> Limit:
    return Limit(LimitScope.EXTENSION, period, "", most.get("minutes"), most.get("vnd"), (80, 90), end)


def test_a_call_is_warned_30_s_before_it_is_cut() -> None:
    world = World(limited(of_extension(LimitPeriod.CALL, minutes=3)))
    leg = world.call(CallPlan(at=0, rings_s=4))
    world.run()
    story = world.story(leg)
    assert story.warnings == [(pytest.approx(4 + 179 - 30), 30)]
    assert story.cut_at == pytest.approx(4 + 179)  # a second for hanging up
    assert story.billed_s == 180


def test_a_limit_in_money_ends_at_the_second_that_does_not_fit() -> None:
    world = World(limited(of_extension(vnd=1000)))  # 900 VND/min: 66 s cost 990, 67 s 1005
    leg = world.call(CallPlan(at=0))
    world.run()
    assert world.story(leg).billed_s == 66


def test_with_less_than_30_s_left_the_warning_comes_at_once() -> None:
    world = World(limited(of_extension(LimitPeriod.CALL, vnd=300)))  # 20 s
    leg = world.call(CallPlan(at=0, rings_s=4))
    world.run()
    assert world.story(leg).warnings == [(4, 19)]
    assert world.story(leg).billed_s == 20


def test_a_long_call_within_its_limit_is_never_warned() -> None:
    world = World(limited(of_extension(minutes=100)))
    leg = world.call(CallPlan(at=0, lasts_s=5900))
    world.run()
    story = world.story(leg)
    assert (story.warnings, story.cut_at, story.billed_s) == ([], None, 5900)


def test_parallel_calls_share_what_is_left_evenly() -> None:
    world = World(limited(of_extension(minutes=4)))
    legs = [world.call(CallPlan(at=at, rings_s=1)) for at in (0, 1)]
    world.run()
    assert sum(world.story(leg).billed_s for leg in legs) == 240
    assert abs(world.story(legs[0]).billed_s - world.story(legs[1]).billed_s) <= 3


@pytest.mark.parametrize("later", [0, 1, 20, 35])
def test_a_small_budget_is_shared_evenly_too_whoever_began_first(later: int) -> None:
    world = World(limited(of_extension(vnd=1500)))  # 100 s of two calls together: less than is reserved for one
    first, second = (world.call(CallPlan(at=at, rings_s=1)) for at in (0, later))
    world.run()
    ends = [world.story(leg).cut_at for leg in (first, second)]
    assert world.story(first).billed_s + world.story(second).billed_s == 100
    assert ends[0] is not None
    assert ends[0] == pytest.approx(ends[1], abs=1), "one has no less left than the other"
    for leg in (first, second):
        assert world.story(leg).warnings[0][1] >= 29, "each is warned in time"


def test_a_small_budget_lets_three_talk() -> None:
    world = World(limited(of_extension(minutes=2)))
    legs = [world.call(CallPlan(at=at, rings_s=1)) for at in (0, 2, 4)]
    world.run()
    assert sum(world.story(leg).billed_s for leg in legs) == 120
    assert min(world.story(leg).billed_s for leg in legs) >= 38


def test_a_call_makes_room_for_the_first_block_of_another() -> None:
    world = World(limited(of_extension(minutes=1)))
    first = world.call(CallPlan(at=0, rings_s=1, lasts_s=40))
    second = world.call(CallPlan(at=10, rings_s=1, lasts_s=9))
    world.run()
    assert world.story(second).barred is None
    assert (world.story(first).billed_s, world.story(second).billed_s) == (40, 9)
    assert not any("hết hạn mức" in text for _, _, text in world.sms)


def test_whoever_was_told_his_end_keeps_it() -> None:
    world = World(limited(of_extension(minutes=1)))
    first = world.call(CallPlan(at=0, rings_s=0))
    second = world.call(CallPlan(at=33, rings_s=0))
    world.run()
    assert world.story(first).warnings == [(29, 30)]
    assert world.story(first).billed_s == 60
    assert world.story(second).barred is not None


def test_budget_given_back_prolongs_the_other_call() -> None:
    world = World(limited(of_extension(minutes=4)))
    short = world.call(CallPlan(at=0, lasts_s=95))
    long = world.call(CallPlan(at=0))
    world.run()
    assert world.story(short).cut_at is None
    assert world.story(long).billed_s == 240 - 95
    assert world.story(long).warnings[-1][1] == 30
    assert world.story(long).cut_at == pytest.approx(world.story(long).warnings[-1][0] + 30)


def test_a_call_that_cannot_have_its_first_block_is_barred() -> None:
    world = World(limited(of_extension(minutes=2)))
    first = world.call(CallPlan(at=0, lasts_s=115))
    second = world.call(CallPlan(at=200))
    other = world.call(CallPlan(at=200, extension="520"))
    world.run()
    assert world.story(first).cut_at is None
    assert world.story(second).barred is not None
    assert world.story(second).barred.by is LimitScope.EXTENSION
    assert world.story(other).barred is None


def test_nobody_answering_gives_everything_back() -> None:
    world = World(limited(of_extension(minutes=1)))
    for at in range(0, 200, 10):
        world.call(CallPlan(at=at, lasts_s=None, rings_s=8))
    last = world.call(CallPlan(at=300))
    world.run()
    assert not any(story.barred for story in world.stories.values())
    assert world.story(last).billed_s == 60


def test_block_lets_calls_in_progress_go_on() -> None:
    world = World(limited(of_extension(end=BLOCK, minutes=2)))
    first = world.call(CallPlan(at=0, lasts_s=400))
    second = world.call(CallPlan(at=200))
    world.run()
    assert (world.story(first).billed_s, world.story(first).warnings) == (400, [])
    assert world.story(second).barred is not None


def test_warn_only_tells() -> None:
    world = World(limited(of_extension(end=WARN, minutes=2)))
    legs = [world.call(CallPlan(at=at, lasts_s=200)) for at in (0, 300)]
    world.run()
    assert [world.story(leg).billed_s for leg in legs] == [200, 200]
    assert [told.level.value for _, told in world.page] == ["warning", "warning", "reached"]


def test_the_first_limit_to_be_reached_counts() -> None:
    by_extension = of_extension(minutes=10)
    by_company = Limit(LimitScope.COMPANY, LimitPeriod.DAY, "", 5, None, (), CUT)
    world = World(limited(by_extension, by_company))
    leg = world.call(CallPlan(at=0))
    world.run()
    assert world.story(leg).billed_s == 300


def test_a_department_shares_one_budget_and_others_do_not() -> None:
    limit = Limit(LimitScope.DEPARTMENT, LimitPeriod.DAY, "Kinh doanh", 5, None, (), CUT)
    world = World(limited(limit))
    sales = world.call(CallPlan(at=0, extension="512"))
    care = world.call(CallPlan(at=0, extension="513"))
    store = world.call(CallPlan(at=0, extension="520", lasts_s=900))
    world.run()
    assert world.story(sales).billed_s + world.story(care).billed_s == 300
    assert world.story(store).billed_s == 900


def test_customers_calls_use_up_a_hotlines_budget_and_are_never_cut() -> None:
    limit = Limit(LimitScope.HOTLINE, LimitPeriod.DAY, "", 10, None, (), CUT)
    world = World(limited(limit))
    customer = world.call(CallPlan(at=0, extension=None, lasts_s=900))
    employee = world.call(CallPlan(at=0, extension="512"))
    late = world.call(CallPlan(at=700, extension="512"))
    later = world.call(CallPlan(at=1000, extension=None, lasts_s=60))
    world.run()
    assert (world.story(customer).billed_s, world.story(customer).warnings) == (900, [])
    assert world.story(employee).cut_at is not None
    assert 300 - 80 <= world.story(employee).billed_s <= 300  # the customer's reservation goes first
    assert world.story(late).barred is not None
    assert world.story(later).billed_s == 60


def test_two_hotlines_are_two_budgets() -> None:
    limit = Limit(LimitScope.HOTLINE, LimitPeriod.DAY, "", 2, None, (), CUT)
    world = World(limited(limit))
    legs = [world.call(CallPlan(at=0, hotline=hotline)) for hotline in (HOTLINE, OTHER_HOTLINE, None)]
    world.run()
    # Whose SIM the third is is not known: no hotline's budget counts it.
    assert [world.story(leg).billed_s for leg in legs] == [120, 120, 3600]


def test_a_limit_lowered_in_the_middle_of_a_call_holds() -> None:
    world = World(limited(of_extension(minutes=60)))
    leg = world.call(CallPlan(at=0, rings_s=0))
    world.change(100, limited(of_extension(minutes=2)))
    world.run()
    assert world.story(leg).warnings == [(100, 19)]
    assert world.story(leg).billed_s == 120


def test_a_limit_lowered_below_what_is_used_cuts_at_once() -> None:
    world = World(limited(of_extension(minutes=60)))
    leg = world.call(CallPlan(at=0, rings_s=0))
    world.change(100, limited(of_extension(minutes=1)))
    world.run()
    assert world.story(leg).cut_at == pytest.approx(100, abs=1)


def test_a_limit_raised_in_time_takes_the_cut_away() -> None:
    world = World(limited(of_extension(minutes=2)))
    leg = world.call(CallPlan(at=0, rings_s=0, lasts_s=500))
    world.change(110, limited(of_extension(minutes=60)))
    world.run()
    assert world.story(leg).warnings == [(89, 30)]
    assert world.story(leg).cut_at is None


def test_midnight_begins_a_new_day_for_new_calls() -> None:
    world = World(limited(of_extension(minutes=2)), wall=1_795_366_800.0 - 60)  # 2026-11-22 23:59
    old = world.call(CallPlan(at=0, rings_s=0))
    new = world.call(CallPlan(at=70, rings_s=0, lasts_s=100))
    world.run()
    assert world.story(old).billed_s == 120  # answered yesterday: counts yesterday to its end
    assert world.story(new).billed_s == 100


def test_a_clock_that_is_set_cuts_nothing() -> None:
    world = World(limited(of_extension(minutes=5)), wall=1000.0)
    leg = world.call(CallPlan(at=0, rings_s=0, lasts_s=240))
    world.jump(100, 1_795_323_600.0)
    world.jump(150, -7200)
    world.run()
    assert (world.story(leg).cut_at, world.story(leg).billed_s) == (None, 240)


def test_a_number_without_a_price_is_barred_where_money_is_limited() -> None:
    world = World(limited(of_extension(vnd=100_000)))
    first, second = (world.call(CallPlan(at=at, called=UNPRICED, lasts_s=60)) for at in (0, 10))
    world.run()
    assert world.story(first).barred is not None
    assert world.story(second).barred is not None
    assert [told.vi for _, told in world.page] == [
        "Máy lẻ 512: không gọi được +442012345678 vì số này chưa có giá cước mà đang có hạn mức tiền."
    ]


@pytest.mark.parametrize("limit", [of_extension(end=WARN, vnd=1000), of_extension(minutes=10)])
def test_a_number_without_a_price_passes_where_it_can_be_kept(limit: Limit) -> None:
    world = World(limited(limit))
    leg = world.call(CallPlan(at=0, called=UNPRICED))
    world.run(until_s=5000)
    assert world.story(leg).barred is None


def test_without_a_date_nothing_has_a_price_and_nothing_is_barred_for_it() -> None:
    world = World(limited(of_extension(vnd=100_000)), wall=1000.0)
    leg = world.call(CallPlan(at=0, called=UNPRICED, lasts_s=60))
    world.run()
    assert world.story(leg).billed_s == 60


def test_money_does_not_bar_what_is_free() -> None:
    world = World(limited(of_extension(vnd=1000)))
    world.call(CallPlan(at=0, lasts_s=3000))
    free = world.call(CallPlan(at=100, called=FREE, lasts_s=60))
    paid = world.call(CallPlan(at=100, called=ON_NET, lasts_s=60))
    world.run()
    assert world.story(free).billed_s == 60
    assert world.story(paid).barred is not None


def test_spending_stays_in_sight_until_its_charge_is_stored() -> None:
    world = World(limited(of_extension(minutes=2)))
    world.call(CallPlan(at=0, lasts_s=110, stored_after_s=500))
    second = world.call(CallPlan(at=150))
    third = world.call(CallPlan(at=700))
    world.run()
    assert world.story(second).billed_s == 10
    assert world.story(third).barred is not None


def test_spending_that_is_counted_anew_is_not_counted_twice() -> None:
    """The store tells the whole month again while a stored call waits for an earlier one of its hotline."""
    world = World(limited(of_extension(minutes=3)))
    world.call(CallPlan(at=0, rings_s=0, lasts_s=500, extension="520", called=ON_NET))
    world.call(CallPlan(at=5, rings_s=0, lasts_s=60))
    world.run(until_s=100)
    (leg,) = world.plan.stored.values()
    world.guard.load([spent(leg, 900)], world.now)
    second = world.call(CallPlan(at=110))
    world.run()
    assert world.story(second).billed_s == 120


def test_a_bundle_that_runs_out_is_seen_coming() -> None:
    plan = Plan(bundle_s=600)
    world = World(limited(of_extension(vnd=900)), plan)
    leg = world.call(CallPlan(at=0))
    world.run()
    assert world.story(leg).billed_s == 660


def test_a_call_that_hangs_on_the_network_is_cut_once() -> None:
    world = World(limited(of_extension(minutes=2)))
    world.call(CallPlan(at=0, cut_takes_s=30))
    world.run()
    cuts = [action for _, action in world.actions if type(action).__name__ == "CutLeg"]
    assert len(cuts) == 1


def test_nothing_in_progress_needs_no_timer() -> None:
    world = World(limited(of_extension(minutes=2)))
    assert world.guard.next_deadline is None
    world.call(replace(CallPlan(at=0), lasts_s=20))
    world.run()
    assert world.guard.next_deadline is None
