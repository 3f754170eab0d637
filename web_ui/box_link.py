"""The box behind a data directory, found anew for each request: it may start later than the page, and start again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edge.api.client import BoxClient, find_socket
from edge.api.messages import AnyRequest, GetSettings, Notice
from edge.api.queries import CdrFilter, Reader, open_reader

HEARTBEAT_S = 0.5
"""How long the feed's thread waits before it looks whether the page is being stopped."""


class BoxLink:
    """The running core (a `Box`)."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def ask(self, request: AnyRequest) -> Any:
        return BoxClient(find_socket(self._data)).ask(request)

    def names(self) -> dict[str, str]:
        """Extension → name."""
        extensions = self.ask(GetSettings())["settings"]["extensions"]
        return {str(extension["number"]): str(extension["name"]) for extension in extensions}

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
