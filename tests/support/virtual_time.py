"""An asyncio loop whose clock jumps: whoever waits is woken at once, in the right order, at the right virtual time.

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(a_day_of_traffic())

Invariants: time moves only when nothing is ready to run, and then exactly to the next timer. Nothing outside the loop
(sockets, threads) may be waited for: a loop with no timer left and nothing to do raises `NothingLeftError` instead of
hanging.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

from hal.interfaces import Moment

T = TypeVar("T")

START_S = 1000.0
_ROUNDS_WITHOUT_TIME = 1000
"""After so many rounds at one instant time creeps on: a timer that fires a rounding error early must not spin."""
WALL_AT_START = 1_795_500_000.0  # 2026-11-24, any day


class NothingLeftError(RuntimeError):
    """Everybody waits for something that cannot come."""


class _JumpingSelector(selectors.BaseSelector):
    """Never sleeps: what the loop would have slept is added to its clock."""

    def __init__(self) -> None:
        self.now_s = START_S
        self._rounds = 0
        self._real = selectors.DefaultSelector()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = self._real.select(0)
        if ready or timeout == 0:
            self._rounds += 1
            if self._rounds % _ROUNDS_WITHOUT_TIME == 0:
                self.now_s += 1e-6
            return ready
        if timeout is None:
            raise NothingLeftError("every task waits and no timer is set")
        self._rounds = 0
        self.now_s += max(timeout, 1e-9)
        return []

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def close(self) -> None:
        self._real.close()

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """`time()` starts at 1000 s and jumps from timer to timer."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now_s


class LoopClock:
    """`hal.interfaces.Clock` on the time of a loop; wall time runs beside it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def now(self) -> Moment:
        mono = self._loop.time()
        return Moment(mono=mono, wall=WALL_AT_START + mono - START_S)


def run_virtually(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(work)


async def eventually(condition: Callable[[], bool], within_s: float = 60.0, step_s: float = 0.01) -> None:
    """Wait in virtual time until the condition holds; AssertionError after `within_s`."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + within_s
    while not condition():
        if loop.time() >= give_up:
            raise AssertionError(f"did not come true within {within_s} s")
        await asyncio.sleep(step_s)
