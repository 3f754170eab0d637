"""Two people talk: the bridge, its recording, and its end. When either hangs up, the other leg ends too."""

from __future__ import annotations

from edge.calls.actions import PlayTone, Tone
from edge.calls.call import Call, Verdict
from edge.calls.events import BudgetRunningOut, Event, LegEnded
from edge.calls.stages import Stage
from edge.telephony import Cause, Disposition, Moment

WARNED_IN_TIME_S = 25
"""The warning says "in thirty seconds"; with fewer left than this it says "in a moment"."""


def connect(call: Call, _: Event, now: Moment) -> None:
    """The party answered: bridge at once, whatever the caller was hearing."""
    assert call.party is not None
    call.answered = now
    call.stage = Stage.TALKING
    call.timer = None
    call.hush()
    call.bridge(1.0)
    if call.record and call.office.recording_allowed:
        if call.settings.recording.announce:
            call.office.act(PlayTone(call.party.leg, Tone.RECORDING))
        call.start_recording()
    call.office.refresh(call, now)


def ended(call: Call, event: Event, now: Moment) -> None:
    """One of the two is gone."""
    assert isinstance(event, LegEnded)
    call.finish(now, Verdict(Disposition.ANSWERED, event.cause))


def budget_running_out(call: Call, event: Event, _: Moment) -> None:
    """The one of the two who belongs to the company is warned: what it may spend is no customer's business."""
    assert isinstance(event, BudgetRunningOut)
    assert call.party is not None
    ours = call.front if call.employee is not None else call.party
    call.whisper(ours, "budget-warning" if event.seconds_left >= WARNED_IN_TIME_S else "budget-ending")


def budget_spent(call: Call, _: Event, now: Moment) -> None:
    """Its legs end as any call's; that the call was cut, and why, stands in its cause."""
    call.finish(now, Verdict(Disposition.ANSWERED, Cause.BARRED))


def audio_failed(call: Call, _: Event, now: Moment) -> None:
    """One side hears nothing and never will."""
    call.finish(now, Verdict(Disposition.ANSWERED, Cause.CHANNEL_UNAVAILABLE))


def recording_forbidden(call: Call, _: Event, __: Moment) -> None:
    """The card is nearly full: the call goes on, its recording does not."""
    call.stop_recordings()
