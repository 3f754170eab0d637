"""Reads an event for one call: writes what it says into leg and recording, and names what that means to the call.

`None` means that it changes nothing for the call's course: news of a leg that we are hanging up anyway, a doubled
report, a prompt that was replaced before its end was heard. Such things are the world's ordinary untidiness.
"""

from __future__ import annotations

from edge.calls.call import Call
from edge.calls.events import (
    BudgetRunningOut,
    BudgetSpent,
    DialRefused,
    Event,
    KeyPressed,
    LegAlerting,
    LegAnswered,
    LegAudioFailed,
    LegAuthorised,
    LegBarred,
    LegEnded,
    PromptFinished,
    RecordingFailed,
    RecordingFinished,
)
from edge.calls.leg import Leg
from edge.calls.stages import Trigger
from edge.telephony import LegId, Moment, RecordingId


def read(call: Call, event: Event, now: Moment) -> Trigger | None:
    """The trigger of an event that belongs to this call."""
    match event:
        case LegAlerting(leg):
            return _alerting(call, leg, now)
        case LegAnswered(leg):
            return _answered(call, leg, now)
        case LegEnded():
            return _ended(call, event, now)
        case DialRefused(leg):
            return _refused(call, leg)
        case LegAuthorised() | LegBarred() | BudgetRunningOut() | BudgetSpent():
            return _of_spending(call, event)
        case LegAudioFailed(leg):
            return _by_role(call, leg, Trigger.CALLER_AUDIO_FAILED, Trigger.PARTY_AUDIO_FAILED)
        case KeyPressed(leg):
            return _by_role(call, leg, Trigger.KEY, Trigger.PARTY_KEY) if call.hotline_answered else None
        case PromptFinished(leg, player):
            return _prompt_finished(call, leg, player)
        case RecordingFinished(recording) | RecordingFailed(recording):
            return _recording_ended(call, recording)
        case _:
            return None


def _role(call: Call, leg: Leg, caller: Trigger, party: Trigger) -> Trigger | None:
    if leg is call.front:
        return caller
    return party if leg is call.party else None


def _by_role(call: Call, leg_id: LegId, caller: Trigger, party: Trigger) -> Trigger | None:
    leg = call.find_leg(leg_id)
    return _role(call, leg, caller, party) if leg is not None and leg.steers else None


def _of_spending(call: Call, event: LegAuthorised | LegBarred | BudgetRunningOut | BudgetSpent) -> Trigger | None:
    match event:
        case LegAuthorised(leg):
            return _of_proposed(call, leg, Trigger.AUTHORISED)
        case LegBarred(leg):
            return _of_proposed(call, leg, Trigger.BARRED)
        case BudgetRunningOut(leg):
            return _of_party(call, leg, Trigger.BUDGET_RUNNING_OUT)
        case BudgetSpent(leg):
            return _of_party(call, leg, Trigger.BUDGET_SPENT)


def _of_proposed(call: Call, leg: LegId, trigger: Trigger) -> Trigger | None:
    """An answer of spending control counts as long as it is waited for."""
    return trigger if call.proposed is not None and call.proposed.leg == leg else None


def _of_party(call: Call, leg: LegId, trigger: Trigger) -> Trigger | None:
    party = call.party
    return trigger if party is not None and party.leg == leg and party.steers else None


def _alerting(call: Call, leg_id: LegId, now: Moment) -> Trigger | None:
    leg = call.find_leg(leg_id)
    if leg is None or not leg.live or leg.alerting is not None or leg.answered is not None:
        return None
    leg.alerting = now
    return Trigger.PARTY_ALERTING if leg is call.party and leg.steers else None


def _answered(call: Call, leg_id: LegId, now: Moment) -> Trigger | None:
    """An answer that comes after we hung up is written down all the same: the network may charge for it."""
    leg = call.find_leg(leg_id)
    if leg is None or not leg.live or leg.answered is not None:
        return None
    leg.answered = now
    call.meter(leg)
    return _role(call, leg, Trigger.CALLER_ANSWERED, Trigger.PARTY_ANSWERED) if leg.steers else None


def _ended(call: Call, event: LegEnded, now: Moment) -> Trigger | None:
    leg = call.find_leg(event.leg)
    if leg is None or not leg.live:
        return None
    steered = leg.steers
    leg.end(event.cause, event.ended_by, now)
    call.release(leg)
    return _role(call, leg, Trigger.CALLER_LEFT, Trigger.PARTY_ENDED) if steered else None


def _refused(call: Call, leg_id: LegId) -> Trigger | None:
    """The leg never was on the air: it leaves the call without a trace."""
    leg = call.find_leg(leg_id)
    if leg is None:
        return None
    call.legs.remove(leg)
    call.release(leg)
    return Trigger.PARTY_REFUSED if leg is call.party and leg.steers else None


def _prompt_finished(call: Call, leg: LegId, player: int) -> Trigger | None:
    if leg != call.front.leg or player != call.playing:
        return None
    call.playing = None
    return Trigger.PROMPT_FINISHED if call.front.steers else None


def _recording_ended(call: Call, recording: RecordingId) -> Trigger | None:
    for each in call.recordings:
        if each.recording == recording and not each.closed:
            each.closed = True
            return Trigger.RECORDING_ENDED
    return None
