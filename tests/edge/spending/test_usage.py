"""What `GetSpending` shows: every limit of every subject, calls in progress included."""

from __future__ import annotations

from edge.dialplan.limits import FraudGuard, Limit, LimitEnd, LimitPeriod, LimitScope, Spending
from edge.spending.usage import LimitUse
from tests.edge.spending.plan import UNPRICED
from tests.edge.spending.world import HOTLINE, CallPlan, World

NO_GUARD = FraudGuard(hourly_vnd=None, night_vnd=None, refused_tries=None)
CUT, BLOCK = LimitEnd.CUT, LimitEnd.BLOCK
DAY, MONTH, CALL = LimitPeriod.DAY, LimitPeriod.MONTH, LimitPeriod.CALL
LIMITS = (
    Limit(LimitScope.EXTENSION, DAY, "", 10, 9000, (50,), BLOCK),
    Limit(LimitScope.DEPARTMENT, MONTH, "Kinh doanh", 100, None, (), CUT),
    Limit(LimitScope.HOTLINE, MONTH, "", None, 1000, (80,), CUT),
    Limit(LimitScope.COMPANY, DAY, "", 1, None, (), BLOCK),
    Limit(LimitScope.EXTENSION, CALL, "", 60, None, (), CUT),
)


def rows(world: World) -> dict[tuple[str, str, str], LimitUse]:
    return {(use.scope, use.period, use.subject): use for use in world.guard.usage(world.now).limits}


def test_nobody_has_called_yet() -> None:
    uses = rows(World(Spending(limits=LIMITS, fraud_guard=NO_GUARD)))
    assert list(uses) == [
        ("extension", "day", "512"),
        ("extension", "day", "513"),
        ("extension", "day", "520"),
        ("department", "month", "Kinh doanh"),
        ("company", "day", ""),
        ("extension", "call", ""),
    ]
    assert {(use.used_vnd, use.used_s, use.percent, use.state) for use in uses.values()} == {(0, 0, 0, "ok")}


def test_a_call_in_progress_counts_up_to_now() -> None:
    world = World(Spending(limits=LIMITS, fraud_guard=NO_GUARD))
    world.call(CallPlan(at=0, rings_s=0, lasts_s=300))
    world.run(until_s=59.5)
    use = rows(world)["extension", "day", "512"]
    assert (use.used_vnd, use.used_s, use.percent, use.state) == (900, 60, 10, "ok")
    assert (rows(world)["hotline", "month", HOTLINE].percent, rows(world)["hotline", "month", HOTLINE].state) == (
        90,
        "warned",
    )
    assert rows(world)["company", "day", ""].percent == 100
    assert rows(world)["extension", "call", "512"].used_s == 60
    world.run()
    assert ("extension", "call", "") in rows(world)
    assert rows(world)["company", "day", ""].state == "reached"
    assert rows(world)["hotline", "month", HOTLINE].state == "reached"  # cut by it, though not quite at 100 %


def test_the_fraud_guard_shows_its_window_and_its_bar() -> None:
    guard = FraudGuard(hourly_vnd=900, night_vnd=5000, refused_tries=9)
    world = World(Spending(fraud_guard=guard))
    world.call(CallPlan(at=0, rings_s=0))
    world.refuse(10)
    world.run()
    fraud = world.guard.usage(world.now).fraud
    assert (fraud.hourly_vnd, fraud.nightly_vnd, fraud.refused) == (900, 5000, 1)
    assert fraud.hour_vnd == 900
    assert fraud.night_vnd == 0
    assert fraud.barred_until is not None


def test_running_costs_are_those_of_answered_legs() -> None:
    world = World(Spending(fraud_guard=NO_GUARD))
    talking = world.call(CallPlan(at=0, rings_s=0, lasts_s=300))
    customer = world.call(CallPlan(at=1, rings_s=0, lasts_s=300, extension=None))
    world.call(CallPlan(at=2, rings_s=100))
    unpriced = world.call(CallPlan(at=3, rings_s=0, lasts_s=100, called=UNPRICED, extension=None))
    world.run(until_s=40)
    costs = world.guard.costs(world.now)
    assert set(costs) == {talking, customer, unpriced}
    assert costs[unpriced] is None
