"""Rating again as a box does it: a process that keeps the difference in a file, and one that has it stored."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from edge.api.reckonings import KeptChange
from edge.store.charges import RECKON_AGAIN
from web_ui.rerater import Apply, Reckon, Task, kept_file

RECKON = """
import json, sys
from pathlib import Path
from edge.api.reckonings import KeptChange, keep
head, changes = json.loads(sys.argv[2]), json.loads(sys.argv[3])
keep(Path(sys.argv[1]), head, [KeptChange(**each) for each in changes])
print(json.dumps(head))
"""
APPLY = "import sys; print('{\"changed\": ' + sys.argv[1] + '}')"
REFUSE = "import sys; raise SystemExit('tongdai: ' + sys.argv[1])"


def charge(item: str, amount_vnd: int | None, **changed: Any) -> dict[str, Any]:
    row = {"id": item, "status": "rated", "amount_vnd": amount_vnd, "billed_s": 60, "class": "off_net",
           "rule": "onecontact-2019@2019-03-01/voice/outbound.off_net",
           "parts": [{"seconds": 60, "vnd_per_min": 900, "tier": "1-1000"}], "why": "off-net"}  # fmt: skip
    return row | changed


def change(number: int, before_vnd: int | None, after_vnd: int | None, month: str = "2026-11") -> KeptChange:
    item = f"c{number}.2"
    cheap = "onecontact-2019@2026-11-01/voice/outbound.on_net"
    at = f"{month}-05T09:00:{number % 60:02}+07:00"
    after = charge(item, after_vnd, rule=cheap) | {"class": "on_net"}
    return KeptChange(month, at, "512", "+84912000222", charge(item, before_vnd), after)


class FakeRerate:
    """`changes` differ until they are applied; `moved`: a call is rated before that; `first_line` comes before all."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.changes = [change(1, 900, 440), change(2, 900, 440, "2026-10")]
        self.closed = {"2026-10"}
        self.moved = False
        self.refusal = ""
        self.first_line = ""
        self.applied: list[Apply] = []
        self.made = 0

    @contextmanager
    def __call__(self, task: Task) -> Iterator[list[str]]:
        run = [sys.executable, "-c"]
        match task:
            case _ if self.refusal:
                yield [*run, REFUSE, self.refusal]
            case Reckon():
                self.moved = False
                kept_file(self.data).parent.mkdir(exist_ok=True)
                found = [asdict(each) for each in self.changes if each.month >= task.first]
                given = [json.dumps(self._head(task.first, found)), json.dumps(found)]
                yield [*run, self.first_line + RECKON, str(kept_file(self.data)), *given]
            case Apply() if self.moved:
                yield [*run, REFUSE, f"charges were reckoned by 1-2-3, and 2-2-3 stands now; {RECKON_AGAIN}"]
            case Apply():
                yield [*run, self.first_line + APPLY, str(len(self.changes))]
                self.applied.append(task)
                self.changes = []

    def _head(self, first: str, found: list[dict[str, Any]]) -> dict[str, Any]:
        self.made += 1
        months = [self._month(month, found) for month in ("2026-10", "2026-11") if month >= first]
        return {"id": f"r{self.made}", "first": first, "at": 1_795_300_000.0, "basis": "1-2-3", "months": months,
                "changes": len(found)}  # fmt: skip

    def _month(self, month: str, found: list[dict[str, Any]]) -> dict[str, Any]:
        mine = [each for each in found if each["month"] == month]
        difference = sum((each["after"]["amount_vnd"] or 0) - (each["before"]["amount_vnd"] or 0) for each in mine)
        return {"month": month, "closed": month in self.closed, "before_vnd": 1_000_000,
                "after_vnd": 1_000_000 + difference, "difference_vnd": difference, "changed": len(mine)}  # fmt: skip
