"""From READY to the end of a core: signals, the lock of the data directory, the promise to stop within 5 s.

A core whose board asked it to go down ends with status `HALTED`; the last thing it does is to switch the machine off.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from pathlib import Path

from edge.calls import events as ev
from edge.config import ConfigError
from edge.engine import Engine
from edge.notify import tell_systemd
from edge.places import Places
from edge.process import HALTED

log = logging.getLogger("tongdai.core")

STOP_PATIENCE_S = 3.5
"""The switchboard promises its rows within 3 s of StopRequested."""


class Lifecycle:
    """Why and when the core ends, and with which exit status."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._quit = asyncio.Event()
        self._stopped = asyncio.Event()
        self.status = 0
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._quit.set)

    def calls_have_ended(self) -> None:
        """The switchboard reports it after StopRequested."""
        self._stopped.set()

    def board_asked(self) -> None:
        """Power is about to be cut: down safely, and the machine after us."""
        self.status = self.status or HALTED
        self._quit.set()

    def store_failed(self, error: Exception) -> None:
        """Records that cannot be kept: better no box than calls that nobody can bill."""
        log.critical("the store failed: %s; the core stops taking calls and ends", error)
        self.status = 1
        self._quit.set()

    async def run(self, engine: Engine, socket: Path, stopping: Callable[[], None] = lambda: None) -> None:
        """Says READY, waits for a reason to go, ends every call. `stopping`: told when that begins."""
        tell_systemd("READY=1")
        sys.stdout.write(f"READY {json.dumps({'api': str(socket)})}\n")
        sys.stdout.flush()
        await self._quit.wait()
        tell_systemd("STOPPING=1")
        stopping()
        engine.post(ev.StopRequested())
        try:
            async with asyncio.timeout(STOP_PATIENCE_S):
                await self._stopped.wait()
        except TimeoutError:
            log.error("calls did not end within %.1f s; going down without them", STOP_PATIENCE_S)


async def power_off(command: Sequence[str]) -> None:
    """The last thing, when everything is written and closed: the machine goes down; its board cuts the power then."""
    if not command:
        return
    log.warning("switching the machine off: %s", " ".join(command))
    try:
        process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL)
        status = await process.wait()
    except OSError as error:
        log.error("%s: %s; the board cuts the power all the same", command[0], error.strerror)
        return
    if status != 0:
        log.error("%s ended with status %d; the board cuts the power all the same", command[0], status)


def hold_directory(places: Places) -> TextIOWrapper:
    """One core per data directory: two would write one ledger. Close it to let go. Raises `ConfigError`."""
    held = (places.data / "core.lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        held.close()
        raise ConfigError(f"another core runs on {places.data}; stop it first") from error
    return held
