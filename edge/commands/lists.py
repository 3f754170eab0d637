"""The verbs that list: lines and calls from the running box, rows from its store (read-only)."""

from __future__ import annotations

import sqlite3
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from edge.api.messages import GetCalls, GetLines
from edge.api.queries import Reader, open_reader
from edge.commands.answers import Failed, say
from edge.commands.status import ask, no_box, places_of


def _say(rows: list[Any], options: Namespace) -> int:
    say(rows if options.limit is None else rows[-options.limit :])
    return 0


class _Newest(Protocol):
    def __call__(self, *, limit: int | None, newest_first: bool) -> list[dict[str, Any]]: ...


def _say_newest(rows: _Newest, options: Namespace) -> int:
    """Oldest first as ever, but only what is asked for is read: a store may hold 100 000 calls."""
    if options.limit is None:
        say(rows(limit=None, newest_first=False))
    else:
        say(rows(limit=options.limit, newest_first=True)[::-1])
    return 0


def lines(options: Namespace) -> int:
    return _say(ask(options, GetLines()), options)


def calls(options: Namespace) -> int:
    return _say(ask(options, GetCalls()), options)


@contextmanager
def _reader(options: Namespace) -> Iterator[Reader]:
    places = places_of(options)
    try:
        with open_reader(places.data) as store:
            yield store
    except FileNotFoundError as error:
        raise no_box(places) from error
    except sqlite3.Error as error:
        raise Failed(f"the store at {places.data} cannot be read: {error}") from error


def cdrs(options: Namespace) -> int:
    with _reader(options) as store:
        return _say_newest(store.cdrs, options)


def recordings(options: Namespace) -> int:
    with _reader(options) as store:
        return _say_newest(store.recordings, options)


def outbox(options: Namespace) -> int:
    with _reader(options) as store:
        return _say(store.outbox(), options)


def messages(options: Namespace) -> int:
    with _reader(options) as store:
        return _say_newest(store.messages, options)
