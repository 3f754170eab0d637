"""One child process of the box: started, listened to for its READY line, restarted when it dies, stopped in time."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

_PR_SET_PDEATHSIG = 1
READY_TIMEOUT_S = 60.0
"""Unless a child is given more."""
STOP_TIMEOUT_S = 4.0
"""`tongdai run` promises to be down within 5 s of SIGTERM."""
HALTED = 3
"""Exit status of a core that went down because the board asked for it: nobody is to start it again."""


class ChildFailed(RuntimeError):
    """A child ended, or said nothing, before it was ready."""


def _die_with_parent() -> None:
    """In the child: get SIGTERM when `tongdai run` itself is killed, so that nothing is left behind (prctl(2))."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """`name` is what people see; `command` the argument list. stdout carries one READY line, stderr goes through.

    `on_line`: what stdout says after READY; False when it is for people after all.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        on_exit: Callable[[Child], None] | None = None,
        on_line: Callable[[str], bool] | None = None,
        ready_timeout_s: float = READY_TIMEOUT_S,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.ready: dict[str, Any] = {}
        self.restarts = 0
        self.lived_s = 0.0
        """From READY to its end, the last time."""
        self._on_exit = on_exit
        self._on_line = on_line
        self._ready_timeout_s = ready_timeout_s
        self._ready_at = 0.0
        self._process: asyncio.subprocess.Process | None = None
        self._pump: asyncio.Task[None] | None = None
        self.stopping = False

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def start(self) -> dict[str, Any]:
        """Starts and waits for READY. Raises `ChildFailed` with what to look at."""
        await self._gone()
        self.stopping = False
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        self._process = await asyncio.create_subprocess_exec(
            *self.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            preexec_fn=_die_with_parent,
            start_new_session=True,
            env=environment,
        )
        try:
            async with asyncio.timeout(self._ready_timeout_s):
                self.ready = await self._read_ready(self._process)
        except TimeoutError as error:
            await self.stop()
            raise ChildFailed(f"{self.name}: not ready within {self._ready_timeout_s:.0f} s") from error
        self._ready_at = time.monotonic()
        self._pump = asyncio.create_task(self._watch(self._process))
        return self.ready

    async def _read_ready(self, process: asyncio.subprocess.Process) -> dict[str, Any]:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            word, _, rest = line.decode(errors="replace").strip().partition(" ")
            if word == "READY":
                found = json.loads(rest)
                assert isinstance(found, dict)
                return found
        code = await process.wait()
        raise ChildFailed(f"{self.name} ended with status {code} before it was ready; its last words stand above")

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            text = line.decode(errors="replace")
            if self._on_line is None or not self._on_line(text.rstrip("\n")):
                sys.stderr.write(f"{self.name}: {text}")
        await process.wait()
        self.lived_s = time.monotonic() - self._ready_at
        if not self.stopping and self._on_exit is not None:
            self._on_exit(self)

    @property
    def exit_status(self) -> int | None:
        return None if self._process is None else self._process.returncode

    def send_stop(self) -> None:
        """SIGTERM, without waiting."""
        self.stopping = True
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()

    def kill(self) -> None:
        """Its computer lost power: SIGKILL, which a stopped process cannot escape either."""
        self.stopping = True
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _gone(self) -> None:
        """A predecessor that was killed has left its sockets and locks."""
        if self.stopping and self._process is not None:
            await self._process.wait()

    async def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """SIGTERM, then SIGKILL with a sentence when it does not go in time."""
        self.send_stop()
        process = self._process
        if process is None:
            return
        try:
            async with asyncio.timeout(timeout_s):
                await process.wait()
        except TimeoutError:
            sys.stderr.write(f"{self.name} (pid {process.pid}) did not stop within {timeout_s:.0f} s; killing it\n")
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if self._pump is not None:
            await self._pump
