"""What the calls in progress have cost so far: their legs as the store would have them now, priced together."""

from __future__ import annotations

from collections.abc import Sequence

from edge.billing.biller import Biller
from edge.calls.views import CallView, LegView
from edge.rating.charge import Charge
from edge.telephony import Cause, CdrLeg, EndedBy, LegId, Moment


class RunningCost:
    """Of one moment. Instants and durations are whole milliseconds, as in the row that the call will get."""

    def __init__(self, biller: Biller, calls: Sequence[CallView], now: Moment) -> None:
        legs = [leg_so_far(leg, now) for call in calls for leg in call.legs if leg.answered is not None]
        self._charges: dict[LegId, Charge | None] = {
            leg.leg: charge for leg, charge in zip(legs, biller.preview(legs), strict=True)
        }

    def of_leg(self, leg: LegId) -> int | None:
        """VND; None while it is not answered or has no price."""
        charge = self._charges.get(leg)
        return None if charge is None else charge.amount_vnd

    def of_call(self, call: CallView) -> int | None:
        """Sum of the answered legs; None when one of them has no price."""
        amounts = [self.of_leg(leg.leg) for leg in call.legs if leg.answered is not None]
        known = [amount for amount in amounts if amount is not None]
        return sum(known) if len(known) == len(amounts) else None


def leg_so_far(leg: LegView, now: Moment) -> CdrLeg:
    """An answered leg as if it ended now, or as it ended."""
    assert leg.answered is not None
    end = leg.ended or now
    answered, ended = _wall(leg.answered, now), _wall(end, now)
    return CdrLeg(
        leg=leg.leg,
        line=leg.line,
        hotline=leg.hotline,
        direction=leg.direction,
        number=leg.number,
        service=leg.service,
        started=answered,
        alerting=None,
        answered=answered,
        ended=ended,
        duration_s=round(1000 * (end.mono - leg.answered.mono)) / 1000,
        cause=Cause.NORMAL_CLEARING,
        ended_by=EndedBy.US,
        calling_extension=leg.calling_extension,
        called_extension=leg.called_extension,
    )


def _wall(moment: Moment, now: Moment) -> float:
    return (round(1000 * now.wall) - round(1000 * (now.mono - moment.mono))) / 1000
