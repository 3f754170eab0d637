"""Parallel calls never spend more than one block beyond a limit that cuts, whatever the calls, limits and prices.

Random calls in virtual time: they overlap, ring, are given up, hang on for up to a second after the cut, and reach the
store late; tiers that fall and tiers that rise, on-net and off-net time in one counter or in two, bundles that run out,
amounts rounded half-up. A final reckoning by the test's own plan is what counts.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dialplan.limits import FraudGuard, Limit, LimitEnd, LimitPeriod, LimitScope, Spending
from edge.telephony import LegId
from tests.edge.spending.plan import FLAT, FREE, OFF_NET, ON_NET, Bands, Plan
from tests.edge.spending.world import EXTENSIONS, HOTLINE, OTHER_HOTLINE, CallPlan, World

NO_GUARD = FraudGuard(hourly_vnd=None, night_vnd=None, refused_tries=None)
FIRST_BLOCK_S = 6
LASTING = (LimitPeriod.DAY, LimitPeriod.MONTH)

tenths = st.integers(0, 9).map(lambda tenth: tenth / 10)


@st.composite
def bands(draw: st.DrawFn) -> Bands:
    """Two to four bands a few minutes wide, falling or rising. The cheapest costs more than all steps together, as
    in every table of the operator: a second more never makes a whole bill less.
    """
    edges = sorted(draw(st.sets(st.integers(30, 900), min_size=1, max_size=3)))
    prices = sorted(draw(st.lists(st.integers(500, 950), min_size=len(edges) + 1, max_size=len(edges) + 1)))
    if draw(st.booleans()):
        prices.reverse()
    return list(zip([*edges, None], prices, strict=True))


tables = st.fixed_dictionaries({"+8490": bands(), "+8491": bands()})
plans = st.builds(
    Plan,
    tables=tables,
    shared_counter=st.booleans(),
    bundle_s=st.sampled_from([0, 0, 45, 300]),
    used_s=st.integers(0, 300),
)
calls = st.builds(
    CallPlan,
    at=st.integers(0, 400).map(float) | st.just(0.0),
    lasts_s=st.none() | st.integers(1, 500).map(float) | st.just(1000.0),
    extension=st.sampled_from([each.number for each in EXTENSIONS]),
    called=st.sampled_from([ON_NET, OFF_NET, OFF_NET, FLAT, FREE]),
    hotline=st.sampled_from([HOTLINE, HOTLINE, OTHER_HOTLINE]),
    rings_s=st.integers(0, 20).map(float),
    cut_takes_s=tenths,
    stored_after_s=st.sampled_from([0.0, 0.3, 40.0, 600.0]),
)
customers = calls.map(lambda each: replace(each, extension=None))
"""Whom the box connects: no limit cuts them."""


def limits(*scopes: LimitScope, periods: tuple[LimitPeriod, ...] = LASTING) -> st.SearchStrategy[Limit]:
    return st.builds(
        Limit,
        scope=st.sampled_from(scopes),
        period=st.sampled_from(periods),
        subject=st.just(""),
        minutes=st.none() | st.integers(1, 9),
        vnd=st.integers(1, 7000),
        at_end=st.just(LimitEnd.CUT),
    )


def subject_of(world: World, leg: LegId, limit: Limit) -> str | None:
    plan = world.story(leg).plan
    department = next((each.department for each in EXTENSIONS if each.number == plan.extension), None)
    subject = {
        LimitScope.EXTENSION: plan.extension,
        LimitScope.DEPARTMENT: department,
        LimitScope.HOTLINE: plan.hotline,
        LimitScope.COMPANY: "",
    }[limit.scope]
    return f"{subject} {leg}" if subject is not None and limit.period is LimitPeriod.CALL else subject


def bills(world: World, limit: Limit) -> dict[str | None, tuple[int, int]]:
    """(VND, seconds) of every subject of a limit when all is over."""
    answered = [leg for leg, story in world.stories.items() if story.answered is not None]
    amounts = world.plan([world.finished(leg) for leg in answered])
    held: dict[str | None, tuple[int, int]] = {}
    for leg, amount in zip(answered, amounts, strict=True):
        subject = subject_of(world, leg, limit)
        if subject is None:
            continue
        vnd, seconds = held.get(subject, (0, 0))
        held[subject] = vnd + (amount or 0), seconds + world.story(leg).billed_s
    return held


def play(plan: Plan, plans: list[CallPlan], limited: list[Limit]) -> World:
    world = World(Spending(limits=tuple(limited), fraud_guard=NO_GUARD), plan)
    for each in plans:
        world.call(each)
    world.run()
    return world


def assert_kept(world: World, limited: list[Limit]) -> None:
    """The first block at the dearest price may be beyond, and the half dong that rounding adds to each call."""
    block_vnd = -(-FIRST_BLOCK_S * world.plan.highest // 60) + len(world.stories)
    for limit in limited:
        for vnd, seconds in bills(world, limit).values():
            assert limit.vnd is None or vnd <= limit.vnd + block_vnd
            assert limit.minutes is None or seconds <= 60 * limit.minutes + FIRST_BLOCK_S


@given(
    plan=plans,
    plans=st.lists(calls, min_size=1, max_size=9),
    limited=st.lists(limits(LimitScope.HOTLINE, LimitScope.COMPANY), min_size=1, max_size=3),
)
def test_hotlines_and_company(plan: Plan, plans: list[CallPlan], limited: list[Limit]) -> None:
    assert_kept(play(plan, plans, limited), limited)


@given(
    plan=plans,
    plans=st.lists(calls | calls | customers, min_size=1, max_size=9),
    limited=st.lists(limits(LimitScope.EXTENSION, LimitScope.DEPARTMENT), min_size=1, max_size=3),
)
def test_extensions_and_departments_though_others_move_their_tiers_and_bundles(
    plan: Plan, plans: list[CallPlan], limited: list[Limit]
) -> None:
    assert_kept(play(plan, plans, limited), limited)


@given(
    plan=plans,
    plans=st.lists(calls, min_size=1, max_size=9),
    limited=st.lists(limits(*LimitScope, periods=(LimitPeriod.CALL,)), min_size=1, max_size=3),
)
def test_every_single_call(plan: Plan, plans: list[CallPlan], limited: list[Limit]) -> None:
    assert_kept(play(plan, plans, limited), limited)


@given(
    plan=plans,
    plans=st.lists(calls, min_size=1, max_size=9),
    limited=st.lists(limits(*LimitScope, periods=tuple(LimitPeriod)), min_size=1, max_size=4),
)
def test_all_limits_together(plan: Plan, plans: list[CallPlan], limited: list[Limit]) -> None:
    assert_kept(play(plan, plans, limited), limited)


crowds = st.builds(
    CallPlan,
    at=st.integers(0, 20).map(float) | st.integers(0, 100).map(float),
    lasts_s=st.integers(1, 30).map(float) | st.just(300.0),
    extension=st.sampled_from(["512", "512", "513", "520", None]),
    called=st.sampled_from([OFF_NET, OFF_NET, ON_NET, FREE]),
    hotline=st.sampled_from([HOTLINE, HOTLINE, OTHER_HOTLINE]),
    rings_s=st.integers(0, 40).map(float),
    cut_takes_s=tenths,
    stored_after_s=st.sampled_from([0.0, 0.3, 40.0]),
)


@given(
    plan=st.builds(
        Plan, tables=st.fixed_dictionaries({"+8490": bands(), "+8491": bands()}), bundle_s=st.integers(0, 120)
    ),
    plans=st.lists(crowds, min_size=4, max_size=14),
    limit=limits(LimitScope.EXTENSION, LimitScope.DEPARTMENT),
    most_vnd=st.integers(1, 200) | st.integers(1, 1000),
)
def test_many_that_ring_together_while_next_to_nothing_is_left(
    plan: Plan, plans: list[CallPlan], limit: Limit, most_vnd: int
) -> None:
    limited = [replace(limit, vnd=most_vnd, minutes=None)]
    assert_kept(play(plan, plans, limited), limited)


@pytest.mark.parametrize(
    ("scope", "subject", "most_vnd"),
    [
        (LimitScope.EXTENSION, "512", 14_000),
        (LimitScope.DEPARTMENT, "Kinh doanh", 14_000),
        (LimitScope.HOTLINE, HOTLINE, 50_000),
        (LimitScope.COMPANY, "", 50_000),
    ],
)
def test_many_calls_during_one_long_one(scope: LimitScope, subject: str, most_vnd: int) -> None:
    """The long call of somebody else moves all that come after it into the dearer band, long after they were stored."""
    limit = Limit(scope, LimitPeriod.DAY, subject, None, most_vnd, (), LimitEnd.CUT)
    long = CallPlan(at=0, rings_s=0, lasts_s=3400, extension="520")
    short = [CallPlan(at=10 + 65 * number, rings_s=1, lasts_s=30) for number in range(50)]
    world = play(Plan(tables={"+8491": [(600, 500), (None, 950)]}, bundle_s=300), [long, *short], [limit])
    assert sum(story.barred is None for story in world.stories.values()) > 30
    assert most_vnd - 500 < bills(world, limit)[subject][0] <= most_vnd + 95


@given(
    plan=plans,
    plans=st.lists(calls, min_size=1, max_size=9),
    limited=st.lists(limits(*LimitScope, periods=tuple(LimitPeriod)), min_size=1, max_size=4),
)
def test_minutes_hold_whatever_the_prices_do(plan: Plan, plans: list[CallPlan], limited: list[Limit]) -> None:
    in_minutes = [replace(each, minutes=each.minutes or 3, vnd=None) for each in limited]
    assert_kept(play(plan, plans, in_minutes), in_minutes)


@given(plan=plans, called=st.sampled_from([ON_NET, OFF_NET, FLAT]), limit=limits(*LimitScope))
def test_a_lone_call_gets_all_that_there_is(plan: Plan, called: str, limit: Limit) -> None:
    """One second more than it got, and the second that hanging up takes, would have been beyond."""
    world = play(plan, [CallPlan(at=0, called=called, lasts_s=3600.0)], [limit])
    (story,) = world.stories.values()
    if story.cut_at is not None:
        longer = replace(world.finished(LegId("c1.1")), leg=LegId("c9.9"), billed_s=story.billed_s + 1)
        world.plan.stored.clear()
        (amount,) = world.plan([longer])
        assert amount is not None
        out_of_time = limit.minutes is not None and longer.billed_s > 60 * limit.minutes
        assert out_of_time or (limit.vnd is not None and amount > limit.vnd)


@given(plan=plans, plans=st.lists(calls, min_size=1, max_size=6), limit=limits(*LimitScope, periods=tuple(LimitPeriod)))
@settings(max_examples=30)
def test_whoever_is_cut_was_told_and_everything_comes_to_rest(plan: Plan, plans: list[CallPlan], limit: Limit) -> None:
    world = play(plan, plans, [limit])
    assert world.guard.next_deadline is None
    for story in world.stories.values():
        assert story.answered is None or story.barred is None
        if story.cut_at is not None:
            assert story.answered is not None
            talked_s = story.cut_at - (story.answered.mono - 100.0)
            told = [left for _, left in story.warnings]
            assert told or talked_s < FIRST_BLOCK_S
            assert all(1 <= left <= 30 for left in told)
