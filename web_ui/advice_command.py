"""The command line that compares plans, with what the company holds in that month, so that fees are compared too."""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from edge.api.queries import StoreAbsent
from edge.api.statements import StatementFailed
from web_ui.advisor import Question
from web_ui.ports import Statements

USERS = {"call_center_users": "call_center", "contact_center_users": "contact_center"}
COUNTS = ("app_licences", "recording_storage_users", "data_storage_users", "sdk_sets")

log = logging.getLogger(__name__)


class AdviceCommand:
    """`reckon(question)`: the command line, and the file that it reads for as long as the context is open."""

    def __init__(self, data: Path, statements: Statements) -> None:
        self._data = data
        self._statements = statements

    @contextmanager
    def __call__(self, question: Question) -> Iterator[Sequence[str]]:
        command = [
            sys.executable, "-m", "edge.cli", "advise",
            "--data", str(self._data), "--period", question.period, "--language", question.language,
        ]  # fmt: skip
        held = self._held(question.period)
        if held is None:
            yield command
            return
        folder = self._data / "web"
        folder.mkdir(exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(prefix="subscribed-", suffix=".json", dir=folder)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(held, file)
            yield [*command, "--subscriptions", name]
        finally:
            with suppress(OSError):
                Path(name).unlink()

    def _held(self, period: str) -> dict[str, Any] | None:
        """None: it could not be found out; the comparison then says that it is without fees."""
        try:
            return subscriptions(self._statements.document(period, detailed=False))
        except (StatementFailed, StoreAbsent) as error:
            log.warning("plans of %s are compared without fees: %s", period, error)
            return None


def subscriptions(statement: Mapping[str, Any]) -> dict[str, Any]:
    """What a month's statement counts, as `advise --subscriptions` takes it (rating.md §8, SUBS.json)."""
    held, first_day = statement["subscriptions"], statement["period"]["first_day"]
    counts: Mapping[str, int] = held["counts"] or {}
    users = [{"kind": kind, "from": first_day} for name, kind in USERS.items() for _each in range(counts.get(name, 0))]
    return {
        "hotlines": [{"number": each["number"], "from": each["from"]} for each in held["hotlines"] if each["number"]],
        "extensions": [{"from": each["from"]} for each in held["extensions"]],
        "users": users,
        **{name: counts.get(name, 0) for name in COUNTS},
    }
