"""Everything the switchboard knows while no call is up: enough to run it again from there.

The journal holds one at its start and at every thousandth event or so; replay begins at the one before a call.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from edge.calls.lines_pool import LineInfo
from edge.calls.messages import WaitingMessage
from edge.dialplan.settings import Settings
from edge.telephony import ClockSource


@dataclass(frozen=True, slots=True)
class Checkpoint:
    settings: Settings = field(default_factory=Settings)
    revision: int = 0
    """Of the settings."""
    lines: tuple[LineInfo, ...] = ()
    next_call: int = 1
    """Number of the next call, `c17`; never goes back."""
    next_message: int = 1
    clock: ClockSource = ClockSource.NONE
    recording_allowed: bool = True
    waiting: tuple[WaitingMessage, ...] = ()
    """Notices that no line could send yet."""
