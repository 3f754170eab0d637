"""Text from outside, made storable: UTF-8 holds no half of a surrogate pair, and an SMS can be cut inside one."""

from __future__ import annotations

from typing import Any


def storable(text: str) -> str:
    """Joins pairs that arrived in halves; a lone half becomes U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def storable_document(value: Any) -> Any:
    """The same for every text in plain JSON."""
    match value:
        case str():
            return storable(value)
        case list():
            return [storable_document(item) for item in value]
        case dict():
            return {key: storable_document(item) for key, item in value.items()}
        case _:
            return value
