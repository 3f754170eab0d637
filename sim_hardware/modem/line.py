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
_SPACE = 0x20
_BACKSPACE = 0x08
_ATTENTION = re.compile("AT", re.IGNORECASE)
_LONGEST_LINE = 2048
"""Longer than any command; what is typed beyond it makes the line an ERROR."""


class AtLine:
    def __init__(
        self, wire: Wire, dispatcher: Dispatcher, abort: Callable[[], None], settle: Callable[[], None]
    ) -> None:
        """`abort` ends the pending, abortable command; `settle` does what an answered line has set off."""
        self._wire = wire
        self._dispatcher = dispatcher
        self._abort = abort
        self._settle = settle
        self._taking = False
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
        if self._taking:
            return
        self._taking = True
        while self._waiting and (self._dispatcher.prompting or self._dispatcher.abortable or not self._dispatcher.busy):
            self._take_byte(self._waiting.pop(0))
        self._taking = False

    def _take_byte(self, byte: int) -> None:
        if self._dispatcher.prompting:
            self._take_text_byte(byte)
        elif self._dispatcher.busy:
            self._abort()
        else:
            self._take_command_byte(byte)

    def _take_command_byte(self, byte: int) -> None:
        if byte == self._wire.settings.terminator:
            self._wire.echo(bytes((byte,)))
            typed = self._typed.decode("latin-1")
            self._typed.clear()
            self._take_line(typed)
            self._settle()
        elif byte == ESC:
            self._typed.clear()
        elif byte == _BACKSPACE:
            self._wire.echo(bytes((byte,)))
            del self._typed[-1:]
        elif byte >= _SPACE:  # other control characters are ignored (V.250 §5.2.2)
            self._wire.echo(bytes((byte,)))
            if len(self._typed) < _LONGEST_LINE:
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
        self._settle()
