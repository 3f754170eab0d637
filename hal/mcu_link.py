"""The wire to the supervisor microcontroller: a byte stream, `firmware.link.Peer`, and a future for each request.

Says hello whenever the supervisor does not know us (it restarted, or we did), opens the port again after it was lost,
and tells its owner three things: that the supervisor answers, that it does not, and what it reports unasked.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Protocol

from firmware import link
from hal.errors import SupervisorError
from hal.interfaces import ByteStream, Clock

log = logging.getLogger(__name__)

m = link.messages
Values = dict[str, Any]

_BUSY_S = 0.02
"""While something is on its way: repetitions are due after 250 ms."""
_IDLE_S = 0.1
"""Frames that noise tore are freed within so long."""
_AGAIN_S = 1.0
"""Pause before the port is opened, or hello said, again."""
_TICKS = (1 << 30) - 1
_LOOK_AT = "check the board on its pins, its USB cable or UART, and the port of the board in tongdai.toml"


class LinkOwner(Protocol):
    """Who is told."""

    def greeted(self, hello: Values, *, compatible: bool) -> None: ...

    def lost(self, reason: str) -> None: ...

    def reported(self, kind: int, values: Values) -> None: ...


class McuLink:
    """`boot_id`: 32 random bits, different at every start of this process."""

    def __init__(
        self, stream: ByteStream, clock: Clock, owner: LinkOwner, boot_id: int, version: tuple[int, int, int]
    ) -> None:
        self._stream = stream
        self._clock = clock
        self._owner = owner
        self._version = version
        self._peer = link.Peer(boot_id)
        self._waiting: dict[int, asyncio.Future[Values]] = {}
        self._unwritten = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._hello: int | None = None
        """Token of the hello on its way."""
        self._hello_due = 0.0
        self._open = False
        self._closed = False
        self._trouble = ""

    # --- for the owner --------------------------------------------------------------------------------------------

    @property
    def up(self) -> bool:
        """The supervisor knows us: requests are welcome."""
        return self._open and self._peer.greeted

    def start(self) -> None:
        self._turn()

    def close(self) -> None:
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._open:
            self._stream.close()
        self._fail_all("the link was closed")

    def send(self, kind: int, values: Values | None = None) -> asyncio.Future[Values]:
        """One request; the future gives its answer's fields or raises `SupervisorError`."""
        future: asyncio.Future[Values] = asyncio.get_running_loop().create_future()
        # Who does not wait for the outcome must not be blamed for leaving it unread.
        future.add_done_callback(lambda done: done.cancelled() or done.exception())
        if self._closed:
            future.set_exception(SupervisorError("the link was closed"))
            return future
        token = self._peer.send(kind, m.pack_message(kind, values or {}))
        self._waiting[token] = future
        future.add_done_callback(lambda done: self._withdraw(token) if done.cancelled() else None)
        self._turn()
        return future

    def _withdraw(self, token: int) -> None:
        """Who waited gave up: what was not sent yet must not be executed an hour later."""
        self._waiting.pop(token, None)
        self._peer.withdraw(token)

    # --- the wire -------------------------------------------------------------------------------------------------

    def _turn(self) -> None:
        """Does what is due and arms the next turn."""
        if self._closed:
            return
        if not self._open:
            self._open_port()
        if self._open:
            self._take(self._peer.poll(self._ticks()))
            self._say_hello()
            self._take(self._peer.poll(self._ticks()))
            self._flush()
        if self._timer is not None:
            self._timer.cancel()
        delay_s = _AGAIN_S if not self._open else _IDLE_S if self._peer.idle and not self._unwritten else _BUSY_S
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._turn)

    def _open_port(self) -> None:
        try:
            self._stream.open(self._bytes_came, self._port_lost)
        except OSError as error:
            self._troubled(f"its port cannot be opened: {error}; {_LOOK_AT}")
            return
        self._open = True

    def _port_lost(self, reason: str) -> None:
        self._open = False
        self._peer.greeted = False  # who answers when it is there again says so, whether it restarted or not
        self._hello = None
        self._hello_due = 0.0
        self._unwritten.clear()
        self._troubled(f"its port was lost: {reason}; {_LOOK_AT}")

    def _bytes_came(self, data: bytes) -> None:
        self._take(self._peer.receive(data, self._ticks()))
        self._turn()

    def _flush(self) -> None:
        self._unwritten += self._peer.take_output()
        if self._unwritten:
            del self._unwritten[: self._stream.write(bytes(self._unwritten))]

    def _say_hello(self) -> None:
        now = self._clock.now().mono
        if self._peer.greeted or self._hello is not None or now < self._hello_due:
            return
        major, minor, patch = self._version
        values = {"protocol": link.PROTOCOL, "protocol_min": link.PROTOCOL_MIN, "boot_id": self._peer.boot_id}
        values |= {"major": major, "minor": minor, "patch": patch}
        self._hello = self._peer.send(m.HELLO, m.pack_message(m.HELLO, values))
        self._hello_due = now + _AGAIN_S

    def _ticks(self) -> int:
        return int(self._clock.now().mono * 1000) & _TICKS

    # --- what came ------------------------------------------------------------------------------------------------

    def _take(self, found: list[link.Inbound]) -> None:
        for inbound in found:
            if inbound.what == link.RECEIVED:
                self._event(inbound)
            elif inbound.token == self._hello:
                self._hello_answered(inbound)
            else:
                self._answered(inbound)

    def _event(self, inbound: link.Inbound) -> None:
        if inbound.kind not in m.MESSAGES:
            self._peer.answer(inbound.token, link.UNSUPPORTED)
            return
        self._peer.answer(inbound.token, link.OK)
        try:
            values = m.unpack_message(inbound.kind, inbound.payload)
        except m.Malformed as error:
            log.warning("supervisor: %s: %s", m.MESSAGES[inbound.kind][0], error)
            return
        self._owner.reported(inbound.kind, values)

    def _hello_answered(self, inbound: link.Inbound) -> None:
        self._hello = None
        if inbound.what == link.FAILED or inbound.status != link.OK:
            self._troubled(f"no hello: {link.STATUS_NAMES.get(inbound.status, inbound.status)}")
            return
        try:
            hello = m.unpack_answer(m.HELLO, inbound.payload)
        except m.Malformed as error:
            self._peer.greeted = False
            self._troubled(f"its hello is none of ours: {error}")
            return
        self._trouble = ""
        self._owner.greeted(hello, compatible=self._peer.protocol != 0)

    def _answered(self, inbound: link.Inbound) -> None:
        future = self._waiting.pop(inbound.token, None)
        if inbound.what == link.FAILED and inbound.status == link.NO_ANSWER:
            self._troubled("the supervisor does not answer")
            self._peer.greeted = False  # begin anew: what it missed is told again after the hello
        if future is None or future.done():
            return
        name = m.MESSAGES[inbound.kind][0]
        if inbound.what == link.ANSWERED and inbound.status == link.OK:
            try:
                future.set_result(m.unpack_answer(inbound.kind, inbound.payload))
            except m.Malformed as error:
                future.set_exception(SupervisorError(f"{name}: {error}"))
        else:
            words = link.STATUS_NAMES.get(inbound.status, str(inbound.status))
            future.set_exception(SupervisorError(f"{name}: {words}"))

    def _troubled(self, reason: str) -> None:
        """Told once until the supervisor answers again."""
        if self._trouble:
            return
        self._trouble = reason
        self._owner.lost(reason)

    def _fail_all(self, reason: str) -> None:
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_exception(SupervisorError(reason))
