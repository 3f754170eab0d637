"""Tones that the box makes itself, as int16 samples at 8 kHz.

Call progress tones as in Vietnam (ITU-T E.180 supplement 2: 425 Hz), the recording warning and the key tones of
ITU-T Q.23. Levels are below those of speech at -20 dBFS, so that a tone never startles.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.calls.actions import Tone
from hal.interfaces import SAMPLE_RATE_HZ

Samples = NDArray[np.int16]
"""Mono, 8 kHz, any length."""

ROW_HZ: Final = (697, 770, 852, 941)
COLUMN_HZ: Final = (1209, 1336, 1477, 1633)
"""Q.23 §2: low and high group."""
KEYS: Final = ("123A", "456B", "789C", "*0#D")
"""Q.23 §3: `KEYS[row][column]`."""

_PROGRESS_HZ = 425.0
_WARNING_HZ = 1400.0
"""The recording warning: far from speech, and no key tone."""
_LEVEL_DBFS = -16.0
_RAMP_S = 0.005
"""Edges of a tone, so that it does not click."""


def sine(frequency_hz: float, seconds: float, level_dbfs: float = _LEVEL_DBFS) -> Samples:
    """A tone with soft edges; `level_dbfs` is its peak against full scale."""
    return _to_samples(_ramped(_wave(frequency_hz, seconds, level_dbfs)))


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * SAMPLE_RATE_HZ), np.int16)


@cache
def tone_cycle(tone: Tone) -> Samples:
    """One cadence of a tone: on and off. RECORDING is one beep and no cadence. Do not write into it."""
    match tone:
        case Tone.RING_BACK:
            parts = (sine(_PROGRESS_HZ, 1.0), silence(4.0))
        case Tone.BUSY:
            parts = (sine(_PROGRESS_HZ, 0.5), silence(0.5))
        case Tone.RECORDING:
            parts = (sine(_WARNING_HZ, 0.3), silence(0.1))
    cycle = np.concatenate(parts)
    cycle.flags.writeable = False
    return cycle


def repeats(tone: Tone) -> bool:
    return tone is not Tone.RECORDING


def key_tone(key: str, seconds: float = 0.12, level_dbfs: float = -12.0, twist_db: float = 0.0) -> Samples:
    """The Q.23 pair of one key; `level_dbfs` of each tone, the high one `twist_db` louder.

    Raises `ValueError` for what is not one of 0-9 * # A-D.
    """
    row = next((number for number, keys in enumerate(KEYS) if len(key) == 1 and key in keys), None)
    if row is None:
        raise ValueError(f"{key!r} is no telephone key: one of 0-9 * # A-D is needed")
    low = _wave(ROW_HZ[row], seconds, level_dbfs - twist_db / 2)
    high = _wave(COLUMN_HZ[KEYS[row].index(key)], seconds, level_dbfs + twist_db / 2)
    return _to_samples(low + high)


def _wave(frequency_hz: float, seconds: float, level_dbfs: float) -> NDArray[np.float64]:
    instants = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    amplitude = 32767.0 * 10 ** (level_dbfs / 20)
    wave: NDArray[np.float64] = amplitude * np.sin(2 * np.pi * frequency_hz * instants)
    return wave


def _ramped(wave: NDArray[np.float64]) -> NDArray[np.float64]:
    length = min(round(_RAMP_S * SAMPLE_RATE_HZ), len(wave) // 2)
    ramp = np.linspace(0.0, 1.0, length, endpoint=False)
    wave[:length] *= ramp
    wave[len(wave) - length :] *= ramp[::-1]
    return wave


def _to_samples(wave: NDArray[np.float64]) -> Samples:
    return np.clip(np.rint(wave), -32768, 32767).astype(np.int16)
