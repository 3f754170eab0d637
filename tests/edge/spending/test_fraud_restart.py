"""What the guard against fraud knows outlives the core: bars, tries of barred numbers, and alarms that were sent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.dialplan.limits import FraudGuard, Spending
from edge.spending.fraud import Cap, FraudState, FraudWatch
from edge.spending.spent import Spent
from edge.telephony import LegId, Moment
from tests.edge.spending.plan import Plan
from tests.edge.spending.world import ALARM, HOTLINE, NOON, CallPlan, World

HOURLY = FraudGuard(hourly_vnd=9000, night_vnd=None, refused_tries=None, alarm_mobile=ALARM)
NIGHTLY = FraudGuard(hourly_vnd=None, night_vnd=9000, refused_tries=None, alarm_mobile=ALARM)
TRIES = FraudGuard(hourly_vnd=None, night_vnd=None, refused_tries=3, alarm_mobile=ALARM)
NIGHT = NOON + 11 * 3600
NO_CLOCK = 1000.0
DECEMBER = 1_796_058_000.0  # 2026-12-01 00:00 in Vietnam


def world_of(guard: FraudGuard, wall: float = NOON) -> World:
    return World(Spending(fraud_guard=guard), Plan(tables={"+8491": [(None, 900)]}), wall)


def is_barred(world: World, leg: LegId) -> bool:
    return world.story(leg).barred is not None


@pytest.mark.parametrize("vnd", [1, 90, 9000])
@pytest.mark.parametrize("killed_at_s", [605, 1000, 3500])
def test_the_bar_of_the_hour_holds_to_its_end(vnd: int, killed_at_s: int) -> None:
    """However small the cap is, and though the calls that led to it were cut before it was passed."""
    world = world_of(replace(HOURLY, hourly_vnd=vnd))
    world.call(CallPlan(at=0, rings_s=0))
    world.restart(killed_at_s)
    world.run(until_s=604)
    until = world.guard.usage(world.now).fraud.barred_until
    assert until is not None
    ends_s = until - NOON
    assert 3600 <= ends_s <= 4200
    during = world.call(CallPlan(at=ends_s - 1, lasts_s=6))
    after = world.call(CallPlan(at=ends_s + 1, lasts_s=6, rings_s=0))
    world.run(until_s=ends_s)
    assert is_barred(world, during)
    assert len(world.sms) == 1, "barred calls are no new alarm"
    world.run()
    assert is_barred(world, after) == (vnd < 90), "a first block is 90 VND"


def test_the_bar_of_the_night_holds_till_the_morning() -> None:
    world = world_of(NIGHTLY, NIGHT)
    world.call(CallPlan(at=0, rings_s=0))
    world.restart(700)
    late = world.call(CallPlan(at=6 * 3600))
    morning = world.call(CallPlan(at=7 * 3600 + 1, lasts_s=60))
    world.run()
    assert (is_barred(world, late), is_barred(world, morning)) == (True, False)
    assert len(world.sms) == 1


def test_a_bar_that_was_lifted_does_not_come_back() -> None:
    world = world_of(HOURLY)
    world.call(CallPlan(at=0, rings_s=0))
    world.change(700, Spending(fraud_guard=replace(HOURLY, hourly_vnd=90_000)))
    world.restart(710)
    world.change(710, Spending(fraud_guard=replace(HOURLY, hourly_vnd=90_000)))
    after = world.call(CallPlan(at=720, lasts_s=60))
    world.run()
    assert not is_barred(world, after)


def test_tries_before_and_after_a_restart_are_one_alarm() -> None:
    world = world_of(TRIES)
    for at in (0, 10, 30, 40, 50):
        world.refuse(at)
    for at in (20, 35):
        world.restart(at)
    world.run()
    assert [when for when, _, _ in world.sms] == [30]
    assert world.guard.usage(world.now).fraud.refused == 5


def test_tries_of_more_than_an_hour_ago_are_forgotten() -> None:
    world = world_of(TRIES)
    for at in (0, 10, 3650):
        world.refuse(at)
    world.restart(3605)
    world.run(until_s=3605)
    assert world.guard.usage(world.now).fraud.refused == 1
    world.run()
    assert world.sms == []


def test_what_the_killed_calls_cost_counts_and_the_next_call_is_barred() -> None:
    """A power cut comes before the cap has stopped anybody; the store bills the calls up to it."""
    world = world_of(HOURLY)
    for _ in range(3):
        world.call(CallPlan(at=0, rings_s=0))
    world.restart(199)
    after = world.call(CallPlan(at=230, rings_s=0))
    world.run()
    assert is_barred(world, after)
    assert len(world.sms) == 1


@given(
    st.integers(0, 4000),
    st.integers(0, 4000),
    st.lists(st.integers(0, 4000), max_size=5),
    st.integers(0, 10**6).map(float),
    st.sampled_from(Cap),
)
def test_another_monotonic_clock_changes_nothing(
    bars_at: int, restarts_at: int, tries: list[int], mono: float, cap: Cap
) -> None:
    """A power cut sets it to 0; the wall clock of a box with a clock chip goes on."""
    before, after = FraudWatch(TRIES), FraudWatch(TRIES)
    for at in sorted(tries):
        if at <= restarts_at:
            before.refused(Moment(50.0 + at, NIGHT + at))
    if bars_at <= restarts_at:
        before.bar(cap, Moment(50.0 + bars_at, NIGHT + bars_at))
    state = before.to_keep(Moment(50.0 + restarts_at, NIGHT + restarts_at))
    after.restore(state or FraudState(), Moment(mono, NIGHT + restarts_at))
    for later in (0, 1, 1000, 3599, 3600, 3601, 7 * 3600):
        wall = NIGHT + restarts_at + later
        old, new = Moment(50.0 + restarts_at + later, wall), Moment(mono + later, wall)
        was, is_now = before.barred_until(old), after.barred_until(new)
        assert (was is None) == (is_now is None)
        assert was is None or is_now is None or abs(was - is_now) < 1e-3
        assert after.refused(new) == before.refused(old)
        assert after.refused_count(new) == before.refused_count(old)


def test_without_a_clock_what_was_kept_counts_as_if_it_had_just_happened() -> None:
    watch = FraudWatch(TRIES)
    started = Moment(5.0, NO_CLOCK)
    watch.restore(FraudState(NOON + 60, None, (NOON - 3000, NOON - 10), refused_told=False), started)
    assert watch.barred_until(started) == NO_CLOCK + 3600
    assert watch.refused_count(started) == 2
    later = Moment(5.0 + 3600, NO_CLOCK + 3600)
    assert (watch.barred_until(later), watch.refused_count(later)) == (None, 0)


def test_a_night_waits_for_the_clock() -> None:
    watch = FraudWatch(NIGHTLY)
    watch.bar(Cap.NIGHT, Moment(5.0, NIGHT))
    state = watch.to_keep(Moment(5.0, NIGHT))
    assert state is not None
    restarted = FraudWatch(NIGHTLY)
    restarted.restore(state, Moment(5.0, NO_CLOCK))
    assert not restarted.bars(Moment(6.0, NO_CLOCK + 1))
    assert restarted.bars(Moment(7.0, NIGHT + 3600))
    assert not restarted.bars(Moment(8.0, NIGHT + 8 * 3600))
    assert not restarted.bars(Moment(9.0, NIGHT + 3600)), "it was over"


def test_a_clock_that_is_set_sets_the_stamps_that_are_kept() -> None:
    world = world_of(TRIES, NO_CLOCK)
    world.refuse(0)
    world.jump(10, NOON)
    world.run()
    assert world.kept.refused == (pytest.approx(NOON + NO_CLOCK),)


@pytest.mark.parametrize(("guard", "bars"), [(HOURLY, True), (NIGHTLY, True), (TRIES, False)])
def test_the_first_of_a_month_knows_the_evening_before(guard: FraudGuard, bars: bool) -> None:
    world = world_of(guard, DECEMBER + 600)
    before = Spent("c1.1", HOTLINE, "512", None, DECEMBER - 700, 600, 9000, outgoing=True)
    world.guard.load([before], world.now)
    leg = world.call(CallPlan(at=0, lasts_s=6))
    world.run()
    assert is_barred(world, leg) is bars
