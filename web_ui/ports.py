"""What the page needs from the box, so that tests can give it a box of their own: the live side and the history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from edge.api.messages import AnyRequest, Notice
from edge.api.queries import CdrFilter
from edge.api.statements import Details


class Box(Protocol):
    """The running core, over its socket."""

    def ask(self, request: AnyRequest) -> Any:
        """-> the request's result. Raises BoxRefused (bad input or the box's fault) or BoxAbsent."""

    def notices(self) -> Iterator[Notice]:
        """What changes, until the core goes away (BoxError); a `heartbeat` at least every few seconds."""


class History(Protocol):
    """What stands in the store: a part of `edge.api.queries.Reader`. Works while the core is down, from any thread.

    Raises `StoreAbsent` when no box has ever run.
    """

    def cdrs(self, wanted: CdrFilter, *, limit: int, offset: int, newest_first: bool) -> list[dict[str, Any]]: ...

    def count(self, wanted: CdrFilter) -> int: ...

    def cdr(self, call: str) -> dict[str, Any] | None: ...

    def outgoing(self, calls: Sequence[str]) -> set[str]: ...

    def charge_revisions(self, call: str) -> dict[str, list[dict[str, Any]]]: ...

    def timeline(self, call: str) -> list[dict[str, Any]]: ...

    def messages(self, limit: int, *, newest_first: bool) -> list[dict[str, Any]]: ...

    def settings_document(self, revision: int) -> dict[str, Any] | None: ...


class Statements(Protocol):
    """Monthly statements, as `edge.api.statements` tells them. Raises `StatementFailed`, `StoreAbsent`."""

    def listed(self) -> list[dict[str, Any]]:
        """Closed ones, oldest first."""

    def document(self, month: str, *, detailed: bool) -> dict[str, Any]:
        """A month's, closed or as it stands."""

    def details(self, month: str) -> Details:
        """Its calls and messages, a piece at a time."""

    def forget(self) -> None:
        """An open month that was reckoned is not the newest any more."""
