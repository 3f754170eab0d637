"""May this leg be dialled? Decisions of spending control over a month of stored calls, with eight legs in progress.

The guard with the box's own biller behind it: what a decision takes in the box, apart from the engine's inbox.
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from random import Random
from typing import cast

from edge.billing import Biller
from edge.billing.usage import month_begins, record_of
from edge.dialplan.limits import FraudGuard, Limit, LimitEnd, LimitPeriod, LimitScope, Spending
from edge.dialplan.settings import Extension
from edge.rating.explain import explain
from edge.rating.instant import Month
from edge.spending.actions import Authorise
from edge.spending.events import ChargesStored, LegMetered, LegReleased, LegRequested, TimePassed
from edge.spending.guard import SpendingGuard
from edge.spending.oracle import PreviewOracle
from edge.spending.spent import Spent, spent_of
from edge.store.ledger import Ledger
from edge.store.usage_rows import Used, UsedLeg
from edge.telephony import Cause, CdrLeg, Direction, EndedBy, LegId, LineId, Moment, PhoneNumber, Service
from tests.bench.figures import Report, percentile

DECISIONS_AIM_US = 500.0  # 2 000 a second
DECISION_P99_AIM_MS = 5.0
LEGS = 8
STORED = {"60k": 60_000, "1m": 1_000_000}
NOVEMBER = Month(2026, 11)
NOW = month_begins(NOVEMBER) + 25.5 * 86_400
HOTLINES = tuple(PhoneNumber(f"+8490123456{digit}") for digit in range(LEGS))
CALLED = tuple(PhoneNumber(number) for number in ("+84903000001", "+84912000001", "+84983000001", "+842838221234"))
EXTENSIONS = tuple(
    Extension(f"{500 + at}", f"E{at}", PhoneNumber(f"+849030005{at:02}"), department=f"D{at % 4}") for at in range(40)
)


def measure(small: bool) -> Report:
    report = Report(
        f"`decision`: one LegRequested handled while {LEGS - 1} legs talk on {LEGS} hotlines under 20 limits; `look`: "
        "what wakes the guard every 10 s; `call`: all that one call asks for, from its request to its stored charge"
    )
    for name, stored in STORED.items():
        _measure(report, name, stored // 100 if small else stored, 100 if small else 1_500)
    report.notes = {"legs": LEGS, "limits": len(_limits()), "stored": STORED, "extensions": len(EXTENSIONS)}
    return report


def _measure(report: Report, name: str, stored: int, decisions: int) -> None:
    box = _Box(stored)
    decided, looked, called = box.run(decisions)
    report.add(f"decision_mean_us_{name}", 1e6 * sum(decided) / len(decided), DECISIONS_AIM_US)
    report.add(f"decision_p50_us_{name}", 1e6 * percentile(decided, 50))
    report.add(f"decision_p99_ms_{name}", 1e3 * percentile(decided, 99), DECISION_P99_AIM_MS)
    report.add(f"look_p99_ms_{name}", 1e3 * percentile(looked, 99))
    report.add(f"call_mean_us_{name}", 1e6 * sum(called) / len(called))
    report.add(f"decision_cpu_us_{name}", 1e6 * box.cpu_s / decisions, DECISIONS_AIM_US)
    report.add(f"load_s_{name}", box.load_s)


@dataclass
class _Stored:
    """What the biller asks of a ledger: the usage of a month, with its charges."""

    legs: dict[PhoneNumber, list[CdrLeg]]
    details: dict[str, str]

    def hotlines_since(self, since: float) -> list[PhoneNumber]:
        del since  # all of it is of one month
        return list(self.legs)

    def usage(self, hotline: PhoneNumber, since: float, until: float) -> Iterator[tuple[Used, str]]:
        del since, until
        for leg in self.legs[hotline]:
            yield UsedLeg.of(leg, None), self.details[leg.leg]


class _Box:
    """A guard over a month, with all but one of the legs talking."""

    def __init__(self, stored: int) -> None:
        self._biller = Biller()
        legs = [_leg(Random(number), number, stored) for number in range(stored)]
        spent = self._fill(legs)
        self._guard = SpendingGuard(PreviewOracle(self._biller, dict), _spending(), EXTENSIONS)
        began = time.perf_counter()
        self._guard.load(spent, Moment(0.0, NOW))
        self.load_s = time.perf_counter() - began
        self._now = Moment(1.0, NOW + 1)
        for at in range(LEGS - 1):
            leg = LegId(f"talking{at}.1")
            self._guard.handle(_request(leg, at), self._now)
            self._guard.handle(LegMetered(leg), self._now)

    def _fill(self, legs: Sequence[CdrLeg]) -> list[Spent]:
        """Rates the month and puts it on the biller's shelf; the charges as the guard loads them."""
        by_hotline: dict[PhoneNumber, list[CdrLeg]] = {}
        for leg in legs:
            assert leg.hotline is not None
            by_hotline.setdefault(leg.hotline, []).append(leg)
        book = self._biller.contract.book(self._biller.contract.plan_of(NOVEMBER))
        book.load(record_of(UsedLeg.of(leg, None)) for leg in legs)
        charges = book.charges()
        details = {name: json.dumps(charge.to_json(explain(charge, "en"))) for name, charge in charges.items()}
        self._biller.reload(cast("Ledger", _Stored(by_hotline, details)), NOW)
        assert not self._biller.pending
        spent = (spent_of(leg, charges[leg.leg].billed_s, charges[leg.leg].amount_vnd) for leg in legs)
        return [each for each in spent if each is not None]

    def run(self, decisions: int) -> tuple[list[float], list[float], list[float]]:
        """Seconds of each decision, of each look, and of each call as a whole."""
        decided, looked, called = [], [], []
        self.cpu_s = 0.0
        gc.collect()
        gc.freeze()  # what is loaded for the month is no garbage: looking through it would be measured
        for number in range(decisions):
            self._now = Moment(self._now.mono + 0.05, self._now.wall + 0.05)
            leg = LegId(f"n{number}.1")
            request = _request(leg, number)
            began, cpu = time.perf_counter(), time.thread_time()
            (answer,) = self._guard.handle(request, self._now)
            decided.append(time.perf_counter() - began)
            self.cpu_s += time.thread_time() - cpu
            assert answer == Authorise(leg)
            self._guard.handle(LegMetered(leg), self._now)
            self._guard.handle(LegReleased(leg), self._now)
            spent = Spent(leg, request.hotline, request.calling_extension, None, self._now.wall, 6, 44, outgoing=True)
            self._guard.handle(ChargesStored((spent,)), self._now)
            called.append(time.perf_counter() - began)
            if number % 10 == 0:
                began = time.perf_counter()
                self._guard.handle(TimePassed(), self._now)
                looked.append(time.perf_counter() - began)
        return decided, looked, called


def _request(leg: LegId, number: int) -> LegRequested:
    extension = EXTENSIONS[number % len(EXTENSIONS)].number
    # A line carries one call: those in progress have the first seven, new ones come and go on the last.
    hotline = HOTLINES[number if leg.startswith("talking") else -1]
    return LegRequested(leg, hotline, CALLED[number % len(CALLED)], Service.OUTBOUND, extension)


def _leg(rng: Random, number: int, stored: int) -> CdrLeg:
    answered = month_begins(NOVEMBER) + (NOW - month_begins(NOVEMBER) - 600) * number / stored
    duration_s = ceil(1000 * rng.expovariate(1 / 90)) / 1000
    return CdrLeg(
        LegId(f"r{number}.1"),
        LineId("gsm-1"),
        rng.choice(HOTLINES),
        Direction.OUT,
        rng.choice(CALLED),
        Service.OUTBOUND,
        answered,
        None,
        answered,
        answered + duration_s,
        duration_s,
        Cause.NORMAL_CLEARING,
        EndedBy.FAR_END,
        rng.choice(EXTENSIONS).number,
    )


def _limits() -> tuple[Limit, ...]:
    """Twenty that every call counts in, none near its end."""
    most = 10**11
    return tuple(
        Limit(scope, period, "", minutes, most + level, (80, 90), at_end)
        for scope in LimitScope
        for period, minutes, at_end, level in (
            (LimitPeriod.CALL, 600, LimitEnd.CUT, 0),
            (LimitPeriod.DAY, None, LimitEnd.CUT, 1),
            (LimitPeriod.DAY, 10**6, LimitEnd.BLOCK, 2),
            (LimitPeriod.MONTH, None, LimitEnd.CUT, 3),
            (LimitPeriod.MONTH, 10**8, LimitEnd.WARN, 4),
        )
    )


def _spending() -> Spending:
    return Spending(limits=_limits(), fraud_guard=FraudGuard(hourly_vnd=10**10, night_vnd=10**10))
