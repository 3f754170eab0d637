"""The marker by which the core asks the page, which keeps the logins, to make the first login anew."""

from __future__ import annotations

from pathlib import Path


def marker(data: Path) -> Path:
    """A file that the core makes and the page takes away once it has done so."""
    return data / "factory-reset"
