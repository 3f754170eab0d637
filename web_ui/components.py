"""The template macros (`ui`, `icon`) for every page, without an import line in each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask


def install(app: Flask) -> None:
    """After everything the macros use (translations, formats, the CSRF token) has been installed."""
    environment = app.jinja_env
    environment.filters["combine"] = _combine
    environment.globals["icon"] = getattr(environment.get_template("icons.html").module, "icon")  # noqa: B009
    environment.globals["ui"] = environment.get_template("ui.html").module


def _combine(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    return {**first, **second}
