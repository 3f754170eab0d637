"""A `ByteStream` that answers by a table and says what the test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class ScriptedStream:
    """Answers come one loop turn after the command; a command that is not in the table is answered OK."""

    def __init__(self, answers: dict[str, bytes | None]) -> None:
        self.answers = answers
        """None: no answer at all."""
        self.commands: list[str] = []
        self._heard: Callable[[bytes], None] = lambda _data: None
        self._lost: Callable[[str], None] = lambda _reason: None
        self.refuse_to_open = False

    def open(self, on_data: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        if self.refuse_to_open:
            raise FileNotFoundError("no such device")
        self._heard, self._lost = on_data, on_lost

    def write(self, data: bytes) -> int:
        for text in data.decode().split("\r"):
            if text:
                self.commands.append(text)
                answer = self.answers.get(text, b"\r\nOK\r\n")
                if answer is not None:
                    asyncio.get_running_loop().call_soon(self.say, answer)
        return len(data)

    def close(self) -> None:
        self._heard = lambda _data: None

    def say(self, data: bytes) -> None:
        self._heard(data)

    def vanish(self) -> None:
        self._lost("gone")


SIM7600_ANSWERS: dict[str, bytes | None] = {
    "AT+CGMI": b"\r\nSIMCOM INCORPORATED\r\n\r\nOK\r\n",
    "AT+CGMM": b"\r\nSIMCOM_SIM7600G-H\r\n\r\nOK\r\n",
    "AT+CGMR": b"\r\n+CGMR: LE20B05SIM7600G22\r\n\r\nOK\r\n",
    "AT+CGSN": b"\r\n861234050000019\r\n\r\nOK\r\n",
    "AT+CPIN?": b"\r\n+CPIN: READY\r\n\r\nOK\r\n",
    "AT+CREG?": b'\r\n+CREG: 2,1,"4202","018EC5DD",7\r\n\r\nOK\r\n',
    "AT+CSQ?": b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n",
    "AT+CNUM": b"\r\nERROR\r\n",
}
