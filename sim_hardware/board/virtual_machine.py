"""The process that plays the RP2040: native MicroPython where its package exists, else CPython, with the same files."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import importlib.util
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from sim_hardware.errors import WorldError

MODULES = Path(__file__).parent / "vm"
HEAP = "192k"
"""Of the RP2040's 264 kB, as its MicroPython leaves them; objects are 64 bits wide here, so this is the stricter."""

PWRON_RESET, WDT_RESET = 1, 3

_PR_SET_PDEATHSIG = 1


def _die_with_the_world() -> None:
    """In the child: a world that was killed leaves nothing behind, not even firmware that was hung (prctl(2))."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def available() -> str:
    """`micropython` or `cpython`: which of them this machine can offer."""
    return "micropython" if importlib.util.find_spec("micropython_unix") else "cpython"


class VirtualMachine:
    """One start after another of `main.py` on a flash folder. `ended` is called when a process goes by itself."""

    def __init__(self, flash: Path, kind: str, ended: Callable[[], None]) -> None:
        self.kind = kind
        self._flash = flash
        self._ended = ended
        self._process: asyncio.subprocess.Process | None = None
        self._watcher: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    async def start(self, port: int, cause: int) -> None:
        """`port`: where the board listens. What the firmware prints goes to `console.log` on the flash.

        Raises `WorldError` when the process cannot be started.
        """
        environment = {**os.environ, "SIM_BOARD": str(port), "SIM_RESET_CAUSE": str(cause)}
        environment.pop("PYTHONPATH", None)
        if self.kind == "micropython":
            environment["MICROPYPATH"] = f"{MODULES}:.frozen"
            command = [sys.executable, "-m", "micropython_unix", "-X", f"heapsize={HEAP}", "main.py"]
        else:
            environment["PYTHONPATH"] = str(MODULES)
            command = [sys.executable, "-B", "main.py"]
        with (self._flash / "console.log").open("ab") as console:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *command, cwd=self._flash, env=environment, stdin=asyncio.subprocess.DEVNULL,
                    stdout=console, stderr=console, preexec_fn=_die_with_the_world,
                )  # fmt: skip
            except OSError as error:
                raise WorldError(f"the supervisor's {self.kind} does not start: {error}") from error
        self._watcher = asyncio.create_task(self._watch(self._process))

    async def stop(self) -> None:
        """Power off: it gets no chance to tidy up."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if self._watcher is not None and self._watcher is not asyncio.current_task():
            await self._watcher

    def hang(self) -> None:
        """From now on the firmware does nothing at all: its own watchdog must notice."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        await process.wait()
        if process is self._process:
            self._process = None
            self._ended()
