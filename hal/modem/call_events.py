"""What `CallTracker` is told and what it asks for."""

from __future__ import annotations

from dataclasses import dataclass

from hal.at.values import CallEntry
from hal.interfaces import CallReported, Cause, RawNumber

# --- events


@dataclass(frozen=True, slots=True)
class EntrySeen:
    """A +CLCC URC."""

    entry: CallEntry


@dataclass(frozen=True, slots=True)
class CallsRead:
    """A complete, good answer to AT+CLCC."""

    entries: tuple[CallEntry, ...]
    asked_at: float
    """Monotonic; what an indication has told since is newer than this list."""
    invited: bool = False
    """It was asked because a command of ours may have made a call: an unknown one in it is ours."""


@dataclass(frozen=True, slots=True)
class ReadFailed:
    """AT+CLCC got no good answer."""


@dataclass(frozen=True, slots=True)
class RingCame:
    pass


@dataclass(frozen=True, slots=True)
class WaitingCame:
    """+CCWA: a second caller, perhaps not listed yet."""


@dataclass(frozen=True, slots=True)
class ChangeHinted:
    """VOICE CALL: BEGIN, an accepted ATA: the list tells what changed."""


@dataclass(frozen=True, slots=True)
class EndHinted:
    """VOICE CALL: END, NO CARRIER, a hang-up of ours: some call is over."""

    cause: Cause | None = None
    told: bool = False
    """The module itself said so, or said OK to our hang-up: a call that stays in the list all the same is stuck."""


@dataclass(frozen=True, slots=True)
class DialAccepted:
    """OK to ATD."""

    number: RawNumber


@dataclass(frozen=True, slots=True)
class CauseTold:
    """The answer to `AskCause`."""

    index: int
    cause: Cause | None


@dataclass(frozen=True, slots=True)
class TimePassed:
    pass


TrackerEvent = (
    EntrySeen
    | CallsRead
    | ReadFailed
    | RingCame
    | WaitingCame
    | ChangeHinted
    | EndHinted
    | DialAccepted
    | CauseTold
    | TimePassed
)

# --- actions


@dataclass(frozen=True, slots=True)
class ReportCall:
    report: CallReported


@dataclass(frozen=True, slots=True)
class ReadCalls:
    """Ask AT+CLCC, answer with `CallsRead` or `ReadFailed`."""

    urgent: bool


@dataclass(frozen=True, slots=True)
class AskCause:
    """Ask AT+CEER, answer with `CauseTold`."""

    index: int


@dataclass(frozen=True, slots=True)
class ClearCall:
    """Hang up a call that is over and still listed."""

    index: int
    alone: bool
    """No other call is there: AT+CHUP hits nobody else."""


@dataclass(frozen=True, slots=True)
class GiveUpCall:
    """It is still listed after hanging up: only a reset of the module clears it."""

    index: int


TrackerAction = ReportCall | ReadCalls | AskCause | ClearCall | GiveUpCall
