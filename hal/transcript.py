"""Every byte of a port in a file: for field faults, which become tests by copying it.

One line per line of the wire: monotonic seconds, `<` from the device or `>` to it, the text with ␍ and ␤ shown. It
is bounded: at half of `max_bytes` it becomes `NAME.1` and a new one begins. A PIN is never written.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from hal.interfaces import ByteStream, Clock

_log = logging.getLogger(__name__)

DEFAULT_MAX_BYTES = 8_000_000
_LONGEST_PIECE = 512
"""A stream without line ends is cut: binary voice has none."""
_SECRET = re.compile(r"(AT\+(?:CPIN|CPWD|CLCK)=).*", re.IGNORECASE)
_VISIBLE = {13: "␍", 10: "␤", 26: "␚", 27: "␛"}


class Transcript:
    """`record` never raises: a full disk ends the transcript, not the call."""

    def __init__(self, path: Path, clock: Clock, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self._path = path
        self._clock = clock
        self._max_bytes = max_bytes
        self._file: TextIO | None = None
        self._size = 0
        self._pieces = {"<": bytearray(), ">": bytearray()}
        self._broken = False

    def record(self, direction: str, data: bytes) -> None:
        """`<` or `>`, and the bytes as they went over the wire."""
        piece = self._pieces[direction]
        for byte in data:
            if piece and piece[-1] in b"\r\n" and byte not in b"\r\n":
                self._end_piece(direction)
            piece.append(byte)
            if len(piece) >= _LONGEST_PIECE or byte == ord("\n") or (direction == ">" and byte == ord("\r")):
                self._end_piece(direction)

    def close(self) -> None:
        """Write what is begun, release the file."""
        for direction in self._pieces:
            self._end_piece(direction)
        if self._file is not None:
            self._file.close()
            self._file = None

    def _end_piece(self, direction: str) -> None:
        piece = self._pieces[direction]
        if not piece:
            return
        text = _SECRET.sub(r"\1***␍", visible(bytes(piece)))
        piece.clear()
        if not self._broken:
            self._write(f"{self._clock.now().mono:.6f} {direction} {text}\n")

    def _write(self, line: str) -> None:
        try:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("a", encoding="utf-8", buffering=1)
                self._size = self._path.stat().st_size
            self._file.write(line)
            self._size += len(line.encode())
            if self._size >= self._max_bytes // 2:
                self._file.close()
                self._file = None
                self._path.replace(self._path.with_name(self._path.name + ".1"))
        except OSError as error:
            self._broken = True
            _log.warning("transcript %s ends here: %s", self._path, error)


def visible(data: bytes) -> str:
    """Text with its control characters shown."""
    return "".join(_VISIBLE.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}") for byte in data)


class TeedStream:
    """A `ByteStream` whose traffic also goes to a transcript."""

    def __init__(self, stream: ByteStream, transcript: Transcript) -> None:
        self._stream = stream
        self._transcript = transcript

    def open(self, on_data: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        def heard(data: bytes) -> None:
            self._transcript.record("<", data)
            on_data(data)

        self._stream.open(heard, on_lost)

    def write(self, data: bytes) -> int:
        taken = self._stream.write(data)
        self._transcript.record(">", data[:taken])
        return taken

    def close(self) -> None:
        self._stream.close()
