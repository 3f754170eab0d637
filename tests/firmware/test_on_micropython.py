"""The stories in `both/` once more, under real MicroPython with the RP2040's heap."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import micropython

STORIES = sorted(path.stem for path in (Path(__file__).parent / "both").glob("test_*.py"))

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not micropython.available(), reason=micropython.WHY_NOT),
]


@pytest.mark.parametrize("name", STORIES)
def test_stories_hold_under_micropython(name: str) -> None:
    assert micropython.run_tests(f"tests.firmware.both.{name}") >= 10
