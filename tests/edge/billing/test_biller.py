"""Calls end in another order than they were answered: the stored charges are always those of `tongdai rate`."""

from __future__ import annotations

import dataclasses
import json
import threading
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.billing import Biller, shipped_tariffs
from edge.billing.usage import stored_usage
from edge.dialplan.billing import Billing, BundlePurchase, PlanChoice
from edge.rating.command import run_rate
from edge.rating.leg import FinishedLeg, usage_from_leg
from edge.store.ledger import Ledger
from edge.telephony import (
    CallId,
    Cause,
    Cdr,
    CdrLeg,
    ClockSource,
    Direction,
    Disposition,
    EndedBy,
    LegId,
    LineId,
    Moment,
    PhoneNumber,
    Service,
)
from tests.edge.billing.paper_calls import ON_NET, at, call, leg

HOTLINE = PhoneNumber("+84901234567")
CUSTOMER = PhoneNumber("+84912000222")
T0 = 1_795_300_000.0
TIER_S = 60_000
"""Seconds of the first band of `onecontact-2019`."""


def _outside_call(number: int, answered: float, seconds: float) -> Cdr:
    call = CallId(f"c{number}")
    leg = CdrLeg(
        leg=LegId(f"{call}.2"),
        line=LineId("gsm-2"),
        hotline=HOTLINE,
        direction=Direction.OUT,
        number=CUSTOMER,
        service=Service.OUTBOUND,
        started=answered - 5,
        alerting=None,
        answered=answered,
        ended=answered + seconds,
        duration_s=seconds,
        cause=Cause.NORMAL_CLEARING,
        ended_by=EndedBy.FAR_END,
        calling_extension="512",
    )
    return Cdr(
        call=call,
        caller=PhoneNumber("+84903000512"),
        hotline=HOTLINE,
        called=CUSTOMER,
        extension="512",
        started=answered - 10,
        hotline_answered=answered - 9,
        answered=answered,
        ended=answered + seconds,
        duration_s=seconds + 10,
        billable_s=seconds,
        disposition=Disposition.ANSWERED,
        cause=Cause.NORMAL_CLEARING,
        legs=(leg,),
        clock=ClockSource.NTP,
    )


def _rated_apart(cdrs: list[Cdr]) -> dict[str, int]:
    """What the command line says of the same legs, read from a usage file."""
    lines = []
    for cdr in cdrs:
        leg = cdr.legs[0]
        usage = usage_from_leg(
            FinishedLeg(leg.leg, HOTLINE, "outbound", leg.answered, leg.duration_s, None, "512", CUSTOMER, None)
        )
        lines.append(json.dumps(usage))
    charges = run_rate("onecontact-2019", "\n".join(lines), "usage", shipped_tariffs())
    return {row["id"]: row["amount_vnd"] for row in map(json.loads, charges)}


calls = st.lists(st.tuples(st.integers(0, 100_000), st.floats(0.5, 40_000, allow_nan=False)), min_size=1, max_size=12)


@given(calls)
@settings(max_examples=20)
def test_stored_charges_equal_the_command_at_every_moment(drawn: list[tuple[int, float]]) -> None:
    cdrs = [_outside_call(number, T0 + at, seconds) for number, (at, seconds) in enumerate(drawn, 1)]
    biller = Biller()
    with Ledger(Path(":memory:"), "box", "boot") as ledger:
        for count, cdr in enumerate(cdrs, 1):
            ledger.close_cdr(cdr, biller.charges_for(cdr, ledger), Moment(0.0, cdr.ended))
            stored = {one.legs[0].leg: ledger.current_charge(one.legs[0].leg) for one in cdrs[:count]}
            assert {leg: charge and charge["amount_vnd"] for leg, charge in stored.items()} == _rated_apart(
                cdrs[:count]
            )


def test_a_call_answered_earlier_but_ended_later_moves_the_price_of_the_other(tmp_path: Path) -> None:
    biller = Biller()
    first = _outside_call(1, T0, TIER_S)
    second = _outside_call(2, T0 + 10, 600)
    with Ledger(tmp_path / "box.db", "box", "boot") as ledger:
        assert ledger.close_cdr(second, biller.charges_for(second, ledger), Moment(0, second.ended)) == ["box:c2:1"]
        before = ledger.current_charge(LegId("c2.2"))
        keys = ledger.close_cdr(first, biller.charges_for(first, ledger), Moment(0, first.ended))
        after = ledger.current_charge(LegId("c2.2"))
    assert before is not None
    assert after is not None
    assert (before["amount_vnd"], after["amount_vnd"]) == (9000, 8500), "600 s at 900, then at 850 VND a minute"
    assert keys == ["box:c1:1", "box:c2:2"], "both are reported again, each under its next revision"


def test_a_restarted_biller_goes_on_where_the_ledger_stands(tmp_path: Path) -> None:
    first, second = _outside_call(1, T0, TIER_S), _outside_call(2, T0 + TIER_S, 60)
    with Ledger(tmp_path / "box.db", "box", "boot") as ledger:
        biller = Biller()
        ledger.close_cdr(first, biller.charges_for(first, ledger), Moment(0, first.ended))
        restarted = Biller()
        (charge,) = restarted.charges_for(second, ledger)
    assert charge["amount_vnd"] == 850


def test_a_leg_of_an_unknown_sim_is_unrated_and_not_free() -> None:
    biller = Biller()
    cdr = _outside_call(1, T0, 60)
    leg = cdr.legs[0]
    lost = dataclasses.replace(cdr, legs=(dataclasses.replace(leg, hotline=None),))
    with Ledger(Path(":memory:"), "box", "boot") as ledger:
        (charge,) = biller.charges_for(lost, ledger)
    assert charge["status"] == "unrated"
    assert charge["amount_vnd"] is None
    assert "SIM" in charge["why"]


def test_a_bundle_that_was_used_last_month_is_known_after_a_restart(tmp_path: Path) -> None:
    """599 990 of its 600 000 seconds were used in October: ten are left, and a call of 70 s pays one minute."""
    bought = BundlePurchase(HOTLINE, 8, "2026-10-20T08:00:00+07:00")
    billing = Billing(plans=(PlanChoice("3c", "0001-01"),), bundles=(bought,))
    first = call(1, leg("c1.1", at("2026-10-21T09:00"), 599_990))
    with Ledger(tmp_path / "box.db", "box", "boot") as ledger:
        biller = Biller(billing=billing)
        ledger.close_cdr(first, biller.charges_for(first, ledger), Moment(0.0, first.ended))
        restarted = Biller()
        restarted.use(ledger, at("2026-11-05T09:00"), billing=billing)
        (charge,) = restarted.preview([leg("c2.1", at("2026-11-05T09:00"), 70)])
    assert charge is not None
    assert charge.amount_vnd == 900
    assert [(part.amount, part.bundle) for part in charge.parts] == [(10, 8), (60, None)]


def test_the_loop_may_ask_while_the_store_puts_in(tmp_path: Path) -> None:
    """Running cost and charges from two threads: nothing is torn, and the charges are those of one thread."""
    cdrs = [call(n, leg(f"c{n}.1", at("2026-11-03T09:00") + 7 * (n * 37 % 61), 2500.5)) for n in range(1, 61)]
    biller, over = Biller(), threading.Event()
    failures: list[Exception] = []

    def ask() -> None:
        legs = [leg(f"x{n}.1", at("2026-11-03T09:00") + 100 * n, 300) for n in range(8)]
        try:
            while not over.wait(0.001):
                assert all(charge is not None for charge in biller.preview(legs))
        except Exception as error:  # noqa: BLE001 - told in the test's own thread
            failures.append(error)

    asking = threading.Thread(target=ask)
    with Ledger(tmp_path / "box.db", "box", "boot") as ledger:
        asking.start()
        try:
            for cdr in cdrs:
                ledger.close_cdr(cdr, biller.charges_for(cdr, ledger), Moment(0.0, cdr.ended))
        finally:
            over.set()
            asking.join()
        stored = {cdr.legs[0].leg: ledger.current_charge(cdr.legs[0].leg) for cdr in cdrs}
    assert failures == []
    rows = map(json.loads, run_rate("onecontact-2019", stored_usage(tmp_path), "usage", shipped_tariffs()))
    assert stored == {row["id"]: row for row in rows}


def test_a_month_keeps_its_plan(tmp_path: Path) -> None:
    billing = Billing(plans=(PlanChoice("onecontact-2019", "0001-01"), PlanChoice("3c", "2026-11")))
    biller = Biller(billing=billing)
    amounts = []
    with Ledger(tmp_path / "box.db", "box", "boot") as ledger:
        for number, day in enumerate(("2026-10-31T23:59:59", "2026-11-01T00:00"), 1):
            cdr = call(number, leg(f"c{number}.1", at(day), 60, number=ON_NET))
            amounts += [charge["amount_vnd"] for charge in biller.charges_for(cdr, ledger)]
    assert amounts == [440, 500]
