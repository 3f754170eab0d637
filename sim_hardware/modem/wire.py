"""The way out to the host: framing of results and indications, and every way that framing goes wrong.

Good framing (V.250 §5.7.1): CR LF text CR LF. Faults of the wire (late, lost, doubled CR, split writes, an indication
between information and OK) are applied here, by the modem's `Traits`, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sim_hardware.modem.events import Output, WriteHost
from sim_hardware.modem.replies import numeric_result
from sim_hardware.modem.traits import Traits

PROMPT = b"\r\n> "  # 27.005 §3.5.1: no line end
_INTRUDER = "+CGEV: EPS PDN ACT 1"


@dataclass(slots=True)
class LineSettings:
    """V.250 §6.2: echo, verbose results, quiet."""

    echo: bool = True
    verbose: bool = True
    quiet: bool = False
    terminator: int = 0x0D
    """S3: the byte that ends a command line."""


class Wire:
    def __init__(
        self,
        traits: Traits,
        emit: Callable[[Output], None],
        later: Callable[[float, Callable[[], None]], object],
    ) -> None:
        self.settings = LineSettings()
        self.present = True
        """False: the port is gone, bytes go nowhere."""
        self._traits = traits
        self._emit = emit
        self._later = later
        self._echo = bytearray()

    def echo(self, data: bytes) -> None:
        """Collected until something else is written or the event is over."""
        if self.settings.echo:
            self._echo += data

    def flush(self) -> None:
        echo, self._echo = bytes(self._echo), bytearray()
        self._write(echo)

    def urc(self, *lines: str) -> None:
        """An unsolicited result; several lines belong together (+CMT and its PDU)."""
        self.flush()
        self._write(self._framed(lines))

    def prompt(self) -> None:
        self._answer(PROMPT)

    def respond(self, lines: tuple[str, ...], final: str) -> None:
        """Information and the final result of one command line."""
        if self.settings.quiet:
            final = ""
        self._answer(self._information(lines) + self._final(final))

    def _information(self, lines: tuple[str, ...]) -> bytes:
        if not lines:
            return b""
        if not self._traits.urc_inside:
            return self._framed(lines)
        # inside a list, but never between a header and its PDU: those leave a module in one piece
        place = 1 if all(line.startswith(("+", "^")) for line in lines) else len(lines)
        blocks = (lines[:place], (_INTRUDER,), lines[place:])
        return b"".join(self._framed(block) for block in blocks if block)

    def _final(self, final: str) -> bytes:
        if not final:
            return b""
        return self._framed((final,)) if self.settings.verbose else _encoded(f"{numeric_result(final)}\r")

    def _framed(self, lines: tuple[str, ...]) -> bytes:
        head = "\r\n" if self.settings.verbose else ""
        text = head + "\r\n".join(lines) + "\r\n"
        return _encoded(text.replace("\r\n", "\r\r\n") if self._traits.double_cr else text)

    def _answer(self, data: bytes) -> None:
        self.flush()
        if self._traits.answers_to_lose:
            self._traits.answers_to_lose -= 1
        elif self._traits.answer_late_s > 0:
            self._later(self._traits.answer_late_s, lambda: self._write(data))
        else:
            self._write(data)

    def _write(self, data: bytes) -> None:
        if not data or not self.present:
            return
        size = self._traits.split_bytes or len(data)
        for start in range(0, len(data), size):
            self._emit(WriteHost(data[start : start + size]))


def _encoded(text: str) -> bytes:
    return text.encode("latin-1", "replace")
