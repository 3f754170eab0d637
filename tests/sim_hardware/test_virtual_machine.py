"""The process that plays the microcontroller goes with the world that started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.box import eventually

WORLD = """
import asyncio, sys
from pathlib import Path
from sim_hardware.board.virtual_machine import VirtualMachine

async def world():
    machine = VirtualMachine(Path(sys.argv[1]), "cpython", lambda: None)
    await machine.start(0, 1)
    machine.hang()
    print(machine.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(world())
"""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.system
def test_a_killed_world_leaves_not_even_firmware_that_hangs(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("import time\ntime.sleep(60)\n")
    command = [sys.executable, "-c", WORLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as world:
        assert world.stdout is not None
        pid = int(world.stdout.readline())
        assert alive(pid)
        os.kill(world.pid, signal.SIGKILL)
    eventually(lambda: not alive(pid), 10, "the firmware's process is gone")
