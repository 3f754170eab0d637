"""The box's rater as the price oracle: the biller behind the seam that the guard asks.

A leg that is stored already is asked about like all others: the biller prices it in its place, on top of what was
answered before it and is not stored yet. It has no price to tell where the stored charge was made by older tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from edge.spending.legs import LegInProgress
from edge.telephony import Cause, CdrLeg, Direction, EndedBy, LegId, LineId, PhoneNumber, Service


class Priced(Protocol):
    """What is looked at of a charge."""

    @property
    def amount_vnd(self) -> int | None: ...


class Pricer(Protocol):
    """What is asked of the biller; answers stand in the order of the legs, None: no price."""

    def preview(self, legs: Sequence[CdrLeg]) -> Sequence[Priced | None]:
        """What legs would cost if they ended now, priced together; of one that is stored: what it comes to cost."""
        ...

    def dearest(self, legs: Sequence[CdrLeg]) -> Sequence[int | None]:
        """VND of each leg at the dearest price that its row of the tariff can come to have."""
        ...


class PreviewOracle:
    """`mobiles`: extension → the employee's mobile, which is the calling number of an internal leg."""

    def __init__(self, pricer: Pricer, mobiles: Callable[[], Mapping[str, PhoneNumber]]) -> None:
        self._pricer = pricer
        self._mobiles = mobiles

    def __call__(self, legs: Sequence[LegInProgress]) -> list[int | None]:
        if not legs:
            return []
        charges = self._pricer.preview(self._asked(legs))[: len(legs)]
        return [None if charge is None else charge.amount_vnd for charge in charges]

    def dearest(self, legs: Sequence[LegInProgress]) -> list[int | None]:
        return list(self._pricer.dearest(self._asked(legs))[: len(legs)]) if legs else []

    def _asked(self, legs: Sequence[LegInProgress]) -> list[CdrLeg]:
        """The legs first, then what only says who calls."""
        return [*map(_dialled, legs), *self._callers(legs)]

    def _callers(self, legs: Sequence[LegInProgress]) -> list[CdrLeg]:
        """The legs on which colleagues call each other came in from the caller's mobile."""
        internal = [leg for leg in legs if leg.service is Service.INTERNAL and leg.calling_extension is not None]
        mobiles = self._mobiles() if internal else {}
        return [_called_in(leg, mobiles.get(leg.calling_extension or "")) for leg in internal]


def _dialled(leg: LegInProgress) -> CdrLeg:
    return CdrLeg(
        leg=leg.leg,
        line=LineId(""),
        hotline=leg.hotline,
        direction=Direction.OUT,
        number=leg.called,
        service=leg.service,
        started=leg.answered_at,
        alerting=None,
        answered=leg.answered_at,
        ended=leg.answered_at + leg.billed_s,
        duration_s=float(leg.billed_s),
        cause=Cause.NORMAL_CLEARING,
        ended_by=EndedBy.US,
        calling_extension=leg.calling_extension,
        called_extension=leg.called_extension,
    )


def _called_in(leg: LegInProgress, number: PhoneNumber | None) -> CdrLeg:
    """It only says who calls: never answered, it costs nothing."""
    return CdrLeg(
        leg=LegId(f"{leg.leg.partition('.')[0]}.caller"),
        line=LineId(""),
        hotline=leg.hotline,
        direction=Direction.IN,
        number=number,
        service=Service.INBOUND,
        started=leg.answered_at,
        alerting=None,
        answered=None,
        ended=leg.answered_at,
        duration_s=0.0,
        cause=Cause.NORMAL_CLEARING,
        ended_by=EndedBy.US,
    )
