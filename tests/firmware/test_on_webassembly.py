"""The stories in `both/` a third time: official MicroPython as WebAssembly, 32 bits wide as the RP2040, by
micropython-lib's own `unittest`. Its ticks wrap where the RP2040's do, and adding half a period to them is an error.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import webassembly

STORIES = sorted(path.stem for path in (Path(__file__).parent / "both").glob("test_*.py"))

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not webassembly.available(), reason=webassembly.WHY_NOT),
]


@pytest.mark.parametrize("name", STORIES)
def test_stories_hold_under_the_second_machine(name: str) -> None:
    assert webassembly.run_tests(f"tests.firmware.both.{name}") >= 10
