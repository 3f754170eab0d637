"""Sounds for the system tests: noise-like speech that correlates with nothing but itself, and how alike two are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

RATE_HZ = 8000


def voice(seed: int, seconds: float, level: float = 0.25) -> NDArray[np.float64]:
    """A wide-band, syllable-like sound (300–3 000 Hz), different for every seed. Shape (samples,), -1…1."""
    rng = np.random.default_rng(seed)
    count = int(seconds * RATE_HZ)
    spectrum = np.fft.rfft(rng.standard_normal(count))
    frequency = np.fft.rfftfreq(count, 1 / RATE_HZ)
    spectrum[(frequency < 300) | (frequency > 3000)] = 0
    sound = np.fft.irfft(spectrum, count)
    time = np.arange(count) / RATE_HZ
    sound *= 0.6 + 0.4 * np.sin(2 * np.pi * 4 * time + rng.uniform(0, 6))
    return level * sound / np.abs(sound).max()


def write(path: Path, sound: NDArray[np.float64]) -> Path:
    soundfile.write(path, sound, RATE_HZ, subtype="PCM_16")
    return path


def read(path: Path, track: int = 0) -> NDArray[np.float64]:
    """One track of a file at 8 kHz."""
    sound, rate = soundfile.read(path, always_2d=True)
    assert rate == RATE_HZ, f"{path}: {rate} Hz"
    return np.asarray(sound[:, track], dtype=np.float64)


def likeness(said: NDArray[np.float64], heard: NDArray[np.float64], window_s: float = 0.5) -> float:
    """How much of `said` is in `heard`: the best normalised correlation, median over windows of `said`.

    Windows are matched one by one, because modem and box clocks drift apart: over 0.5 s that is far below a sample.
    """
    length = int(window_s * RATE_HZ)
    if len(heard) < length:
        return 0.0
    scores = []
    size = 1 << (len(heard) + length).bit_length()
    spectrum = np.fft.rfft(heard, size)
    energy = np.concatenate(([0.0], np.cumsum(heard**2)))
    norms = np.sqrt(np.maximum(energy[length:] - energy[:-length], 1e-9))
    for start in range(0, len(said) - length + 1, length):
        piece = said[start : start + length]
        if np.abs(piece).max() < 1e-3:
            continue
        correlation = np.fft.irfft(spectrum * np.conj(np.fft.rfft(piece, size)), size)[: len(norms)]
        scores.append(float(np.max(correlation / (norms * np.linalg.norm(piece)))))
    return float(np.median(scores)) if scores else 0.0


def holds(said: NDArray[np.float64], heard: NDArray[np.float64]) -> bool:
    """True when most of what was said is heard; two unlike sounds score below 0.3, the same one above 0.8."""
    return likeness(said, heard) > 0.7


def level_db(sound: NDArray[np.float64]) -> float:
    """RMS in dBFS; -120 for silence."""
    return float(20 * np.log10(max(np.sqrt(np.mean(sound**2)) if len(sound) else 0.0, 1e-6)))
