"""What the board shows and when a module is power-cycled. Pure: line states and a time in, lamps and slots out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edge.telephony import LineState
from hal.interfaces import BoxLamp, LineLamp

RESCUE_AFTER_S = 180.0
"""The driver's own recovery (reopen, radio off and on, reset) has had its time by then."""
RESCUES_PER_HOUR = 3
"""A module that does not come back by then is broken: people are told instead."""
_HOUR_S = 3600.0

_LAMPS = {
    LineState.STARTING: LineLamp.SEARCHING,
    LineState.UP: LineLamp.REGISTERED,
    LineState.NO_SERVICE: LineLamp.SEARCHING,
    LineState.DOWN: LineLamp.FAULT,
}


@dataclass(frozen=True, slots=True)
class LineGlance:
    """A line as far as the board is concerned."""

    slot: int
    state: LineState
    busy: bool
    """Carries a call."""


def line_lamp(glance: LineGlance) -> LineLamp:
    """A call shows over everything: nobody should pull that HAT."""
    return LineLamp.IN_CALL if glance.busy else _LAMPS[glance.state]


def box_lamp(*, ready: bool, alarms: bool) -> BoxLamp:
    if not ready:
        return BoxLamp.BOOTING
    return BoxLamp.ATTENTION if alarms else BoxLamp.READY


class Rescue:
    """Which slots are to be switched off and on, because their module stays away."""

    def __init__(self) -> None:
        self._down_since: dict[int, float] = {}
        self._rescued: dict[int, list[float]] = {}

    def look(self, glances: Sequence[LineGlance], now: float) -> list[int]:
        """`now`: monotonic seconds. Each slot at most `RESCUES_PER_HOUR` times an hour."""
        return [glance.slot for glance in glances if self._due(glance, now)]

    def given_up(self, now: float) -> list[int]:
        """Slots whose budget is used up and whose module is still away."""
        return [slot for slot in self._down_since if len(self._recent(slot, now)) >= RESCUES_PER_HOUR]

    def _due(self, glance: LineGlance, now: float) -> bool:
        if glance.state is not LineState.DOWN:
            self._down_since.pop(glance.slot, None)
            return False
        since = self._down_since.setdefault(glance.slot, now)
        if now - since < RESCUE_AFTER_S or len(self._recent(glance.slot, now)) >= RESCUES_PER_HOUR:
            return False
        self._rescued[glance.slot].append(now)
        self._down_since[glance.slot] = now
        return True

    def _recent(self, slot: int, now: float) -> list[float]:
        kept = [at for at in self._rescued.get(slot, []) if now - at < _HOUR_S]
        self._rescued[slot] = kept
        return kept
