"""Calls end in another order than they were answered: the stored charges are always those of `tongdai rate`."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from edge.billing import Biller, shipped_tariffs
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
def test_stored_charges_equal_the_command_at_every_moment(drawn: list[tuple[int, float]]) -> None:
    cdrs = [_outside_call(number, T0 + at, seconds) for number, (at, seconds) in enumerate(drawn, 1)]
    biller = Biller(shipped_tariffs())
    with Ledger(Path(":memory:"), "box", "boot") as ledger:
        for count, cdr in enumerate(cdrs, 1):
            ledger.close_cdr(cdr, biller.charges_for(cdr, ledger), Moment(0.0, cdr.ended))
            stored = {one.legs[0].leg: ledger.current_charge(one.legs[0].leg) for one in cdrs[:count]}
            assert {leg: charge and charge["amount_vnd"] for leg, charge in stored.items()} == _rated_apart(
                cdrs[:count]
            )


def test_a_call_answered_earlier_but_ended_later_moves_the_price_of_the_other(tmp_path: Path) -> None:
    biller = Biller(shipped_tariffs())
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
        biller = Biller(shipped_tariffs())
        ledger.close_cdr(first, biller.charges_for(first, ledger), Moment(0, first.ended))
        restarted = Biller(shipped_tariffs())
        (charge,) = restarted.charges_for(second, ledger)
    assert charge["amount_vnd"] == 850


def test_a_leg_of_an_unknown_sim_is_unrated_and_not_free() -> None:
    biller = Biller(shipped_tariffs())
    cdr = _outside_call(1, T0, 60)
    leg = cdr.legs[0]
    import dataclasses

    lost = dataclasses.replace(cdr, legs=(dataclasses.replace(leg, hotline=None),))
    with Ledger(Path(":memory:"), "box", "boot") as ledger:
        (charge,) = biller.charges_for(lost, ledger)
    assert charge["status"] == "unrated"
    assert charge["amount_vnd"] is None
    assert "SIM" in charge["why"]
