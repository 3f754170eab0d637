"""A child of the box: its lines after READY, and what a power cut does to it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from edge.process import Child

SPEAKER = """
import sys, time
print("READY {}", flush=True)
print('HOST {"on": false}', flush=True)
print("something else", flush=True)
time.sleep(60)
"""


async def _until(condition) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def test_lines_go_to_who_wants_them_and_a_frozen_child_is_killed_and_started_again(capsys) -> None:
    async def story() -> None:
        heard: list[str] = []
        died: list[Child] = []

        def hear(line: str) -> bool:
            heard.append(line)
            return line.startswith("HOST ")

        child = Child("sim", [sys.executable, "-c", SPEAKER], on_exit=died.append, on_line=hear)
        await child.start()
        await _until(lambda: len(heard) == 2)
        pid = child.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        child.kill()
        await _until(lambda: child.pid is None)
        await child.start()
        assert child.pid not in (None, pid)
        assert died == [], "who cut its power knows that it is gone"
        child.kill()
        await child.stop()

    asyncio.run(story())
    assert capsys.readouterr().err.splitlines()[:1] == ["sim: something else"]
