"""The comparison of plans, reckoned by `tongdai advise`, one at a time; its answers are kept in `web.db`.

So they are there again after a restart. How the work is started, watched and ended: `web_ui.jobs`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from web_ui.jobs import Begin, Failure, Jobs, Rules, Running
from web_ui.store import WebStore

LONGEST_S = 900.0
"""A million calls take seconds on a desk, minutes on a small box; after this it hangs."""
KEPT = 24
"""Newest answers that are kept."""


@dataclass(frozen=True, slots=True)
class Question:
    period: str
    """Month, `2026-11`."""
    language: str
    """Of the assumptions."""


@dataclass(frozen=True, slots=True)
class Advice:
    question: Question
    at: float
    """POSIX seconds."""
    by: str
    answer: dict[str, Any]
    """As `tongdai advise` prints it."""


class Advisor:
    def __init__(
        self,
        store: WebStore,
        reckon: Begin[Question],
        clock: Callable[[], float] = time.time,
        longest_s: float = LONGEST_S,
        kept: int = KEPT,
    ) -> None:
        """`reckon`: the command line that answers a question as one JSON document on stdout."""
        self._store = store
        self._clock = clock
        self._kept = kept
        self._jobs: Jobs[Question] = Jobs("advisor", reckon, self._keep, Rules(longest_s=longest_s))

    @property
    def running(self) -> Running[Question] | None:
        return next(iter(self._jobs.running), None)

    def failure(self, question: Question) -> Failure[Question] | None:
        """Why its newest run failed, if it did."""
        return self._jobs.failure(question)

    def ask(self, question: Question, by: str) -> bool:
        """Begins to reckon. False: something is being reckoned already."""
        return self._jobs.ask(question, by)

    def cancel(self) -> None:
        """Ends what is being reckoned."""
        for running in self._jobs.running:
            self._jobs.cancel(running.job)

    def stop(self) -> None:
        """For good; idempotent."""
        self._jobs.stop()

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

    def _keep(self, question: Question, by: str, told: str) -> None:
        answer = json.dumps(json.loads(told), ensure_ascii=False)
        with self._store.transaction():
            self._store.run(
                "INSERT OR REPLACE INTO advice (period, language, at, by, answer) VALUES (?, ?, ?, ?, ?)",
                (question.period, question.language, self._clock(), by, answer),
            )
            self._store.run(
                "DELETE FROM advice WHERE at < (SELECT min(at) FROM (SELECT at FROM advice ORDER BY at DESC LIMIT ?))",
                (self._kept,),
            )
