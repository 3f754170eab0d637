"""The second MicroPython: the WebAssembly build with micropython-lib frozen in, under node, where both are there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "packaging/firmware/npm/node_modules/@micropython/micropython-webassembly-pyscript"
RUNNER = Path(__file__).with_suffix(".mjs")
WHY_NOT = "node is not here, or its package: `packaging/setup.sh dev` installs it where npm is"


def available() -> bool:
    return shutil.which("node") is not None and (PACKAGE / "micropython.mjs").exists()


def run_tests(module: str, timeout_s: float = 240) -> int:
    """Every `test_` function of a module, by micropython-lib's unittest; returns how many passed.

    Raises AssertionError with what was printed. This VM's heap is no limit: the RP2040's is proved by the native one.
    """
    done = subprocess.run(
        ["node", str(RUNNER), str(PACKAGE), str(ROOT), module],
        capture_output=True, text=True, timeout=timeout_s, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise AssertionError(f"{module} under MicroPython for WebAssembly:\n{done.stdout}{done.stderr}")
    return int(done.stdout.split()[-1])
