"""The guard against toll fraud: caps over any hour and over a night, alarms, barred numbers dialled."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.dialplan.limits import FraudGuard, Limit, LimitEnd, LimitPeriod, LimitScope, Spending
from edge.spending.actions import CutLeg, SendNotice
from edge.spending.fraud import FraudWatch, Run
from edge.spending.spent import Spent
from tests.edge.spending.plan import FREE, OFF_NET, UNPRICED, Plan
from tests.edge.spending.world import ALARM, HOTLINE, NOON, CallPlan, World

HOURLY = FraudGuard(hourly_vnd=9000, night_vnd=None, refused_tries=None, alarm_mobile=ALARM)
NIGHTLY = FraudGuard(hourly_vnd=None, night_vnd=9000, refused_tries=None, alarm_mobile=ALARM)
EVENING = NOON + 9 * 3600  # 21:00
DEAR = Plan(tables={"+8491": [(None, 900)], "+8490": [(None, 440)]})


def guarded(guard: FraudGuard, *limits: Limit) -> Spending:
    return Spending(limits=limits, fraud_guard=guard)


def dear() -> Plan:
    return replace(DEAR, stored={})


def cuts(world: World) -> list[float]:
    return [when for when, action in world.actions if isinstance(action, CutLeg)]


def test_past_the_hours_cap_every_outgoing_call_is_cut_and_one_alarm_goes_out() -> None:
    world = World(guarded(HOURLY), dear())
    legs = [world.call(CallPlan(at=0, rings_s=0)) for _ in range(4)]  # 60 VND a second together
    customer = world.call(CallPlan(at=0, rings_s=0, extension=None, lasts_s=400))
    world.run()
    assert [world.story(leg).cut_at for leg in legs] == [pytest.approx(150, abs=1)] * 4
    assert world.story(customer).cut_at is None
    assert [(when, called) for when, called, _ in world.sms] == [(pytest.approx(150, abs=1), ALARM)]
    assert world.sms[0][2] == "CẢNH BÁO: gọi ra quá 9.000 đ/giờ. Chặn gọi ra đến 13:02."
    assert len(world.page) == 1


def test_the_alarm_comes_before_the_cuts() -> None:
    world = World(guarded(HOURLY), dear())
    world.call(CallPlan(at=0, rings_s=0))
    world.run()
    kinds = [type(action) for _, action in world.actions]
    assert kinds.index(SendNotice) < kinds.index(CutLeg)


def test_new_calls_are_barred_until_60_minutes_are_over() -> None:
    world = World(guarded(HOURLY), dear())
    world.call(CallPlan(at=0, rings_s=0))  # cut after 600 s
    during = world.call(CallPlan(at=650))
    at_the_end = world.call(CallPlan(at=600 + 3590))
    after = world.call(CallPlan(at=600 + 3610, lasts_s=30))
    customer = world.call(CallPlan(at=700, extension=None, lasts_s=30))
    world.run()
    for leg in (during, at_the_end):
        barred = world.story(leg).barred
        assert barred is not None
        assert barred.by is None
    assert world.story(after).billed_s == 30
    assert world.story(customer).billed_s == 30
    assert len(world.sms) == 1  # barred calls are no new alarm


def test_a_telephone_that_rings_when_the_cap_is_passed_is_cut_too() -> None:
    world = World(guarded(HOURLY), dear())
    world.call(CallPlan(at=0, rings_s=0))
    ringing = world.call(CallPlan(at=590, rings_s=40))
    world.run()
    assert world.story(ringing).answered is None
    assert world.story(ringing).cut_at == pytest.approx(600, abs=1)


def test_the_hour_slides() -> None:
    """Three calls of 4 500 VND, 40 minutes apart: never two and a bit within one hour."""
    world = World(guarded(HOURLY), dear())
    for at in (0, 2400, 4800):
        world.call(CallPlan(at=at, rings_s=0, lasts_s=290))
    world.run()
    assert cuts(world) == []


def test_a_long_call_counts_only_what_ran_within_the_hour() -> None:
    guard = replace(HOURLY, hourly_vnd=60_000)
    world = World(guarded(guard), dear())
    leg = world.call(CallPlan(at=0, lasts_s=6 * 3600))  # 54 000 an hour
    world.run()
    assert world.story(leg).cut_at is None


def test_the_night_has_a_cap_of_its_own() -> None:
    world = World(guarded(NIGHTLY), dear(), wall=EVENING)
    by_day = world.call(CallPlan(at=0, rings_s=0, lasts_s=1000))
    across = world.call(CallPlan(at=3500, rings_s=0))  # 100 s of it before 22:00
    late = world.call(CallPlan(at=8 * 3600))  # 05:00
    morning = world.call(CallPlan(at=9 * 3600 + 60, lasts_s=700))  # 06:01
    world.run()
    assert world.story(by_day).cut_at is None
    assert world.story(across).billed_s == pytest.approx(700, abs=2)
    barred = world.story(late).barred
    assert barred is not None
    assert world.story(morning).billed_s == 700
    assert [text for _, _, text in world.sms] == ["CẢNH BÁO: gọi ra ban đêm quá 9.000 đ. Chặn gọi ra đến 06:00."]


def test_every_night_begins_at_nothing() -> None:
    world = World(guarded(NIGHTLY), dear(), wall=EVENING)
    for day in range(3):
        world.call(CallPlan(at=86_400 * day + 7200, rings_s=0, lasts_s=500))
    world.run()
    assert cuts(world) == []


def test_what_is_free_or_has_no_price_does_not_count() -> None:
    world = World(guarded(HOURLY), dear())
    for called in (FREE, UNPRICED):
        world.call(CallPlan(at=0, called=called, lasts_s=3000))
    world.run()
    assert cuts(world) == []


def test_a_raised_cap_lets_people_call_again() -> None:
    world = World(guarded(HOURLY), dear())
    world.call(CallPlan(at=0, rings_s=0))
    world.change(700, guarded(replace(HOURLY, hourly_vnd=50_000)))
    after = world.call(CallPlan(at=710, lasts_s=30))
    world.run()
    assert world.story(after).billed_s == 30


@pytest.mark.parametrize("guard", [HOURLY, NIGHTLY], ids=["hour", "night"])
def test_other_settings_lift_no_bar(guard: FraudGuard) -> None:
    """Calls are cut before a cap is passed, so what is spent alone does not say that it still holds."""
    world = World(guarded(guard), dear(), wall=NOON + 11 * 3600)
    legs = [world.call(CallPlan(at=0, rings_s=0)) for _ in range(4)]
    world.change(700, guarded(replace(guard, refused_tries=3)))
    after = world.call(CallPlan(at=710))
    world.run()
    assert all(world.story(leg).cut_at for leg in legs)
    assert world.story(after).barred is not None
    assert len(world.sms) == 1


def test_a_night_that_is_moved_keeps_its_bar_while_its_cap_is_used_up() -> None:
    world = World(guarded(NIGHTLY), dear(), wall=NOON + 11 * 3600)
    world.call(CallPlan(at=0, rings_s=0))
    world.change(700, guarded(replace(NIGHTLY, night_ends="05:00")))
    barred = world.call(CallPlan(at=710))
    world.change(800, guarded(replace(NIGHTLY, night_vnd=90_000)))
    free = world.call(CallPlan(at=810, lasts_s=30))
    world.run()
    assert world.story(barred).barred is not None
    assert world.story(free).billed_s == 30


def test_a_limit_and_the_cap_do_not_both_cut_a_call() -> None:
    limit = Limit(LimitScope.EXTENSION, LimitPeriod.CALL, "", 10, None, (), LimitEnd.CUT)
    world = World(guarded(HOURLY, limit), dear())
    world.call(CallPlan(at=0, rings_s=0, cut_takes_s=5))
    world.run()
    assert len(cuts(world)) == 1


def test_a_clock_that_is_set_cuts_nothing() -> None:
    world = World(guarded(replace(HOURLY, night_vnd=9000)), dear(), wall=1000.0)
    leg = world.call(CallPlan(at=0, rings_s=0, lasts_s=500))
    world.jump(100, NOON)
    world.run()
    assert world.story(leg).cut_at is None


def test_barred_numbers_are_an_alarm_once_until_it_is_quiet_again() -> None:
    guard = FraudGuard(hourly_vnd=None, night_vnd=None, refused_tries=3, alarm_mobile=ALARM)
    world = World(guarded(guard))
    for at in (0, 10, 20, 30, 40, 3590, 8000, 8010, 8020):
        world.refuse(at)
    world.run()
    assert [when for when, _, _ in world.sms] == [20, 8020]
    assert world.sms[0][2] == "CẢNH BÁO: 3 lần gọi số bị cấm trong 1 giờ (máy 512: 19001234)."


def test_tries_an_hour_apart_are_none() -> None:
    guard = FraudGuard(hourly_vnd=None, night_vnd=None, refused_tries=2, alarm_mobile=ALARM)
    world = World(guarded(guard))
    for at in (0, 3601, 7202):
        world.refuse(at)
    world.run()
    assert world.sms == []


def test_without_an_alarm_mobile_the_page_is_told() -> None:
    world = World(guarded(replace(HOURLY, alarm_mobile=None)), dear())
    world.call(CallPlan(at=0, rings_s=0, called=OFF_NET))
    world.run()
    assert world.sms == []
    assert [told.level.value for _, told in world.page] == ["alarm"]


@given(
    st.lists(st.tuples(st.integers(0, 9000), st.integers(1, 5000), st.integers(0, 100_000)), max_size=12),
    st.integers(0, 15_000),
)
def test_the_window_is_the_sum_of_its_parts(charges: list[tuple[int, int, int]], later: int) -> None:
    """Stored charges, revised on the way, give the same as spreading each over its seconds one by one."""
    watch = FraudWatch(FraudGuard())
    wall = NOON + later
    for number, (start, billed_s, vnd) in enumerate(charges):
        first = Spent(f"c{number}.1", HOTLINE, "512", None, NOON + start, billed_s, 7, outgoing=True)
        watch.put(first, None, wall)
        watch.hour_vnd((), wall)
        watch.put(replace(first, amount_vnd=vnd), first, wall)
    expected = sum(
        Run(NOON + start + billed_s, NOON + start, vnd).within(wall - 3600, wall) for start, billed_s, vnd in charges
    )
    assert watch.hour_vnd((), wall) == expected
    whole = sum(vnd for start, billed_s, vnd in charges if start + billed_s <= later and start > later - 3600)
    assert watch.hour_vnd((), wall) >= whole


@given(st.integers(1, 1_000_000), st.integers(1, 10_000), st.integers(0, 10_000))
def test_a_charge_cut_in_two_loses_nothing(vnd: int, billed_s: int, at: int) -> None:
    run = Run(1000.0 + billed_s, 1000.0, vnd)
    parts = run.within(0, 1000.0 + at) + run.within(1000.0 + at, 1e9)
    assert vnd <= parts <= vnd + 1
