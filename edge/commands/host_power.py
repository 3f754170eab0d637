"""The emulated computer under the box's processes: on, going down, off.

The board of the emulated world switches it, as the supervisor on a HAT switches a Pi: off is SIGKILL for every process
of the box, whatever it is doing; on starts them; a graceful ask ends them in order and then says that the system is
down, so that the board may cut the power. The world itself goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

ON = "on"
GOING_DOWN = "going down"
OFF = "off"


class Processes(Protocol):
    """Those of the box, without the world."""

    def kill_all(self) -> None: ...

    async def stop_all(self) -> None:
        """In order, each with its time to end calls and write rows."""
        ...

    async def start_all(self) -> None: ...

    async def say_halted(self) -> None:
        """The system is down: the board may cut the power."""
        ...


class HostPower:
    """`changed(state)` is told every change."""

    def __init__(self, processes: Processes, changed: Callable[[str], None]) -> None:
        self.state = ON
        self._processes = processes
        self._changed = changed
        self._job: asyncio.Task[None] | None = None

    def said(self, told: dict[str, Any]) -> None:
        """One HOST line of the world."""
        match told:
            case {"on": False}:
                self._processes.kill_all()
                self._enter(OFF, None)
            case {"on": True} if self.state != ON:
                self._enter(ON, self._processes.start_all())
            case {"button": True}:
                self.go_down()

    def go_down(self) -> None:
        """The power button of the computer, or a core that ended because the board asked it to."""
        if self.state == ON:
            self._enter(GOING_DOWN, self._down())

    async def _down(self) -> None:
        await self._processes.stop_all()
        await self._processes.say_halted()

    def _enter(self, state: str, work: Coroutine[Any, Any, None] | None) -> None:
        self.close()
        self.state = state
        self._changed(state)
        if work is not None:
            self._job = asyncio.get_running_loop().create_task(work)

    def close(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None
