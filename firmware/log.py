"""The event log: numbered records of 12 bytes (messages.LOG_RECORD), a ring in memory that the flash files follow.

Invariants: numbers grow by one over resets and restarts; a torn or foreign record on flash ends what is read back.
"""

import struct

from firmware.compat import const
from firmware.messages import LOG_RECORD, LOG_RECORD_BYTES

CAPACITY = const(96)


class EventLog:
    def __init__(self) -> None:
        self._ring = bytearray(CAPACITY * LOG_RECORD_BYTES)
        self.first = 1
        self.next = 1

    def append(self, code: int, slot: int, value: int, uptime_s: int) -> bytes:
        """Returns the record, to be written to flash."""
        value = max(-32768, min(32767, value))
        record = struct.pack(LOG_RECORD, self.next, uptime_s, code, slot, value)
        self._put(record)
        return record

    def restore(self, stored: bytes) -> None:
        """Records as they lie on flash, oldest first."""
        for at in range(0, len(stored) - LOG_RECORD_BYTES + 1, LOG_RECORD_BYTES):
            number = struct.unpack_from("<I", stored, at)[0]
            if self.next == 1 and number:
                self.first = self.next = number
            if number != self.next:
                return
            self._put(stored[at : at + LOG_RECORD_BYTES])

    def read(self, number: int, limit: int) -> "tuple[int, bytes]":
        """Records from `number` on, as many as fit into `limit` bytes; and the number to go on with."""
        number = max(number, self.first)
        end = min(self.next, number + limit // LOG_RECORD_BYTES)
        records = bytearray()
        for each in range(number, end):
            at = each % CAPACITY * LOG_RECORD_BYTES
            records.extend(self._ring[at : at + LOG_RECORD_BYTES])
        return max(number, end), bytes(records)

    def _put(self, record: bytes) -> None:
        at = self.next % CAPACITY * LOG_RECORD_BYTES
        self._ring[at : at + LOG_RECORD_BYTES] = record
        self.next += 1
        if self.next - self.first > CAPACITY:
            self.first = self.next - CAPACITY
