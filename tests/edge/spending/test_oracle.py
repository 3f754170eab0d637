"""The box's rater behind the guard's seam."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from edge.billing import Biller
from edge.spending.legs import LegInProgress
from edge.spending.oracle import PreviewOracle, Priced, Pricer
from edge.telephony import CdrLeg, Direction, LegId, PhoneNumber, Service
from tests.edge.spending.world import HOTLINE, NOON, SALES

LEG = LegInProgress(
    LegId("c1.2"), HOTLINE, PhoneNumber("+84912000222"), Service.OUTBOUND, "512", None, NOON, billed_s=60
)


@dataclass
class Asked:
    """A biller that only listens."""

    legs: list[CdrLeg] = field(default_factory=list)

    def preview(self, legs: Sequence[CdrLeg]) -> list[Priced | None]:
        self.legs.extend(legs)
        return [None] * len(legs)

    def dearest(self, legs: Sequence[CdrLeg]) -> list[int | None]:
        self.legs.extend(legs)
        return [7] * len(legs)


def oracle(pricer: Pricer) -> PreviewOracle:
    return PreviewOracle(pricer, lambda: {SALES.number: SALES.mobile})


def test_the_plan_prices_legs_together() -> None:
    price = oracle(Biller())
    on_net = replace(LEG, leg=LegId("c2.2"), called=PhoneNumber("+84903000222"), billed_s=59)
    ringing = replace(LEG, leg=LegId("c3.2"), billed_s=0)
    abroad = replace(LEG, leg=LegId("c4.2"), called=PhoneNumber("+2348012345678"))
    assert price([LEG, on_net, ringing, abroad]) == [900, 433, 0, None]


def test_without_a_hotline_there_is_no_price() -> None:
    assert oracle(Biller())([replace(LEG, hotline=None)]) == [None]
    assert oracle(Biller())([]) == []


def test_a_stored_leg_is_asked_about_like_all_others() -> None:
    """In a book that does not hold it, it is priced as if it ended now: so the biller was asked."""
    assert oracle(Biller())([replace(LEG, is_stored=True), replace(LEG, leg=LegId("c9.1"))]) == [900, 900]


def test_the_dearest_price_knows_no_band_and_no_cheap_call_abroad() -> None:
    on_net = replace(LEG, leg=LegId("c2.2"), called=PhoneNumber("+84903000222"))
    abroad = replace(LEG, leg=LegId("c3.2"), called=PhoneNumber("+442071234567"))
    price = oracle(Biller())
    (cheap,), (dear,) = price([abroad]), price.dearest([abroad])
    assert cheap == 900
    assert dear is not None
    assert dear >= cheap
    assert price.dearest([LEG, on_net, replace(LEG, hotline=None)]) == [900, 440, None]
    assert price.dearest([]) == []


@pytest.mark.parametrize("question", [PreviewOracle.__call__, PreviewOracle.dearest], ids=["price", "dearest"])
def test_an_internal_leg_is_priced_by_who_calls(question: Callable[..., list[int | None]]) -> None:
    biller = Asked()
    answer = question(oracle(biller), [replace(LEG, service=Service.INTERNAL, called_extension="513")])
    assert len(answer) == 1
    dialled, caller = biller.legs
    assert (dialled.direction, dialled.duration_s, dialled.answered) == (Direction.OUT, 60.0, NOON)
    assert (caller.direction, caller.number, caller.answered) == (Direction.IN, SALES.mobile, None)
    assert caller.leg.partition(".")[0] == dialled.leg.partition(".")[0]
