"""Voice as 20 ms frames: it never passes through events; an `AudioPort` is read and written by the media clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

FRAME_MS = 20
SAMPLE_RATE_HZ = 8000
FRAME_SAMPLES = SAMPLE_RATE_HZ * FRAME_MS // 1000
FRAME_BYTES = 2 * FRAME_SAMPLES

Frame: TypeAlias = NDArray[np.int16]
"""160 samples, mono, 8 kHz, S16."""


@dataclass(frozen=True, slots=True)
class AudioStatistics:
    frames_in: int = 0
    frames_out: int = 0
    frames_late: int = 0
    """Arrived too late to be played."""
    frames_lost: int = 0
    """Arrived in time and were not played."""
    frames_missing: int = 0
    """Nothing to play at a tick."""
    frames_dropped_out: int = 0
    """The device did not drain: not written."""
    drift_ppm: float = 0.0
    """Modem clock against ours, as estimated."""


class AudioPort(Protocol):
    """The voice path of a modem, polled by the media clock every 20 ms."""

    def read_frame(self) -> Frame | None:
        """The next frame from the far end; None while no audio is due (path closed, or it is late)."""
        ...

    def write_frame(self, frame: Frame) -> None:
        """Queues 20 ms for the far end; never blocks, drops by policy when the device does not drain."""
        ...

    @property
    def statistics(self) -> AudioStatistics: ...
