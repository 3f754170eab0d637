"""The emulated computer under the box: what each word of the world does to its processes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from edge.commands.host_power import GOING_DOWN, OFF, ON, HostPower


class Processes:
    """Stopping takes as long as somebody says."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.may_stop = asyncio.Event()

    def kill_all(self) -> None:
        self.done.append("killed")

    async def stop_all(self) -> None:
        await self.may_stop.wait()
        self.done.append("stopped")

    async def start_all(self) -> None:
        self.done.append("started")

    async def say_halted(self) -> None:
        self.done.append("halted")


def play(story: Callable[[HostPower, Processes, list[str]], Awaitable[None]]) -> None:
    async def whole() -> None:
        processes, states = Processes(), list[str]()
        await story(HostPower(processes, states.append), processes, states)

    asyncio.run(whole())


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_off_kills_and_on_starts() -> None:
    async def story(host: HostPower, processes: Processes, states: list[str]) -> None:
        host.said({"on": True})
        await _settle()
        assert processes.done == [], "it is on already"
        host.said({"on": False})
        assert processes.done == ["killed"]
        host.said({"on": True})
        await _settle()
        assert processes.done == ["killed", "started"]
        assert states == [OFF, ON]

    play(story)


def test_a_graceful_ask_ends_them_in_order_and_says_so() -> None:
    async def story(host: HostPower, processes: Processes, states: list[str]) -> None:
        processes.may_stop.set()
        host.said({"button": True})
        host.go_down()
        await _settle()
        assert processes.done == ["stopped", "halted"]
        host.said({"on": False})
        assert states == [GOING_DOWN, OFF]
        host.said({"button": True})
        assert host.state == OFF, "a computer without power has no button"

    play(story)


def test_power_that_goes_while_they_stop_kills_them() -> None:
    async def story(host: HostPower, processes: Processes, states: list[str]) -> None:
        host.said({"button": True})
        await _settle()
        host.said({"on": False})
        processes.may_stop.set()
        await _settle()
        assert processes.done == ["killed"], "nobody is left to say that it is halted"
        assert states == [GOING_DOWN, OFF]

    play(story)
