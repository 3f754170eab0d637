"""Who hears whom: one gain matrix over the legs, applied to one 20 ms frame of each.

Row = listener, column = speaker, cell = gain. A bridge is two cells, a conference a square without its diagonal,
listening, whispering and barging are single cells of the same matrix. A player is heard by its own leg only, on top of
what the row says.

Invariants: a leg hears nobody until a gain is set; removing a leg clears its row and its column; sums saturate at the
ends of int16 and never wrap. Legs lie densely in rows 0..n-1, so that a tick is one matrix product over all of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from edge.telephony import Frame, LegId
from hal.interfaces import FRAME_SAMPLES

_INITIAL_LEGS = 16
"""Eight lines and as many phones; doubles when more come."""
_LOWEST, _HIGHEST = -32768.0, 32767.0


class Mixer:
    """The matrix and its scratch memory. Not thread-safe: one clock mixes."""

    def __init__(self) -> None:
        self._rows: dict[LegId, int] = {}
        # float32 holds the sum of 512 full-scale legs exactly.
        self._gains: NDArray[np.float32] = np.zeros((_INITIAL_LEGS, _INITIAL_LEGS), np.float32)
        self._speech: NDArray[np.float32] = np.zeros((_INITIAL_LEGS, FRAME_SAMPLES), np.float32)

    @property
    def legs(self) -> tuple[LegId, ...]:
        """In the order of their rows."""
        return tuple(self._rows)

    def add_leg(self, leg: LegId) -> None:
        """A leg that hears nobody and is heard by nobody yet. Raises `ValueError` when it is in the matrix already."""
        if leg in self._rows:
            raise ValueError(f"leg {leg} is in the mixer already")
        if len(self._rows) == len(self._gains):
            self._grow()
        self._rows[leg] = len(self._rows)

    def remove_leg(self, leg: LegId) -> None:
        """Nobody hears it, it hears nobody. Raises `KeyError` for a leg that is not there."""
        hole, last = self._rows.pop(leg), len(self._rows)
        if hole != last:
            self._move_row(last, hole)
        self._gains[last, :] = 0
        self._gains[:, last] = 0

    def set_gain(self, listener: LegId, speaker: LegId, gain: float) -> None:
        """One cell: 0 disconnects, 1 as it is. Raises `KeyError` (no such leg) or `ValueError` (no such gain)."""
        if not (math.isfinite(gain) and gain >= 0):
            raise ValueError(f"gain {gain} of {speaker} for {listener}: a finite number of 0 or more is needed")
        self._gains[self._rows[listener], self._rows[speaker]] = gain

    def gain(self, listener: LegId, speaker: LegId) -> float:
        return float(self._gains[self._rows[listener], self._rows[speaker]])

    def mix(self, frames: Mapping[LegId, Frame | None], players: Mapping[LegId, Frame | None]) -> dict[LegId, Frame]:
        """What each leg hears in this tick; every leg of the matrix gets a frame, silence included.

        `frames`: what each leg says, `players`: what is played to it; missing and None mean silence. The frames
        returned are rows of one new array: they may be kept.
        """
        count = len(self._rows)
        speech = self._speech[:count]
        for leg, row in self._rows.items():
            frame = frames.get(leg)
            speech[row] = 0 if frame is None else frame
        heard = self._gains[:count, :count] @ speech
        for leg, played in players.items():
            if played is not None and leg in self._rows:
                heard[self._rows[leg]] += played
        np.rint(heard, out=heard)
        np.clip(heard, _LOWEST, _HIGHEST, out=heard)
        return dict(zip(self._rows, heard.astype(np.int16), strict=True))

    def _move_row(self, old: int, new: int) -> None:
        self._gains[new, :] = self._gains[old, :]
        self._gains[:, new] = self._gains[:, old]
        moved = next(leg for leg, row in self._rows.items() if row == old)
        self._rows[moved] = new
        self._rows = dict(sorted(self._rows.items(), key=lambda item: item[1]))

    def _grow(self) -> None:
        size = len(self._gains)
        self._gains = np.pad(self._gains, (0, size))
        self._speech = np.zeros((2 * size, FRAME_SAMPLES), np.float32)
