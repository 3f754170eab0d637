"""A supervisor of the test's own at the other end of the wire: it speaks `firmware.link` and keeps what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from firmware import link

m = link.messages


class WireToPeer:
    """A `ByteStream` whose far end is a `FakeSupervisor`, one loop turn away; can be cut."""

    def __init__(self, far: FakeSupervisor) -> None:
        self.far = far
        self.cut = False
        """Bytes are lost, both ways, without a word."""
        self.absent = False
        """The port cannot be opened."""
        self._heard: Callable[[bytes], None] = lambda _data: None
        self._lost: Callable[[str], None] = lambda _reason: None
        far.speak = self._from_far

    def open(self, on_data: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        if self.absent:
            raise FileNotFoundError("no such device")
        self._heard, self._lost = on_data, on_lost

    def write(self, data: bytes) -> int:
        if not self.cut:
            asyncio.get_running_loop().call_soon(self.far.hear, bytes(data))
        return len(data)

    def close(self) -> None:
        self._heard = lambda _data: None

    def vanish(self) -> None:
        self._lost("the device is gone")

    def _from_far(self, data: bytes) -> None:
        if not self.cut:
            asyncio.get_running_loop().call_soon(self._heard, data)


class FakeSupervisor:
    """Four slots. Executes what it is asked and remembers it; `restart` forgets it as the real one does."""

    def __init__(self) -> None:
        self.speak: Callable[[bytes], None] = lambda _data: None
        self.boots = 0
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.stop_reason = 0
        self.on_trial = 0
        self.fell_back = 0
        self.image = b""
        self.size = 0
        self.update_state = "idle"
        self.update_error = "none"
        self.silent = False
        self.levels = (0, 0)
        """Of supply and temperature, as STATUS gives them."""
        self.short_hello = False
        """An older one, of before the fields that this box needs."""
        self.restart()

    def restart(self) -> None:
        self.boots += 1
        self.peer = link.Peer(1000 + self.boots)
        self.armed: dict[int, tuple[int, int]] = {}

    def names(self) -> list[str]:
        return [name for name, _ in self.heard]

    def hear(self, data: bytes) -> None:
        if self.silent:
            return
        for inbound in self.peer.receive(data, 0) + self.peer.poll(0):
            if inbound.what == link.RECEIVED:
                self._execute(inbound)
        self.flush()

    def tell(self, kind: int, values: dict[str, Any]) -> None:
        self.peer.send(kind, m.pack_message(kind, values))
        self.peer.poll(0)
        self.flush()

    def flush(self) -> None:
        data = self.peer.take_output()
        if data:
            self.speak(data)

    def _execute(self, inbound: link.Inbound) -> None:
        values = m.unpack_message(inbound.kind, inbound.payload)
        if inbound.kind in m.CRITICAL and not self._take_code(inbound.kind, values):
            self.peer.answer(inbound.token, link.NOT_ARMED)
            return
        self.heard.append((m.MESSAGES[inbound.kind][0], values))
        answer = m.pack_answer(inbound.kind, self._answer(inbound.kind, values))
        if self.short_hello and inbound.kind == m.HELLO:
            answer = answer[:9]
        self.peer.answer(inbound.token, link.OK, answer)

    def _take_code(self, kind: int, values: dict[str, Any]) -> bool:
        armed = self.armed.pop(values["code"], None)
        return armed is not None and armed[0] == kind

    def _answer(self, kind: int, values: dict[str, Any]) -> dict[str, Any]:
        if kind == m.HELLO:
            return self._hello()
        if kind == m.ARM:
            code = 100 + len(self.heard)
            self.armed[code] = (values["kind"], values["argument"])
            return {"code": code, "valid_ms": 2000}
        if kind == m.HEARTBEAT:
            return {"watchdog": m.WATCHDOG_STATES.index("good"), "stop_reason": self.stop_reason}
        if kind in (m.UPDATE_BEGIN, m.UPDATE_DATA, m.UPDATE_END, m.UPDATE_STATUS):
            return self._update(kind, values)
        if kind == m.UPDATE_RESTART:
            asyncio.get_running_loop().call_soon(self._restart_into_trial)
        if kind == m.STATUS:
            return _zeros(kind) | {"supply": self.levels[0], "temperature": self.levels[1], "supply_mv": 4400}
        return _zeros(kind) | ({"slot": values["slot"]} if kind in (m.SLOT_STATE, m.SLOT_POWER) else {})

    def _hello(self) -> dict[str, Any]:
        values = _zeros(m.HELLO)
        values |= {"protocol": link.PROTOCOL, "protocol_min": link.PROTOCOL_MIN, "boot_id": self.peer.boot_id}
        return values | {
            "slots": 4,
            "folder": b"a",
            "minor": 3,
            "on_trial": self.on_trial,
            "fell_back": self.fell_back,
            "features": 0b1010,
        }

    def _update(self, kind: int, values: dict[str, Any]) -> dict[str, Any]:
        if kind == m.UPDATE_BEGIN:
            self.image, self.size, self.update_state = b"", values["size"], "receiving"
        elif kind == m.UPDATE_DATA and values["offset"] == len(self.image):
            self.image += values["data"]
        elif kind == m.UPDATE_END:
            self.update_state = "failed" if self.update_error != "none" else "installed"
        state, error = m.UPDATE_STATES.index(self.update_state), m.UPDATE_ERRORS.index(self.update_error)
        return {"state": state, "error": error, "next_offset": len(self.image), "size": self.size}

    def _restart_into_trial(self) -> None:
        self.on_trial = 0 if self.fell_back else 1
        self.restart()


def _zeros(kind: int) -> dict[str, Any]:
    return {name: b"" if code in ("*", "1s") else 0 for name, code in m.MESSAGES[kind][2]}
