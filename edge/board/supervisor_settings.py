"""What may be set on a supervisor, checked before it is asked: a slip in a file should not only stand in a log."""

from __future__ import annotations

from collections.abc import Mapping

from firmware.settings import LIMITS


def settings_fault(settings: Mapping[str, int]) -> str | None:
    """The first that cannot be, as `name: what is wrong`; None when all can."""
    for name, value in settings.items():
        if name not in LIMITS:
            return f"{name}: no such setting; there are {', '.join(sorted(LIMITS))}"
        _, least, most = LIMITS[name]
        if not least <= value <= most:
            return f"{name}: {value} is not between {least} and {most}"
    return None
