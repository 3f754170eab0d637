"""What is looked after beside calls goes on after a fault."""

from __future__ import annotations

import asyncio

from edge.upkeep import _again_and_again


def test_a_job_that_fails_is_tried_again() -> None:
    async def story() -> None:
        tries: list[int] = []
        enough = asyncio.Event()

        async def job() -> None:
            tries.append(len(tries))
            if len(tries) == 1:
                raise OSError("the disk is away")
            if len(tries) == 2:
                raise ZeroDivisionError("a fault of ours")
            enough.set()

        task = asyncio.create_task(_again_and_again(job, 0.001, "a job"))
        async with asyncio.timeout(5):
            await enough.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(story())
