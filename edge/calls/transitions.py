"""The call machine as a table: in which stage what may happen, who acts on it, and which stages may follow.

A trigger that stands not in the row of its stage is *unexpected*: it is counted by stage and name and changes nothing.
Anything but zero in the field is a new replay file. The diagram in the documents is drawn from this table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from edge.calls import ivr, ring, talk
from edge.calls.call import Call, Verdict
from edge.calls.events import Event
from edge.calls.stages import Stage, Trigger
from edge.telephony import Cause, Disposition, Moment

Act = Callable[[Call, Event, Moment], None]


@dataclass(frozen=True, slots=True)
class Transition:
    act: Act
    to: tuple[Stage, ...]
    """Every stage that can follow."""


def ignore(call: Call, event: Event, now: Moment) -> None:
    """Expected, and no reason to do anything."""


def end_on_request(call: Call, _: Event, now: Moment) -> None:
    """Somebody with the right ended it from the page."""
    call.finish(now, _as_it_stood(call, Cause.NORMAL_CLEARING))


def stop(call: Call, _: Event, now: Moment) -> None:
    """The box goes down."""
    call.finish(now, _as_it_stood(call, Cause.TEMPORARY_FAILURE))


def close_by_force(call: Call, _: Event, now: Moment) -> None:
    call.force_end(now)


def _as_it_stood(call: Call, cause: Cause) -> Verdict:
    if call.answered is not None:
        return Verdict(Disposition.ANSWERED, cause)
    if call.stage in (Stage.AUTHORISING, Stage.RINGING):
        return Verdict(Disposition.FAILED, cause)
    return call.attempt or Verdict(Disposition.FAILED, cause)


_SAID_NO = (Stage.MENU, Stage.FAREWELL)
_ROUTED = (Stage.MENU, Stage.PIN, Stage.AUTHORISING, Stage.RINGING, Stage.FAREWELL)
_ASKED = (Stage.AUTHORISING, Stage.MENU, Stage.FAREWELL)
_END = (Stage.ENDING,)
_FORCED = {
    Trigger.END_REQUESTED: Transition(end_on_request, _END),
    Trigger.STOP_REQUESTED: Transition(stop, _END),
}
_ALONE = {
    Trigger.CALLER_LEFT: Transition(ivr.caller_left, _END),
    Trigger.CALLER_AUDIO_FAILED: Transition(ivr.caller_audio_failed, _END),
    **_FORCED,
}

TRANSITIONS: Mapping[Stage, Mapping[Trigger, Transition]] = MappingProxyType(
    {
        Stage.GREETING: {
            Trigger.CALLER_ANSWERED: Transition(ivr.greet, (Stage.GREETING,)),
            Trigger.PROMPT_FINISHED: Transition(ivr.prompt_finished, (Stage.MENU,)),
            Trigger.KEY: Transition(ivr.key_pressed, (Stage.GREETING, *_ROUTED)),
            Trigger.TIME: Transition(ivr.greeting_timed_out, (*_SAID_NO, Stage.ENDING)),
            **_ALONE,
        },
        Stage.MENU: {
            Trigger.PROMPT_FINISHED: Transition(ivr.prompt_finished, (Stage.MENU,)),
            Trigger.KEY: Transition(ivr.key_pressed, _ROUTED),
            Trigger.TIME: Transition(ivr.menu_timed_out, _ROUTED),
            **_ALONE,
        },
        Stage.PIN: {
            Trigger.PROMPT_FINISHED: Transition(ivr.pin_prompt_finished, (Stage.PIN,)),
            Trigger.KEY: Transition(ivr.pin_key_pressed, (Stage.PIN, *_ASKED)),
            Trigger.TIME: Transition(ivr.pin_timed_out, (Stage.PIN, Stage.FAREWELL)),
            **_ALONE,
        },
        Stage.AUTHORISING: {
            Trigger.AUTHORISED: Transition(ring.authorised, (Stage.RINGING,)),
            Trigger.BARRED: Transition(ring.barred, _ASKED),
            Trigger.TIME: Transition(ring.unauthorised, _SAID_NO),
            Trigger.PROMPT_FINISHED: Transition(ring.prompt_finished, (Stage.AUTHORISING,)),
            Trigger.KEY: Transition(ignore, (Stage.AUTHORISING,)),
            Trigger.CALLER_LEFT: Transition(ring.caller_left, _END),
            Trigger.CALLER_AUDIO_FAILED: Transition(ring.caller_audio_failed, _END),
            **_FORCED,
        },
        Stage.RINGING: {
            Trigger.PARTY_ALERTING: Transition(ring.alerting, (Stage.RINGING,)),
            Trigger.PARTY_ANSWERED: Transition(talk.connect, (Stage.TALKING,)),
            Trigger.PARTY_ENDED: Transition(ring.party_ended, _SAID_NO),
            Trigger.PARTY_REFUSED: Transition(ring.refused, (Stage.RINGING, *_ASKED)),
            Trigger.PARTY_AUDIO_FAILED: Transition(ring.party_audio_failed, _SAID_NO),
            Trigger.TIME: Transition(ring.timed_out, _SAID_NO),
            Trigger.LOOPED: Transition(ring.looped, _SAID_NO),
            Trigger.BUDGET_SPENT: Transition(ring.budget_spent, _SAID_NO),
            Trigger.BUDGET_RUNNING_OUT: Transition(ignore, (Stage.RINGING,)),
            Trigger.PROMPT_FINISHED: Transition(ring.prompt_finished, (Stage.RINGING,)),
            Trigger.KEY: Transition(ignore, (Stage.RINGING,)),
            Trigger.PARTY_KEY: Transition(ignore, (Stage.RINGING,)),
            Trigger.CALLER_LEFT: Transition(ring.caller_left, _END),
            Trigger.CALLER_AUDIO_FAILED: Transition(ring.caller_audio_failed, _END),
            **_FORCED,
        },
        Stage.TALKING: {
            Trigger.CALLER_LEFT: Transition(talk.ended, _END),
            Trigger.PARTY_ENDED: Transition(talk.ended, _END),
            Trigger.CALLER_AUDIO_FAILED: Transition(talk.audio_failed, _END),
            Trigger.PARTY_AUDIO_FAILED: Transition(talk.audio_failed, _END),
            Trigger.BUDGET_RUNNING_OUT: Transition(talk.budget_running_out, (Stage.TALKING,)),
            Trigger.BUDGET_SPENT: Transition(talk.budget_spent, _END),
            Trigger.RECORDING_ENDED: Transition(ignore, (Stage.TALKING,)),
            Trigger.RECORDING_FORBIDDEN: Transition(talk.recording_forbidden, (Stage.TALKING,)),
            Trigger.KEY: Transition(ignore, (Stage.TALKING,)),
            Trigger.PARTY_KEY: Transition(ignore, (Stage.TALKING,)),
            **_FORCED,
        },
        Stage.FAREWELL: {
            Trigger.PROMPT_FINISHED: Transition(ivr.goodbye_said, _END),
            Trigger.TIME: Transition(ivr.goodbye_said, _END),
            Trigger.KEY: Transition(ignore, (Stage.FAREWELL,)),
            **_ALONE,
        },
        Stage.ENDING: {
            Trigger.TIME: Transition(close_by_force, _END),
            Trigger.RECORDING_ENDED: Transition(ignore, _END),
            Trigger.END_REQUESTED: Transition(ignore, _END),
            Trigger.STOP_REQUESTED: Transition(ignore, _END),
        },
    }
)


def advance(call: Call, trigger: Trigger, event: Event, now: Moment) -> bool:
    """Lets the call act on what happened; False if nothing was foreseen for it."""
    transition = TRANSITIONS[call.stage].get(trigger)
    if transition is None:
        return False
    transition.act(call, event, now)
    assert call.stage in transition.to, f"{trigger} led to {call.stage}, which the table does not know"
    return True
