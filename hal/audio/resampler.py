"""A queue of samples read at a rate a little off its own: frames of 160 out of 159.7 or 160.3. Pure numpy.

A windowed sinc of 8 points interpolates; over one frame its phase moves by less than half a sample, so two filters, the
one of the first sample and the one of the last, are blended along the frame. At exactly 160 per frame on a whole sample
the frame is copied. Invariants: what is read is continuous whatever steps were asked; reading costs two correlations
at most.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hal.interfaces import FRAME_SAMPLES, Frame

TAPS = 8
LOOK_AHEAD = TAPS // 2
"""Samples after the reading position that must be there."""
_BEFORE = LOOK_AHEAD - 1
_PHASES = 2048
_FIRST_PHASE, _LAST_PHASE = -0.5, 1.5
"""Phases of a filter: a frame may end half a sample off where it would at the nominal rate."""
_CAPACITY = 16_384
_ON_A_SAMPLE = 1e-6
"""Sums of fractions end up this close to a whole sample when they mean one."""
_RAMP = (np.arange(FRAME_SAMPLES, dtype=np.float32) / FRAME_SAMPLES).astype(np.float32)


def _filters() -> NDArray[np.float32]:
    """Row p: the weights of the 8 neighbours of a point at phase p after the fourth of them, Kaiser-windowed."""
    phases = np.arange(int((_LAST_PHASE - _FIRST_PHASE) * _PHASES) + 1) / _PHASES + _FIRST_PHASE
    distance = np.arange(-_BEFORE, LOOK_AHEAD + 1)[None, :] - phases[:, None]
    window = np.i0(5.0 * np.sqrt(np.clip(1.0 - (distance / (LOOK_AHEAD + 0.5)) ** 2, 0.0, 1.0))) / np.i0(5.0)
    weights = np.sinc(distance) * window
    filters: NDArray[np.float32] = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return filters


_FILTERS = _filters()


class ResamplingQueue:
    """Samples in by `push`, frames out by `pull(step)`: `step` samples of the queue become one frame."""

    def __init__(self) -> None:
        self._samples = np.zeros(_CAPACITY, dtype=np.int16)
        self._end = 0
        self._position = 0.0
        self._dropped = 0
        """Samples cut off at the front of the array so far."""
        self.clear()

    @property
    def written(self) -> int:
        """Samples pushed since `clear`."""
        return self._end + self._dropped

    @property
    def position(self) -> float:
        """Where reading stands, in samples since `clear`."""
        return self._position + self._dropped

    def clear(self) -> None:
        """Empty; silence stands before the first sample."""
        self._samples[:TAPS] = 0
        self._end = TAPS
        self._position = float(TAPS)
        self._dropped = -TAPS

    def push(self, samples: NDArray[np.int16]) -> None:
        """Append; when nobody reads, the oldest are overwritten."""
        count = len(samples)
        if self._end + count > _CAPACITY:
            self._make_room(count)
        self._samples[self._end : self._end + count] = samples
        self._end += count

    def has(self, step: float) -> bool:
        """Whether a frame of `step` samples can be read."""
        needed = self._position + step
        if needed % 1.0 == 0.0 and self._position % 1.0 == 0.0:
            return needed <= self._end
        return needed + LOOK_AHEAD + 1 <= self._end

    def skip(self, count: float) -> None:
        """Leave out samples (positive) or read some again (negative), as far as they are there."""
        self._position = min(max(self._position + count, float(TAPS)), float(self._end))

    def pull(self, step: float) -> Frame:
        """The next frame; `has(step)` is true."""
        whole = int(self._position)
        phase = self._position - whole
        self._position += step
        if abs(self._position - round(self._position)) < _ON_A_SAMPLE:
            self._position = float(round(self._position))
        if phase == 0.0 and step == FRAME_SAMPLES:
            return self._samples[whole : whole + FRAME_SAMPLES].copy()
        window = self._samples[whole - _BEFORE : whole + FRAME_SAMPLES + LOOK_AHEAD].astype(np.float32)
        first = _filter(phase)
        frame = np.correlate(window, first)
        if step != FRAME_SAMPLES:
            frame += _RAMP * np.correlate(window, _filter(phase + step - FRAME_SAMPLES) - first)
        np.rint(frame, out=frame)
        np.clip(frame, -32768.0, 32767.0, out=frame)
        return frame.astype(np.int16)

    def pull_blended(self, leap: float) -> Frame:
        """The next frame, fading over its length to where reading goes on: `leap` samples (whole) further or back.

        `has(FRAME_SAMPLES + leap)` is true.
        """
        start = self._position
        before = self.pull(float(FRAME_SAMPLES))
        self._position = max(start + round(leap), float(TAPS))
        after = self.pull(float(FRAME_SAMPLES))
        blended: Frame = np.rint(before + _RAMP * (after.astype(np.float32) - before)).astype(np.int16)
        return blended

    def _make_room(self, count: int) -> None:
        """Move what is still wanted to the front; keep the filter's history before it."""
        start = max(int(self._position) - TAPS, self._end + count + TAPS - _CAPACITY, 0)
        kept = self._end - start
        self._samples[:kept] = self._samples[start : self._end]
        self._end = kept
        self._dropped += start
        self._position = max(self._position - start, float(TAPS))


def _filter(phase: float) -> NDArray[np.float32]:
    row: NDArray[np.float32] = _FILTERS[round((phase - _FIRST_PHASE) * _PHASES)]
    return row
