"""The one call that a line's modem carries, incoming or outgoing, as the line knows it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum

from edge.calls.events import KeyPressed, LegAlerting, LegAnswered, LegAudioFailed, LegAudioOpened, LegEnded
from edge.lines.offer import Offer
from edge.telephony import LegId

LegEvent = LegAlerting | LegAnswered | LegEnded | LegAudioOpened | LegAudioFailed | KeyPressed

UNCLAIMED = LegId("")
"""Stands in events of a call that the switchboard has not named yet."""


class Phase(Enum):
    RINGING = "ringing"
    """Incoming; we have not answered."""
    ANSWERING = "answering"
    DIALLING = "dialling"
    FAILING = "failing"
    """Our dialling ended for no reason given; a RING in the next moment explains it."""
    ALERTING = "alerting"
    """Outgoing; the far end rings."""
    UP = "up"
    HANGING_UP = "hanging-up"


@dataclass(slots=True, eq=False)
class LineCall:
    phase: Phase
    check_at: float
    """Monotonic instant at which the module is asked for its calls."""
    leg: LegId | None = None
    """None until the switchboard claims the offer."""
    offer: Offer | None = None
    """Of an incoming call."""
    index: int | None = None
    """The module's own; opaque, and renumbered by some when another call ends."""
    answered: bool = False
    end_reported: bool = False
    """The switchboard believes it over; the modem still holds it, and the line stays busy."""
    empty_lists: int = 0
    hang_ups: int = 0
    hang_up_since: float = 0.0
    unclaimed: list[LegEvent] = field(default_factory=list)
    """What happened between the offer and its claim."""

    @property
    def outgoing(self) -> bool:
        return self.offer is None

    def may_be(self, outgoing: bool) -> bool:
        """Can a report of that direction mean this call? Of one that only the modem knows the direction is unknown."""
        return self.end_reported or self.outgoing is outgoing

    @property
    def waits_for_claim(self) -> bool:
        return self.offer is not None and self.offer.offered and self.leg is None


def named(events: list[LegEvent], leg: LegId) -> list[LegEvent]:
    return [replace(each, leg=leg) for each in events]
