"""Keys heard in the voice itself: a Goertzel bank over 20 ms windows, a new one every 10 ms.

For modems that report no keys of their own, and as a second source beside those that do (`edge.media.key_merger`).
Limits follow ITU-T Q.24 Annex A. A key counts when three windows in a row show it: tones of 45 ms and more are always
heard, tones under 25 ms never. Against talk-off (speech taken for a key) a window must hold little else than its two
tones, neither of them much louder than the other, and no second harmonic: voices have those, key pads do not.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from edge.media.tones import COLUMN_HZ, KEYS, ROW_HZ
from edge.telephony import Frame
from hal.interfaces import FRAME_SAMPLES, SAMPLE_RATE_HZ

_WINDOW = FRAME_SAMPLES
_HOP = FRAME_SAMPLES // 2
_HITS_TO_PRESS = 3
_MISSES_TO_RELEASE = 3
"""30 ms without: shorter gaps are drop-outs of the radio and do not make a second key."""

_LOWEST_TONE = 32768.0 * 10 ** (-40 / 20)
"""Peak of the fainter tone, -40 dBFS: below it a key is not meant for us."""
_PURITY = 0.80
"""Share of the window's energy that the two tones must hold."""
_RIVAL_RATIO = 10 ** (8 / 10)
"""Power of a tone over each other one of its group (the leak of a neighbour in a 20 ms window is -13 dB)."""
_NORMAL_TWIST = 10 ** (9 / 10)
"""Column over row; Q.24: at least 8 dB in the worst network, and 1 dB of leak."""
_REVERSE_TWIST = 10 ** (7 / 10)
"""Row over column."""
_HARMONIC_SHARE = 0.10

_OFF_PITCH: Final = (1.0, 0.988, 1.012)
"""Each tone is looked for at three pitches: Q.24 wants 1.8 % off accepted, and a 20 ms window is that sharp."""
_TONES_HZ: Final = (*ROW_HZ, *COLUMN_HZ)
_BANK_HZ: Final = (*(hz * off for hz in _TONES_HZ for off in _OFF_PITCH), *(2 * hz for hz in _TONES_HZ))


def _bank() -> NDArray[np.float32]:
    """Columns: cosine and sine of each frequency, scaled so that a tone's amplitude comes out."""
    angles = 2 * np.pi * np.outer(np.arange(_WINDOW), np.array(_BANK_HZ)) / SAMPLE_RATE_HZ
    return (np.hstack((np.cos(angles), np.sin(angles))) * (2 / _WINDOW)).astype(np.float32)


_BANK: Final = _bank()


class KeyDetector:
    """Listens to one leg; `hear` returns a key once per press, when it is certain."""

    def __init__(self) -> None:
        self._heard = np.zeros(_HOP + FRAME_SAMPLES, np.float32)
        """The end of the frame before, and the frame."""
        self._windows = sliding_window_view(self._heard, _WINDOW)[::_HOP]
        self._candidate: str | None = None
        self._hits = 0
        self._pressed: str | None = None
        self._misses = 0

    def hear(self, frame: Frame | None) -> str | None:
        """One frame of 160 samples; None (nothing arrived) counts as silence."""
        self._heard[:_HOP] = self._heard[FRAME_SAMPLES:]
        self._heard[_HOP:] = 0 if frame is None else frame
        pressed = None
        for key in keys_in(self._windows):
            pressed = self._count(key) or pressed
        return pressed

    def _count(self, key: str | None) -> str | None:
        """One window more; returns the key at the moment its press is certain."""
        self._hits = self._hits + 1 if key is not None and key == self._candidate else int(key is not None)
        self._candidate = key
        if key is not None and key == self._pressed:
            self._misses = 0
            return None
        if self._hits >= _HITS_TO_PRESS:
            self._pressed, self._misses = key, 0
            return key
        self._misses += 1
        if self._misses >= _MISSES_TO_RELEASE:
            self._pressed = None
        return None


def keys_in(windows: NDArray[np.float32]) -> list[str | None]:
    """The key that each window (rows of 160 samples) holds from end to end, or None."""
    energies = np.einsum("ij,ij->i", windows, windows) * (2 / _WINDOW)
    if not np.any(energies > 2 * _LOWEST_TONE**2):
        return [None] * len(windows)
    parts = windows @ _BANK
    powers = parts[:, : len(_BANK_HZ)] ** 2 + parts[:, len(_BANK_HZ) :] ** 2
    pitches = len(_TONES_HZ) * len(_OFF_PITCH)
    tones = powers[:, :pitches].reshape(len(windows), len(_TONES_HZ), len(_OFF_PITCH)).max(axis=2)
    judged = zip(tones, powers[:, pitches:], energies, strict=True)
    return [_judge(tone, harmonics, float(energy)) for tone, harmonics, energy in judged]


def _judge(tones: NDArray[np.float32], harmonics: NDArray[np.float32], energy: float) -> str | None:
    """Powers (amplitude²) of the eight tones and of their second harmonics; the window's energy on the same scale."""
    rows, columns = tones[:4], tones[4:]
    row, column = int(rows.argmax()), int(columns.argmax())
    low, high = float(rows[row]), float(columns[column])
    pure = low + high >= _PURITY * energy and min(low, high) >= _LOWEST_TONE**2
    if not pure or high > _NORMAL_TWIST * low or low > _REVERSE_TWIST * high:
        return None
    if _has_rival(rows, row) or _has_rival(columns, column):
        return None
    harmonic = float(harmonics[row] + harmonics[4 + column])
    return None if harmonic > _HARMONIC_SHARE * (low + high) else KEYS[row][column]


def _has_rival(group: NDArray[np.float32], best: int) -> bool:
    return bool(np.count_nonzero(group * _RIVAL_RATIO > group[best]) > 1)
