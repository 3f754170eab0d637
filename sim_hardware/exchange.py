"""Who hears whom: 20 ms frames between the ends of each call, with at most a frame of delay.

A modem whose PCM port is open drives its calls by its own clock (`line_tick`): the person at the other end speaks and
hears on that clock, so a pair never slips. Everybody else (two persons; a modem with its audio closed; a held party) is
driven by `tick`, every 20 ms of the machine's clock, as long as `idle` is False. Between two open modems, whose clocks
differ, a queue of three frames drops or waits. The exchange bridges no calls: it only mixes what one terminal joined.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from hal.interfaces import FRAME_SAMPLES, SAMPLE_RATE_HZ
from sim_hardware.network import End, Link, Stage
from sim_hardware.sounds import SILENCE, Samples, busy_tone, frame_of, key_tone, mix, murmur, ring_back
from sim_hardware.voice import PersonVoice

QUEUE_FRAMES = 3
BUSY_TONE_FRAMES = 150
TICKER = "exchange"


@dataclass(slots=True)
class _Tone:
    samples: Samples
    frames_left: int | None = None
    index: int = 0

    def next_frame(self) -> Samples:
        self.index += 1
        return frame_of(self.samples, self.index - 1, loop=True)


@dataclass(slots=True)
class _Line:
    """A modem's voice path."""

    rate_hz: int | None = None
    """None: the PCM port carries nothing."""
    impaired: str = "none"
    overlay: Samples = field(default_factory=lambda: SILENCE[:0])
    """Keys being sent, over whatever the host says."""
    tone: _Tone | None = None
    arriving: dict[str, deque[Samples]] = field(default_factory=dict)
    """From other lines, by their terminal."""

    def take_overlay(self) -> Samples | None:
        if not len(self.overlay):
            return None
        frame = frame_of(self.overlay, 0)
        self.overlay = self.overlay[FRAME_SAMPLES:]
        return frame


class Exchange:
    """The voice side of the network; `rewire` after every change of its calls."""

    def __init__(self, terminals: list[str]) -> None:
        self._lines = {terminal: _Line() for terminal in terminals}
        self._voices: dict[End, PersonVoice] = {}
        self._far: dict[str, list[End | None]] = {}
        """Whom each line's unheld calls reach; None is the network's own announcement."""
        self._undriven: list[tuple[End, End | None]] = []
        """Persons and whom they hear; one who is on hold hears only himself, that is nobody."""

    @property
    def idle(self) -> bool:
        """Nobody needs `tick`."""
        return not self._undriven

    # --- changes ---

    def person_joins(self, end: End, voice: PersonVoice) -> None:
        self._voices[end] = voice

    def person_leaves(self, end: End) -> None:
        self._voices.pop(end, None)

    def line_opens(self, terminal: str, rate_hz: int) -> None:
        line = self._lines[terminal]
        line.rate_hz = rate_hz
        line.arriving.clear()

    def line_closes(self, terminal: str) -> None:
        self._lines[terminal].rate_hz = None

    def impair(self, terminal: str, direction: str) -> None:
        self._lines[terminal].impaired = direction

    def play_busy(self, terminal: str) -> None:
        if terminal in self._lines:
            self._lines[terminal].tone = _Tone(busy_tone(), BUSY_TONE_FRAMES)

    def press_key(self, terminal: str, key: str, duration_ms: int) -> None:
        line = self._lines[terminal]
        pause = np.zeros(FRAME_SAMPLES * 4, dtype=np.int16)
        line.overlay = np.concatenate([line.overlay, key_tone(key, duration_ms / 1000), pause])

    def rewire(self, links: tuple[Link, ...]) -> None:
        """Take over the calls of the network."""
        self._far = {terminal: [] for terminal in self._lines}
        self._undriven = []
        ringing: set[str] = set()
        for link in links:
            if link.stage is Stage.RINGING and link.caller.terminal in self._lines:
                ringing.add(link.caller.terminal)
            if link.talking:
                self._wire(link.caller, link.called)
        self._find_undriven(links)
        for terminal, line in self._lines.items():
            self._set_tone(line, rings=terminal in ringing, talks=bool(self._far[terminal]))

    def _wire(self, caller: End, called: End | None) -> None:
        if caller.terminal in self._far:
            self._far[caller.terminal].append(called)
        if called is not None and called.terminal in self._far:
            self._far[called.terminal].append(caller)

    def _find_undriven(self, links: tuple[Link, ...]) -> None:
        for link in links:
            for own, far in ((link.caller, link.called), (link.called, link.caller)):
                if own is None or own not in self._voices or link.stage is not Stage.ACTIVE:
                    continue
                line = None if far is None else self._lines.get(far.terminal)
                if line is None or line.rate_hz is None or not link.talking:
                    self._undriven.append((own, far if link.talking else own))

    def _set_tone(self, line: _Line, *, rings: bool, talks: bool) -> None:
        if talks:
            line.tone = None
        elif rings:
            if line.tone is None or line.tone.samples is not ring_back():
                line.tone = _Tone(ring_back())
        elif line.tone is not None and line.tone.frames_left is None:
            line.tone = None

    # --- frames ---

    def line_tick(self, terminal: str, uplink: bytes, now: float) -> bytes:
        """20 ms of a modem: what the host sent goes out, what the far ends say comes back (same size)."""
        line = self._lines[terminal]
        said = SILENCE if line.impaired == "up" else _to_8_khz(uplink, line.rate_hz)
        said = _or(line.take_overlay(), said)
        heard = self._swap(terminal, line, said, now)
        if line.impaired == "down":
            heard = SILENCE
        return _from_8_khz(heard, line.rate_hz)

    def tick(self, now: float) -> None:
        """20 ms of everybody whom no modem's clock drives."""
        said: dict[End, Samples] = {}
        indices: dict[End, int] = {}
        for own, _ in self._undriven:
            voice = self._voices[own]
            indices[own] = voice.advance(TICKER, now)
            said[own] = voice.speak(indices[own])
        for own, far in self._undriven:
            frame = SILENCE
            if far is None:
                frame = frame_of(murmur(112), indices[own], loop=True)
            elif far != own and far in said:
                frame = said[far]
            elif far.terminal in self._lines:
                frame = _or(self._lines[far.terminal].take_overlay(), SILENCE)
            self._voices[own].hear(indices[own], frame)

    def _swap(self, terminal: str, line: _Line, said: Samples, now: float) -> Samples:
        """Collect from all far ends, then give each the sum of the others."""
        far_ends = self._far.get(terminal, [])
        frames: list[Samples] = []
        indices: list[int] = []
        for far in far_ends:
            frame, index = self._listen(far, terminal, line, now)
            frames.append(frame)
            indices.append(index)
        for position, (far, index) in enumerate(zip(far_ends, indices, strict=True)):
            others = [said, *frames[:position], *frames[position + 1 :]]
            self._tell(far, index, terminal, others)
        if not far_ends:
            return self._tone_of(line)
        return mix(frames)

    def _listen(self, far: End | None, terminal: str, line: _Line, now: float) -> tuple[Samples, int]:
        if far is None:
            return frame_of(murmur(112), int(now / 0.020), loop=True), 0
        if far in self._voices:
            voice = self._voices[far]
            index = voice.advance(terminal, now)
            return voice.speak(index), index
        queue = line.arriving.get(far.terminal)
        return (queue.popleft() if queue else SILENCE), 0

    def _tell(self, far: End | None, index: int, terminal: str, frames: list[Samples]) -> None:
        if far is None:
            return
        if far in self._voices:
            self._voices[far].hear(index, mix(frames))
        elif far.terminal in self._lines:
            queues = self._lines[far.terminal].arriving
            if terminal not in queues:
                queues[terminal] = deque(maxlen=QUEUE_FRAMES)
            queues[terminal].append(mix(frames))

    def _tone_of(self, line: _Line) -> Samples:
        if line.tone is None:
            return SILENCE
        if line.tone.frames_left is not None:
            line.tone.frames_left -= 1
            if line.tone.frames_left < 0:
                line.tone = None
                return SILENCE
        return line.tone.next_frame()


def _or(overlay: Samples | None, frame: Samples) -> Samples:
    return frame if overlay is None else overlay


def _to_8_khz(data: bytes, rate_hz: int | None) -> Samples:
    samples: Samples = np.frombuffer(data, dtype="<i2")
    if rate_hz in (None, SAMPLE_RATE_HZ):
        return samples
    pairs: Samples = samples.reshape(-1, 2).astype(np.int32).mean(axis=1).astype(np.int16)
    return pairs


def _from_8_khz(frame: Samples, rate_hz: int | None) -> bytes:
    if rate_hz in (None, SAMPLE_RATE_HZ):
        return frame.tobytes()
    return np.repeat(frame, 2).tobytes()
