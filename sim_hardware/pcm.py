"""The PCM side of an emulated modem: 20 ms frames on the modem's own clock.

Invariants: tick k is due at `opened + k x 20 ms` of the modem's clock, moved by at most `jitter_ms`; no tick's lateness
moves the next (absolute deadlines). The two directions share one timer: each tick takes one frame from `source` for the
host and hands one frame of the host's to `sink`. What the host wrote waits in at most 200 ms of buffer; where it wrote
nothing, `sink` gets silence. Samples are signed 16-bit little-endian mono, 320 bytes per 20 ms at 8 kHz.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random

from sim_hardware.ptys import Port

FRAME_S = 0.020
SAMPLE_BYTES = 2
UPLINK_FRAMES = 10
"""200 ms: what a modem takes ahead of real time before it throws samples away."""
CUSHION_FRAMES = 2
"""What must have come in before the uplink starts, and starts again after it ran dry: both clocks jitter by ±10 ms."""
UNREAD_BYTES = 3200
"""A host that left this much unread is away: new frames are dropped, as a USB device drops what nobody fetches."""


class ModemClock:
    """Seconds of a modem's own crystal, `drift_ppm` parts per million faster than the machine's monotonic clock."""

    def __init__(self, base_monotonic: float, drift_ppm: float) -> None:
        self.drift_ppm = drift_ppm
        self._base = base_monotonic
        self._rate = 1.0 + drift_ppm * 1e-6

    def now_s(self, monotonic_s: float) -> float:
        """The modem's time at a moment of the machine."""
        return (monotonic_s - self._base) * self._rate

    def monotonic_s(self, modem_s: float) -> float:
        """The machine's moment of a modem time: where to set the loop's timer."""
        return self._base + modem_s / self._rate


class PcmPacer:
    """Plays and fetches frames on `port` while open. `source` returns one frame for the host, `sink` receives one.

    A frame is 320 bytes, or 640 after `open(16000)`; `source` must return that size.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        port: Port,
        clock: ModemClock,
        source: Callable[[], bytes],
        sink: Callable[[bytes], None],
        rng: Random,
        odd_chunks: bool = False,
        jitter_ms: float = 10,
    ) -> None:
        self.underruns = 0
        self.overflow_bytes = 0
        self.unread_drops = 0
        self._loop = loop
        self._port = port
        self._clock = clock
        self._source = source
        self._sink = sink
        self._rng = rng
        self._odd_chunks = odd_chunks
        self._jitter_s = jitter_ms / 1000
        self._timer: asyncio.TimerHandle | None = None
        self._due_s = 0.0
        self._frame_bytes = 320
        self._uplink = bytearray()
        self._host_writes = False
        self._flowing = False
        self._odd_rest = b""
        port.on_data = self._host_wrote

    @property
    def is_open(self) -> bool:
        return self._timer is not None

    @property
    def frame_bytes(self) -> int:
        """Bytes per 20 ms at the rate of the last `open`."""
        return self._frame_bytes

    def open(self, rate_hz: int = 8000) -> None:
        """Start the stream; a second `open` is harmless."""
        if self._timer is not None:
            return
        self._frame_bytes = int(rate_hz * FRAME_S) * SAMPLE_BYTES
        self._uplink.clear()
        self._host_writes = self._flowing = False
        self._odd_rest = b""
        self._due_s = self._clock.now_s(self._loop.time())
        self._arm()

    def close(self) -> None:
        """Stop the stream; the last odd piece goes out so that the host has seen whole samples."""
        if self._timer is None:
            return
        self._timer.cancel()
        self._timer = None
        if self._odd_rest:
            self._port.write(self._odd_rest)
            self._odd_rest = b""

    def _arm(self) -> None:
        self._due_s += FRAME_S
        jitter_s = self._rng.uniform(-self._jitter_s, self._jitter_s)
        self._timer = self._loop.call_at(self._clock.monotonic_s(self._due_s) + jitter_s, self._tick)

    def _tick(self) -> None:
        self._arm()  # before the work: what source or sink raises must not stop the clock
        self._sink(self._next_uplink())
        self._play(self._source())

    def _play(self, frame: bytes) -> None:
        if self._port.unread_bytes >= UNREAD_BYTES:
            self.unread_drops += 1
            return
        if not self._odd_chunks:
            self._port.write(frame)
            return
        ready = self._odd_rest + frame
        cut = len(ready) - self._rng.randrange(self._frame_bytes // 2)
        cut -= 1 - cut % 2  # an odd number of bytes: half a sample stays for the next tick
        self._port.write(ready[:cut])
        self._odd_rest = ready[cut:]

    def _host_wrote(self, data: bytes) -> None:
        if self._timer is None:
            return  # no voice path: the modem throws it away
        self._host_writes = True
        excess = max(0, len(self._uplink) + len(data) - UPLINK_FRAMES * self._frame_bytes)
        excess = min(len(data), excess + excess % SAMPLE_BYTES)  # whole samples, or all that follows would be noise
        self._uplink += data[: len(data) - excess]
        self.overflow_bytes += excess

    def _next_uplink(self) -> bytes:
        size = self._frame_bytes
        needed = size if self._flowing else CUSHION_FRAMES * size
        if len(self._uplink) < needed:
            self.underruns += self._host_writes
            self._flowing = False
            return bytes(size)
        self._flowing = True
        frame = bytes(self._uplink[:size])
        del self._uplink[:size]
        return frame
