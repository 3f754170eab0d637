"""The core's end of the API socket: one JSON object per line in, one per line out; live notices to subscribers.

It decides nothing: settings go to `SettingsDesk`, events to the engine, records to the store's worker.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from edge.api.messages import (
    Answer,
    AnyRequest,
    Notice,
    Refusal,
    Subscribe,
)

log = logging.getLogger("tongdai.api")

LINE_LIMIT_BYTES = 1 << 20
SNAPSHOT_PAUSE_S = 0.2
"""Changes within so long are told as one snapshot."""
KEEP_ALIVE_S = 10.0
"""A silent subscriber gets a snapshot at least so often, so that it can tell a dead core from a quiet one."""


class Refused(Exception):
    """The request cannot be done. `blame`: "input" (exit 2) or "box" (exit 1)."""

    def __init__(self, message: str, blame: str = "input") -> None:
        super().__init__(message)
        self.blame = blame


Desk = Callable[[AnyRequest], Awaitable[Any]]


class ApiServer:
    """Serves `path` until closed. `snapshot` makes the notice that a subscriber gets first and after changes."""

    def __init__(self, path: Path, desk: Desk, snapshot: Callable[[], Notice]) -> None:
        self._path = path
        self._desk = desk
        self._snapshot = snapshot
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(AnyRequest)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._subscribers: set[asyncio.Queue[Notice | None]] = set()
        self._pending: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, self._path, limit=LINE_LIMIT_BYTES)
        self._path.chmod(0o660)

    async def close(self) -> None:
        if self._pending is not None:
            self._pending.cancel()
        for queue in self._subscribers:
            _put(queue, None)
        if self._server is not None:
            self._server.close()
        for writer in tuple(self._writers):
            writer.close()
        self._path.unlink(missing_ok=True)

    # --- telling --------------------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Something that the page shows has changed; told soon, together with what else changes meanwhile."""
        if self._subscribers and self._pending is None:
            self._pending = asyncio.get_running_loop().call_later(SNAPSHOT_PAUSE_S, self._tell_snapshot)

    def _tell_snapshot(self) -> None:
        self._pending = None
        self.tell(self._snapshot())

    def tell(self, notice: Notice) -> None:
        """To every subscriber; one that does not read loses the oldest notices, never the core its time."""
        for queue in self._subscribers:
            _put(queue, notice)

    # --- serving --------------------------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while line := await reader.readline():
                if await self._answer(line, writer):
                    await self._stream(reader, writer)
                    break
        except (ConnectionError, ValueError, asyncio.LimitOverrunError):
            log.debug("a client of the API socket went away")
        finally:
            self._writers.discard(writer)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, line: bytes, writer: asyncio.StreamWriter) -> bool:
        """True when the client has subscribed."""
        subscribed = False
        reply: Answer | Refusal
        try:
            request: AnyRequest = self._decoder.decode(line)
            subscribed = isinstance(request, Subscribe)
            reply = Answer({"subscribed": True}) if subscribed else Answer(await self._desk(request))
        except msgspec.MsgspecError as error:
            reply = Refusal(f"request not understood: {error}")
        except Refused as error:
            reply = Refusal(str(error), error.blame)
        except Exception as error:
            log.exception("a request failed")
            reply = Refusal(f"the box could not do it: {error}", "box")
        await self._send(writer, reply)
        return subscribed

    async def _send(self, writer: asyncio.StreamWriter, message: Answer | Refusal | Notice) -> None:
        writer.write(self._encoder.encode(message) + b"\n")
        await writer.drain()

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        queue: asyncio.Queue[Notice | None] = asyncio.Queue(maxsize=64)
        queue.put_nowait(self._snapshot())
        self._subscribers.add(queue)
        gone = asyncio.create_task(reader.read())
        try:
            while not gone.done():
                try:
                    async with asyncio.timeout(KEEP_ALIVE_S):
                        notice = await self._next(queue, gone)
                except TimeoutError:
                    notice = self._snapshot()
                if notice is None:
                    return
                await self._send(writer, notice)
        finally:
            self._subscribers.discard(queue)
            gone.cancel()

    async def _next(self, queue: asyncio.Queue[Notice | None], gone: asyncio.Task[bytes]) -> Notice | None:
        """The next notice, or None when the client has hung up."""
        waiting = asyncio.create_task(queue.get())
        try:
            await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
            return waiting.result() if waiting.done() else None
        finally:
            waiting.cancel()


def _put(queue: asyncio.Queue[Notice | None], notice: Notice | None) -> None:
    """The oldest makes room; None, the end, always finds it."""
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(notice)
