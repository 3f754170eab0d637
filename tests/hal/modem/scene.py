"""A driver, its emulated modem and the events it reported: what a story of `test_*.py` plays with, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from hal.interfaces import Answer, AudioOpened, CallerIdReported, CallReported, CallState, ModemReady
from hal.modem import ModemDriver
from tests.hal.modem import scripted_stream as scripted
from tests.support.emulated_line import EmulatedLine, Heard
from tests.support.virtual_time import LoopClock, eventually, run_virtually

CALLER = "0912000222"


@dataclass
class Scene:
    line: EmulatedLine
    driver: ModemDriver
    heard: Heard
    clock: LoopClock

    async def until(self, kind: type, count: int = 1, within_s: float = 60.0) -> None:
        await eventually(lambda: len(self.heard.of(kind)) >= count, within_s)

    def states(self) -> list[CallState]:
        return [report.state for report in self.heard.of(CallReported)]

    async def talk(self) -> None:
        """An incoming call, answered, with its voice path."""
        self.line.ring(CALLER)
        await self.until(CallerIdReported)
        self.driver.perform(Answer(1))
        await self.until(AudioOpened)


Story = Callable[[Scene], Awaitable[None]]


def play(story: Story, *, ready: bool = True, pin: str | None = None, **line_options: object) -> Scene:
    async def run() -> Scene:
        clock = LoopClock(asyncio.get_running_loop())
        heard = Heard(clock)
        line = EmulatedLine(clock, **line_options)  # type: ignore[arg-type]
        scene = Scene(line, ModemDriver("gsm-1", line, clock, heard, pin=pin), heard, clock)
        scene.driver.start()
        try:
            if ready:
                await scene.until(ModemReady)
                await asyncio.sleep(0.5)
            await story(scene)
        finally:
            await scene.driver.close()
        return scene

    return run_virtually(run())


def play_script(story, answers=None):
    """`story(stream, driver, heard)` against a stream that answers by a table."""

    async def run():
        clock = LoopClock(asyncio.get_running_loop())
        stream, heard = scripted.ScriptedStream({**scripted.SIM7600_ANSWERS, **(answers or {})}), Heard(clock)
        driver = ModemDriver("gsm-1", stream, clock, heard)
        driver.start()
        try:
            await eventually(lambda: bool(heard.of(ModemReady)))
            await asyncio.sleep(1)
            await story(stream, driver, heard)
        finally:
            await driver.close()
        return stream, heard

    return run_virtually(run())
