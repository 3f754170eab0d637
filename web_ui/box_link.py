"""The box behind a data directory, found anew for each request: it may start later than the page, and start again."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from edge.api.client import ANSWER_TIMEOUT_S, BoxClient, BoxRefused, find_socket
from edge.api.messages import (
    AnyRequest,
    CallRow,
    DrawStatement,
    GetCalls,
    GetSettings,
    GetSpending,
    ImportTable,
    Notice,
)
from edge.api.queries import CdrFilter, Reader, open_reader
from web_ui.live_feed import Employee, Standing

SLOW = (ImportTable, DrawStatement)
SLOW_S = 180.0
"""What these may take: a table of half a million numbers is read, a month of calls is reckoned."""
HEARTBEAT_S = 0.5
"""How long the feed's thread waits before it looks whether the page is being stopped."""


class BoxLink:
    """The running core (a `Box`)."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def ask(self, request: AnyRequest) -> Any:
        timeout_s = SLOW_S if isinstance(request, SLOW) else ANSWER_TIMEOUT_S
        return BoxClient(find_socket(self._data), timeout_s).ask(request)

    def employees(self) -> dict[str, Employee]:
        """By extension."""
        extensions = self.ask(GetSettings())["settings"]["extensions"]
        return {str(each["number"]): Employee(str(each["name"]), str(each["mobile"])) for each in extensions}

    def spending(self) -> Standing:
        """Which limits are used up, and until when the fraud guard bars calls; nothing where the box cannot tell."""
        try:
            found = self.ask(GetSpending())
        except BoxRefused:
            return Standing()
        reached = tuple(row for row in found["limits"] if row["state"] == "reached")
        return Standing(reached, found["fraud"].get("barred_until"))

    def calls(self) -> list[CallRow]:
        """Those in progress, with what they cost so far."""
        return msgspec.convert(self.ask(GetCalls()), list[CallRow])

    def notices(self) -> Iterator[Notice]:
        return BoxClient(find_socket(self._data)).notices(HEARTBEAT_S)


class StoreLink:
    """The store (a `History`), opened by the first page that needs it."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._turn = threading.Lock()
        self._reader: Reader | None = None

    def close(self) -> None:
        with self._turn:
            if self._reader is not None:
                self._reader.close()
                self._reader = None

    def cdrs(self, wanted: CdrFilter, *, limit: int, offset: int, newest_first: bool) -> list[dict[str, Any]]:
        return self._open().cdrs(wanted, limit=limit, offset=offset, newest_first=newest_first)

    def count(self, wanted: CdrFilter) -> int:
        return self._open().count(wanted)

    def cdr(self, call: str) -> dict[str, Any] | None:
        return self._open().cdr(call)

    def outgoing(self, calls: Sequence[str]) -> set[str]:
        return self._open().outgoing(calls)

    def charge_revisions(self, call: str) -> dict[str, list[dict[str, Any]]]:
        return self._open().charge_revisions(call)

    def timeline(self, call: str) -> list[dict[str, Any]]:
        return self._open().timeline(call)

    def messages(self, limit: int, *, newest_first: bool) -> list[dict[str, Any]]:
        return self._open().messages(limit, newest_first=newest_first)

    def settings_document(self, revision: int) -> dict[str, Any] | None:
        return self._open().settings_document(revision)

    def _open(self) -> Reader:
        with self._turn:
            if self._reader is None:
                self._reader = open_reader(self._data)
            return self._reader
