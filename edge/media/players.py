"""What a leg hears from the box itself: prompts one after the other, or a tone that goes on.

A player gives one frame of 160 samples per tick and None when it is over. It knows no leg and no time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from edge.calls.actions import Tone
from edge.media.tones import Samples, repeats, tone_cycle
from edge.telephony import Frame
from hal.interfaces import FRAME_SAMPLES


class Player(Protocol):
    def next_frame(self) -> Frame | None:
        """20 ms more; None once everything has been given, and from then on."""
        ...


class PromptPlayer:
    """Plays pieces back to back, as if they were one; the last frame is filled up with silence."""

    def __init__(self, pieces: Sequence[Samples]) -> None:
        self._samples: Samples = np.concatenate(pieces) if pieces else np.zeros(0, np.int16)
        self._position = 0

    def next_frame(self) -> Frame | None:
        if self._position >= len(self._samples):
            return None
        frame = self._samples[self._position : self._position + FRAME_SAMPLES]
        self._position += FRAME_SAMPLES
        return frame if len(frame) == FRAME_SAMPLES else np.pad(frame, (0, FRAME_SAMPLES - len(frame)))


class TonePlayer:
    """Repeats one cadence for ever, or gives it once."""

    def __init__(self, tone: Tone) -> None:
        self._frames: list[Frame] = list(tone_cycle(tone).reshape(-1, FRAME_SAMPLES))
        self._repeats = repeats(tone)
        self._next = 0

    def next_frame(self) -> Frame | None:
        if self._next == len(self._frames):
            if not self._repeats:
                return None
            self._next = 0
        frame = self._frames[self._next]
        self._next += 1
        return frame
