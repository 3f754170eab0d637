"""The socket: requests, refusals, nonsense, subscribers; with the product's own client at the other end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from edge.api.client import BoxClient, BoxRefused
from edge.api.messages import AnyRequest, EndCall, GetLines, Notice
from edge.api_server import ApiServer, Refused


async def _desk(request: AnyRequest) -> Any:
    match request:
        case GetLines():
            return [{"line": "gsm-1"}]
        case EndCall(call=call):
            raise Refused(f"call {call}: no such call in progress")
        case _:
            raise ZeroDivisionError("a fault of ours")


@asynccontextmanager
async def _served(tmp_path: Path) -> AsyncIterator[tuple[ApiServer, Path]]:
    path = tmp_path / "api.sock"
    server = ApiServer(path, _desk, lambda: Notice("snapshot", "now"))
    await server.start()
    try:
        yield server, path
    finally:
        await server.close()


def _ask(path: Path, request: AnyRequest) -> Any:
    with BoxClient(path) as box:
        return box.ask(request)


async def _line(path: Path, data: bytes) -> dict[str, Any]:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(data)
    answer = json.loads(await reader.readline())
    writer.close()
    await writer.wait_closed()
    assert isinstance(answer, dict)
    return answer


def test_an_answer_and_a_refusal(tmp_path: Path) -> None:
    async def story() -> None:
        async with _served(tmp_path) as (_, path):
            assert await asyncio.to_thread(_ask, path, GetLines()) == [{"line": "gsm-1"}]
            with pytest.raises(BoxRefused, match="c9") as refused:
                await asyncio.to_thread(_ask, path, EndCall("c9", "me"))
            assert refused.value.blame == "input"

    asyncio.run(story())


def test_nonsense_is_answered_and_the_server_lives(tmp_path: Path) -> None:
    async def story() -> None:
        async with _served(tmp_path) as (_, path):
            for data in (b"nonsense\n", b"{}\n", b'{"type": "Nonsense"}\n', b"\xff\xfe\n", b"[]\n", b"\n"):
                answer = await _line(path, data)
                assert answer["type"] == "Refusal", data
            assert (await _line(path, b'{"type": "GetStatus"}\n'))["blame"] == "box"
            assert (await _line(path, b'{"type": "GetLines"}\n'))["result"]

    asyncio.run(story())


def test_a_subscriber_gets_a_snapshot_at_once_and_the_news(tmp_path: Path) -> None:
    async def story() -> None:
        async with _served(tmp_path) as (server, path):
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(b'{"type": "Subscribe"}\n')
            assert json.loads(await reader.readline())["type"] == "Answer"
            assert json.loads(await reader.readline())["kind"] == "snapshot"
            server.tell(Notice("cdr", "now", detail={"call": "c1"}))
            assert json.loads(await reader.readline())["detail"] == {"call": "c1"}
            server.changed()
            server.changed()
            assert json.loads(await reader.readline())["kind"] == "snapshot"
            writer.close()
            await writer.wait_closed()

    asyncio.run(story())


def test_a_subscriber_who_does_not_read_does_not_keep_the_server_from_closing(tmp_path: Path) -> None:
    async def story() -> None:
        async with _served(tmp_path) as (server, path):
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(b'{"type": "Subscribe"}\n')
            await reader.readline()
            await reader.readline()
            # More than the queue holds, in one turn of the loop: nobody can have taken one.
            for number in range(100):
                server.tell(Notice("cdr", "now", {"call": f"c{number}"}))
        writer.close()

    asyncio.run(story())
