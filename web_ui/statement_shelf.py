"""Statements as the page needs them (`web_ui.ports.Statements`): closed ones from the store, open months as they stand.

An open month is reckoned by a process of its own, which takes a moment: its answer is good for half a minute, and only
one is reckoned at a time, however many people look.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from edge.api import statement_csv, statements
from edge.api.statements import Language

FRESH_S = 30.0

Document = dict[str, Any]


class ClosedMonth(Protocol):
    """`edge.api.statements.closed_month`."""

    def __call__(self, data: Path, month: str, *, detailed: bool) -> Document | None: ...


@dataclass(frozen=True, slots=True)
class _Reckoned:
    month: str
    at: float
    document: Document


class StatementShelf:
    """Of the box behind a data directory."""

    def __init__(
        self,
        data: Path,
        open_month: Callable[[Path, str], Document] = statements.open_month,
        clock: Callable[[], float] = time.monotonic,
        closed_month: ClosedMonth = statements.closed_month,
    ) -> None:
        self._data = data
        self._open_month = open_month
        self._clock = clock
        self._closed_month = closed_month
        self._turn = threading.Lock()
        self._newest: _Reckoned | None = None

    def listed(self) -> list[Document]:
        return statements.listed(self._data)

    def document(self, month: str, *, detailed: bool) -> Document:
        found = self._closed_month(self._data, month, detailed=detailed)
        if found is not None:
            return found
        found = self._reckoned(month)
        return found if detailed else statements.summary(found)

    def forget(self) -> None:
        with self._turn:
            self._newest = None

    def _reckoned(self, month: str) -> Document:
        with self._turn:
            newest = self._newest
            if newest is None or newest.month != month or self._clock() - newest.at > FRESH_S:
                document = self._open_month(self._data, month)
                self._newest = newest = _Reckoned(month, self._clock(), document)
            return newest.document


def as_csv(document: Document, language: Language, *, detailed: bool) -> bytes:
    return statement_csv.render(document, language, detailed).encode("utf-8")


def as_pdf(document: Document, language: Language, *, detailed: bool) -> bytes:
    from edge.api import statement_pdf  # fonts are loaded by whoever wants a PDF, not by every page

    return statement_pdf.render(document, language, detailed)
