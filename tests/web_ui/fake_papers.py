"""Files of long statements, made by a process as a box does it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from web_ui.papers import OPEN, Paper, part_of

WRITE = """
import sys
open(sys.argv[1], "w").write(sys.argv[2])
print(sys.argv[3])
"""


class FakePapers:
    """`first_line` comes before all; what is `made` is what a file says: its own name."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.first_line = ""
        self.closed: bool | None = None
        """None: as the paper says."""
        self.made: list[Paper] = []

    @contextmanager
    def __call__(self, paper: Paper) -> Iterator[list[str]]:
        self.made.append(paper)
        written = part_of(self.data, paper)
        written.parent.mkdir(parents=True, exist_ok=True)
        closed = paper.stamp != OPEN if self.closed is None else self.closed
        told = json.dumps({"statement": paper.month, "closed": closed, "path": str(written)})
        yield [sys.executable, "-c", self.first_line + WRITE, str(written), f"%PDF {paper.name}", told]
        written.unlink(missing_ok=True)
