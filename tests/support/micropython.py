"""Runs plain test files under native MicroPython, with the RP2040's heap, and finds out where that is possible."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
HEAP = "192k"
WHY_NOT = "native MicroPython has no package for this machine (x86_64 only)"

RUNNER = """
import sys
name = sys.argv[1]
module = __import__(name, None, None, ["x"])
count = 0
for each in sorted(dir(module)):
    if each.startswith("test_"):
        try:
            getattr(module, each)()
        except BaseException as error:
            print("FAILED", each)
            sys.print_exception(error)
            sys.exit(1)
        count += 1
print("passed", count)
"""


def available() -> bool:
    return importlib.util.find_spec("micropython_unix") is not None


def run(script: str, *arguments: str, heap: str = HEAP, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
    """A script's text under MicroPython with the checkout on its path."""
    environment = {**os.environ, "MICROPYPATH": f"{ROOT}:.frozen"}
    environment.pop("PYTHONPATH", None)
    command = [sys.executable, "-m", "micropython_unix", "-X", f"heapsize={heap}", "-c", script, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout_s, check=False
    )


def run_tests(module: str, heap: str = HEAP) -> int:
    """Every `test_` function of a module; returns how many passed. Raises AssertionError with what was printed."""
    done = run(RUNNER, module, heap=heap)
    if done.returncode != 0 or "passed" not in done.stdout:
        raise AssertionError(f"{module} under MicroPython:\n{done.stdout}{done.stderr}")
    return int(done.stdout.split()[-1])
