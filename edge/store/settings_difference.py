"""What changed between two settings documents, in words for people: `timers.ring_employee_s: 25.0 → 30.0`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from edge.dialplan.settings import Settings

SECRET_FIELDS = frozenset({"pin"})
"""Said to have changed, never shown."""


def difference(old: Settings, new: Settings) -> list[str]:
    """One sentence per change, in the order of the document; empty when nothing changed."""
    return _compare("", _plain(old), _plain(new))


def _plain(settings: Settings) -> dict[str, Any]:
    """Extensions by number, so that a moved one is no change."""
    document: dict[str, Any] = msgspec.to_builtins(settings)
    document["extensions"] = {entry["number"]: entry for entry in document["extensions"]}
    return document


def _compare(path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for key in dict.fromkeys([*old, *new]):
        here = f"{path}.{key}" if path else key
        if key not in new:
            found.append(f"{here}: removed")
        elif key not in old:
            found.append(f"{here}: added")
        elif isinstance(old[key], Mapping) and isinstance(new[key], Mapping):
            found += _compare(here, old[key], new[key])
        elif old[key] != new[key]:
            found.append(_change(here, key, old[key], new[key]))
    return found


def _change(path: str, key: str, old: object, new: object) -> str:
    if key in SECRET_FIELDS:
        return f"{path}: {'removed' if new is None else 'set' if old is None else 'changed'}"
    return f"{path}: {_shown(old)} → {_shown(new)}"


def _shown(value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "on" if value else "off"
        case float():
            return f"{value:g}"
        case "":
            return "empty"
        case _:
            return str(value)
