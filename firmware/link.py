"""The wire between host and supervisor: frames, retransmission, handshake. One file for CPython and MicroPython.

    0x7E | length | sequence | type | payload (length bytes, at most 240) | CRC-16 (low byte first)

The CRC (CCITT, 0x1021, start 0xFFFF) covers length to payload. Nothing is escaped: a frame that does not check is given
up one byte at a time, until the next 0x7E that begins one that does; a started frame that stays incomplete for `GAP_MS`
is given up the same way.

Every frame with bit 7 of its type clear (request 0x01..0x3F, event 0x40..0x7F) wants one with that bit set, the same
sequence and a status byte in front. The sender has one such frame on its way at a time and repeats it until it is
answered. The receiver remembers the last one it took: a repetition gets the same answer and is not executed again.

A connection begins with HELLO, which says which start of the program speaks (`boot_id`). Until then a peer refuses
everything else with `NOT_GREETED`: what was on its way when one side restarted is never executed by the new one, and
its sender learns it as `FAILED`. Events never fail: they wait for a peer; those of the moment (`messages.PASSING`) are
forgotten when another start of the peer says hello.

No I/O and no clock: bytes and ticks (ms) go in, `Inbound` tuples and bytes come out.
"""

import struct
from collections import namedtuple

from firmware import families as families  # what the host needs comes through this one door
from firmware import messages as messages
from firmware.compat import const, reached, ticks_add, ticks_diff
from firmware.compat import ticks_ms as ticks_ms

PROTOCOL = const(1)
"""What this file speaks."""
PROTOCOL_MIN = const(1)
"""The oldest it still understands."""

START = const(0x7E)
MAX_PAYLOAD = const(240)
OVERHEAD = const(6)
ANSWER_BIT = const(0x80)
FIRST_EVENT = const(0x40)
HELLO = const(0x01)
HELLO_PREFIX = "<BBI"
"""protocol, protocol_min, boot_id: how a HELLO and its answer begin in every version there will be."""

GAP_MS = const(100)
RETRY_MS = const(250)
RETRY_SLOW_MS = const(1000)
TRIES = const(8)
QUEUE_LENGTH = const(32)

OK = const(0)
UNSUPPORTED = const(1)
BAD_PAYLOAD = const(2)
NOT_ARMED = const(3)
BUSY = const(4)
REFUSED = const(5)
FAULT = const(6)
INCOMPATIBLE = const(7)
NOT_GREETED = const(8)
NO_ANSWER = const(255)
"""Never on the wire: what a request fails with when nothing came back."""

STATUS_NAMES = {
    OK: "ok",
    UNSUPPORTED: "unsupported",
    BAD_PAYLOAD: "bad payload",
    NOT_ARMED: "not armed",
    BUSY: "busy",
    REFUSED: "refused",
    FAULT: "fault",
    INCOMPATIBLE: "incompatible versions",
    NOT_GREETED: "not greeted",
    NO_ANSWER: "no answer",
}

RECEIVED = const(1)
"""A request or event to execute and then `answer(token, …)`."""
ANSWERED = const(2)
"""What became of one of ours: `status` is the peer's."""
FAILED = const(3)
"""A request of ours is given up. Status NOT_GREETED: it was not executed. NO_ANSWER: nobody knows; ask for the state.
Either way look at `Peer.greeted`, and say hello again when it is False."""

Inbound = namedtuple("Inbound", ("what", "kind", "token", "status", "payload"))
Frame = namedtuple("Frame", ("sequence", "kind", "payload"))


def _crc_table() -> bytes:
    table = []
    for value in range(256):
        crc = value << 8
        for _ in range(8):
            crc = ((crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
        table.append(crc)
    return struct.pack("<256H", *table)


_CRC_TABLE = _crc_table()


def crc16(data: bytes | memoryview) -> int:
    """CRC-16/CCITT-FALSE: `crc16(b"123456789") == 0x29B1`."""
    table = _CRC_TABLE
    crc = 0xFFFF
    for byte in data:
        index = ((crc >> 8) ^ byte) << 1
        crc = ((crc & 0xFF) << 8) ^ (table[index] | table[index + 1] << 8)
    return crc


def encode(sequence: int, kind: int, payload: bytes = b"") -> bytes:
    """One frame as bytes. Raises ValueError for a payload that is too long."""
    if len(payload) > MAX_PAYLOAD:
        raise ValueError(f"a payload of {len(payload)} bytes is too long")
    body = bytes((len(payload), sequence, kind)) + payload
    return b"\x7e" + body + struct.pack("<H", crc16(body))


def agreed_protocol(protocol: int, protocol_min: int) -> int:
    """What two peers speak: the older one's protocol, or 0 when one of them no longer (or not yet) understands it."""
    common = min(protocol, PROTOCOL)
    return common if common >= max(protocol_min, PROTOCOL_MIN) else 0


class Decoder:
    """Bytes to frames, through any noise."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.dropped_bytes = 0

    @property
    def waiting(self) -> bool:
        """True while a frame has begun and is not complete."""
        return len(self._buffer) > 0

    def feed(self, data: bytes) -> list[Frame]:
        self._buffer.extend(data)
        frames: list[Frame] = []
        while True:
            frame = self._take()
            if frame is None:
                return frames
            frames.append(frame)

    def slide(self) -> list[Frame]:
        """Give up the frame that has begun: what looked like its start was noise."""
        self._drop(1)
        return self.feed(b"")

    def _drop(self, count: int) -> None:
        self.dropped_bytes += count
        self._buffer = self._buffer[count:]

    def _take(self) -> Frame | None:
        while True:
            start = self._buffer.find(b"\x7e")
            if start:
                self._drop(len(self._buffer) if start < 0 else start)
            buffer = self._buffer
            if len(buffer) < 2:
                return None
            size = buffer[1] + OVERHEAD
            if buffer[1] <= MAX_PAYLOAD:
                if len(buffer) < size:
                    return None
                if crc16(memoryview(buffer)[1 : size - 2]) == buffer[size - 2] | buffer[size - 1] << 8:
                    self._buffer = buffer[size:]
                    return Frame(buffer[2], buffer[3], bytes(buffer[4 : size - 2]))
            self._drop(1)


class Peer:
    """One end of the wire; both ends are the same class.

    `boot_id` (32 bits) must differ from start to start. Call `receive` with what was read, `poll` often (at least every
    50 ms while something is on its way), and write what `take_output` returns.
    """

    def __init__(self, boot_id: int) -> None:
        self.boot_id = boot_id
        self.peer_boot_id: int | None = None
        self.greeted = False
        """A HELLO was answered, by us or to us."""
        self.protocol = 0
        """Agreed with the peer; 0 while there is none: then only HELLO, heartbeats and updates make sense."""
        self.events_dropped = 0
        self.repeated = 0
        """Frames of ours that had to be sent again."""
        self._decoder = Decoder()
        self._output = bytearray()
        self._queue: list[tuple[int, int, bytes]] = []
        self._next_token = boot_id & 0xFF
        self._sent: tuple[int, int, bytes] | None = None  # token, kind, payload: on its way
        self._tries = 0
        self._retry_at: int | None = None
        self._heard_at = 0
        self._taken: tuple[int, int] | None = None  # sequence, kind: the last request or event
        self._taken_answer: bytes | None = None

    @property
    def dropped_bytes(self) -> int:
        return self._decoder.dropped_bytes

    def send(self, kind: int, payload: bytes = b"") -> int:
        """Queue a request or event; a HELLO goes first. Returns the token of its `ANSWERED` or `FAILED`."""
        if len(payload) > MAX_PAYLOAD:
            raise ValueError(f"a payload of {len(payload)} bytes is too long")
        self._next_token += 1
        entry = (self._next_token, kind, payload)
        if kind == HELLO:
            self._queue.insert(0, entry)
        else:
            self._make_room()
            self._queue.append(entry)
        return entry[0]

    def withdraw(self, token: int) -> None:
        """Nobody wants the answer any more: what has not been sent yet never will be."""
        self._queue = [entry for entry in self._queue if entry[0] != token]

    def answer(self, token: int, status: int, payload: bytes = b"") -> None:
        """Answer the frame that was `RECEIVED` with this token. One that was superseded by a HELLO is forgotten."""
        taken = self._taken
        if taken is None or taken[0] != token or self._taken_answer is not None:
            return
        if taken[1] == HELLO and status == OK:
            self._greet()
        self._taken_answer = encode(token, taken[1] | ANSWER_BIT, bytes((status,)) + payload)
        self._output.extend(self._taken_answer)

    def receive(self, data: bytes, now: int) -> list[Inbound]:
        """Bytes from the wire; returns a list of `Inbound`."""
        if data:
            self._heard_at = now
        return self._sort(self._decoder.feed(data))

    def poll(self, now: int) -> list[Inbound]:
        """Send what is due; returns a list of `Inbound` (frames freed from noise, requests given up)."""
        found = []
        if self._decoder.waiting and ticks_diff(now, self._heard_at) > GAP_MS:
            found = self._sort(self._decoder.slide())
        if self._sent is not None and reached(now, self._retry_at):
            self._repeat(self._sent, now, found)
        if self._sent is None:
            self._send_next(now)
        return found

    def take_output(self) -> bytes:
        """Everything to be written now."""
        output = bytes(self._output)
        if output:
            self._output = bytearray()
        return output

    @property
    def idle(self) -> bool:
        """Nothing is on its way or waiting to be."""
        return self._sent is None and not self._queue

    def _make_room(self) -> None:
        """The oldest event gives way; requests never do (their sender waits for each)."""
        if len(self._queue) < QUEUE_LENGTH:
            return
        for index, entry in enumerate(self._queue):
            if entry[1] >= FIRST_EVENT:
                self._queue.pop(index)
                self.events_dropped += 1
                return

    def _send_next(self, now: int) -> None:
        for index, entry in enumerate(self._queue):
            if self.greeted or entry[1] == HELLO:
                self._queue.pop(index)
                self._sent = entry
                self._tries = 0
                self._transmit(entry, now)
                return

    def _transmit(self, entry: tuple[int, int, bytes], now: int) -> None:
        token, kind, payload = entry
        self._tries += 1
        self._retry_at = ticks_add(now, RETRY_MS if self._tries <= TRIES else RETRY_SLOW_MS)
        self._output.extend(encode(token & 0xFF, kind, payload))

    def _repeat(self, sent: tuple[int, int, bytes], now: int, found: list[Inbound]) -> None:
        if self._tries < TRIES or (sent[1] >= FIRST_EVENT and self.greeted):
            self.repeated += 1
            self._transmit(sent, now)
        else:
            self._give_up(sent, NO_ANSWER, found)

    def _give_up(self, sent: tuple[int, int, bytes], status: int, found: list[Inbound]) -> None:
        token, kind, payload = sent
        self._sent = None
        if kind >= FIRST_EVENT:
            self._queue.insert(0, (token, kind, payload))
        else:
            found.append(Inbound(FAILED, kind, token, status, b""))

    def _sort(self, frames: list[Frame]) -> list[Inbound]:
        found: list[Inbound] = []
        for frame in frames:
            if frame.kind & ANSWER_BIT:
                self._take_answer(frame, found)
            else:
                self._take(frame, found)
        return found

    def _take(self, frame: Frame, found: list[Inbound]) -> None:
        """A request or event of the peer: new, repeated, or of a peer that has not said hello."""
        taken = (frame.sequence, frame.kind)
        if frame.kind == HELLO:
            self._meet(frame.payload)
        elif not self.greeted:
            self._output.extend(encode(frame.sequence, frame.kind | ANSWER_BIT, bytes((NOT_GREETED,))))
            return
        elif self._taken == taken:
            self._output.extend(self._taken_answer or b"")
            return
        self._taken = taken
        self._taken_answer = None
        found.append(Inbound(RECEIVED, frame.kind, frame.sequence, OK, frame.payload))

    def _take_answer(self, frame: Frame, found: list[Inbound]) -> None:
        sent = self._sent
        if sent is None or frame.sequence != sent[0] & 0xFF or frame.kind != sent[1] | ANSWER_BIT or not frame.payload:
            return
        status = frame.payload[0]
        if status == NOT_GREETED:
            self.greeted = False
            # Sent once and refused: not executed. Sent again: an earlier start may have executed the first.
            self._give_up(sent, NOT_GREETED if self._tries == 1 else NO_ANSWER, found)
            return
        self._sent = None
        body = frame.payload[1:]
        if sent[1] == HELLO and status == OK:
            self._meet(body)
            self._greet()
        found.append(Inbound(ANSWERED, sent[1], sent[0], status, body))

    def _meet(self, payload: bytes) -> None:
        """Reads who speaks. Another start of the peer knows nothing of what the last one was told."""
        if len(payload) < struct.calcsize(HELLO_PREFIX):
            return
        protocol, protocol_min, boot_id = struct.unpack_from(HELLO_PREFIX, payload, 0)
        self.protocol = agreed_protocol(protocol, protocol_min)
        if boot_id != self.peer_boot_id:
            self.peer_boot_id = boot_id
            self._taken = None
            self._taken_answer = None
            self._queue = [entry for entry in self._queue if entry[1] not in messages.PASSING]
            if self._sent is not None and self._sent[1] in messages.PASSING:
                self._sent = None

    def _greet(self) -> None:
        self.greeted = True
