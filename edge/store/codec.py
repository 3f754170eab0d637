"""Events and actions as JSON for the journal: `{"type": "KeyPressed", "leg": "c1.1", "key": "5"}`, and back, exactly
(but for halves of surrogate pairs, which no JSON can hold).

The names come from the unions in `edge.calls.events` and `edge.calls.actions`: what is not listed there cannot be
written, and a journal that names something unknown was written by other code and is refused, never guessed.
"""

from __future__ import annotations

from typing import Any, TypeVar, cast, get_args

import msgspec

from edge.calls.actions import Action
from edge.calls.events import Event
from edge.store.errors import StoreError
from edge.store.text import storable_document

EVENTS: dict[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}
ACTIONS: dict[str, type[Action]] = {kind.__name__: kind for kind in get_args(Action)}

_T = TypeVar("_T")
_encode = msgspec.json.Encoder().encode


class UnknownEntry(StoreError, ValueError):
    """The journal names a type, or fields, that this version does not have."""


class _Tag(msgspec.Struct):
    type: str


def encode_event(event: Event) -> str:
    return _tagged(event, EVENTS).decode()


def encode_actions(actions: tuple[Action, ...]) -> str:
    return b"".join([b"[", b",".join([_tagged(action, ACTIONS) for action in actions]), b"]"]).decode()


def decode_event(text: str) -> Event:
    """Raises `UnknownEntry`."""
    return cast("Event", _untagged(text.encode(), EVENTS))


def decode_actions(text: str) -> tuple[Action, ...]:
    """Raises `UnknownEntry`."""
    parts = msgspec.json.decode(text.encode(), type=list[msgspec.Raw])
    return tuple(cast("Action", _untagged(bytes(part), ACTIONS)) for part in parts)


def _tagged(value: Event | Action, known: dict[str, type[_T]]) -> bytes:
    name = type(value).__name__
    if known.get(name) is not type(value):
        raise UnknownEntry(f"{name} is not among the types that the journal knows")
    body = _body(value)
    separator = b"" if body == b"{}" else b","
    return b'{"type":"' + name.encode() + b'"' + separator + body[1:]


def _body(value: Event | Action) -> bytes:
    try:
        return _encode(value)
    except UnicodeEncodeError:  # an SMS from outside must never stop the flight recorder
        return _encode(storable_document(msgspec.to_builtins(value)))


def _untagged(data: bytes, known: dict[str, type[_T]]) -> Any:
    try:
        name = msgspec.json.decode(data, type=_Tag).type
        return msgspec.json.decode(data, type=known[name])
    except KeyError as error:
        raise UnknownEntry(f"the journal names {error}, which this version does not know") from error
    except msgspec.DecodeError as error:
        raise UnknownEntry(f"the journal holds {data[:80]!r}: {error}") from error
