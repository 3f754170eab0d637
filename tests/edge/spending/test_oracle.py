"""The box's rater behind the guard's seam."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edge.billing import Biller
from edge.spending.legs import LegInProgress
from edge.spending.oracle import PreviewOracle, Priced
from edge.telephony import CdrLeg, Direction, LegId, PhoneNumber, Service
from tests.edge.spending.world import HOTLINE, NOON, SALES

LEG = LegInProgress(
    LegId("c1.2"), HOTLINE, PhoneNumber("+84912000222"), Service.OUTBOUND, "512", None, NOON, billed_s=60
)


def oracle(biller: Biller) -> PreviewOracle:
    return PreviewOracle(biller.preview, lambda: {SALES.number: SALES.mobile})


def test_the_plan_prices_legs_together() -> None:
    price = oracle(Biller())
    on_net = replace(LEG, leg=LegId("c2.2"), called=PhoneNumber("+84903000222"), billed_s=59)
    ringing = replace(LEG, leg=LegId("c3.2"), billed_s=0)
    abroad = replace(LEG, leg=LegId("c4.2"), called=PhoneNumber("+2348012345678"))
    assert price([LEG, on_net, ringing, abroad]) == [900, 433, 0, None]


def test_without_a_hotline_there_is_no_price() -> None:
    assert oracle(Biller())([replace(LEG, hotline=None)]) == [None]
    assert oracle(Biller())([]) == []


def test_a_stored_leg_keeps_its_charge() -> None:
    assert oracle(Biller())([replace(LEG, is_stored=True), replace(LEG, leg=LegId("c9.1"))]) == [None, 900]
    assert oracle(Biller())([replace(LEG, is_stored=True)]) == [None]


def test_an_internal_leg_is_priced_by_who_calls() -> None:
    asked: list[CdrLeg] = []

    def preview(legs: Sequence[CdrLeg]) -> list[Priced | None]:
        asked.extend(legs)
        return [None] * len(legs)

    price = PreviewOracle(preview, lambda: {SALES.number: SALES.mobile})
    price([replace(LEG, service=Service.INTERNAL, called_extension="513")])
    dialled, caller = asked
    assert (dialled.direction, dialled.duration_s, dialled.answered) == (Direction.OUT, 60.0, NOON)
    assert (caller.direction, caller.number, caller.answered) == (Direction.IN, SALES.mobile, None)
    assert caller.leg.partition(".")[0] == dialled.leg.partition(".")[0]
