"""The verbs that list: lines and calls from the running box, rows from its store (read-only)."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from edge.api.messages import GetCalls, GetLines
from edge.api.queries import Reader, open_reader
from edge.commands.answers import say
from edge.commands.status import ask, no_box, places_of


def _say(rows: list[Any], options: Namespace) -> int:
    say(rows if options.limit is None else rows[-options.limit :])
    return 0


def lines(options: Namespace) -> int:
    return _say(ask(options, GetLines()), options)


def calls(options: Namespace) -> int:
    return _say(ask(options, GetCalls()), options)


def _reader(options: Namespace) -> Reader:
    places = places_of(options)
    try:
        return open_reader(places.data)
    except FileNotFoundError as error:
        raise no_box(places) from error


def cdrs(options: Namespace) -> int:
    with _reader(options) as store:
        return _say(store.cdrs(), options)


def recordings(options: Namespace) -> int:
    with _reader(options) as store:
        return _say(store.recordings(), options)


def outbox(options: Namespace) -> int:
    with _reader(options) as store:
        return _say(store.outbox(), options)


def messages(options: Namespace) -> int:
    with _reader(options) as store:
        return _say(store.messages(), options)
