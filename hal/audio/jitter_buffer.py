"""What lies between a modem's PCM port and our 20 ms clock, each way. Pure: time comes as an argument.

Inbound, chunks arrive scattered and on the modem's clock; each of our ticks reads one frame. Outbound, each tick brings
a frame of ours and the modem fetches frames on its clock: what is written follows that clock, known from the inbound
stream of the same port. Both stand where `hal.audio.staircase` says and walk there by resampling less than half
a per mille, so nothing clicks, speech keeps its shape, nothing is lost and neither side runs dry.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hal.audio.drift import ModemClockEstimate
from hal.audio.resampler import ResamplingQueue
from hal.audio.staircase import surely_needed, surely_there
from hal.interfaces import FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE_HZ, Frame

MARGIN_S = 0.003
"""For the lateness of our own ticks, beyond the jitter that arrivals show."""
MAX_ERROR_SAMPLES = 0.100 * SAMPLE_RATE_HZ
"""Further off than this is no drift: the distance is taken in one jump."""
_SMOOTHING = 0.02
"""Of the distance, per tick: a late tick of ours is no reason to move."""
_SET_OFF, _ARRIVE = 16.0, 2.0
"""Samples off at which one begins and ends to walk; between walks frames pass unchanged, bit for bit."""
_GAIN = 0.006
_MAX_CORRECTION = 0.072
"""Samples per frame, 450 per million: 0.8 cents of pitch; half a second of speech shifts by 0.2 ms at most."""
_SETTLED_TICKS = 25
_YOUNG_SMOOTHING = 0.15
_SPARE_SAMPLES = 8
"""Kept in either queue so that the interpolation always has its neighbours."""
_TICK_MISSED_S = 1.5 * FRAME_MS / 1000
_ALIGNMENT_GAIN = 0.05
_SILENCE = np.zeros(FRAME_SAMPLES, dtype=np.int16)


class Pursuit:
    """How many samples more (or fewer) to take per frame, so that a distance closes without being heard.

    Half a second into a call the modem's clock is known well enough: what is off then is taken in one blended leap.
    """

    def __init__(self) -> None:
        self._error = 0.0
        self._walking = False
        self._ticks = 0

    def measured(self, error: float) -> None:
        """`error`: samples we should be further by, at this tick."""
        self._ticks += 1
        smoothing = _YOUNG_SMOOTHING if self._ticks <= _SETTLED_TICKS else _SMOOTHING
        self._error += smoothing * (error - self._error)

    def leap(self) -> float:
        """Samples to skip (or to take again) at this tick, blended; 0 at almost all of them."""
        if self._ticks != _SETTLED_TICKS or abs(self._error) < _SET_OFF:
            return 0.0
        leap = self._error
        self.restart()
        return leap

    def correction(self) -> float:
        """Samples more (or fewer) to take in this frame."""
        self._walking = abs(self._error) > (_ARRIVE if self._walking else _SET_OFF)
        if not self._walking:
            return 0.0
        return min(max(_GAIN * self._error, -_MAX_CORRECTION), _MAX_CORRECTION)

    def restart(self) -> None:
        """After a jump nothing is owed."""
        self._error = 0.0
        self._walking = False


class InboundBuffer:
    """Chunks in, one frame per tick out."""

    def __init__(self, modem_clock: ModemClockEstimate) -> None:
        self.frames_late = 0.0
        self.frames_lost = 0.0
        self.frames_missing = 0
        self.frames_read = 0
        self._clock = modem_clock
        self._queue = ResamplingQueue()
        self._pursuit = Pursuit()
        self._arrived = 0
        self._aligned = 1.0
        """How many arrivals end on a whole frame, lately: 1 is all."""
        self._longest_chunk = FRAME_SAMPLES
        self._reading = False
        self._read_at = float("-inf")

    @property
    def arrived_samples(self) -> int:
        return self._arrived

    @property
    def waiting_samples(self) -> float:
        return self._queue.written - self._queue.position

    def arrived(self, samples: NDArray[np.int16], now_s: float) -> None:
        self._queue.push(samples)
        self._arrived += len(samples)
        self._clock.arrived(now_s, self._arrived)
        on_frame = 0.0 if self._arrived % FRAME_SAMPLES else 1.0
        self._aligned += _ALIGNMENT_GAIN * (on_frame - self._aligned)
        self._longest_chunk = max(len(samples), self._longest_chunk - 1)

    def read(self, now_s: float) -> Frame | None:
        """The frame due at this tick; None before the first and when the modem is behind."""
        if not self._clock.known:
            return None
        target = self._target(now_s)
        if not self._reading:
            if target < FRAME_SAMPLES - _SPARE_SAMPLES:
                return None
            self._reading = True
            self._queue.skip(target - FRAME_SAMPLES - self._queue.position)
        step = self._step(target, now_s)
        leap = self._pursuit.leap()
        self._read_at = now_s
        if not self._queue.has(step + max(leap, 0.0)):
            self.frames_missing += 1
            return None
        self.frames_read += 1
        return self._queue.pull(step) if leap == 0.0 else self._queue.pull_blended(leap)

    def _target(self, now_s: float) -> float:
        """Where reading should stand after this tick: everything before has surely arrived."""
        position = self._clock.position(now_s) - (self._clock.late_s + MARGIN_S) * SAMPLE_RATE_HZ
        if self._aligned > 0.9:
            return surely_there(position) - _SPARE_SAMPLES
        return position - min(self._longest_chunk, 2 * FRAME_SAMPLES) - _SPARE_SAMPLES

    def _step(self, target: float, now_s: float) -> float:
        error = target - (self._queue.position + FRAME_SAMPLES)
        if error > MAX_ERROR_SAMPLES:
            self._jump(error, now_s)
            return float(FRAME_SAMPLES)
        self._pursuit.measured(error)
        return FRAME_SAMPLES + self._pursuit.correction()

    def _jump(self, samples: float, now_s: float) -> None:
        """Audio that became old: our ticks stood still, or the modem sent in a burst what nobody could play."""
        self._queue.skip(round(samples))
        self._pursuit.restart()
        if now_s - self._read_at > _TICK_MISSED_S:
            self.frames_late += samples / FRAME_SAMPLES
        else:
            self.frames_lost += samples / FRAME_SAMPLES


class OutboundBuffer:
    """One frame per tick in, none, one or two for the modem out."""

    def __init__(self, modem_clock: ModemClockEstimate) -> None:
        self.frames_dropped = 0
        self._clock = modem_clock
        self._queue = ResamplingQueue()
        self._pursuit = Pursuit()
        self._written = 0.0
        """Samples given to the modem, counted on from what it had consumed at the first."""
        self._writing = False

    def write(self, frame: Frame, now_s: float, consumed_samples: int) -> list[Frame]:
        """`consumed_samples`: what the modem has sent so far, and so has fetched as well."""
        target = self._target(now_s)
        if self._writing and target - self._standing() > MAX_ERROR_SAMPLES + FRAME_SAMPLES:
            self._writing = False  # we were silent for a while: the modem has played its own silence
        if not self._writing:
            self._begin(target, consumed_samples)
        elif self._standing() + FRAME_SAMPLES - target > MAX_ERROR_SAMPLES:
            self.frames_dropped += 1
            return []
        self._queue.push(frame)
        self._pursuit.measured(target - self._standing())
        return self._due(FRAME_SAMPLES - self._pursuit.correction(), -self._pursuit.leap())

    def _target(self, now_s: float) -> float:
        """What must have been given or be at hand after this tick to last until the next."""
        ahead_s = self._clock.early_s + MARGIN_S + FRAME_MS / 1000
        return surely_needed(self._clock.position(now_s + ahead_s)) + _SPARE_SAMPLES

    def _standing(self) -> float:
        return self._written + self._queue.written - self._queue.position

    def _begin(self, target: float, consumed_samples: int) -> None:
        """Silence first, so that the modem has enough until our next tick."""
        self._writing = True
        self._pursuit.restart()
        self._queue.clear()
        self._written = float(consumed_samples)
        silence = round(target - self._standing() - FRAME_SAMPLES)
        while silence > 0:
            self._queue.push(_SILENCE[: min(silence, FRAME_SAMPLES)])
            silence -= FRAME_SAMPLES

    def _due(self, step: float, leap: float) -> list[Frame]:
        frames: list[Frame] = []
        while self._queue.has(step + max(leap, 0.0)):
            frames.append(self._queue.pull(step) if leap == 0.0 else self._queue.pull_blended(leap))
            self._written += FRAME_SAMPLES
            step, leap = float(FRAME_SAMPLES), 0.0
        return frames
