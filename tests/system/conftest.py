"""One box for the stories of a module: started once, used serially, stopped and checked at the end."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.box import Box

HOTLINE = "0901234567"
SECOND_LINE = "0937654321"
CUSTOMER = "0912000222"
EMPLOYEE = "0903000512"


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="tongdai-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def box(place: Path) -> Iterator[Box]:
    """A company with two extensions: 512 (recorded both ways) and 611."""
    running = Box.start(place / "data", "--no-demo", "--no-traffic")
    try:
        running.tongdai("extension", "add", "512", "--name", "Kinh doanh", "--mobile", EMPLOYEE, "--record", "both")
        running.tongdai("extension", "add", "611", "--name", "Kho", "--mobile", "0983000611")
        yield running
    finally:
        status = running.stop()
        assert status == 0, running.log.read_text()[-4000:]
