"""The box's rater as the price oracle: `Biller.preview` behind the seam that the guard asks.

A leg that is stored already is not asked about: its stored charge stands until what was answered before it is stored.
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


Preview = Callable[[Sequence[CdrLeg]], Sequence[Priced | None]]
"""What legs in progress would cost if they ended now, in their order; None: no price."""


class PreviewOracle:
    """`mobiles`: extension → the employee's mobile, which is the calling number of an internal leg."""

    def __init__(self, preview: Preview, mobiles: Callable[[], Mapping[str, PhoneNumber]]) -> None:
        self._preview = preview
        self._mobiles = mobiles

    def __call__(self, legs: Sequence[LegInProgress]) -> list[int | None]:
        running = [leg for leg in legs if not leg.is_stored]
        if not running:
            return [None] * len(legs)
        charges = self._preview([*map(_dialled, running), *self._callers(running)])
        amounts = {
            leg.leg: None if charge is None else charge.amount_vnd
            for leg, charge in zip(running, charges, strict=False)
        }
        return [amounts.get(leg.leg) for leg in legs]

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
