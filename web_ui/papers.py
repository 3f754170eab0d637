"""Long statements as files: made by `tongdai statement show` in a process of its own, kept, and sent from there.

The file of a closed month is kept for good, since such a month never changes; that of an open one for as long as
somebody may still be fetching it. Kept are the newest ones up to a size, in the data directory, for the page's eyes
only. One is made at a time, and only while somebody waits for it: a month of 60 000 calls takes minutes on a small box,
and hundreds of megabytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from edge.api import statements
from web_ui.jobs import Begin, Failure, Jobs, Rules, Running

OPEN = "open"
"""The stamp of a month that is not closed."""
OPEN_GOOD_S = 300.0
"""How long the file of an open month is what it says on its head."""
MOST_BYTES = 256 * 1024 * 1024
"""Kept together: some twenty months of 60 000 calls as PDF."""
RULES = Rules(at_once=1, longest_s=1200.0, unwatched_s=20.0)
SHORT = 500
"""Lines that the page's own process writes at once: starting another one takes longer."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A detailed statement as a file."""

    month: str
    stamp: str
    """Of the closed statement and of the code that renders it; or `OPEN`."""
    language: str
    kind: str
    """pdf, csv or json."""

    @property
    def name(self) -> str:
        return f"{self.month}-{self.stamp}-{self.language}.{self.kind}"


def paper_of(month: str, closed: Mapping[str, Any] | None, language: str, kind: str) -> Paper:
    """`closed`: the row of the list of closed statements, None while the month is open."""
    stamp = OPEN
    if closed is not None:
        known = json.dumps([closed["drawn"], closed["total_vnd"], _renderer()])
        stamp = hashlib.sha256(known.encode()).hexdigest()[:12]
    return Paper(month, stamp, "vi" if kind == "json" else language, kind)  # JSON holds both languages


@cache
def _renderer() -> str:
    """Changes with the code that renders statements: after an update they are made anew."""
    code = sorted(Path(statements.__file__).parent.glob("statement*.py"))
    return hashlib.sha256(b"".join(each.read_bytes() for each in code)).hexdigest()


def lines_in(summary: Mapping[str, Any]) -> int:
    """How many calls and messages the detailed form of a statement lists."""
    calls = sum(voice["calls"] for each in summary["hotlines"] for voice in each["voice"])
    others = sum(each["sms"]["messages"] + each["unrated"] for each in summary["hotlines"])
    return int(calls + others + sum(each["items"] for each in summary["adjustments"]))


class PaperCommands:
    """The command lines of the box behind a data directory; what they have written is gone unless it was taken."""

    def __init__(self, data: Path) -> None:
        self._data = data

    @contextmanager
    def __call__(self, paper: Paper) -> Iterator[Sequence[str]]:
        written = part_of(self._data, paper)
        written.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            yield [
                sys.executable, "-m", "edge.cli", "statement", "show", paper.month, "--detailed",
                "--format", paper.kind, "--language", paper.language, "--out", str(written), "--data", str(self._data),
            ]  # fmt: skip
        finally:
            with suppress(OSError):
                written.unlink()


class Papers:
    def __init__(
        self,
        data: Path,
        commands: Begin[Paper],
        clock: Callable[[], float] = time.time,
        most_bytes: int = MOST_BYTES,
        rules: Rules = RULES,
    ) -> None:
        """`commands`: the command line that writes `part_of` a paper and says on stdout whether it is "closed"."""
        self._data = data
        self._clock = clock
        self._most_bytes = most_bytes
        self._jobs: Jobs[Paper] = Jobs("papers", commands, self._take, rules)
        self._forget_torn()

    def ready(self, paper: Paper) -> Path | None:
        """The file, if it is there."""
        path = _folder(self._data) / paper.name
        try:
            made = path.stat().st_mtime
            if paper.stamp == OPEN and self._clock() - made > OPEN_GOOD_S:
                return None
            os.utime(path, (self._clock(), made))  # what is fetched is kept longest
        except OSError:
            return None
        return path

    def wait(self, paper: Paper, by: str) -> Running[Paper] | None:
        """Somebody waits for it: it is begun, unless it is being made. None: others are made before it."""
        return self._jobs.watch(paper) or (self._jobs.watch(paper) if self._jobs.ask(paper, by) else None)

    def failure(self, paper: Paper) -> Failure[Paper] | None:
        """Why it could not be made when that was last tried."""
        return self._jobs.failure(paper)

    def cancel(self, paper: Paper) -> None:
        self._jobs.cancel(paper)

    def stop(self) -> None:
        """For good; idempotent."""
        self._jobs.stop()

    def _take(self, paper: Paper, _by: str, told: str) -> None:
        """The month may have been closed while its file was made: then another paper is wanted."""
        written = part_of(self._data, paper)
        if json.loads(told)["closed"] == (paper.stamp != OPEN):
            written.chmod(0o600)
            written.replace(_folder(self._data) / paper.name)
            self._make_room()

    def _make_room(self) -> None:
        """Fetched longest ago goes first; files of open months go when they are out of date."""
        self._forget_torn()
        kept = sorted(_folder(self._data).glob("[0-9]*"), key=lambda each: each.stat().st_atime, reverse=True)
        size = 0
        for number, path in enumerate(kept):
            state = path.stat()
            size += state.st_size
            stale = f"-{OPEN}-" in path.name and self._clock() - state.st_mtime > OPEN_GOOD_S
            if stale or (size > self._most_bytes and number):
                path.unlink(missing_ok=True)
                size -= state.st_size

    def _forget_torn(self) -> None:
        """Left by a page that was killed while they were made, or written after it by the command that it had begun."""
        for torn in _folder(self._data).glob(".*.part"):
            if not torn.name.endswith(f".{os.getpid()}.part"):
                torn.unlink(missing_ok=True)


def part_of(data: Path, paper: Paper) -> Path:
    """Where it is written before it is complete: what a page that was killed has begun never writes into it."""
    return _folder(data) / f".{paper.name}.{os.getpid()}.part"


def forget_papers(data: Path) -> None:
    """All of them, at a factory reset."""
    shutil.rmtree(_folder(data), ignore_errors=True)


def _folder(data: Path) -> Path:
    return data / "web" / "statements"
