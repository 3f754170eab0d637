"""Heavy work of the page, done by command lines in processes of their own: few at a time, at low priority.

A job is a value that says what is to be done; what the command says on stderr meanwhile is its progress, what it says
on stdout its answer. Here it is started, watched and ended: when it takes too long, when somebody says so, and, where
the work is for him who waits for it, when nobody looks any more. One thread per job; no request waits for it.
"""

from __future__ import annotations

import logging
import os
import subprocess
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import BinaryIO, Generic, Literal, TypeVar

NICE = 10
"""Calls and pages come first."""
TICK_S = 0.2
"""How often a job is looked after."""
STOP_S = 2.0
"""After SIGTERM; then it is killed."""
LINE_BYTES = 4096
REMEMBERED = 32
"""Failures that are kept, the newest ones."""

log = logging.getLogger(__name__)

Job = TypeVar("Job", bound=Hashable)
Blame = Literal["input", "box", "time"]


@dataclass(frozen=True, slots=True)
class Rules:
    at_once: int = 1
    longest_s: float = 900.0
    """After this it hangs."""
    unwatched_s: float | None = None
    """It is ended when nobody has called `watch` for so long; None: it is finished for whoever comes later."""


@dataclass(frozen=True, slots=True)
class Running(Generic[Job]):
    job: Job
    began: float
    """Monotonic."""
    said: str
    """The newest line of its progress; empty before the first."""

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


@dataclass(frozen=True, slots=True)
class Failure(Generic[Job]):
    job: Job
    sentence: str
    """What the command said, one line; empty when it took too long or died without a word."""
    blame: Blame
    """`time` when it took too long."""


Begin = Callable[[Job], AbstractContextManager[Sequence[str]]]
"""The command line that does a job, while the context is open."""
Done = Callable[[Job, str, str], None]
"""Told of a job that came to its end: the job, who asked for it, and the answer. What it raises fails the job."""


class _Run(Generic[Job]):
    """Belongs to its thread; others only look, and say that it is to end."""

    def __init__(self, job: Job, by: str) -> None:
        self.job = job
        self.by = by
        self.began = self.watched = time.monotonic()
        self.said = ""
        self.ended: Literal["", "time", "unwanted"] = ""
        self.kill_at = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def end(self, why: Literal["time", "unwanted"]) -> None:
        self.ended = self.ended or why
        self.kill_at = time.monotonic() + STOP_S
        if self.process is not None:
            self.process.terminate()


class Jobs(Generic[Job]):
    """Thread-safe. The same job never runs twice at once."""

    def __init__(self, name: str, begin: Begin[Job], done: Done[Job], rules: Rules) -> None:
        self._name = name
        self._begin = begin
        self._done = done
        self._rules = rules
        self._turn = threading.Lock()
        self._runs: dict[Job, _Run[Job]] = {}
        self._failures: dict[Job, Failure[Job]] = {}
        self._stopping = False

    @property
    def running(self) -> list[Running[Job]]:
        """Oldest first."""
        with self._turn:
            return [Running(run.job, run.began, run.said) for run in self._runs.values()]

    def watch(self, job: Job) -> Running[Job] | None:
        """The job if it is under way; says that somebody waits for it."""
        with self._turn:
            run = self._runs.get(job)
            if run is None:
                return None
            run.watched = time.monotonic()
            return Running(run.job, run.began, run.said)

    def failure(self, job: Job) -> Failure[Job] | None:
        """Why the job failed when it was last done; None too when somebody ended it."""
        return self._failures.get(job)

    def ask(self, job: Job, by: str) -> bool:
        """Begins the job. False: it or as many as may be are under way already."""
        with self._turn:
            if self._stopping or job in self._runs or len(self._runs) >= self._rules.at_once:
                return False
            run = self._runs[job] = _Run(job, by)
            self._failures.pop(job, None)
        threading.Thread(target=self._work, args=(run,), name=self._name, daemon=True).start()
        return True

    def cancel(self, job: Job) -> None:
        """Ends the job if it is under way; what it has done so far is lost."""
        with self._turn:
            run = self._runs.get(job)
            if run is not None:
                run.end("unwanted")

    def stop(self) -> None:
        """Ends all of them, and begins none any more; idempotent."""
        with self._turn:
            self._stopping = True
            processes = [run.process for run in self._runs.values() if run.process is not None]
            for run in self._runs.values():
                run.end("unwanted")
        for process in processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_S)

    # --- in the job's thread --------------------------------------------------------------------------------------

    def _work(self, run: _Run[Job]) -> None:
        failure: Failure[Job] | None
        try:
            failure = self._outcome(run)
        except OSError as error:
            failure = Failure(run.job, str(error), "box")
        except Exception:
            log.exception("%s: %s failed", self._name, run.job)
            failure = Failure(run.job, "", "box")
        with self._turn:
            del self._runs[run.job]
            if failure is not None:
                self._failures[run.job] = failure
                for old in list(self._failures)[:-REMEMBERED]:
                    del self._failures[old]

    def _outcome(self, run: _Run[Job]) -> Failure[Job] | None:
        with self._begin(run.job) as command, TemporaryFile() as told, TemporaryFile() as complained:
            status = self._run(run, command, told, complained)
            lines = _text(complained).strip().splitlines()
            if status == 0:
                self._done(run.job, run.by, _text(told))
                return None
        if run.ended:
            return Failure(run.job, "", "time") if run.ended == "time" else None
        log.warning("%s: %s ended with status %d: %s", self._name, run.job, status, lines[-1] if lines else "no word")
        return Failure(run.job, lines[-1] if lines else "", "input" if status == 2 else "box")

    def _run(self, run: _Run[Job], command: Sequence[str], told: BinaryIO, complained: BinaryIO) -> int:
        """-> the exit status."""
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=told, stderr=complained)
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
        with self._turn:
            run.process = process
            if run.ended:
                process.terminate()
        while True:
            try:
                return process.wait(TICK_S)
            except subprocess.TimeoutExpired:
                run.said = _last_line(complained) or run.said
                self._look_after(run, process)

    def _look_after(self, run: _Run[Job], process: subprocess.Popen[bytes]) -> None:
        now, rules = time.monotonic(), self._rules
        with self._turn:
            if run.ended:
                if now > run.kill_at:
                    process.kill()
            elif now - run.began > rules.longest_s:
                run.end("time")
            elif rules.unwatched_s is not None and now - run.watched > rules.unwatched_s:
                run.end("unwanted")


def _text(file: BinaryIO) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def _last_line(file: BinaryIO) -> str:
    """Without moving the place where the command writes on: it is the same open file."""
    size = os.fstat(file.fileno()).st_size
    tail = os.pread(file.fileno(), LINE_BYTES, max(0, size - LINE_BYTES)).decode(errors="replace")
    lines = tail[: tail.rfind("\n") + 1].splitlines()
    return lines[-1].strip() if lines else ""
