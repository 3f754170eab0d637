"""A plain host for the system tests: `firmware.link` over a pty, blocking nothing, knowing nothing of `hal`."""

from __future__ import annotations

import asyncio
import os
import time
import tty
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from firmware import link
from firmware import messages as m

POLL_S = 0.01


def ticks() -> int:
    return int(time.monotonic() * 1000) & ((1 << 30) - 1)


class RequestFailed(Exception):
    """The supervisor said no, or nothing. `status` is of `link`."""

    def __init__(self, kind: int, status: int) -> None:
        name = m.MESSAGES[kind][0] if kind in m.MESSAGES else hex(kind)
        super().__init__(f"{name}: {link.STATUS_NAMES[status]}")
        self.status = status


class Client:
    """Say hello first; `heartbeat` goes by itself while `beating` is a state."""

    def __init__(self, path: Path, beat_s: float = 0.2) -> None:
        self.peer = link.Peer(int.from_bytes(os.urandom(4), "little"))
        self.events: list[tuple[int, dict[str, Any]]] = []
        self.raw: list[link.Inbound] = []
        self.beating: str | None = None
        self.identity: dict[str, Any] = {}
        self._beat_s = beat_s
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._kinds: dict[int, int] = {}
        self._descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self._descriptor)
        loop = asyncio.get_running_loop()
        loop.add_reader(self._descriptor, self._readable)
        self._tasks = [loop.create_task(self._polling()), loop.create_task(self._beats())]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)

    def send(self, kind: int, payload: bytes) -> asyncio.Future[bytes]:
        token = self.peer.send(kind, payload)
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[token] = future
        self._kinds[token] = kind
        self._pump(b"")
        return future

    async def send_raw(self, kind: int, payload: bytes) -> bytes:
        """A type or a payload of another version."""
        return await self.send(kind, payload)

    async def request(self, kind: int, /, **values: Any) -> dict[str, Any]:
        """Raises `RequestFailed`."""
        return m.unpack_answer(kind, await self.send(kind, m.pack_message(kind, values)))

    async def armed(self, kind: int, argument: int = 0, /, **values: Any) -> dict[str, Any]:
        code = (await self.request(m.ARM, kind=kind, argument=argument))["code"]
        return await self.request(kind, code=code, **values)

    async def hello(self, within_s: float = 10.0, protocol: int = link.PROTOCOL) -> dict[str, Any]:
        """Until it answers."""
        deadline = time.monotonic() + within_s
        while True:
            try:
                self.identity = await self.request(
                    m.HELLO, protocol=protocol, protocol_min=protocol, boot_id=self.peer.boot_id,
                    major=0, minor=1, patch=0,
                )  # fmt: skip
                return self.identity
            except RequestFailed:
                if time.monotonic() > deadline:
                    raise

    async def power(self, slot: int, action: str) -> dict[str, Any]:
        return await self.armed(m.SLOT_POWER, slot, slot=slot, action=m.SLOT_ACTIONS.index(action))

    async def until(self, condition: Callable[[], Any], within_s: float = 10.0) -> Any:
        deadline = time.monotonic() + within_s
        while not (found := condition()):
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {within_s} s; events: {self.names()}")
            await asyncio.sleep(POLL_S)
        return found

    async def until_async(self, ask: Callable[[], Awaitable[Any]], within_s: float = 10.0) -> Any:
        deadline = time.monotonic() + within_s
        while not (found := await ask()):
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {within_s} s; events: {self.names()}")
            await asyncio.sleep(POLL_S)
        return found

    def of(self, kind: int) -> list[dict[str, Any]]:
        return [values for found, values in self.events if found == kind]

    def names(self) -> list[str]:
        return [f"{m.MESSAGES[kind][0]} {values}" for kind, values in self.events]

    def _readable(self) -> None:
        try:
            data = os.read(self._descriptor, 4096)
        except (BlockingIOError, OSError):
            return
        self._pump(data)

    def _pump(self, data: bytes) -> None:
        now = ticks()
        for inbound in self.peer.receive(data, now) + self.peer.poll(now):
            self._take(inbound)
        self.peer.poll(now)
        output = self.peer.take_output()
        if output:
            os.write(self._descriptor, output)

    def _take(self, inbound: link.Inbound) -> None:
        if inbound.what == link.RECEIVED:
            self.peer.answer(inbound.token, link.OK)
            self.events.append((inbound.kind, m.unpack_message(inbound.kind, inbound.payload)))
            return
        future = self._waiting.pop(inbound.token, None)
        kind = self._kinds.pop(inbound.token, inbound.kind)
        if future is None or future.done():
            return
        if inbound.what == link.ANSWERED and inbound.status == link.OK:
            future.set_result(inbound.payload)
        else:
            future.set_exception(RequestFailed(kind, inbound.status))

    async def _polling(self) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            self._pump(b"")

    async def _beats(self) -> None:
        while True:
            await asyncio.sleep(self._beat_s)
            if self.beating is not None and self.peer.greeted:
                try:
                    await self.request(m.HEARTBEAT, state=m.HOST_STATES.index(self.beating))
                except RequestFailed:
                    continue
