"""How a core ends: by a signal, by a wish of its board, with the machine after it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from edge.lifecycle import Lifecycle, power_off
from edge.process import HALTED


def test_a_wish_of_the_board_has_a_status_of_its_own_but_hides_no_fault() -> None:
    async def story() -> tuple[int, int]:
        loop = asyncio.get_running_loop()
        asked, failed = Lifecycle(loop), Lifecycle(loop)
        asked.board_asked()
        failed.store_failed(OSError("disk full"))
        failed.board_asked()
        return asked.status, failed.status

    assert asyncio.run(story()) == (HALTED, 1)


def test_the_machine_is_switched_off_by_the_command_of_the_file(tmp_path: Path) -> None:
    wanted = tmp_path / "off"
    command = [sys.executable, "-c", f"open({str(wanted)!r}, 'w').close()"]
    asyncio.run(power_off(command))
    assert wanted.exists()


def test_a_command_that_fails_is_told_and_no_more(caplog) -> None:
    asyncio.run(power_off(()))
    assert caplog.text == ""
    asyncio.run(power_off(["/nonexistent/poweroff"]))
    asyncio.run(power_off([sys.executable, "-c", "raise SystemExit(4)"]))
    assert "/nonexistent/poweroff" in caplog.text
    assert "status 4" in caplog.text
