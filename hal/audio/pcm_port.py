"""The voice path of a modem on a second serial port: signed 16-bit little-endian mono at 8 kHz, no header.

Invariants: the stream is opened once and kept (one handle for both directions); bytes that come while the path is
closed are thrown away; samples are never split, whatever the reads; writes are whole frames of 320 bytes, what the
device takes only in part is finished before anything else; what it does not take for 200 ms is dropped frame by frame.
"""

from __future__ import annotations

import logging

import numpy as np

from hal.audio.drift import ModemClockEstimate
from hal.audio.jitter_buffer import InboundBuffer, OutboundBuffer
from hal.errors import PortError
from hal.interfaces import FRAME_BYTES, AudioStatistics, ByteStream, Clock, Frame

_log = logging.getLogger(__name__)

_MAX_UNSENT_BYTES = 10 * FRAME_BYTES
"""200 ms: older speech is worse than none."""
_RATE_AFTER_S = 1.0


class PcmPort:
    """`hal.interfaces.AudioPort`; switched by the driver of the same modem with `set_open`."""

    def __init__(self, name: str, stream: ByteStream, clock: Clock) -> None:
        self._name = name
        self._stream = stream
        self._clock = clock
        self._connected = False
        self._open = False
        self._odd_byte = b""
        self._unsent = b""
        self._bytes_in = 0
        self._first_chunk_bytes = 0
        self._first_chunk_at: float | None = None
        self._last_chunk_at = 0.0
        self._frames_out = 0
        self._frames_dropped = 0
        self._modem_clock = ModemClockEstimate(0.0)
        self._inbound = InboundBuffer(self._modem_clock)
        self._outbound = OutboundBuffer(self._modem_clock)
        self._total = AudioStatistics()

    # --- AudioPort

    def read_frame(self) -> Frame | None:
        return self._inbound.read(self._clock.now().mono) if self._open else None

    def write_frame(self, frame: Frame) -> None:
        if not self._open:
            return
        due = self._outbound.write(frame, self._clock.now().mono, self._inbound.arrived_samples)
        for each in due:
            self._send(each)

    @property
    def statistics(self) -> AudioStatistics:
        """Since construction, over all calls; `drift_ppm` of the last."""
        total, inbound = self._total, self._inbound
        return AudioStatistics(
            frames_in=total.frames_in + self._bytes_in // FRAME_BYTES,
            frames_out=total.frames_out + self._frames_out,
            frames_late=total.frames_late + round(inbound.frames_late),
            frames_lost=total.frames_lost + round(inbound.frames_lost),
            frames_missing=total.frames_missing + inbound.frames_missing,
            frames_dropped_out=total.frames_dropped_out + self._frames_dropped + self._outbound.frames_dropped,
            drift_ppm=round(self._modem_clock.drift_ppm, 1),
        )

    # --- the driver's side

    @property
    def byte_rate(self) -> float | None:
        """Bytes per second since the path was opened; None in the first second."""
        if self._first_chunk_at is None or self._last_chunk_at - self._first_chunk_at < _RATE_AFTER_S:
            return None
        return (self._bytes_in - self._first_chunk_bytes) / (self._last_chunk_at - self._first_chunk_at)

    def set_open(self, is_open: bool) -> None:
        """Start or end the voice of a call with empty buffers. Raises `PortError` when the device cannot be had."""
        if not is_open and not self._open:
            return
        if is_open:
            self._connect()
        self._total = self.statistics
        self._open = is_open
        self._odd_byte = b""
        if len(self._unsent) % FRAME_BYTES == 0:
            self._unsent = b""  # else the device holds a part of a sample: its rest must still follow
        else:
            self._unsent = self._unsent[: len(self._unsent) % FRAME_BYTES]
        self._bytes_in = self._first_chunk_bytes = self._frames_out = self._frames_dropped = 0
        self._first_chunk_at = None
        self._modem_clock = ModemClockEstimate(self._clock.now().mono)
        self._inbound = InboundBuffer(self._modem_clock)
        self._outbound = OutboundBuffer(self._modem_clock)

    def close(self) -> None:
        """Release the device."""
        self.set_open(is_open=False)
        if self._connected:
            self._connected = False
            self._stream.close()

    def _connect(self) -> None:
        if self._connected:
            return
        try:
            self._stream.open(self._heard, self._lost)
        except PortError:
            raise
        except OSError as error:
            raise PortError(f"{self._name}: PCM port: {error}") from error
        self._connected = True

    def _lost(self, reason: str) -> None:
        _log.warning("%s: PCM port lost: %s", self._name, reason)
        self._connected = False
        self.set_open(is_open=False)

    # --- bytes

    def _heard(self, data: bytes) -> None:
        if not self._open:
            return
        now = self._clock.now().mono
        if self._first_chunk_at is None:
            self._first_chunk_at, self._first_chunk_bytes = now, len(data)
        self._last_chunk_at = now
        self._bytes_in += len(data)
        data = self._odd_byte + data
        whole = len(data) & ~1
        self._odd_byte = data[whole:]
        if whole:
            self._inbound.arrived(np.frombuffer(data, dtype="<i2", count=whole // 2), now)

    def _send(self, frame: Frame) -> None:
        if len(self._unsent) + FRAME_BYTES > _MAX_UNSENT_BYTES:
            self._frames_dropped += 1
            self._unsent = self._unsent[self._stream.write(self._unsent) :]
            return
        data = self._unsent + frame.astype("<i2", copy=False).tobytes()
        self._unsent = data[self._stream.write(data) :]
        self._frames_out += 1
