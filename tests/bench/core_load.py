"""The core process with four bridged and recorded calls on eight lines; then what calls cost that are not recorded."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import soundfile

from tests.bench.figures import Report
from tests.bench.four_calls import CALLERS, FourCalls, running
from tests.bench.processes import Counted, look
from tests.support import waves
from tests.support.box import eventually

SETTLES_S = 8.0
"""From dialling until all four talk, at the latest."""
MEASURED_S = 75.0
UNRECORDED_ROUNDS = 10


def measure(small: bool) -> Report:
    report = Report(
        "the core process alone, by /proc: processor time of all its threads over the window in which four calls are "
        "bridged and recorded; bytes from before the first call to after its records and recordings are complete, "
        "AT transcripts and journal included"
    )
    _recorded(report, 4.0 if small else MEASURED_S)
    _unrecorded(report, 1 if small else UNRECORDED_ROUNDS)
    return report


def _recorded(report: Report, window_s: float) -> None:
    with running("both") as four:
        pid = int(four.box.ready["pids"]["core"])
        idle_percent = _percent_of_a_core(pid, min(window_s, 10.0))
        customer, employee = _voices(four, SETTLES_S + window_s)
        four.employees(after_s=0.5, say=employee)
        before = look(pid)
        calls = four.begin_all(keys_at_s=1.5, hang_up_after_s=SETTLES_S + window_s + 3, say=customer)
        eventually(lambda: _all_talk(four), SETTLES_S + 5, "four bridged calls")
        percent = _percent_of_a_core(pid, window_s)
        loaded = look(pid)
        assert _all_talk(four), "a call ended within the window"
        calls.result()
        rows = four.box.cdrs(CALLERS)
        eventually(lambda: all(row["recordings"] for row in four.box.tongdai("cdrs")), 20, "four recordings")
        rows = four.box.tongdai("cdrs")
        time.sleep(2.0)  # what the kernel was given late belongs to these calls
        after = look(pid)
    report.add("core_percent_of_one_core", percent, 10.0)
    report.add("core_percent_of_one_core_idle", idle_percent)
    report.add("core_rss_mb", loaded.rss_mb, 120.0)
    report.add("core_peak_rss_mb", after.peak_rss_mb)
    minutes = report.notes["recorded_minutes"] = round(sum(row["billable_s"] for row in rows) / 60, 3)
    _add_bytes(report, "recorded_minute", before, after, minutes)
    report.notes["window_s"] = window_s


def _unrecorded(report: Report, rounds: int) -> None:
    with running("off") as four:
        pid = int(four.box.ready["pids"]["core"])
        four.employees(after_s=0.5)
        four.call_all(keys_at_s=1.5, hang_up_after_s=4.0)  # the first calls load what all later ones use
        four.box.cdrs(CALLERS)
        before = look(pid)
        for _ in range(rounds):
            four.call_all(keys_at_s=1.5, hang_up_after_s=4.0)
            time.sleep(1.0)
        four.box.cdrs(CALLERS * (rounds + 1))
        time.sleep(2.0)
        after = look(pid)
    _add_bytes(report, "unrecorded_call", before, after, CALLERS * rounds)
    report.notes["unrecorded_calls"] = CALLERS * rounds


def _add_bytes(report: Report, per: str, before: Counted, after: Counted, count: float) -> None:
    report.add(f"disk_kb_per_{per}", (after.disk_bytes - before.disk_bytes) / 1000 / count)
    report.add(
        f"written_kb_per_{per}_with_voice_to_modems", (after.written_bytes - before.written_bytes) / 1000 / count
    )


def _percent_of_a_core(pid: int, window_s: float) -> float:
    began, used = time.monotonic(), look(pid).processor_s
    time.sleep(window_s)
    return 100 * (look(pid).processor_s - used) / (time.monotonic() - began)


def _all_talk(four: FourCalls) -> bool:
    rows: list[dict[str, Any]] = four.calls()
    return len(rows) == CALLERS and all(row["state"] == "talking" for row in rows)


def _voices(four: FourCalls, seconds: float) -> tuple[Path, Path]:
    """What customers and employees say all the time: silence would make recordings small."""
    folder = four.box.data.parent
    paths = (folder / "customer.wav", folder / "employee.wav")
    for seed, path in enumerate(paths):
        soundfile.write(path, waves.voice(seed, seconds), waves.RATE_HZ, subtype="PCM_16")
    return paths
