"""A person's mouth and ear: sound by frame number, counted from his connection.

Frame i is the 20 ms that begin i x 20 ms after he was connected. Whoever drives the voice path (a modem's PCM clock, or
the exchange's own ticker) asks for consecutive frames; when the driver changes, the number follows the time again, so
that a WAV spoken before the modem opened its audio is simply not heard, as in life.
"""

from __future__ import annotations

import numpy as np

from hal.interfaces import FRAME_BYTES, SAMPLE_RATE_HZ
from sim_hardware.person import KEY_ON_S, KEY_PAUSE_S, KeyPress
from sim_hardware.sounds import SILENCE, Samples, frame_of, key_tone

FRAME_S = 0.020


def speech(say: Samples | None, keys: tuple[KeyPress, ...]) -> Samples:
    """All that he sends: the WAV from his connection on, each key laid over it (tone and pause mute the speech)."""
    parts: list[tuple[int, Samples]] = []
    pause = np.zeros(round(KEY_PAUSE_S * SAMPLE_RATE_HZ), dtype=np.int16)
    for press in keys:
        tone = np.concatenate([key_tone(press.key, KEY_ON_S), pause])
        parts.append((round(press.at_s * SAMPLE_RATE_HZ), tone))
    spoken = SILENCE[:0] if say is None else say
    length = max([len(spoken), *(start + len(tone) for start, tone in parts)])
    whole = np.zeros(length, dtype=np.int16)
    whole[: len(spoken)] = spoken
    for start, tone in parts:
        whole[start : start + len(tone)] = tone
    return whole


class Ear:
    """What he hears, as one stretch of real time from his connection on; what nobody sent is silence."""

    def __init__(self) -> None:
        self._pcm = bytearray()

    def hear(self, index: int, frame: Samples) -> None:
        start = index * FRAME_BYTES
        if len(self._pcm) < start:
            self._pcm += bytes(start - len(self._pcm))
        self._pcm[start : start + FRAME_BYTES] = frame.tobytes()

    def recording(self, duration_s: float) -> bytes:
        """The samples of exactly `duration_s`, 8 kHz S16LE."""
        size = 2 * round(duration_s * SAMPLE_RATE_HZ)
        return bytes(self._pcm[:size].ljust(size, b"\0"))


class PersonVoice:
    """One person's voice in one call, from `connected_s` on."""

    def __init__(self, sound: Samples, ear: Ear | None, connected_s: float) -> None:
        self._sound = sound
        self._ear = ear
        self._connected_s = connected_s
        self._driver = ""
        self._index = 0

    def advance(self, driver: str, now: float) -> int:
        """The next frame's number, for `driver`."""
        self._index += 1
        if driver != self._driver:
            self._driver = driver
            self._index = max(0, round((now - self._connected_s) / FRAME_S))
        return self._index

    def speak(self, index: int) -> Samples:
        return frame_of(self._sound, index)

    def hear(self, index: int, frame: Samples) -> None:
        if self._ear is not None:
            self._ear.hear(index, frame)

    def recording(self, duration_s: float) -> bytes | None:
        return None if self._ear is None else self._ear.recording(duration_s)
