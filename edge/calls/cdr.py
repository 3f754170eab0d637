"""The CDR of a call, complete at its end or as it stands while it lasts (architecture §5 "CDR rows").

All stamps of one CDR come from one reading of the clock, its last: an instant is that reading less the monotonic
seconds since. So a clock that is set in the middle of a call (NTP arrives, 1970 becomes today) cannot tear it apart,
and `clock` names the source of every stamp in it.

Everything stands on whole milliseconds, durations too: what is billed is what anybody can reckon from the row itself.
"""

from __future__ import annotations

from edge.calls.call import Call, Verdict
from edge.calls.leg import Leg
from edge.telephony import Cause, Cdr, CdrLeg, ClockSource, Disposition, EndedBy, Moment

AS_IF_CUT_OFF = Verdict(Disposition.INTERRUPTED, Cause.TEMPORARY_FAILURE)
"""What the open row says: if nobody closes it, that is what happened."""


def open_cdr(call: Call, now: Moment, clock: ClockSource) -> Cdr:
    """The call as a power cut at `now` would leave it."""
    return _assemble(call, now, clock, AS_IF_CUT_OFF)


def close_cdr(call: Call, now: Moment, clock: ClockSource) -> Cdr:
    """The call when its last leg has ended."""
    assert call.over, "a CDR closes after its last leg and recording"
    assert call.verdict is not None, "who ends a call says how it came out"
    return _assemble(call, now, clock, call.verdict)


def _assemble(call: Call, now: Moment, clock: ClockSource, verdict: Verdict) -> Cdr:
    # The recordings may have taken a moment longer than the legs; the call ended with its last leg.
    last = max((each.ended or now for each in call.legs), key=lambda moment: moment.mono, default=now)
    return Cdr(
        call=call.call,
        caller=call.front.number,
        hotline=call.front.hotline,
        called=call.called,
        extension=call.extension,
        started=_stamp(call.front.started, now),
        hotline_answered=_stamp_or_none(call.hotline_answered, now),
        answered=_stamp_or_none(call.answered, now),
        ended=_stamp(last, now),
        duration_s=_seconds(call.front.started, last, now),
        billable_s=_billable_s(call, now),
        disposition=verdict.disposition,
        cause=verdict.cause,
        legs=tuple(_leg(each, now) for each in call.legs),
        recordings=tuple(each.recording for each in call.recordings),
        clock=clock,
    )


def _billable_s(call: Call, now: Moment) -> float:
    """From the party's answer to the end of the party's leg (A060)."""
    if call.answered is None or call.party is None:
        return 0.0
    return _seconds(call.answered, call.party.ended or now, now)


def _leg(leg: Leg, now: Moment) -> CdrLeg:
    ended = leg.ended or now
    return CdrLeg(
        leg=leg.leg,
        line=leg.line,
        hotline=leg.hotline,
        direction=leg.direction,
        number=leg.number,
        service=leg.service,
        started=_stamp(leg.started, now),
        alerting=_stamp_or_none(leg.alerting, now),
        answered=_stamp_or_none(leg.answered, now),
        ended=_stamp(ended, now),
        duration_s=0.0 if leg.answered is None else _seconds(leg.answered, ended, now),
        cause=leg.cause if leg.ended is not None else AS_IF_CUT_OFF.cause,
        ended_by=leg.ended_by if leg.ended is not None else EndedBy.NETWORK,
        calling_extension=leg.calling_extension,
        called_extension=leg.called_extension,
    )


def _ago_ms(moment: Moment, now: Moment) -> int:
    return round(1000 * (now.mono - moment.mono))


def _seconds(begin: Moment, end: Moment, now: Moment) -> float:
    return (_ago_ms(begin, now) - _ago_ms(end, now)) / 1000


def _stamp(moment: Moment, now: Moment) -> float:
    return (round(1000 * now.wall) - _ago_ms(moment, now)) / 1000


def _stamp_or_none(moment: Moment | None, now: Moment) -> float | None:
    return None if moment is None else _stamp(moment, now)
