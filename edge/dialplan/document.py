"""Keys of a settings document that mean nothing: a misspelt limit must be refused, not left out in silence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


def unknown_keys(document: Any, kind: Any, path: str = "") -> Iterator[str]:
    """Paths of the keys that `kind` (a dataclass of plain values, dataclasses and tuples of them) does not have.

    What has the wrong shape altogether is passed over: reading it says more.
    """
    if is_dataclass(kind):
        if isinstance(document, dict):
            known = get_type_hints(kind)
            for key, value in document.items():
                where = f"{path}.{key}" if path else str(key)
                if key in {field.name for field in fields(kind)}:
                    yield from unknown_keys(value, known[key], where)
                else:
                    yield where
    elif get_origin(kind) is tuple and isinstance(document, list | tuple):
        for index, value in enumerate(document):
            yield from unknown_keys(value, get_args(kind)[0], f"{path}[{index}]")
    elif get_origin(kind) in (Union, UnionType):
        for each in get_args(kind):
            yield from unknown_keys(document, each, path)
