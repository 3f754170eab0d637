"""Bytes of an AT port → lines, whatever way the bytes were cut and whichever end-of-line the firmware writes.

Invariants: the lines depend on the bytes alone, never on how they were split; empty lines are never given out; a line
holds no CR or LF, except a line feed inside the quoted text of a +CUSD (27.007 §7.15), which may span lines.
V.250 §5.7.1 frames a response as CR LF text CR LF; in the field CR CR LF, a lone LF and a missing leading CR LF occur.
"""

from __future__ import annotations

import re

PROMPT = "> "
"""27.005 §3.5.1: the prompt of +CMGS has no line end, so these two characters count as a line of their own."""

_MAX_LINE_CHARS = 4096
"""A 7-bit concatenated PDU is 350 characters; beyond this the port is speaking no AT and the text is cut."""
_CR, _LF = "\r", "\n"
_SPANNING_PREFIX = "+CUSD:"
_CODED_END = re.compile(r'".*"\s*,\s*\d*$', re.DOTALL)
"""A quote and <dcs> end the text whatever quotes it holds; a quote alone does when quotes are balanced."""


class LineFramer:
    """Feed bytes, get lines. `flush` gives up on a quoted text that never closes."""

    def __init__(self) -> None:
        self._line: list[str] = []
        self._after_line_end = True

    @property
    def inside_quoted_text(self) -> bool:
        """A +CUSD text is open: it ends with its quote, or by `flush` after a time the owner chooses."""
        return _LF in self._line and self._spans()

    def feed(self, data: bytes) -> list[str]:
        """Lines completed by `data`, oldest first; the rest is kept."""
        lines: list[str] = []
        for character in data.decode("latin-1").replace("\0", ""):
            self._take(character, lines)
        return lines

    def flush(self) -> list[str]:
        """The unfinished text as it stands, one entry per line."""
        text = "".join(self._line)
        self._line.clear()
        return [line for line in text.split(_LF) if line]

    def reset(self) -> None:
        """Forget what was begun: the port was opened anew."""
        self._line.clear()

    def _take(self, character: str, lines: list[str]) -> None:
        if character in (_CR, _LF):
            self._end_line(lines)
            return
        self._line.append(character)
        if len(self._line) == len(PROMPT) and "".join(self._line) == PROMPT:
            self._line.clear()
            lines.append(PROMPT)
        elif len(self._line) >= _MAX_LINE_CHARS:
            lines.extend(self.flush())

    def _end_line(self, lines: list[str]) -> None:
        if not self._line:
            return
        if self._spans():
            if self._line[-1] != _LF:
                self._line.append(_LF)
            return
        text = "".join(self._line).rstrip(_LF)
        self._line.clear()
        lines.append(PROMPT if text == PROMPT.strip() else text)

    def _spans(self) -> bool:
        """Whether the line is a +CUSD whose quoted text has not closed yet."""
        if self._line[:1] != ["+"]:
            return False
        text = "".join(self._line).rstrip(_LF)
        if not text.startswith(_SPANNING_PREFIX) or '"' not in text:
            return False
        if _CODED_END.search(text):
            return False
        return not text.endswith('"') or text.count('"') % 2 == 1
