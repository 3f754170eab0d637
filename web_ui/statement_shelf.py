"""Statements as the page needs them (`web_ui.ports.Statements`): closed ones from the store, open months as they stand.

An open month is reckoned by a process of its own, which takes a moment: its answer is good for half a minute, and only
one is reckoned at a time, however many people look. With its details it is kept deflated: 60 000 lines are 50 MB.
"""

from __future__ import annotations

import json
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from edge.api import statement_csv, statements
from edge.api.statements import Details, Language

FRESH_S = 30.0

Document = dict[str, Any]


class ClosedMonth(Protocol):
    """`edge.api.statements.closed_month`."""

    def __call__(self, data: Path, month: str, *, detailed: bool) -> Document | None: ...


class OpenText(Protocol):
    """`edge.api.statements.open_text`."""

    def __call__(self, data: Path, month: str, *, detailed: bool) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Reckoned:
    month: str
    at: float
    deflated: bytes


class StatementShelf:
    """Of the box behind a data directory."""

    def __init__(
        self,
        data: Path,
        open_text: OpenText = statements.open_text,
        clock: Callable[[], float] = time.monotonic,
        closed_month: ClosedMonth = statements.closed_month,
        closed_details: Callable[[Path, str], bytes | None] = statements.closed_details,
    ) -> None:
        self._data = data
        self._open_text = open_text
        self._clock = clock
        self._closed_month = closed_month
        self._closed_details = closed_details
        self._turn = threading.Lock()
        self._newest: dict[bool, _Reckoned] = {}
        """With details, and without."""

    def listed(self) -> list[Document]:
        return statements.listed(self._data)

    def document(self, month: str, *, detailed: bool) -> Document:
        found = self._closed_month(self._data, month, detailed=detailed)
        if found is not None:
            return found
        reckoned: Document = json.loads(self._reckoned(month, detailed=detailed))
        return reckoned

    def details(self, month: str) -> Details:
        return Details(self._closed_details(self._data, month) or self._reckoned(month, detailed=True))

    def forget(self) -> None:
        with self._turn:
            self._newest = {}

    def _reckoned(self, month: str, *, detailed: bool) -> bytes:
        with self._turn:
            newest = self._newest.get(detailed)
            if newest is None or newest.month != month or self._clock() - newest.at > FRESH_S:
                text = self._open_text(self._data, month, detailed=detailed)
                self._newest[detailed] = _Reckoned(month, self._clock(), zlib.compress(text, 1))
                return text
        return zlib.decompress(newest.deflated)


def as_csv(document: Document, language: Language, *, detailed: bool) -> bytes:
    return statement_csv.render(document, language, detailed).encode("utf-8")


def as_pdf(document: Document, language: Language, *, detailed: bool) -> bytes:
    from edge.api import statement_pdf  # fonts are loaded by whoever wants a PDF, not by every page

    return statement_pdf.render(document, language, detailed)
