"""The tariff files of the product."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def _texts() -> dict[str, str]:
    folder = files("edge.rating") / "tariffs"
    return {
        item.name: item.read_text(encoding="utf-8")
        for item in folder.iterdir()
        if item.name.endswith((".toml", ".csv"))
    }


def shipped_tariffs() -> dict[str, str]:
    """File name → text."""
    return dict(_texts())
