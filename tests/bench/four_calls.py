"""A running box of eight lines with four callers at a time: customers on gsm-5…8, employees over gsm-1…4.

The box is a whole one (`tongdai run --sim`), driven through the sockets that the command line uses.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edge.api.client import BoxClient
from edge.api.messages import GetCalls
from edge.commands.world import ask_world
from sim_hardware.numbering import LINE_NUMBERS
from tests.support.box import Box

LINES = 8
CALLERS = 4
EXTENSIONS = ("511", "512", "513", "514")
MOBILES = tuple(f"0903000{number}" for number in EXTENSIONS)
CUSTOMERS = ("0912000221", "0912000222", "0912000223", "0912000224")


class FourCalls:
    def __init__(self, box: Box) -> None:
        self.box = box
        self._control = Path(box.ready["sim"])
        self._pool = ThreadPoolExecutor(CALLERS)

    def hotline_line(self, caller: int) -> str:
        """Where his call comes in; the box dials on the first free line, that is gsm-1…4."""
        return f"gsm-{CALLERS + 1 + caller}"

    def employees(self, after_s: float, say: Path | None = None) -> None:
        """They answer after so many seconds and stay until the customer hangs up."""
        for mobile in MOBILES:
            request = {"do": "subscriber", "number": mobile, "behaviour": "answer", "after": after_s}
            ask_world(self._control, request if say is None else {**request, "say": str(say)})

    def call_all(self, keys_at_s: float, hang_up_after_s: float, say: Path | None = None) -> list[dict[str, Any]]:
        """Each customer calls his hotline and keys his extension. Returns what `sim call` says, when all are over."""

        def one(caller: int) -> dict[str, Any]:
            request = {
                "do": "call",
                "caller": CUSTOMERS[caller],
                "called": LINE_NUMBERS[CALLERS + caller],
                "keys": f"{keys_at_s + 0.1 * caller:.2f}:{EXTENSIONS[caller]}",
                "hang_up_after": hang_up_after_s,
            }
            answer = ask_world(self._control, request if say is None else {**request, "say": str(say)})
            assert isinstance(answer, dict)
            return answer

        return list(self._pool.map(one, range(CALLERS)))

    def begin_all(self, keys_at_s: float, hang_up_after_s: float, say: Path | None = None) -> Any:
        """As `call_all`, in the background; a future."""
        return ThreadPoolExecutor(1).submit(self.call_all, keys_at_s, hang_up_after_s, say)

    def calls(self) -> list[dict[str, Any]]:
        """In progress now."""
        with BoxClient(Path(self.box.ready["api"])) as client:
            rows = client.ask(GetCalls())
        assert isinstance(rows, list)
        return rows


@contextmanager
def running(record: str) -> Iterator[FourCalls]:
    """A fresh box with four extensions that are recorded or not (`both`, `off`), and its directory removed after."""
    folder = Path(tempfile.mkdtemp(prefix="tongdai-bench-"))
    try:
        box = Box.start(folder / "data", "--lines", str(LINES), "--no-demo", "--no-traffic")
        try:
            for number, mobile in zip(EXTENSIONS, MOBILES, strict=True):
                box.tongdai("extension", "add", number, "--name", number, "--mobile", mobile, "--record", record)
            yield FourCalls(box)
        finally:
            box.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
