"""A client of the world's control socket, for tests and scripts; `requests` documents what is said."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec

from sim_hardware.errors import RequestError, WorldError

LINE_BYTES = 1 << 24


async def ask(path: Path, **request: Any) -> Any:
    """Send `request` (its verb in `do`) on a connection of its own; the result, or the error it was refused with.

    Raises `RequestError` (status 2) or `WorldError` (status 1, or no world behind `path`).
    """
    try:
        reader, writer = await asyncio.open_unix_connection(path, limit=LINE_BYTES)
    except OSError as error:
        raise WorldError(f"no simulated world answers at {path}: {error}") from error
    try:
        writer.write(msgspec.json.encode(request) + b"\n")
        await writer.drain()
        line = await reader.readline()
    finally:
        writer.close()
        await writer.wait_closed()
    if not line:
        raise WorldError(f"the simulated world at {path} went away before it answered {request.get('do')!r}")
    answer = msgspec.json.decode(line)
    if answer["ok"]:
        return answer["result"]
    raise (RequestError if answer["status"] == 2 else WorldError)(answer["error"])
