"""Line discipline of the AT port: bytes in, command lines and prompt texts out, echo on the way (V.250 §5.2).

Bytes may come split anywhere; what arrives while a command is still being answered waits for it — or aborts it, where
the family's ATD is so made.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sim_hardware.modem.dispatcher import Dispatcher
from sim_hardware.modem.wire import Wire

ESC = 0x1B
CTRL_Z = 0x1A
_LF = 0x0A
_CR = 0x0D
_BACKSPACE = 0x08
_ATTENTION = re.compile("AT", re.IGNORECASE)
_LONGEST_LINE = 2048
"""Longer than any command; what is typed beyond it makes the line an ERROR."""


class AtLine:
    def __init__(self, wire: Wire, dispatcher: Dispatcher, abort: Callable[[], None]) -> None:
        """`abort` ends the pending, abortable command."""
        self._wire = wire
        self._dispatcher = dispatcher
        self._abort = abort
        self._typed = bytearray()
        self._waiting = bytearray()
        self._last = ""

    def reset(self) -> None:
        self._typed.clear()
        self._waiting.clear()

    def receive(self, data: bytes) -> None:
        self._waiting += data
        self.resume()

    def resume(self) -> None:
        """Take what waits, as far as no command is under way."""
        while self._waiting:
            if self._dispatcher.prompting:
                self._take_text_byte(self._waiting.pop(0))
            elif not self._dispatcher.busy:
                self._take_command_byte(self._waiting.pop(0))
            elif self._dispatcher.abortable:
                self._waiting.pop(0)
                self._abort()
            else:
                return

    def _take_command_byte(self, byte: int) -> None:
        if byte in (_LF, ESC, CTRL_Z) or byte == 0:
            if byte == ESC:
                self._typed.clear()
            return
        self._wire.echo(bytes((byte,)))
        if byte == _CR:
            typed = self._typed.decode("latin-1")
            self._typed.clear()
            self._take_line(typed)
        elif byte == _BACKSPACE:
            del self._typed[-1:]
        elif len(self._typed) < _LONGEST_LINE:
            self._typed.append(byte)

    def _take_line(self, typed: str) -> None:
        """Hunt for AT; text without it is noise and gets no answer."""
        if typed.strip().upper() == "A/":  # V.250 §5.2.4: the last line again
            self._dispatcher.execute(self._last or "AT")
            return
        start = _ATTENTION.search(typed)
        if start is None:
            return
        self._last = typed[start.start() :]
        self._dispatcher.execute(self._last)

    def _take_text_byte(self, byte: int) -> None:
        if byte == CTRL_Z:
            self._end_text(self._dispatcher.take_text)
        elif byte == ESC:
            self._end_text(lambda _text: self._dispatcher.cancel_text())
        else:
            self._wire.echo(bytes((byte,)))
            self._typed.append(byte)

    def _end_text(self, end: Callable[[str], None]) -> None:
        text = self._typed.decode("latin-1")
        self._typed.clear()
        end(text)
