"""The shell of spending control in virtual time: questions in, events out, one timer, faults that stop nobody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from edge.calls import actions as do
from edge.calls import events as ev
from edge.cashier import Cashier
from edge.dialplan.limits import FraudGuard, Limit, LimitEnd, LimitPeriod, LimitScope, Spending
from edge.dialplan.settings import Settings
from edge.spending.fraud import FraudState
from edge.spending.legs import LegInProgress
from edge.spending.spent import Spent, spent_of
from edge.telephony import Cause, CdrLeg, Direction, EndedBy, LegId, LineId, PhoneNumber, Service
from tests.edge.spending.plan import OFF_NET, Plan
from tests.edge.spending.world import ALARM, EXTENSIONS, HOTLINE
from tests.support.virtual_time import WALL_AT_START, LoopClock, run_virtually

LEG, SECOND = LegId("c1.2"), LegId("c2.2")
CALLED = PhoneNumber(OFF_NET)
PER_DAY = Limit(LimitScope.EXTENSION, LimitPeriod.DAY, "", 2, None, (), LimitEnd.CUT)
GUARD = FraudGuard(hourly_vnd=100_000, night_vnd=None, refused_tries=1, alarm_mobile=ALARM)


class Broken(Plan):
    """A rater with a fault."""

    def __call__(self, legs: Sequence[LegInProgress]) -> list[int | None]:
        raise ZeroDivisionError("a fault of ours")


class Counter:
    """A cashier, and the switchboard that asks it."""

    def __init__(
        self, *limits: Limit, price: Plan | None = None, keep: Callable[[FraudState], object] | None = None
    ) -> None:
        loop = asyncio.get_running_loop()
        self.clock = LoopClock(loop)
        self.began = loop.time()
        self.posted: list[tuple[float, ev.Event]] = []
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.kept: list[FraudState] = []
        self.settings = Settings(spending=Spending(limits=limits, fraud_guard=GUARD), extensions=EXTENSIONS)
        self.cashier = Cashier(
            loop,
            self.clock,
            price or Plan(),
            self.settings,
            self._post,
            lambda kind, what: self.told.append((kind, what)),
            keep or self.kept.append,
        )
        self.cashier.load([])

    def ask(self, action: do.SpendingAction) -> list[ev.Event]:
        """What was posted at once."""
        before = len(self.posted)
        self.cashier.perform(action, self.clock.now())
        return [event for _, event in self.posted[before:]]

    def authorise(self, leg: LegId, extension: str | None = "512") -> list[ev.Event]:
        return self.ask(do.AuthoriseLeg(leg, HOTLINE, CALLED, Service.OUTBOUND, extension))

    def _tell(self, kind: str, detail: dict[str, Any]) -> None:
        self.told.append((kind, detail))

    def _post(self, event: ev.Event) -> None:
        self.posted.append((round(self.clock.now().mono - self.began, 3), event))


def test_a_leg_is_authorised_warned_and_cut_by_the_timer() -> None:
    async def story() -> None:
        counter = Counter(PER_DAY)
        assert counter.authorise(LEG) == [ev.LegAuthorised(LEG)]
        await asyncio.sleep(10)
        assert counter.ask(do.MeterLeg(LEG)) == []
        await asyncio.sleep(300)
        assert counter.posted[1:3] == [(99.0, ev.BudgetRunningOut(LEG, 30)), (129.0, ev.BudgetSpent(LEG))]
        assert counter.ask(do.ReleaseLeg(LEG)) == []
        assert counter.authorise(SECOND) == [ev.LegBarred(SECOND, ev.BarReason.EXTENSION_LIMIT)]
        counter.cashier.close()

    run_virtually(story())


@pytest.mark.parametrize(
    ("scope", "reason"),
    [
        (LimitScope.EXTENSION, ev.BarReason.EXTENSION_LIMIT),
        (LimitScope.DEPARTMENT, ev.BarReason.DEPARTMENT_LIMIT),
        (LimitScope.HOTLINE, ev.BarReason.HOTLINE_LIMIT),
        (LimitScope.COMPANY, ev.BarReason.COMPANY_LIMIT),
    ],
)
def test_the_switchboard_hears_whose_limit_it_is(scope: LimitScope, reason: ev.BarReason) -> None:
    async def story() -> None:
        counter = Counter(Limit(scope, LimitPeriod.MONTH, "", None, 80))
        assert counter.authorise(LEG) == [ev.LegBarred(LEG, reason), *_notices(counter)]
        assert counter.authorise(SECOND, extension=None) == [ev.LegAuthorised(SECOND)]
        counter.cashier.close()

    run_virtually(story())


def _notices(counter: Counter) -> list[ev.Event]:
    return [event for _, event in counter.posted if isinstance(event, ev.SpendingNoticed)]


def test_charges_and_settings_reach_the_guard() -> None:
    async def story() -> None:
        counter = Counter(PER_DAY)
        spent = Spent("c9.1", HOTLINE, "512", None, counter.clock.now().wall, 115, 1500, outgoing=True)
        counter.cashier.charges_stored([spent])
        assert counter.authorise(LEG)[0] == ev.LegBarred(LEG, ev.BarReason.EXTENSION_LIMIT)
        counter.cashier.settings_changed(Settings())
        assert counter.authorise(LEG) == [ev.LegAuthorised(LEG)]
        counter.cashier.close()

    run_virtually(story())


def test_levels_and_alarms_go_to_sms_and_page() -> None:
    async def story() -> None:
        counter = Counter()
        (noticed,) = counter.ask(do.NoteRefusedNumber("512", PhoneNumber("19001234")))
        assert isinstance(noticed, ev.SpendingNoticed)
        assert noticed.called == ALARM
        ((kind, detail),) = counter.told
        assert (kind, sorted(detail), detail["level"]) == ("spending", ["en", "level", "vi"], "alarm")
        assert detail["vi"] == noticed.text

    run_virtually(story())


def test_a_fault_of_ours_stops_nobody_and_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        counter = Counter(PER_DAY, price=Broken())
        with caplog.at_level(logging.ERROR, "tongdai.spending"):
            for leg in (LEG, SECOND):
                assert counter.authorise(leg) == [ev.LegAuthorised(leg)]
                counter.ask(do.MeterLeg(leg))
            await asyncio.sleep(100)
            counter.ask(do.ReleaseLeg(LEG))
        assert len(caplog.records) == 1
        assert [kind for kind, _ in counter.told] == ["alarm"]
        assert not any(isinstance(event, ev.BudgetSpent) for _, event in counter.posted)
        counter.cashier.close()

    run_virtually(story())


def test_a_fault_in_the_middle_of_a_call_passes() -> None:
    async def story() -> None:
        plan = Plan()
        good = plan.tables
        counter = Counter(Limit(LimitScope.EXTENSION, LimitPeriod.DAY, "", None, 1800, (), LimitEnd.CUT), price=plan)
        counter.authorise(LEG)
        counter.ask(do.MeterLeg(LEG))
        plan.tables = {"+8491": []}  # its bands are gone: the rater raises
        await asyncio.sleep(30)
        assert counter.told
        assert counter.told[0][0] == "alarm"
        plan.tables = good
        await asyncio.sleep(200)
        cuts = [when for when, event in counter.posted if event == ev.BudgetSpent(LEG)]
        assert cuts == [119.0]
        counter.cashier.close()

    run_virtually(story())


def test_the_answer_to_get_spending_is_plain_json() -> None:
    async def story() -> None:
        counter = Counter(PER_DAY, Limit(LimitScope.COMPANY, LimitPeriod.MONTH, "", None, 5000, (80,)))
        counter.authorise(LEG)
        counter.ask(do.MeterLeg(LEG))
        await asyncio.sleep(59.5)
        answer = counter.cashier.spending()
        assert answer["limits"][0] == {
            "scope": "extension",
            "subject": "512",
            "period": "day",
            "at_end": "cut",
            "vnd": None,
            "minutes": 2,
            "used_vnd": 900,
            "used_s": 60,
            "percent": 50,
            "state": "ok",
        }
        assert answer["limits"][-1]["scope"] == "company"
        assert answer["fraud"] == {
            "hour_vnd": 900,
            "hourly_vnd": 100_000,
            "night_vnd": 0,
            "nightly_vnd": None,
            "refused": 0,
            "barred_until": None,
        }
        assert counter.cashier.costs() == {LEG: 900}
        counter.cashier.close()

    run_virtually(story())


def test_a_bar_is_kept_and_comes_back_with_the_month() -> None:
    async def story() -> None:
        counter = Counter()
        spent = Spent("c9.1", HOTLINE, "512", None, WALL_AT_START - 60, 60, 100_000, outgoing=True)
        counter.cashier.load([spent])
        assert counter.authorise(LEG)[0] == ev.LegBarred(LEG, ev.BarReason.FRAUD)
        (kept,) = counter.kept
        await asyncio.sleep(100)
        restarted = Counter()
        restarted.cashier.load([spent], kept)
        assert restarted.authorise(SECOND) == [ev.LegBarred(SECOND, ev.BarReason.FRAUD)]
        assert restarted.kept == restarted.told == [], "nothing is new"
        until = restarted.cashier.spending()["fraud"]["barred_until"]
        assert until == counter.cashier.spending()["fraud"]["barred_until"]
        assert until.endswith("+07:00")

    run_virtually(story())


def test_a_fault_in_keeping_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: FraudState) -> None:
        raise RuntimeError("the store is closing")

    async def story() -> None:
        counter = Counter(keep=fail)
        with caplog.at_level(logging.ERROR, "tongdai.spending"):
            assert counter.ask(do.NoteRefusedNumber("512", PhoneNumber("19001234"))) == _notices(counter)
        assert len(caplog.records) == 1
        assert counter.authorise(LEG) == [ev.LegAuthorised(LEG)]
        counter.cashier.close()

    run_virtually(story())


def leg_to(number: str, answered: float | None, direction: Direction = Direction.OUT) -> CdrLeg:
    return CdrLeg(
        LEG,
        LineId("gsm-1"),
        HOTLINE,
        direction,
        PhoneNumber(number),
        Service.OUTBOUND,
        WALL_AT_START,
        None,
        answered,
        WALL_AT_START + 10,
        5.2,
        Cause.NORMAL_CLEARING,
        EndedBy.US,
        "512",
        None,
    )


def test_a_stored_leg_becomes_a_charge_as_the_guard_counts_it() -> None:
    made = spent_of(leg_to(OFF_NET, WALL_AT_START), 6, 90)
    assert made == Spent(LEG, HOTLINE, "512", None, WALL_AT_START, 6, 90, outgoing=True)
    emergency = spent_of(leg_to("113", WALL_AT_START), 6, 0)
    assert emergency is not None
    assert emergency.calling_extension is None
    inbound = spent_of(leg_to(OFF_NET, WALL_AT_START, Direction.IN), 6, 0)
    assert inbound is not None
    assert not inbound.outgoing
    assert spent_of(leg_to(OFF_NET, None), 0, 0) is None
