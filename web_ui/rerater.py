"""Rating again for the page: what differs is reckoned into a file, looked at page by page, and applied as it was seen.

One thing at a time, each a process of its own (`edge.commands.rerate_kept`). What was reckoned last is kept in the data
directory until it is applied or reckoned again; the core refuses it when calls were rated since.
"""

from __future__ import annotations

import json
import re
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.api.reckonings import KeptChange, kept_changes, kept_head
from web_ui.jobs import Begin, Failure, Jobs, Rules, Running

LONGEST_S = 1800.0
"""Years of a busy company on a small box; after this it hangs."""
RECKON_AGAIN = "reckon them again"
"""How the core's refusal ends when charges were stored since."""
_COUNT = re.compile(r"(\d+) records read")
_OWED = re.compile(r"billing: (?P<n>\d+) stored charges of (?P<month>\d{4}-\d\d) are not by the tables")


@dataclass(frozen=True, slots=True)
class Reckon:
    first: str
    """From this month on, `2026-10`."""


@dataclass(frozen=True, slots=True)
class Apply:
    id: str
    """Of the reckoning that was looked at."""
    by: str


Task = Reckon | Apply


@dataclass(frozen=True, slots=True)
class Reckoned:
    """The difference that is kept (`edge.api.reckonings`)."""

    id: str
    first: str
    at: float
    """POSIX seconds."""
    months: Sequence[Mapping[str, Any]]
    """Those with stored charges."""
    changes: int

    def changes_in(self, month: str | None) -> int:
        """None: in all months."""
        return sum(row["changed"] for row in self.months if month in (None, row["month"]))

    @property
    def credited(self) -> list[str]:
        """Closed months that differ: the next statement corrects them."""
        return [row["month"] for row in self.months if row["closed"] and row["changed"]]


class RerateCommands:
    """The command lines of the box behind a data directory."""

    def __init__(self, data: Path) -> None:
        self._data = data

    @contextmanager
    def __call__(self, task: Task) -> Iterator[Sequence[str]]:
        kept = kept_file(self._data)
        kept.parent.mkdir(exist_ok=True, mode=0o700)
        match task:
            case Reckon():
                words = ["reckon", "--from", task.first]
            case Apply():
                words = ["apply", "--id", task.id, "--by", task.by]
        yield [
            sys.executable, "-m", "edge.commands.rerate_kept", *words, "--data", str(self._data), "--kept", str(kept),
        ]  # fmt: skip


class Rerater:
    def __init__(
        self, data: Path, commands: Begin[Task], applied: Callable[[], None], longest_s: float = LONGEST_S
    ) -> None:
        """`commands`: the command line of a task. `applied`: told that stored charges have changed."""
        self._kept = kept_file(data)
        self._told_applied = applied
        self._turn = threading.Lock()
        self._newest: Task | None = None
        self._applied: int | None = None
        self._jobs: Jobs[Task] = Jobs("rerate", commands, self._done, Rules(longest_s=longest_s))

    @property
    def running(self) -> Running[Task] | None:
        return next(iter(self._jobs.running), None)

    @property
    def failure(self) -> Failure[Task] | None:
        """Why the newest task failed, if it did."""
        return None if self._newest is None else self._jobs.failure(self._newest)

    @property
    def reckoned(self) -> Reckoned | None:
        """What was reckoned last, and is not applied yet."""
        head = kept_head(self._kept)
        if head is None:
            return None
        return Reckoned(head["id"], head["first"], head["at"], head["months"], head["changes"])

    @property
    def applied(self) -> int | None:
        """How many charges were changed, when nothing was reckoned since."""
        return self._applied

    def changes(self, month: str | None, limit: int, offset: int) -> list[KeptChange]:
        """Of the month, or all; none when they were applied or reckoned again this moment."""
        try:
            return kept_changes(self._kept, month, limit, offset)
        except sqlite3.Error:
            return []

    def ask(self, task: Task, by: str) -> bool:
        """Begins it. False: something is under way."""
        with self._turn:  # it may be done before this is
            if not self._jobs.ask(task, by):
                return False
            self._newest, self._applied = task, None
            return True

    def cancel(self) -> None:
        """Ends a reckoning; what is being applied is applied as a whole or not at all, and takes a moment."""
        for running in self._jobs.running:
            if isinstance(running.job, Reckon):
                self._jobs.cancel(running.job)

    def stop(self) -> None:
        """For good; idempotent."""
        self._jobs.stop()

    def _done(self, task: Task, _by: str, told: str) -> None:
        if isinstance(task, Apply):
            self._kept.unlink(missing_ok=True)
            with self._turn:
                self._applied = int(json.loads(told)["changed"])
            self._told_applied()


def kept_file(data: Path) -> Path:
    return data / "web" / "rerate.db"


def records_read(running: Running[Task]) -> int:
    """How far a reckoning is, as it says itself."""
    found = _COUNT.search(running.said)
    return 0 if found is None else int(found[1])


def owed_month(alarm: str) -> str | None:
    """The month whose stored charges differ from today's tables, where an alarm of the box says so."""
    found = _OWED.search(alarm)
    return None if found is None else found["month"]
