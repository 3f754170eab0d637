"""What everybody else may see of the switchboard: frozen snapshots, for the page, `tongdai calls` and checkpoints."""

from __future__ import annotations

from dataclasses import dataclass

from edge.calls.call import Call
from edge.calls.leg import Leg
from edge.telephony import (
    CallId,
    CallState,
    Direction,
    LegId,
    LineId,
    LineState,
    Moment,
    PhoneNumber,
    Service,
)


@dataclass(frozen=True, slots=True)
class LegView:
    leg: LegId
    line: LineId
    direction: Direction
    number: PhoneNumber | None
    state: CallState
    hotline: PhoneNumber | None
    service: Service
    answered: Moment | None
    ended: Moment | None
    calling_extension: str | None
    called_extension: str | None


@dataclass(frozen=True, slots=True)
class CallView:
    """A call in progress."""

    call: CallId
    caller: PhoneNumber | None
    hotline: PhoneNumber | None
    called: PhoneNumber | None
    extension: str | None
    state: str
    """Value of `edge.calls.stages.Stage`."""
    started: Moment
    answered: Moment | None
    """When the party asked for answered."""
    recording: bool
    legs: tuple[LegView, ...]


@dataclass(frozen=True, slots=True)
class LineView:
    line: LineId
    state: LineState
    number: PhoneNumber | None
    busy: bool
    """A live leg of one of our calls is on it."""


def view(call: Call) -> CallView:
    return CallView(
        call=call.call,
        caller=call.front.number,
        hotline=call.front.hotline,
        called=call.called,
        extension=call.extension,
        state=call.stage.value,
        started=call.front.started,
        answered=call.answered,
        recording=any(not each.stopping and not each.closed for each in call.recordings),
        legs=tuple(map(_leg_view, call.legs)),
    )


def _leg_view(leg: Leg) -> LegView:
    return LegView(
        leg=leg.leg,
        line=leg.line,
        direction=leg.direction,
        number=leg.number,
        state=leg.state,
        hotline=leg.hotline,
        service=leg.service,
        answered=leg.answered,
        ended=leg.ended,
        calling_extension=leg.calling_extension,
        called_extension=leg.called_extension,
    )
