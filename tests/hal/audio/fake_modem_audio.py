"""Two PCM clocks against each other without any loop: a modem's crystal and our ticks, jitter and all."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from random import Random

import numpy as np

from hal.audio.pcm_port import PcmPort
from hal.interfaces import FRAME_BYTES, Frame, Moment

FRAME_S = 0.020


class SteppedClock:
    def __init__(self) -> None:
        self.mono = 100.0

    def now(self) -> Moment:
        return Moment(self.mono, 0.0)


class FakePcm:
    """Both directions of a modem's PCM port: sends a frame and fetches a frame at each of its own ticks."""

    def __init__(self) -> None:
        self.on_data: Callable[[bytes], None] = lambda _data: None
        self.buffer = bytearray()
        self.fetched: list[bytes] = []
        self.underruns = 0
        self.most_waiting = 0
        self.started = False
        self.accepts = True

    def open(self, on_data, on_lost) -> None:
        self.on_data = on_data

    def write(self, data: bytes) -> int:
        if not self.accepts:
            return 0
        self.buffer += data
        self.started = True
        self.most_waiting = max(self.most_waiting, len(self.buffer))
        return len(data)

    def close(self) -> None:
        pass

    def fetch(self) -> None:
        if len(self.buffer) < FRAME_BYTES:
            self.underruns += self.started
            self.fetched.append(bytes(FRAME_BYTES))
            return
        self.fetched.append(bytes(self.buffer[:FRAME_BYTES]))
        del self.buffer[:FRAME_BYTES]


def run(
    seconds: float,
    drift_ppm: float,
    *,
    jitter_s: float = 0.010,
    seed: int = 1,
    odd: bool = False,
    tick_lag_s: float = 0.0005,
    source: Callable[[int], bytes] | None = None,
    phase_s: float = 0.007,
) -> tuple[PcmPort, FakePcm, list[Frame | None], list[float]]:
    """Plays both clocks; what the port gave at each of our ticks is echoed back to it, as a bridge would."""
    clock, pcm, random = SteppedClock(), FakePcm(), Random(seed)
    port = PcmPort("gsm-1", pcm, clock)
    port.set_open(True)
    period = FRAME_S / (1 + drift_ppm * 1e-6)
    frames: list[Frame | None] = []
    times: list[float] = []
    start = clock.mono
    silence, rest = np.zeros(160, dtype=np.int16), b""
    due = [(start + period + random.uniform(-jitter_s, jitter_s), 0, 0), (start + phase_s, 1, 0)]
    heapq.heapify(due)
    while due[0][0] < start + seconds:
        clock.mono, kind, number = heapq.heappop(due)
        if kind == 0:
            data = rest + (source(number) if source else silence.tobytes())
            cut = len(data) - (random.randrange(160) | 1) if odd else len(data)
            pcm.fetch()
            port._heard(data[:cut])
            rest = data[cut:]
            moment = start + (number + 2) * period + random.uniform(-jitter_s, jitter_s)
            heapq.heappush(due, (max(moment, clock.mono), 0, number + 1))
        else:
            frame = port.read_frame()
            frames.append(frame)
            times.append(clock.mono)
            port.write_frame(silence if frame is None else frame)
            tick = start + phase_s + (number + 1) * FRAME_S + random.uniform(0, tick_lag_s)
            heapq.heappush(due, (tick, 1, number + 1))
    return port, pcm, frames, times
