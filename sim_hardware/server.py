"""The control socket: JSON lines in, JSON lines out, many connections at once (`requests` documents what is said)."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from sim_hardware.errors import RequestError, SimError, WorldError
from sim_hardware.requests import Desk

SOCKET_NAME = "control.sock"
LONGEST_PATH_BYTES = 100
"""Of the 108 of sockaddr_un; a longer one moves to a short directory of its own."""
LINE_BYTES = 1 << 20
GRACE_S = 0.5
"""A quick answer still goes to a peer that has only closed its sending half."""


class ControlServer:
    """Listens under `directory`, or in a short temporary directory when that name is too long."""

    def __init__(self, desk: Desk, directory: Path) -> None:
        self._desk = desk
        self._own_directory: Path | None = None
        self.path = directory / SOCKET_NAME
        if len(bytes(self.path)) > LONGEST_PATH_BYTES:
            self._own_directory = Path(tempfile.mkdtemp(prefix="tongdai-sim-"))
            self.path = self._own_directory / SOCKET_NAME
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Raises `WorldError` when the socket cannot be made."""
        self.path.unlink(missing_ok=True)
        try:
            self._server = await asyncio.start_unix_server(self._accept, path=self.path, limit=LINE_BYTES)
        except OSError as error:
            raise WorldError(f"cannot listen on {self.path}: {error}") from error
        self.path.chmod(0o600)

    async def stop(self) -> None:
        """Close; calls asked for by open connections are hung up."""
        if self._server is not None:
            self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        self.path.unlink(missing_ok=True)
        if self._own_directory is not None:
            shutil.rmtree(self._own_directory, ignore_errors=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # the peer went away, or we stop
        finally:
            self._connections.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request after the other; the next line is awaited meanwhile, to notice a peer that leaves."""
        following = asyncio.ensure_future(reader.readline())
        try:
            while line := await following:
                following = asyncio.ensure_future(reader.readline())
                answer = asyncio.ensure_future(self._answer(line))
                await self._unless_gone(answer, following)
                writer.write(msgspec.json.encode(await answer) + b"\n")
                await writer.drain()
        except ValueError:
            writer.write(msgspec.json.encode(_refusal("request: the line is longer than 1 MiB", 2)) + b"\n")
        finally:
            following.cancel()

    @staticmethod
    async def _unless_gone(answer: asyncio.Future[Any], following: asyncio.Future[bytes]) -> None:
        """Wait for the answer; cancel it when the peer has left before."""
        try:
            await asyncio.wait({answer, following}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done() and following.exception() is None and following.result() == b"":
                await asyncio.wait({answer}, timeout=GRACE_S)
                answer.cancel()
        except asyncio.CancelledError:
            answer.cancel()
            with suppress(asyncio.CancelledError):
                await answer
            raise

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            return {"ok": True, "result": await self._desk.answer(line)}
        except RequestError as error:
            return _refusal(str(error), 2)
        except SimError as error:
            return _refusal(str(error), 1)


def _refusal(error: str, status: int) -> dict[str, Any]:
    return {"ok": False, "error": error, "status": status}
