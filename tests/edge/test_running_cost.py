"""What calls in progress have cost so far: what they would be charged if they ended now."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.billing import Biller
from edge.calls.views import CallView, LegView
from edge.running_cost import RunningCost
from edge.store.ledger import Ledger
from edge.telephony import (
    CallId,
    CallState,
    Direction,
    LegId,
    LineId,
    Moment,
    PhoneNumber,
    Service,
)
from tests.edge.billing.paper_calls import EMPLOYEE, HOTLINE, OFF_NET, ON_NET, at, call, leg

NOW = Moment(5000.0, at("2026-11-20T12:00"))


def ago(seconds: float) -> Moment:
    return Moment(NOW.mono - seconds, NOW.wall - seconds)


def leg_view(name: str, answered: float | None, number: PhoneNumber, service: Service, ended: float | None = None):
    return LegView(
        leg=LegId(name),
        line=LineId("gsm-1"),
        direction=Direction.IN if service is Service.INBOUND else Direction.OUT,
        number=number,
        state=CallState.ACTIVE,
        hotline=HOTLINE,
        service=service,
        answered=None if answered is None else ago(answered),
        ended=None if ended is None else ago(ended),
        calling_extension="512",
        called_extension=None,
    )


def call_view(*legs: LegView) -> CallView:
    return CallView(
        call=CallId(legs[0].leg.partition(".")[0]),
        caller=EMPLOYEE,
        hotline=HOTLINE,
        called=OFF_NET,
        extension="512",
        state="talking",
        started=ago(100),
        answered=None,
        recording=False,
        legs=legs,
    )


def test_a_call_in_progress_costs_what_it_would_if_it_ended_now() -> None:
    view = call_view(leg_view("c1.1", 90, EMPLOYEE, Service.INBOUND), leg_view("c1.2", 59.5, OFF_NET, Service.OUTBOUND))
    cost = RunningCost(Biller(), [view], NOW)
    assert (cost.of_leg(LegId("c1.1")), cost.of_leg(LegId("c1.2")), cost.of_call(view)) == (0, 900, 900)


def test_what_is_not_answered_costs_nothing_and_says_nothing() -> None:
    view = call_view(leg_view("c1.1", 90, EMPLOYEE, Service.INBOUND), leg_view("c1.2", None, OFF_NET, Service.OUTBOUND))
    cost = RunningCost(Biller(), [view], NOW)
    assert (cost.of_leg(LegId("c1.2")), cost.of_call(view)) == (None, 0)


def test_a_leg_that_has_ended_costs_no_more() -> None:
    view = call_view(leg_view("c1.1", 80, OFF_NET, Service.OUTBOUND, ended=20))
    assert RunningCost(Biller(), [view], NOW).of_call(view) == 900


def test_an_unknown_price_is_no_price_and_hides_no_other() -> None:
    japan = call_view(leg_view("c1.1", 60, PhoneNumber("+81312345678"), Service.OUTBOUND))
    nonsense = call_view(leg_view("c2.1", 60, PhoneNumber("abc"), Service.OUTBOUND))
    plain = call_view(leg_view("c3.1", 60, OFF_NET, Service.OUTBOUND))
    cost = RunningCost(Biller(), [japan, nonsense, plain], NOW)
    assert [cost.of_call(view) for view in (japan, nonsense, plain)] == [None, None, 900]


def test_parallel_calls_share_one_tier_after_what_is_stored(tmp_path: Path) -> None:
    """59 940 s are stored: one minute is left at 900 for both calls together."""
    biller = Biller()
    with Ledger(tmp_path / "box.db", "box", "boot") as ledger:
        stored = call(1, leg("c1.1", at("2026-11-02T09:00"), 59_940, number=ON_NET))
        ledger.close_cdr(stored, biller.charges_for(stored, ledger), NOW)
        fresh = Biller()
        fresh.reload(ledger, NOW.wall)
    views = [
        call_view(leg_view(f"c{name}.1", seconds, OFF_NET, Service.OUTBOUND)) for name, seconds in ((2, 60), (3, 60))
    ]
    cost = RunningCost(fresh, views, NOW)
    assert [cost.of_call(view) for view in views] == [900, 850]


@pytest.mark.parametrize("end", [OFF_NET, ON_NET])
def test_the_running_cost_becomes_the_charge(end: PhoneNumber, tmp_path: Path) -> None:
    biller = Biller()
    view = call_view(leg_view("c1.1", 123.456, end, Service.OUTBOUND))
    so_far = RunningCost(biller, [view], NOW).of_call(view)
    with Ledger(tmp_path / "box.db", "box", "boot") as ledger:
        ended = call(1, leg("c1.1", NOW.wall - 123.456, 123.456, number=end))
        ledger.close_cdr(ended, biller.charges_for(ended, ledger), NOW)
        charge = ledger.current_charge(LegId("c1.1"))
    assert charge is not None
    assert charge["amount_vnd"] == so_far
