"""Ringing a party: an employee's mobile or an outside number, over a line of ours that is free.

The caller hears ring-back meanwhile, and before it that the call is recorded, where it is; neither ever delays the
dialling nor the bridge. A line that cannot dial (glare, busy, gone) is replaced by the next free one.
"""

from __future__ import annotations

from edge.calls import tries
from edge.calls.actions import DialLeg, Tone
from edge.calls.call import Call, Target, Verdict
from edge.calls.events import Event, LegEnded
from edge.calls.leg import Leg
from edge.calls.stages import Stage
from edge.dialplan.settings import RecordMode
from edge.telephony import Cause, Direction, Disposition, Moment

NO_ANSWER_CAUSES = (Cause.NO_USER_RESPONDING, Cause.NO_ANSWER)
CONGESTION_CAUSES = (Cause.NO_CIRCUIT, Cause.CONGESTION, Cause.CHANNEL_UNAVAILABLE)
_PROMPTS = {
    Disposition.BUSY: "busy",
    Disposition.NO_ANSWER: "no-answer",
    Disposition.CONGESTION: "no-free-line",
    Disposition.FAILED: "unreachable",
}


def start(call: Call, target: Target, now: Moment) -> None:
    """Tries one party."""
    call.target = target
    call.tried_lines = ()
    call.attempt = None
    call.record = _to_be_recorded(call, target) and call.office.recording_allowed
    if target.extension is not None and call.office.engaged(target.number):
        _fail(call, Verdict(Disposition.BUSY, Cause.USER_BUSY), now)
        return
    if _dial(call, target, now):
        if call.record and call.settings.recording.announce:
            call.play(now, "recording-announcement")
        else:
            call.sound(Tone.RING_BACK)
        call.wait(now, target.patience_s)


def _to_be_recorded(call: Call, target: Target) -> bool:
    """By extension and direction: in for the one called, out for the one who calls."""
    called_in = target.extension is not None and target.extension.record in (RecordMode.IN, RecordMode.BOTH)
    calling_out = call.employee is not None and call.employee.record in (RecordMode.OUT, RecordMode.BOTH)
    return called_in or calling_out


def _dial(call: Call, target: Target, now: Moment) -> bool:
    """Dials on the next free line; False when there is none, and the try has failed."""
    free = call.office.free_line(call.tried_lines)
    if free is None:
        _fail(call, Verdict(Disposition.CONGESTION, Cause.NO_CIRCUIT), now)
        return False
    line, hotline = free
    call.tried_lines += (line,)
    call.party = Leg(
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
    call.legs.append(call.party)
    call.stage = Stage.RINGING
    call.office.act(DialLeg(call.party.leg, line, target.number))
    return True


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
    if _dial(call, call.target, now):
        call.wait(now, call.target.patience_s)


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


def _fail(call: Call, verdict: Verdict, now: Moment) -> None:
    call.attempt = verdict
    _tell_employee(call, now)
    call.party = None
    tries.failed(call, _PROMPTS[verdict.disposition], now)


def _tell_employee(call: Call, now: Moment) -> None:
    assert call.target is not None
    if call.target.extension is not None:
        call.office.missed(call, call.target.extension, now)
