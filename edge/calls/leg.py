"""One leg of a call as the switchboard knows it: on which line, with whom, and what has become of it so far."""

from __future__ import annotations

from dataclasses import dataclass

from edge.telephony import (
    CallState,
    Cause,
    Direction,
    EndedBy,
    LegId,
    LineId,
    Moment,
    PhoneNumber,
    Service,
)


@dataclass(slots=True)
class Leg:
    """Owned by its call and changed by nobody else."""

    leg: LegId
    line: LineId
    hotline: PhoneNumber | None
    """Number of the SIM that carries it."""
    direction: Direction
    number: PhoneNumber | None
    service: Service
    started: Moment
    calling_extension: str | None = None
    called_extension: str | None = None
    alerting: Moment | None = None
    answered: Moment | None = None
    ended: Moment | None = None
    cause: Cause = Cause.UNKNOWN
    ended_by: EndedBy = EndedBy.NETWORK
    budgeted: bool = False
    """Spending control was asked about it and may hold budget for it until `ReleaseLeg`."""
    hanging_up: bool = False
    """We asked for its end; whatever it still does no longer steers the call."""

    @property
    def live(self) -> bool:
        return self.ended is None

    @property
    def steers(self) -> bool:
        """Alive, and not on its way out by our own wish."""
        return self.ended is None and not self.hanging_up

    @property
    def state(self) -> CallState:
        """27.007 §7.18, as far as the switchboard is told."""
        if self.ended is not None:
            return CallState.ENDED
        if self.answered is not None:
            return CallState.ACTIVE
        if self.direction is Direction.IN:
            return CallState.INCOMING
        return CallState.ALERTING if self.alerting is not None else CallState.DIALING

    def end(self, cause: Cause, ended_by: EndedBy, now: Moment) -> None:
        self.ended, self.cause, self.ended_by = now, cause, ended_by
