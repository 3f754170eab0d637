"""Runs the switchboard again over a stretch of the journal and names the first entry where it now decides otherwise.

`None` means: the same code, or code that decides the same. A divergence is either a change somebody made on purpose,
or the fault that was looked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from edge.calls.actions import Action
from edge.calls.checkpoint import Checkpoint
from edge.calls.events import Event
from edge.calls.switchboard import Switchboard
from edge.telephony import Moment

Entry = tuple[int, Moment, Event, tuple[Action, ...]]
"""Sequence number, moment, event, and what was done about it."""


@dataclass(frozen=True, slots=True)
class Divergence:
    seq: int
    event: Event
    expected: tuple[Action, ...]
    """What the journal says was done."""
    got: tuple[Action, ...]
    """What would be done now."""


def replay(checkpoint: Checkpoint, entries: Iterable[Entry]) -> Divergence | None:
    """The first entry whose actions differ; None if all are as they were."""
    switchboard = Switchboard.restore(checkpoint)
    for seq, moment, event, expected in entries:
        got = tuple(switchboard.handle(event, moment))
        if got != expected:
            return Divergence(seq, event, expected, got)
    return None
