"""The modem's clock as seen from ours, from when its samples arrive. Pure.

The samples of a PCM port come on the modem's crystal, each arrival moved by some milliseconds of USB and scheduling. A
line is fitted through (arrival, samples so far): its slope is the modem's rate, its height tells at any moment where
the modem is, much finer than single arrivals do. The remaining scatter is the jitter both buffers must bridge.

Invariants: the position never runs backwards by more than a correction of the fit; the rate stays within ±500 ppm of
nominal (crystals are ±100); after a gap in the stream the line is laid anew at the old rate.
"""

from __future__ import annotations

from hal.interfaces import SAMPLE_RATE_HZ

_SLOWEST_GAIN = 0.003
"""Weight of one arrival in the height once many are known: a memory of 330 arrivals, 7 s."""
_RATE_GAIN = _SLOWEST_GAIN**2 / 4
"""Critically damped: the rate follows within some 20 s, with about 20 ppm of noise."""
_RATE_FROM_ARRIVALS = 50
"""Before that many the slope is all jitter."""
_MAX_DRIFT = 500e-6
_OUTLIER_S = 0.030
_BROKEN_S = 0.100
"""Arrivals this far off, several in a row, are another stream."""
_BROKEN_ARRIVALS = 5
_FIRST_JITTER_S = 0.012
"""Assumed until measured: field notes speak of ±10 ms, and the first estimates of the line are rough."""
_JITTER_FLOOR_S = 0.001
_JITTER_CEILING_S = 0.060
_ROUGH_ARRIVALS = 100
"""The line is not yet good enough to measure against: two seconds."""
_BUCKET_ARRIVALS = 500
_BUCKETS = 3
"""The jitter of the last 20–30 s counts: it stands still while the wire does, so that nothing is resampled in vain."""
_IGNORED_PER_BUCKET = 2
"""A lonely late arrival is the machine's, and costs one frame; waiting for the next would cost every frame."""


class JitterPeak:
    """The largest excursion of late, without lonely ones."""

    def __init__(self) -> None:
        self._count = 0
        self._largest = [0.0] * (_IGNORED_PER_BUCKET + 1)
        self._buckets = [_FIRST_JITTER_S]
        self.seconds = _FIRST_JITTER_S

    def measured(self, excursion_s: float) -> None:
        if excursion_s > self._largest[0]:
            self._largest[0] = excursion_s
            self._largest.sort()
            self._settle()
        self._count += 1
        if self._count == _BUCKET_ARRIVALS:
            self._count = 0
            self._buckets = [*self._buckets, self._largest[0]][-_BUCKETS:]
            self._largest = [0.0] * (_IGNORED_PER_BUCKET + 1)
            self._settle()

    def _settle(self) -> None:
        peak = max(*self._buckets, self._largest[0])
        self.seconds = min(max(peak, _JITTER_FLOOR_S), _JITTER_CEILING_S)


class ModemClockEstimate:
    """Feed arrivals, ask positions. Seconds are monotonic ones of the box, positions samples since the stream began."""

    def __init__(self, opened_at: float) -> None:
        self._reference_s = opened_at
        self._reference_samples = 0.0
        self._drift = 0.0
        self._arrivals = 0
        self._broken = 0
        self._late = JitterPeak()
        self._early = JitterPeak()

    @property
    def drift_ppm(self) -> float:
        """Positive: the modem is faster than the box."""
        return self._drift * 1e6

    @property
    def late_s(self) -> float:
        """How much later than the line arrivals come at worst, lately."""
        return self._late.seconds

    @property
    def early_s(self) -> float:
        """How much earlier they come at worst, lately."""
        return self._early.seconds

    @property
    def known(self) -> bool:
        """At least one arrival has been seen."""
        return self._arrivals > 0

    def position(self, now_s: float) -> float:
        """Samples the modem has produced, and consumed, by `now_s`."""
        return self._reference_samples + (now_s - self._reference_s) * SAMPLE_RATE_HZ * (1.0 + self._drift)

    def arrived(self, now_s: float, total_samples: int) -> None:
        """`total_samples` in all have come by now."""
        rate = SAMPLE_RATE_HZ * (1.0 + self._drift)
        expected = self.position(now_s)
        late_s = (expected - total_samples) / rate
        if self._arrivals == 0:
            self._reference_s, self._reference_samples = now_s, float(total_samples)
            self._arrivals = 1
            return
        if abs(late_s) > _BROKEN_S:
            self._break(now_s, total_samples)
            return
        self._broken = 0
        self._arrivals += 1
        if self._arrivals > _ROUGH_ARRIVALS:
            self._late.measured(late_s)
            self._early.measured(-late_s)
        late_s = min(max(late_s, -_OUTLIER_S), _OUTLIER_S)
        gain = max(_SLOWEST_GAIN, 1.0 / self._arrivals)
        self._reference_samples = expected - gain * late_s * rate
        self._reference_s = now_s
        if self._arrivals > _RATE_FROM_ARRIVALS:
            drift = self._drift - _RATE_GAIN * late_s / 0.020
            self._drift = min(max(drift, -_MAX_DRIFT), _MAX_DRIFT)

    def _break(self, now_s: float, total_samples: int) -> None:
        self._broken += 1
        if self._broken >= _BROKEN_ARRIVALS:
            self._broken = 0
            self._reference_s, self._reference_samples = now_s, float(total_samples)
