"""Short sounds that are found again in a stream: bursts of noise of four kinds, and the ear that hears them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hal.interfaces import FRAME_SAMPLES, SAMPLE_RATE_HZ

KINDS = 4
BURST_SAMPLES = 64
"""8 ms."""
_LOUD = 12_000
_LIKE = 0.75
"""Normalised correlation; unlike bursts stay below 0.5, resampled ones above 0.9."""
_QUIET = 1_000.0

Samples = NDArray[np.int16]


def bursts() -> NDArray[np.float64]:
    """One kind of burst per row, band-limited as speech is. Shape (4, 64), of unit energy."""
    rng = np.random.default_rng(20)
    spectrum = np.fft.rfft(rng.standard_normal((KINDS, BURST_SAMPLES)))
    spectrum[:, np.fft.rfftfreq(BURST_SAMPLES, 1 / SAMPLE_RATE_HZ) > 3000] = 0
    spectrum[:, 0] = 0
    found = np.fft.irfft(spectrum, BURST_SAMPLES)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))


_BURSTS = bursts()


@dataclass(frozen=True, slots=True)
class Heard:
    kind: int
    at_s: float
    """When its first sample left the port."""


class Mouth:
    """Frames of silence; every `every`th begins with a burst, its kinds in turn. `said` are the instants.

    `now`: of the machine; `due`: of the modem's even clock.
    """

    def __init__(self, now: Callable[[], float], due: Callable[[], float], every: int) -> None:
        self.said: list[float] = []
        self.said_smoothly: list[float] = []
        self._now = now
        self._due = due
        self._every = every
        self._frames = 0

    def frame(self) -> bytes:
        """The next 20 ms, which go into the port now."""
        self._frames += 1
        samples = np.zeros(FRAME_SAMPLES, dtype=np.int16)
        if self._frames % self._every == 0:
            burst = _BURSTS[len(self.said) % KINDS]
            samples[:BURST_SAMPLES] = burst * (_LOUD / np.abs(burst).max())
            self.said.append(self._now())
            self.said_smoothly.append(self._due())
        return samples.tobytes()


class Ear:
    """`hear` what comes out of a port; `heard` are the bursts in it.

    A burst at sample i of what comes out now is heard i/8000 s from now.
    """

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self._tail = np.zeros(BURST_SAMPLES - 1)

    def hear(self, data: bytes, now_s: float) -> None:
        fresh = np.frombuffer(data, dtype="<i2").astype(np.float64)
        window = np.concatenate([self._tail, fresh])
        self._tail = window[len(window) - BURST_SAMPLES + 1 :]
        if np.abs(window).max() < _QUIET:
            return
        energy = np.concatenate(([0.0], np.cumsum(window**2)))
        norms = np.sqrt(np.maximum(energy[BURST_SAMPLES:] - energy[:-BURST_SAMPLES], _QUIET))
        scores = np.stack([np.correlate(window, burst) for burst in _BURSTS]) / norms
        kind, place = np.unravel_index(int(scores.argmax()), scores.shape)
        if scores[kind, place] > _LIKE:
            offset = int(place) - (BURST_SAMPLES - 1)
            self.heard.append(Heard(int(kind), now_s + offset / SAMPLE_RATE_HZ))


def pair(said: list[float], heard: list[Heard], every_s: float) -> tuple[list[float], int]:
    """Delays of the bursts that were heard, in seconds, and how many were not.

    Kinds come in turn, so that delays up to three bursts are told apart; the last second is left out, its bursts may be
    on the way.
    """
    delays: list[float] = []
    missing = 0
    counted = [at for at in said if at < said[-1] - 1.0]
    place = 0
    for number, at in enumerate(counted):
        while place < len(heard) and heard[place].at_s < at:
            place += 1
        near = [each for each in heard[place : place + KINDS] if each.at_s < at + (KINDS - 1) * every_s]
        found = next((each for each in near if each.kind == number % KINDS), None)
        if found is None:
            missing += 1
        else:
            delays.append(found.at_s - at)
    return delays, missing
