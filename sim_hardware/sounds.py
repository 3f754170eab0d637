"""Sounds of the simulated world: Q.23 keys, the network's tones, a voice-like murmur, and WAV files in and out.

All samples are int16, mono, 8 kHz; a frame is 160 of them (20 ms). Everything is computed once as whole arrays; playing
a frame is a slice.
"""

from __future__ import annotations

import wave
from functools import cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from hal.interfaces import FRAME_SAMPLES, SAMPLE_RATE_HZ
from sim_hardware.errors import RequestError, WorldError

Samples: TypeAlias = NDArray[np.int16]

# Q.23 §2: one low and one high frequency per key
ROWS_HZ = (697, 770, 852, 941)
COLUMNS_HZ = (1209, 1336, 1477, 1633)
KEYPAD = ("123A", "456B", "789C", "*0#D")
KEYS = frozenset("".join(KEYPAD))
KEY_LEVEL = 0.2
"""Of full scale per frequency: some -14 dBFS each, what a phone sends (Q.24 asks no more than -3 dBm)."""
TONE_HZ = 425
TONE_LEVEL = 0.12
SILENCE: Samples = np.zeros(FRAME_SAMPLES, dtype=np.int16)


def key_tone(key: str, duration_s: float) -> Samples:
    """The two frequencies of `key`, starting at phase 0. Raises `RequestError` for what is no key."""
    for row, keys in zip(ROWS_HZ, KEYPAD, strict=True):
        if key in keys and len(key) == 1:
            column = COLUMNS_HZ[keys.index(key)]
            t = np.arange(round(duration_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
            both = np.sin(2 * np.pi * row * t) + np.sin(2 * np.pi * column * t)
            return (both * KEY_LEVEL * 32767).astype(np.int16)
    raise RequestError(f"key {key!r} is none of 0–9, *, #, A–D")


def _cadence(on_s: float, off_s: float) -> Samples:
    t = np.arange(round(on_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    on = (np.sin(2 * np.pi * TONE_HZ * t) * TONE_LEVEL * 32767).astype(np.int16)
    return np.concatenate([on, np.zeros(round(off_s * SAMPLE_RATE_HZ), dtype=np.int16)])


@cache
def ring_back() -> Samples:
    """One period: 425 Hz for 1 s, 4 s of silence (E.180 supplement 2, Viet Nam)."""
    return _cadence(1.0, 4.0)


@cache
def busy_tone() -> Samples:
    """One period: 425 Hz for 0.5 s, 0.5 s of silence."""
    return _cadence(0.5, 0.5)


@cache
def murmur(seed: int, duration_s: float = 8.0) -> Samples:
    """Something like a voice without words: harmonics of a moving pitch under vowel-like formants, in syllables."""
    rng = np.random.default_rng(seed)
    count = round(duration_s * SAMPLE_RATE_HZ)
    t = np.arange(count) / SAMPLE_RATE_HZ
    steps = np.arange(0, duration_s + 0.25, 0.25)  # a syllable each quarter of a second
    pitch_hz = np.interp(t, steps, rng.uniform(0.8, 1.25, len(steps)) * rng.choice([115.0, 190.0]))
    first_hz = np.interp(t, steps, rng.uniform(300, 800, len(steps)))
    second_hz = np.interp(t, steps, rng.uniform(900, 2200, len(steps)))
    loud = np.interp(t, steps, rng.choice([0.15, 0.6, 1.0], len(steps))) * (0.55 - 0.45 * np.cos(2 * np.pi * 4 * t))
    phase = 2 * np.pi * np.cumsum(pitch_hz) / SAMPLE_RATE_HZ
    sound = np.zeros(count)
    for harmonic in range(1, 18):
        f = harmonic * pitch_hz
        formants = np.exp(-(((f - first_hz) / 180) ** 2)) + 0.6 * np.exp(-(((f - second_hz) / 250) ** 2))
        sound += (formants + 0.03) * np.sin(harmonic * phase) * (f < SAMPLE_RATE_HZ / 2)
    sound *= loud
    voice: Samples = (sound / np.max(np.abs(sound)) * 0.35 * 32767).astype(np.int16)
    return voice


def frame_of(samples: Samples, index: int, *, loop: bool = False) -> Samples:
    """Frame `index` of a sound: silence beyond its ends, or round and round."""
    start = index * FRAME_SAMPLES
    if loop:
        start %= len(samples)
    if start < 0 or start >= len(samples):
        return SILENCE
    frame = samples[start : start + FRAME_SAMPLES]
    return frame if len(frame) == FRAME_SAMPLES else np.concatenate([frame, SILENCE[len(frame) :]])


def mix(frames: list[Samples]) -> Samples:
    """The sum, clipped; no frames: silence."""
    if not frames:
        return SILENCE
    if len(frames) == 1:
        return frames[0]
    total = np.sum(np.stack(frames).astype(np.int32), axis=0)
    clipped: Samples = np.clip(total, -32768, 32767).astype(np.int16)
    return clipped


def read_wav(path: Path, what: str) -> Samples:
    """A WAV of 8 or 16 kHz, mono, 16 bit as 8 kHz samples; `RequestError` naming `what` and the file otherwise."""
    try:
        info = soundfile.info(str(path))
        samples, rate_hz = soundfile.read(str(path), dtype="int16", always_2d=True)
    except (OSError, RuntimeError) as error:
        raise RequestError(f"{what}: cannot read {path}: {error}") from error
    found = f"{info.format} {info.subtype}, {rate_hz} Hz, {samples.shape[1]} channel(s)"
    if info.format not in ("WAV", "WAVEX") or info.subtype != "PCM_16" or samples.shape[1] != 1:
        raise RequestError(f"{what}: {path} must be a WAV, mono, 16 bit; it is {found}")
    if rate_hz not in (SAMPLE_RATE_HZ, 2 * SAMPLE_RATE_HZ):
        raise RequestError(f"{what}: {path} must have 8000 or 16000 Hz; it is {found}")
    voice: Samples = samples[:, 0]
    if rate_hz != SAMPLE_RATE_HZ:
        voice = soxr.resample(voice, rate_hz, SAMPLE_RATE_HZ).astype(np.int16)
    return voice


def writable_wav(path: Path, what: str) -> Path:
    """`path` if a file can be made there; `RequestError` otherwise, before the call rather than after it."""
    if path.is_dir() or not path.parent.is_dir():
        raise RequestError(f"{what}: cannot write {path}: no file of a directory that exists")
    fresh = _unfinished(path)
    try:
        fresh.touch()
        fresh.unlink()
    except OSError as error:
        raise RequestError(f"{what}: cannot write {path}: {error.strerror}") from error
    return path


def _unfinished(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def write_wav(path: Path, pcm: bytes) -> None:
    """8 kHz, mono, 16 bit; appears whole or not at all. Raises `WorldError`."""
    fresh = _unfinished(path)
    try:
        with fresh.open("wb") as raw, wave.open(raw, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE_HZ)
            file.writeframes(pcm)
        fresh.replace(path)
    except OSError as error:
        raise WorldError(f"cannot write {path}: {error}") from error
