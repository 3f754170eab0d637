"""The supervisor: heap after a day of events, frame round trip, silence to reset, size of the artefact.

`python -m tests.bench.firmware --minutes 10` watches the heap of the whole `main.py` over real minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from firmware import messages as m
from sim_hardware.board import events as e
from tests.bench.figures import Report
from tests.firmware import artefact
from tests.firmware.rig import Rig, rig
from tests.support import micropython

DAY = """
import json
from tests.firmware.both.day import play
print(json.dumps(play({ticks})))
"""
DEAD_MS, GRACE_MS = 1500, 500


def measure(small: bool) -> Report:
    report = Report(
        "heap: 192 kB, after a collection; round trip: a request over the pty until its answer is unpacked; "
        "silence: last heartbeat until the host's rail is cut, above dead_ms + grace_ms as set"
    )
    if not micropython.available():
        raise RuntimeError(micropython.WHY_NOT)
    _day(report, 20_000 if small else 500_000)
    asyncio.run(_on_board(report, 50 if small else 1000, 1 if small else 5))
    _artefact(report)
    return report


def _day(report: Report, ticks: int) -> None:
    done = micropython.run(DAY.format(ticks=ticks), timeout_s=600)
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)
    counts = json.loads(done.stdout)
    report.add("day_heap_lost_kb", max(0, counts["heap_free_before"] - counts["heap_free_after"]) / 1024, 2)
    report.add("day_heap_free_kb", counts["heap_free_after"] / 1024)
    report.notes["day"] = counts


async def _on_board(report: Report, requests: int, hangs: int) -> None:
    async with _board({"late_ms": 500, "dead_ms": DEAD_MS, "grace_ms": GRACE_MS}) as made:
        trips = []
        for _ in range(requests):
            began = time.perf_counter()
            await made.client.request(m.SLOT_STATE, slot=0)
            trips.append((time.perf_counter() - began) * 1000)
        report.add_spread("frame_round_trip_{}_ms", trips, aim_p99=50)
        late = [await _silence(made) for _ in range(hangs)]
        report.add_spread("silence_to_reset_over_configured_{}_ms", late, aim_p99=500)
        status = await made.client.request(m.STATUS)
        report.add("main_heap_free_kb", status["heap_free"] / 1024)
        report.notes["vm"] = made.board.vm


async def _silence(made: Rig) -> float:
    """How many ms later than configured the rail went."""
    await made.client.request(m.SETTING_SET, value=20, name=b"resets_per_hour")
    await made.client.request(m.HEARTBEAT, state=1)
    began = time.monotonic()
    made.happened.clear()
    await made.until(lambda: e.HostRailSwitched(True) in made.of(e.HostRailSwitched), 30)
    cut = next(at for at, event in made.happened if event == e.HostRailSwitched(False))
    return max(0.0, (cut - began) * 1000 - DEAD_MS - GRACE_MS)


def _artefact(report: Report) -> None:
    with tempfile.TemporaryDirectory(prefix="firmware-") as folder:
        summary = artefact.load().build(Path(folder), None)
    report.add("artefact_kb", summary["bytes"] / 1024, 100)
    report.notes["artefact_files"] = len(summary["files"])


@contextlib.asynccontextmanager
async def _board(settings: dict[str, int]) -> AsyncIterator[Rig]:
    with tempfile.TemporaryDirectory(prefix="board-") as folder:
        async with rig(Path(folder), slots=4, settings=settings) as made:
            yield made


async def _watch(minutes: float) -> list[dict[str, Any]]:
    """The heap of the whole program, every half minute, under heartbeats and requests."""
    rows = []
    async with _board({}) as made:
        made.client.beating = "running"
        end = time.monotonic() + minutes * 60
        while time.monotonic() < end:
            step_end = min(end, time.monotonic() + 30)
            while time.monotonic() < step_end:
                await made.client.request(m.SLOT_STATE, slot=0)
                await asyncio.sleep(0.2)
            status = await made.client.request(m.STATUS)
            rows.append({"uptime_s": status["uptime_s"], "heap_free": status["heap_free"]})
        assert made.starts() == ["power on"]
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.firmware", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    options = parser.parse_args()
    json.dump(asyncio.run(_watch(options.minutes)), sys.stdout, indent=2)
    sys.stdout.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
