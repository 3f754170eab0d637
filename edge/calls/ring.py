"""Ringing a party: an employee's mobile or an outside number, over a line of ours that is free.

Before a line dials, spending control is asked; 112–115 are dialled at once and never asked about. The caller hears
ring-back from the dialling on, and before it that the call is recorded, where it is; neither ever delays the dialling
nor the bridge. A line that cannot dial (glare, busy, gone) is replaced by the next free one, which is asked about anew.
"""

from __future__ import annotations

from edge.calls import tries
from edge.calls.actions import DialLeg, Tone
from edge.calls.call import Call, Target, Verdict
from edge.calls.events import BarReason, Event, LegBarred, LegEnded
from edge.calls.leg import Leg
from edge.calls.stages import Stage
from edge.dialplan.numbers import EMERGENCY_NUMBERS, dialled_abroad
from edge.dialplan.settings import RecordMode
from edge.telephony import Cause, Direction, Disposition, Moment

AUTHORISE_PATIENCE_S = 2.0
"""Spending control answers in the same turn of the engine; an answer this late is a fault of ours."""
NO_ANSWER_CAUSES = (Cause.NO_USER_RESPONDING, Cause.NO_ANSWER)
CONGESTION_CAUSES = (Cause.NO_CIRCUIT, Cause.CONGESTION, Cause.CHANNEL_UNAVAILABLE)
_PROMPTS = {
    Disposition.BUSY: "busy",
    Disposition.NO_ANSWER: "no-answer",
    Disposition.CONGESTION: "no-free-line",
    Disposition.FAILED: "unreachable",
}
_NO_LINE = Verdict(Disposition.CONGESTION, Cause.NO_CIRCUIT)
_BARRED = Verdict(Disposition.FAILED, Cause.BARRED)


def start(call: Call, target: Target, now: Moment) -> None:
    """Tries one party."""
    call.target = target
    call.tried_lines = ()
    call.attempt = None
    call.record = _to_be_recorded(call, target) and call.office.recording_allowed
    if target.extension is not None and call.office.engaged(target.number):
        _fail(call, Verdict(Disposition.BUSY, Cause.USER_BUSY), now)
    elif not _take_line(call, target, now):
        _fail(call, _NO_LINE, now)


def _to_be_recorded(call: Call, target: Target) -> bool:
    """By extension and direction: in for the one called, out for the one who calls."""
    called_in = target.extension is not None and target.extension.record in (RecordMode.IN, RecordMode.BOTH)
    calling_out = call.employee is not None and call.employee.record in (RecordMode.OUT, RecordMode.BOTH)
    return called_in or calling_out


def _take_line(call: Call, target: Target, now: Moment) -> bool:
    """Keeps the next free line for the party and asks whether it may dial; False when there is none."""
    free = call.office.free_line(call.tried_lines)
    if free is None:
        return False
    line, hotline = free
    call.tried_lines += (line,)
    leg = Leg(
        leg=call.name_leg(),
        line=line,
        hotline=hotline,
        direction=Direction.OUT,
        number=target.number,
        service=target.service,
        started=now,
        calling_extension=call.employee.number if call.employee is not None else None,
        called_extension=target.extension.number if target.extension is not None else None,
    )
    if target.number in EMERGENCY_NUMBERS:
        _dial(call, leg, target, now)
    else:
        call.stage = Stage.AUTHORISING
        call.propose(leg)
        call.wait(now, AUTHORISE_PATIENCE_S)
    return True


def _dial(call: Call, leg: Leg, target: Target, now: Moment) -> None:
    call.party = leg
    call.legs.append(leg)
    call.stage = Stage.RINGING
    abroad = dialled_abroad(target.number, call.settings.spending.barring.international_prefix)
    call.office.act(DialLeg(leg.leg, leg.line, target.number, abroad))
    if call.playing is None and call.tone is None:
        _sound_of_dialling(call, now)
    call.wait(now, target.patience_s)


def _sound_of_dialling(call: Call, now: Moment) -> None:
    if call.record and call.settings.recording.announce:
        call.play(now, "recording-announcement")
    else:
        call.sound(Tone.RING_BACK)


# --- spending control ---------------------------------------------------------------------------------------------


def authorised(call: Call, _: Event, now: Moment) -> None:
    """There is budget: dial."""
    assert call.proposed is not None
    assert call.target is not None
    leg, call.proposed = call.proposed, None
    _dial(call, leg, call.target, now)


def barred(call: Call, event: Event, now: Moment) -> None:
    """There is none. What one hotline has used up says nothing of the next free one."""
    assert isinstance(event, LegBarred)
    assert call.proposed is not None
    assert call.target is not None
    call.proposed.budgeted = False  # a no holds nothing that could be given back
    call.proposed = None
    if event.reason is not BarReason.HOTLINE_LIMIT or not _take_line(call, call.target, now):
        _fail(call, _BARRED, now, _why_barred(call, event.reason))


def unauthorised(call: Call, _: Event, now: Moment) -> None:
    """No answer at all: nothing is dialled that nobody watches."""
    call.withdraw()
    _fail(call, Verdict(Disposition.FAILED, Cause.TEMPORARY_FAILURE), now)


def budget_spent(call: Call, _: Event, now: Moment) -> None:
    """A leg that rings costs nothing yet: only the fraud guard, which stops everything, ends it."""
    _give_up(call)
    _fail(call, _BARRED, now, _why_barred(call, BarReason.FRAUD))


def _why_barred(call: Call, reason: BarReason) -> str:
    """Only the company's own people hear of its limits; to a customer the party cannot be reached."""
    if call.employee is None:
        return _PROMPTS[Disposition.FAILED]
    return "fraud-guard" if reason is BarReason.FRAUD else "limit-reached"


# --- the line and the party ---------------------------------------------------------------------------------------


def prompt_finished(call: Call, _: Event, __: Moment) -> None:
    """The announcement is over and nobody has answered yet."""
    call.sound(Tone.RING_BACK)


def alerting(call: Call, _: Event, now: Moment) -> None:
    """His patience counts from the first ring, not from our dialling."""
    assert call.target is not None
    call.wait(now, call.target.patience_s)


def refused(call: Call, _: Event, now: Moment) -> None:
    """The line could not dial; another one may."""
    assert call.target is not None
    call.party = None
    if not _take_line(call, call.target, now):
        _fail(call, _NO_LINE, now)


def party_ended(call: Call, event: Event, now: Moment) -> None:
    assert isinstance(event, LegEnded)
    _fail(call, Verdict(_disposition(event.cause), event.cause), now)


def timed_out(call: Call, _: Event, now: Moment) -> None:
    """Nobody picked up; what that leg still does no longer matters."""
    _give_up(call)
    _fail(call, Verdict(Disposition.NO_ANSWER, Cause.NO_ANSWER), now)


def looped(call: Call, _: Event, now: Moment) -> None:
    """The party's telephone sends our call back to us: there is no answer to wait for."""
    _give_up(call)
    _fail(call, Verdict(Disposition.FAILED, Cause.CALL_REJECTED), now)


def party_audio_failed(call: Call, _: Event, now: Moment) -> None:
    _give_up(call)
    _fail(call, Verdict(Disposition.FAILED, Cause.CHANNEL_UNAVAILABLE), now)


def caller_left(call: Call, _: Event, now: Moment) -> None:
    """The employee's telephone may have rung long enough for him to wonder."""
    _tell_employee(call, now)
    call.finish(now, tries.gone(call))


def caller_audio_failed(call: Call, _: Event, now: Moment) -> None:
    _tell_employee(call, now)
    call.finish(now, Verdict(Disposition.FAILED, Cause.CHANNEL_UNAVAILABLE))


def _disposition(cause: Cause) -> Disposition:
    if cause is Cause.USER_BUSY:
        return Disposition.BUSY
    if cause in NO_ANSWER_CAUSES:
        return Disposition.NO_ANSWER
    return Disposition.CONGESTION if cause in CONGESTION_CAUSES else Disposition.FAILED


def _give_up(call: Call) -> None:
    assert call.party is not None
    call.hang_up(call.party)


def _fail(call: Call, verdict: Verdict, now: Moment, why: str | None = None) -> None:
    """`why`: the prompt that says it; None: the one of the disposition."""
    call.attempt = verdict
    _tell_employee(call, now)
    call.party = None
    tries.failed(call, why or _PROMPTS[verdict.disposition], now)


def _tell_employee(call: Call, now: Moment) -> None:
    assert call.target is not None
    if call.target.extension is not None:
        call.office.missed(call, call.target.extension, now)
