"""Tries mutants: writes each into its own copy of the checkout and lets the module's tests loose on it.

`python -m tests.campaign.mutants_tried SESSIONS EVERY UNTIL MODULE…`, run *inside the copy*; prints a line per mutant.

A pytest that starts anew takes longer than most of these tests, so this process loads what does not change (pytest,
hypothesis, the libraries under the rater) and forks for each mutant: nothing of the rater is loaded before the fork.
Processor time and memory of a child are limited, so an endless loop ends on a busy machine as on a quiet one.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import msgspec.json
import numpy as np
import phonenumbers
import pytest
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult

from tests.campaign.mutants_made import Mutant, digest, mutants_of, path_of, tests_of, work_items

_LOADED = (hypothesis, msgspec.json, np, phonenumbers)
_OPTIONS = ("-q", "-x", "-p", "no:cacheprovider", "-m", "not system and not campaign")
_LOADED_EARLY = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
_PROFILE = "mutants"
_MEMORY_BYTES = 2 << 30
_WALL_S = 600
_LATELY = 20
TIMEOUT = "timeout"


class Hunt:
    """A pytest plugin: tests that killed lately go first, and which one failed first is noted."""

    def __init__(self, lately: list[str]) -> None:
        self.killer = ""
        self._rank = {node: place for place, node in enumerate(lately)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: self._rank.get(item.nodeid, len(self._rank)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.killer:
            self.killer = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.killer:
            self.killer = report.nodeid


@dataclass(frozen=True, slots=True)
class Tried:
    """`killer` is the first test that failed, or "timeout"; empty: all of them passed."""

    killer: str
    cpu_s: float


def few_examples() -> None:
    """A profile that is the same in every run, looks at few examples and does not shrink what failed."""
    hypothesis.settings.register_profile(
        _PROFILE,
        derandomize=True,
        deadline=None,
        database=None,
        max_examples=25,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    os.environ["HYPOTHESIS_PROFILE"] = _PROFILE


def run_tests(tests: list[str], cpu_limit_s: int, lately: list[str]) -> Tried:
    """In a child; the first failure ends it. `lately`: the tests to begin with."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _be_the_child(tests, cpu_limit_s, Hunt(lately), writer)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as answer:
        killer = answer.read()  # ends with the child
    _, status, usage = os.wait4(child, 0)
    if os.WIFSIGNALED(status):
        killer = killer or TIMEOUT
    return Tried(killer, usage.ru_utime + usage.ru_stime)


def _be_the_child(tests: list[str], cpu_limit_s: int, hunt: Hunt, writer: int) -> None:
    """Never returns."""
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_limit_s, cpu_limit_s))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
        signal.alarm(_WALL_S)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        status = pytest.main([*_OPTIONS, *_LOADED_EARLY, *tests], plugins=[hunt])
        killer = "" if status == pytest.ExitCode.OK else hunt.killer or f"pytest: {status}"
        os.write(writer, killer.encode())
    except BaseException as fault:  # noqa: BLE001 - whatever it is, a child must not return into its parent
        os.write(writer, type(fault).__name__.encode())
    finally:
        os._exit(0)


def try_module(module: str, sessions: Path, every: int, until: float, say: Callable[[str], None]) -> None:
    """Every `every`-th mutant that has no result yet, until the clock says `until`."""
    root = Path.cwd()
    tests = tests_of(module, root)
    sys.dont_write_bytecode = False
    healthy = run_tests(tests, _WALL_S, [])
    sys.dont_write_bytecode = True
    if healthy.killer:
        raise SystemExit(f"{module}: {healthy.killer} fails without any mutant")
    cpu_limit_s = int(2 * healthy.cpu_s) + 3
    lately: list[str] = []
    wanted = mutants_of(module, root)[::every]
    with use_db(str(session_path(module, sessions, root))) as session:
        if not session.num_work_items:
            session.add_work_items(work_items(module, root))
        known = _remembered(session, tests, root)
        say(f"{module}: {len(wanted)} mutants, {len(known)} known; its tests take {healthy.cpu_s:.1f} s")
        for mutant in wanted:
            _, to_face = known.get(mutant.name, ("", tests))
            if not to_face:
                continue
            if time.time() > until:
                return
            tried = _try(mutant, to_face, cpu_limit_s, lately, root)
            session.set_result(mutant.name, result_of(tried, tests, root))
            if "::" in tried.killer:
                lately[:] = [tried.killer, *(node for node in lately if node != tried.killer)][:_LATELY]
            say(f"{module}:{mutant.row} {mutant.name} {tried.killer or 'SURVIVED'} {tried.cpu_s:.1f} s")


def session_path(module: str, sessions: Path, root: Path) -> Path:
    """One session for one text of the module."""
    return sessions / f"{module.replace('/', '-')}-{digest(root / path_of(module))}.sqlite"


def still_true(session: WorkDB, tests: list[str], root: Path) -> dict[str, str]:
    """Mutant → killer ("" if it survived) of the results that hold for today's tests."""
    return {name: killer for name, (killer, fresh) in _remembered(session, tests, root).items() if not fresh}


def _remembered(session: WorkDB, tests: list[str], root: Path) -> dict[str, tuple[str, list[str]]]:
    """Mutant → killer, and the tests that it has still to face.

    A kill holds as long as the test file that killed stays as it is; who survived a file has not to face it again
    before it changes.
    """
    today = {test: digest(root / test) for test in tests}
    known = {}
    for name, result in session.results:
        killer, _, proof = (result.output or "").partition("\n")
        then = dict(line.rsplit(" ", 1) for line in proof.splitlines())
        if not killer:
            known[name] = "", [test for test in tests if then.get(test) != today[test]]
        elif then.items() <= today.items():
            known[name] = killer, []
    return known


def result_of(tried: Tried, tests: list[str], root: Path) -> WorkResult:
    file = tried.killer.partition("::")[0]
    proof = [file] if file in tests else tests
    known = "\n".join(f"{name} {digest(root / name)}" for name in proof)
    outcome = TestOutcome.KILLED if tried.killer else TestOutcome.SURVIVED
    return WorkResult(WorkerOutcome.NORMAL, f"{tried.killer}\n{known}", outcome)


def _try(mutant: Mutant, tests: list[str], cpu_limit_s: int, lately: list[str], root: Path) -> Tried:
    path = root / mutant.file
    text, times = path.read_text(encoding="utf-8"), path.stat()
    try:
        path.write_text(mutant.applied_to(text), encoding="utf-8")
        return run_tests(tests, cpu_limit_s, lately)
    finally:
        path.write_text(text, encoding="utf-8")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # its compiled form stays good


def main() -> int:
    sessions, every, until, *modules = sys.argv[1:]
    few_examples()

    def say(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    for module in modules:
        if time.time() < float(until):
            try_module(module, Path(sessions), int(every), float(until), say)
    return 0


if __name__ == "__main__":
    sys.exit(main())
