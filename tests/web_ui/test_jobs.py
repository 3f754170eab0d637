"""Heavy work in other processes: progress, answers, failures, and the ways in which it is ended."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from tests.web_ui.visitor import until
from web_ui.jobs import NICE, Jobs, Rules

WAITING = "import time; print('ready', flush=True); time.sleep(60)"
STUBBORN = (
    "import signal, sys, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('deaf', file=sys.stderr, flush=True)\ntime.sleep(60)"
)


class Worker:
    """Jobs are the names of scripts; what was answered stands in `answers`."""

    def __init__(self, rules: Rules | None = None, **scripts: str) -> None:
        self.scripts = scripts
        self.answers: list[tuple[str, str, str]] = []
        self.closed: list[str] = []
        self.jobs: Jobs[str] = Jobs("test", self._begin, self._done, rules or Rules())

    @contextmanager
    def _begin(self, job: str) -> Iterator[Sequence[str]]:
        try:
            yield [sys.executable, "-c", self.scripts[job]]
        finally:
            self.closed.append(job)

    def _done(self, job: str, by: str, told: str) -> None:
        self.answers.append((job, by, told.strip()))
        if told.startswith("odd"):
            raise ValueError(told)

    def finished(self, job: str) -> bool:
        return all(running.job != job for running in self.jobs.running)


def test_answer_and_priority() -> None:
    work = Worker(a="import os; print(os.nice(0))")
    assert work.jobs.ask("a", "mai")
    until(lambda: work.finished("a"), within_s=10)
    ((job, by, told),) = work.answers
    assert (job, by, work.closed) == ("a", "mai", ["a"])
    assert int(told) in (NICE, os.nice(0)), "it may have asked before it was lowered"
    assert work.jobs.failure("a") is None


def test_progress_is_the_newest_whole_line() -> None:
    script = "import sys, time\nsys.stderr.write('one\\ntwo\\nthr'); sys.stderr.flush()\ntime.sleep(60)"
    work = Worker(a=script)
    work.jobs.ask("a", "mai")
    until(lambda: (running := work.jobs.watch("a")) is not None and running.said == "two", within_s=10)
    assert work.jobs.watch("b") is None
    work.jobs.stop()


def test_much_said_on_both_streams_blocks_nothing() -> None:
    work = Worker(a="import sys\nfor n in range(40000): print(n); print(n, file=sys.stderr)")
    work.jobs.ask("a", "mai")
    until(lambda: work.finished("a"), within_s=20)
    assert work.answers[0][2].endswith("39999")


@pytest.mark.parametrize(
    ("script", "blame", "sentence"),
    [
        ("raise SystemExit('tongdai: no such month')", "box", "tongdai: no such month"),
        ("import sys; sys.stderr.write('tongdai: bad\\n'); sys.exit(2)", "input", "tongdai: bad"),
        ("import os; os.kill(os.getpid(), 9)", "box", ""),
        ("print('odd')", "box", ""),
    ],
)
def test_failures(script: str, blame: str, sentence: str) -> None:
    work = Worker(a=script)
    work.jobs.ask("a", "mai")
    until(lambda: work.finished("a"), within_s=10)
    failure = work.jobs.failure("a")
    assert failure is not None
    assert (failure.blame, failure.sentence) == (blame, sentence)
    work.scripts["a"] = WAITING
    assert work.jobs.ask("a", "mai")
    assert work.jobs.failure("a") is None, "it is being tried again"
    work.jobs.stop()


def test_a_program_that_is_not_there() -> None:
    jobs: Jobs[str] = Jobs("test", _nothing, lambda *_told: None, Rules())
    jobs.ask("a", "mai")
    until(lambda: jobs.failure("a"), within_s=5)
    assert jobs.running == []


@contextmanager
def _nothing(_job: str) -> Iterator[Sequence[str]]:
    yield ["/nowhere/at-all"]


def test_as_many_as_may_be_and_each_once() -> None:
    work = Worker(Rules(at_once=2), a=WAITING, b=WAITING, c=WAITING)
    assert [work.jobs.ask(job, "mai") for job in "aabc"] == [True, False, True, False]
    assert [running.job for running in work.jobs.running] == ["a", "b"]
    work.jobs.cancel("a")
    work.jobs.cancel("never")
    until(lambda: work.finished("a"), within_s=10)
    assert work.jobs.failure("a") is None
    assert work.jobs.ask("c", "mai")
    work.jobs.stop()
    work.jobs.stop()
    until(lambda: work.jobs.running == [], within_s=10)
    assert not work.jobs.ask("a", "mai"), "for good"
    assert work.answers == []
    assert sorted(work.closed) == ["a", "b", "c"]


def test_one_that_does_not_heed_is_killed() -> None:
    work = Worker(a=STUBBORN)
    work.jobs.ask("a", "mai")
    until(lambda: (running := work.jobs.watch("a")) is not None and running.said == "deaf", within_s=10)
    work.jobs.cancel("a")
    until(lambda: work.finished("a"), within_s=10)


def test_one_that_nobody_waits_for_is_ended() -> None:
    work = Worker(Rules(at_once=2, unwatched_s=0.6), a=WAITING, b=WAITING)
    work.jobs.ask("a", "mai")
    work.jobs.ask("b", "mai")
    until(lambda: (work.jobs.watch("b"), work.finished("a"))[1], within_s=10)
    assert not work.finished("b")
    until(lambda: work.finished("b"), within_s=10)
    assert work.jobs.failure("b") is None
