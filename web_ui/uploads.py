"""A file that a browser sent, where the core may read it while the request lasts."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from werkzeug.datastructures import FileStorage


@contextmanager
def handed_over(data: Path, file: FileStorage, suffix: str = "") -> Iterator[Path]:
    """A copy in the box's data directory, gone afterwards; the name that a browser sends is never used."""
    folder = data / "web"
    folder.mkdir(exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(prefix="upload-", suffix=suffix, dir=folder)
    try:
        with os.fdopen(handle, "wb") as copy:
            file.save(copy)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
