"""The comparison of plans, reckoned by `tongdai advise` in a process of its own: one at a time, at low priority.

The work is the command's; here it is started, watched, ended after a while, and its answer kept in `web.db`, so that it
is there again after a restart. One thread per run; nobody waits for it but who looks at the page.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any

from web_ui.store import WebStore

LONGEST_S = 900.0
"""A million calls take seconds on a desk, minutes on a small box; after this it hangs."""
NICE = 10
"""Calls and pages come first."""
KEPT = 24
"""Newest answers that are kept."""
STOP_S = 2.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    period: str
    """Month, `2026-11`."""
    language: str
    """Of the assumptions."""


@dataclass(frozen=True, slots=True)
class Running:
    question: Question
    began: float
    """Monotonic."""

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


@dataclass(frozen=True, slots=True)
class Advice:
    question: Question
    at: float
    """POSIX seconds."""
    by: str
    answer: dict[str, Any]
    """As `tongdai advise` prints it."""


@dataclass(frozen=True, slots=True)
class Failure:
    question: Question
    sentence: str
    """What the command said, one line; empty when it was ended by us or died without a word."""
    blame: str
    """`input`, `box`, or `time` when it took too long."""


Reckon = Callable[[Question], AbstractContextManager[Sequence[str]]]
"""The command line that answers a question on stdout, while the context is open."""


class Advisor:
    def __init__(
        self,
        store: WebStore,
        reckon: Reckon,
        clock: Callable[[], float] = time.time,
        longest_s: float = LONGEST_S,
        kept: int = KEPT,
    ) -> None:
        self._store = store
        self._reckon = reckon
        self._clock = clock
        self._longest_s = longest_s
        self._kept = kept
        self._turn = threading.Lock()
        self._running: Running | None = None
        self._failure: Failure | None = None
        self._process: subprocess.Popen[str] | None = None
        self._stopping = False

    @property
    def running(self) -> Running | None:
        return self._running

    @property
    def failure(self) -> Failure | None:
        """Of the newest run, if it failed."""
        return self._failure

    def ask(self, question: Question, by: str) -> bool:
        """Begins to reckon. False: something is being reckoned already."""
        with self._turn:
            if self._running is not None or self._stopping:
                return False
            self._running, self._failure = Running(question, time.monotonic()), None
        threading.Thread(target=self._work, args=(question, by), name="advisor", daemon=True).start()
        return True

    def stop(self) -> None:
        """Ends a run that is under way; idempotent."""
        with self._turn:
            self._stopping = True
            process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_S)

    def answers(self) -> list[Advice]:
        """Newest first."""
        return [
            Advice(Question(row["period"], row["language"]), row["at"], row["by"], json.loads(row["answer"]))
            for row in self._store.rows("SELECT * FROM advice ORDER BY at DESC")
        ]

    def answer(self, period: str, language: str) -> Advice | None:
        """The month's; in another language rather than not at all."""
        found = [each for each in self.answers() if each.question.period == period]
        return next((each for each in found if each.question.language == language), found[0] if found else None)

    def _work(self, question: Question, by: str) -> None:
        try:
            failure = self._reckoned(question, by)
        except OSError as error:
            failure = Failure(question, str(error), "box")
        except Exception:
            log.exception("comparing the plans of %s failed", question.period)
            failure = Failure(question, "", "box")
        with self._turn:
            self._process, self._running, self._failure = None, None, failure

    def _reckoned(self, question: Question, by: str) -> Failure | None:
        with self._reckon(question) as command:
            return self._run(command, question, by)

    def _run(self, command: Sequence[str], question: Question, by: str) -> Failure | None:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
        with self._turn:
            self._process = process
            if self._stopping:
                process.terminate()
        try:
            told, complained = process.communicate(timeout=self._longest_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return Failure(question, "", "time")
        if process.returncode != 0:
            lines = complained.strip().splitlines()
            return Failure(question, lines[-1] if lines else "", "input" if process.returncode == 2 else "box")
        try:
            answer = json.loads(told)
        except ValueError:
            log.error("comparing the plans of %s: the answer is no JSON: %.200s", question.period, told)
            return Failure(question, "", "box")
        self._keep(question, by, answer)
        return None

    def _keep(self, question: Question, by: str, answer: dict[str, Any]) -> None:
        with self._store.transaction():
            self._store.run(
                "INSERT OR REPLACE INTO advice (period, language, at, by, answer) VALUES (?, ?, ?, ?, ?)",
                (question.period, question.language, self._clock(), by, json.dumps(answer, ensure_ascii=False)),
            )
            self._store.run(
                "DELETE FROM advice WHERE at < (SELECT min(at) FROM (SELECT at FROM advice ORDER BY at DESC LIMIT ?))",
                (self._kept,),
            )
