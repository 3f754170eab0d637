"""A frozen core in a call: from its last heartbeat to the reset of the box, and on to a hotline that answers."""

from __future__ import annotations

import os
import select
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.figures import Report
from tests.support.box import Box, CommandFailed, eventually

SHIPPED = {"late_ms": 5000, "dead_ms": 30_000, "grace_ms": 20_000, "host_off_ms": 5000}
SMALL = {"late_ms": 2500, "dead_ms": 5000, "grace_ms": 2000, "host_off_ms": 500}
ANSWERS_WITHIN_S = 15.0
CUSTOMER, HOTLINE = "0912000222", "0901234567"


def measure(small: bool) -> Report:
    settings = SMALL if small else SHIPPED
    report = Report(
        "SIGSTOP of the core while a customer hears the greeting → SIGKILL of the box's processes by the board → "
        "a customer who calls then is answered; real firmware, emulated computer and modems"
    )
    report.notes["settings"] = settings
    folder = Path(tempfile.mkdtemp(prefix="tongdai-bench-"))
    given = ",".join(f"{name}={value}" for name, value in settings.items())
    box = Box.start(folder / "data", "--no-demo", "--no-traffic", "--board-settings", given)
    try:
        rounds = [_freeze(box) for _ in range(1 if small else 3)]
    finally:
        box.stop()
        shutil.rmtree(folder, ignore_errors=True)
    report.notes["vm"] = box.ready["board"]["vm"]
    within_s = (settings["dead_ms"] + settings["grace_ms"]) / 1000
    report.add("last_heartbeat_to_reset_median_s", median(each[0] for each in rounds), within_s + 1)
    report.add("last_heartbeat_to_reset_worst_s", max(each[0] for each in rounds), within_s + 1)
    back_s = settings["host_off_ms"] / 1000 + ANSWERS_WITHIN_S
    report.add("reset_to_hotline_answers_median_s", median(each[1] for each in rounds), back_s)
    report.add("reset_to_hotline_answers_worst_s", max(each[1] for each in rounds), back_s)
    report.add("calls_closed_as_interrupted", sum(each[2] for each in rounds))
    return report


def _freeze(box: Box) -> tuple[float, float, bool]:
    """Seconds to the reset, seconds from there to an answered call, whether the call got its row."""
    _wait(lambda: (box.tongdai("board")["readings"] or {}).get("watchdog") == "good", "the supervisor hears the box")
    _wait(lambda: all(row["state"] == "up" for row in box.tongdai("lines")), "the lines are up")
    before = len(box.tongdai("cdrs"))
    first = box.begin("sim", "call", "--from", CUSTOMER, "--to", HOTLINE, "--hang-up-after", "100")
    _wait(lambda: box.tongdai("calls"), "the call")
    core = int(box.tongdai("status")["pids"]["core"])
    os.kill(core, signal.SIGSTOP)
    frozen = time.monotonic()
    _until_gone(core)
    reset = time.monotonic()
    first.kill()
    first.communicate()
    box.calls.remove(first)
    answered = _call_until_answered(box, reset)
    row = box.cdrs(before + 1, timeout_s=30)[before]
    return reset - frozen, answered - reset, row["disposition"] == "interrupted"


def _until_gone(pid: int, within_s: float = 120.0) -> None:
    give_up, pause = time.monotonic() + within_s, select.poll()
    while Path(f"/proc/{pid}").exists():
        if time.monotonic() > give_up:
            raise AssertionError(f"the frozen core {pid} lives after {within_s:.0f} s")
        pause.poll(5)


def _call_until_answered(box: Box, reset: float) -> float:
    """When the first call after the reset was connected; who is not answered tries again."""
    while time.monotonic() < reset + 120:
        began = time.monotonic()
        answer: dict[str, Any] = box.tongdai(
            "sim", "call", "--from", "0912000223", "--to", HOTLINE, "--hang-up-after", "1"
        )
        if answer["connected"]:
            (connected_ms,) = [each["ms"] for each in answer["events"] if each["event"] == "connected"]
            return began + connected_ms / 1000
    raise AssertionError("nobody answers within two minutes of the reset")


def _wait(look: Callable[[], Any], what: str) -> None:
    def calm() -> Any:
        try:
            return look()
        except CommandFailed:
            return False

    eventually(calm, 120, what)
