"""Where a reader or writer of whole frames has to stand while two clocks slide past each other. Pure.

A modem's samples come and go in chunks of 160. Read by our ticks, the newest chunk that is surely there jumps by one
whenever the phase between the two clocks passes a full frame. A reader that keeps one fixed distance large enough for
every phase wastes 10 ms on average; one that follows the jumps clicks. So the steps get a slope: flat for most of a
frame's phase (then frames pass unchanged, bit for bit), and a ramp that the resampler walks in time.
"""

from __future__ import annotations

from hal.interfaces import FRAME_SAMPLES, SAMPLE_RATE_HZ

GUARD_SAMPLES = 3.0e-3 * SAMPLE_RATE_HZ
"""The estimate of the phase is good to about half a millisecond; who walks the ramp may lag behind it by two."""
RAMP_SAMPLES = 10.0e-3 * SAMPLE_RATE_HZ
"""Half of a frame: the ramp is walked at twice the drift of the clocks, so that speech keeps its shape."""


def surely_there(position: float) -> float:
    """Lower staircase: at most the last multiple of 160 at or below `position`, and never a sudden step.

    Just after a multiple the stair before still holds; the rise to the new one is a ramp.
    """
    stair, phase = divmod(position, FRAME_SAMPLES)
    missing = 1.0 - _ramp(phase - GUARD_SAMPLES)
    return (stair - missing) * FRAME_SAMPLES


def surely_needed(position: float) -> float:
    """Upper staircase: at least the last multiple of 160 at or below `position`, rising before the next is reached."""
    stair, phase = divmod(position, FRAME_SAMPLES)
    early = _ramp(phase - (FRAME_SAMPLES - GUARD_SAMPLES - RAMP_SAMPLES))
    return (stair + early) * FRAME_SAMPLES


def _ramp(phase: float) -> float:
    return min(max(phase / RAMP_SAMPLES, 0.0), 1.0)
