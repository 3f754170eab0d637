"""Two people talk: the bridge, its recording, and its end. When either hangs up, the other leg ends too."""

from __future__ import annotations

from edge.calls.actions import PlayTone, Tone
from edge.calls.call import Call, Verdict
from edge.calls.events import Event, LegEnded
from edge.calls.stages import Stage
from edge.telephony import Cause, Disposition, Moment


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


def audio_failed(call: Call, _: Event, now: Moment) -> None:
    """One side hears nothing and never will."""
    call.finish(now, Verdict(Disposition.ANSWERED, Cause.CHANNEL_UNAVAILABLE))


def recording_forbidden(call: Call, _: Event, __: Moment) -> None:
    """The card is nearly full: the call goes on, its recording does not."""
    call.stop_recordings()
