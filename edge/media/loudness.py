"""Speech of one loudness, whatever it came from: shipped prompts and uploaded greetings go through the same gate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hal.interfaces import FRAME_SAMPLES, SAMPLE_RATE_HZ

_TARGET_DBFS = -20.0
"""Active speech level of telephony (ITU-T P.56 measures it so; about -26 to -20 dBov is usual)."""
_PEAK = 0.9
"""Highest sample after normalising: a full-scale one would clip in the codec."""
_ACTIVE_BELOW_PEAK_DB = 35.0
"""A 20 ms stretch this far under the loudest is a pause."""
_FADE_S = 0.008
_MARGIN_S = 0.03
"""Kept around the speech when silence is trimmed: soft first consonants."""

Signal = NDArray[np.float64]
"""Mono, 8 kHz, full scale = 1."""


def active_mask(signal: Signal) -> NDArray[np.bool_]:
    """Which 20 ms stretches hold speech; empty or silent signals have none."""
    stretches = signal[: len(signal) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    levels = np.sqrt((stretches**2).mean(axis=1))
    loudest = float(levels.max(initial=0.0))
    mask: NDArray[np.bool_] = (levels > loudest * 10 ** (-_ACTIVE_BELOW_PEAK_DB / 20)) & (loudest > 0)
    return mask


def active_level_dbfs(signal: Signal) -> float:
    """RMS of the stretches that hold speech, against full scale; minus infinity for silence."""
    mask = active_mask(signal)
    if not mask.any():
        return float("-inf")
    stretches = signal[: len(mask) * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)[mask]
    return float(20 * np.log10(np.sqrt((stretches**2).mean())))


def trimmed(signal: Signal) -> Signal:
    """Without the silence before and after the speech."""
    active = np.flatnonzero(active_mask(signal))
    if not len(active):
        return signal[:0]
    margin = round(_MARGIN_S * SAMPLE_RATE_HZ)
    first = max(0, int(active[0]) * FRAME_SAMPLES - margin)
    return signal[first : (int(active[-1]) + 1) * FRAME_SAMPLES + margin]


def normalised(signal: Signal) -> Signal:
    """Speech at -20 dBFS, or as near as its peaks allow; soft at both ends. Silence stays silence."""
    level = active_level_dbfs(signal)
    if level == float("-inf"):
        return signal
    gain = min(10 ** ((_TARGET_DBFS - level) / 20), _PEAK / float(np.abs(signal).max()))
    louder = signal * gain
    length = min(round(_FADE_S * SAMPLE_RATE_HZ), len(louder) // 2)
    ramp = np.linspace(0.0, 1.0, length, endpoint=False)
    louder[:length] *= ramp
    louder[len(louder) - length :] *= ramp[::-1]
    return louder
