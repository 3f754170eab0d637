"""Fakes that behave, at the seams of the media room: a loop in virtual time, an audio port, a recorder."""

from __future__ import annotations

import asyncio
import selectors
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from edge.telephony import CallId, Frame, Moment, RecordingId
from hal.interfaces import FRAME_SAMPLES, AudioStatistics


class _VirtualSelector(selectors.DefaultSelector):
    """Waiting costs no time: the loop's clock jumps by what it would have waited."""

    def __init__(self, advance: Callable[[float], None]) -> None:
        super().__init__()
        self._advance = advance

    def select(self, timeout=None):
        ready = super().select(0)
        if not ready and timeout:
            self._advance(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.now_s = 1000.0
        super().__init__(_VirtualSelector(self.stall))

    def time(self) -> float:
        return self.now_s

    def stall(self, seconds: float) -> None:
        """The machine stands still, or simply waits."""
        self.now_s += seconds

    def run_for(self, seconds: float) -> None:
        self.run_until_complete(asyncio.sleep(seconds))


@dataclass
class LoopClock:
    loop: VirtualLoop

    def now(self) -> Moment:
        return Moment(self.loop.time(), 1_790_000_000.0 + self.loop.time())


@dataclass
class FakePort:
    """A modem's voice path: says what is queued, then what `always` is; keeps what it hears."""

    always: Frame | None = None
    queue: deque[Frame] = field(default_factory=deque)
    heard: list[Frame] = field(default_factory=list)
    reads: int = 0

    def say(self, samples: np.ndarray) -> None:
        whole = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES]
        self.queue.extend(whole.reshape(-1, FRAME_SAMPLES))

    def read_frame(self) -> Frame | None:
        self.reads += 1
        return self.queue.popleft() if self.queue else self.always

    def write_frame(self, frame: Frame) -> None:
        self.heard.append(frame)

    @property
    def heard_samples(self) -> np.ndarray:
        return np.concatenate(self.heard) if self.heard else np.zeros(0, np.int16)

    @property
    def statistics(self) -> AudioStatistics:
        return AudioStatistics(frames_in=self.reads, frames_out=len(self.heard))


@dataclass
class FakeRecorder:
    started: list[tuple[RecordingId, CallId, float]] = field(default_factory=list)
    stopped: list[RecordingId] = field(default_factory=list)
    fed: dict[RecordingId, list[tuple[Frame | None, Frame | None]]] = field(default_factory=dict)

    def start(self, recording: RecordingId, call: CallId, started_wall: float) -> None:
        self.started.append((recording, call, started_wall))
        self.fed[recording] = []

    def feed(self, recording: RecordingId, left: Frame | None, right: Frame | None) -> None:
        self.fed[recording].append((left, right))

    def stop(self, recording: RecordingId) -> None:
        self.stopped.append(recording)


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    loop = VirtualLoop()
    yield loop
    loop.close()


@pytest.fixture
def clock(loop: VirtualLoop) -> LoopClock:
    return LoopClock(loop)


@pytest.fixture
def new_port() -> type[FakePort]:
    return FakePort


@pytest.fixture
def fake_recorder() -> FakeRecorder:
    return FakeRecorder()
