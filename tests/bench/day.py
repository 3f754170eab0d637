"""A 24-hour day with 2 000 calls in virtual time: bytes → driver → line → engine → switchboard and back, no audio."""

from __future__ import annotations

import time
from collections import Counter
from random import Random

from edge.calls import events as ev
from tests.bench.figures import Report
from tests.support.day import COMPANY, DAY_S, live
from tests.support.virtual_box import VirtualBox
from tests.support.virtual_time import run_virtually

LINES = 8


def measure(small: bool) -> Report:
    calls, length_s = (20, 1200.0) if small else (2000, DAY_S)
    return run_virtually(_day(calls, length_s))


async def _day(calls: int, length_s: float) -> Report:
    report = Report(
        "wall time for a stretch of traffic on 8 emulated modems with keep-alive and signal polls as on a box; "
        "prompts, recordings and records by fakes that behave"
    )
    box = VirtualBox(LINES, COMPANY)
    await box.up()
    began = time.perf_counter()
    used = time.process_time()
    placed = await live(box, Random(7), calls, length_s)
    await box.quiet()
    report.add("virtual_day_s", time.perf_counter() - began, aim=60.0)
    report.add("virtual_day_processor_s", time.process_time() - used)
    cdrs = box.records.cdrs
    offered = box.records.count(ev.CallOffered, ev.CallWaitingOffered)
    if len(cdrs) != offered or box.replay() is not None:
        raise AssertionError(f"{offered} calls offered, {len(cdrs)} CDRs, replay {box.replay()}")
    report.notes = {
        "hours": length_s / 3600,
        "calls_dialled": placed,
        "calls_offered": offered,
        "cdrs": len(cdrs),
        "events": len(box.records.entries),
        "dispositions": dict(Counter(cdr.disposition.value for cdr in cdrs)),
    }
    await box.close()
    return report
