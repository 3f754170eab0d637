"""The vocabulary of the switchboard: lines, legs, calls, numbers, dispositions, CDRs.

Re-exports what `hal.interfaces` owns, so that rooms which may not look at the metal have one place to import from.
Instants in a `Cdr` are POSIX seconds (UTC); durations come from the monotonic clock, never from their difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NewType

from hal.interfaces import CallerIdState, CallState, Cause, Clock, Frame, Moment, RawNumber

__all__ = [
    "CallId",
    "CallState",
    "CallerIdState",
    "Cause",
    "Cdr",
    "CdrLeg",
    "Clock",
    "ClockSource",
    "Direction",
    "Disposition",
    "EndedBy",
    "Frame",
    "LegId",
    "LineId",
    "LineState",
    "MessageId",
    "Moment",
    "PhoneNumber",
    "RawNumber",
    "RecordingId",
    "Service",
]

LineId = NewType("LineId", str)
"""A modem with a SIM: `gsm-1`."""
CallId = NewType("CallId", str)
"""What the PBX joins from legs: `c17`, from a counter that never goes back."""
LegId = NewType("LegId", str)
"""One voice call on one line: `c17.2`, the second leg of call c17."""
RecordingId = NewType("RecordingId", str)
"""`c17.r1`."""
MessageId = NewType("MessageId", str)
"""`m5`: one SMS that the box sends."""
PhoneNumber = NewType("PhoneNumber", str)
"""E.164 with +, or the digits of a short service number (113)."""


class LineState(Enum):
    """What a line can do now."""

    STARTING = "starting"
    UP = "up"
    """Registered, takes and makes calls."""
    NO_SERVICE = "no-service"
    """The modem answers, the network (or the SIM) does not."""
    DOWN = "down"
    """The modem is gone or restarting."""


class Direction(Enum):
    IN = "in"
    OUT = "out"


class EndedBy(Enum):
    US = "us"
    FAR_END = "far-end"
    NETWORK = "network"


class Disposition(Enum):
    ANSWERED = "answered"
    NO_ANSWER = "no-answer"
    BUSY = "busy"
    FAILED = "failed"
    CONGESTION = "congestion"
    ABANDONED = "abandoned"
    """The caller left first."""
    INTERRUPTED = "interrupted"
    """The box lost the call: crash or power cut."""


class Service(Enum):
    """Which row of the tariff a leg belongs to (rating §3); names are those of usage records."""

    INBOUND = "inbound"
    CONNECT = "connect"
    CALLBACK = "callback"
    FORWARD = "forward"
    INTERNAL = "internal"
    OUTBOUND = "outbound"
    CONFERENCE = "conference"


class ClockSource(Enum):
    """Which clock stamped a row (architecture §2.6), best first."""

    NTP = "ntp"
    RTC = "rtc"
    NETWORK = "network"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class CdrLeg:
    leg: LegId
    line: LineId
    hotline: PhoneNumber | None
    """Number of the SIM that carries the leg."""
    direction: Direction
    number: PhoneNumber | None
    """The far end; None when withheld."""
    service: Service
    started: float
    alerting: float | None
    answered: float | None
    ended: float
    duration_s: float
    """Answer to end on the monotonic clock; 0 if never answered."""
    cause: Cause
    ended_by: EndedBy
    calling_extension: str | None = None
    """The extension on whose behalf we dialled."""
    called_extension: str | None = None


@dataclass(frozen=True, slots=True)
class Cdr:
    """One call, complete or (rows kept open while it lasts) as it stands at its last refresh."""

    call: CallId
    caller: PhoneNumber | None
    """None when withheld."""
    hotline: PhoneNumber | None
    called: PhoneNumber | None
    """The number our last leg dialled, else the hotline."""
    extension: str | None
    """The extension asked for by a caller; of an employee's outside call: his own."""
    started: float
    hotline_answered: float | None
    answered: float | None
    """When the party asked for (employee or outside number) answered."""
    ended: float
    duration_s: float
    billable_s: float
    """Unrounded seconds from `answered` to the end of that leg; 0 if None."""
    disposition: Disposition
    cause: Cause
    legs: tuple[CdrLeg, ...]
    recordings: tuple[RecordingId, ...] = ()
    clock: ClockSource = ClockSource.NONE
