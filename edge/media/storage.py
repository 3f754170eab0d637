"""Room on the disk: when recording has to stop, and what is kept back for the ledger.

The guard is pure: it is told the free bytes and says whether recording is allowed. Calls and CDRs go on below the
limit; for them a reserve file holds space that is given back when nothing else is left.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_MB = 1_000_000
_STOP_SHARE, _STOP_BYTES = 0.05, 200 * _MB
"""Below either of them recording stops."""
_RESUME_SHARE, _RESUME_BYTES = 0.06, 300 * _MB
"""Above both it may start again: the gap keeps the alarm from flapping."""
_RELEASE_BYTES = 24 * _MB
"""Free space at which the ledger gets its reserve: a day of calls needs a few MB."""


@dataclass(frozen=True, slots=True)
class Space:
    free_bytes: int
    total_bytes: int


def space_at(path: Path) -> Space:
    """Of the file system that holds `path`, as an unprivileged user sees it. Raises `OSError`."""
    stat = os.statvfs(path)
    return Space(stat.f_bavail * stat.f_frsize, stat.f_blocks * stat.f_frsize)


class StorageGuard:
    """Decides with a gap between stopping and resuming."""

    def __init__(self) -> None:
        self._recording_allowed = True

    @property
    def recording_allowed(self) -> bool:
        return self._recording_allowed

    def measured(self, space: Space) -> bool:
        """A new measurement; returns whether `recording_allowed` changed: the moment for an event and an alarm."""
        share, least = (_STOP_SHARE, _STOP_BYTES) if self._recording_allowed else (_RESUME_SHARE, _RESUME_BYTES)
        allowed = space.free_bytes >= max(least, share * space.total_bytes)
        changed = allowed != self._recording_allowed
        self._recording_allowed = allowed
        return changed


class LedgerReserve:
    """A file of real blocks, `ledger.reserve`: space that only the ledger gets, when the disk is full."""

    def __init__(self, path: Path, size_bytes: int = 32 * 1024 * 1024) -> None:
        self._path = path
        self._size_bytes = size_bytes

    @property
    def held(self) -> bool:
        return self._path.exists() and self._path.stat().st_size >= self._size_bytes

    def measured(self, space: Space) -> bool:
        """Gives the reserve back when space is out, takes it again when there is plenty. True: it was given back now.

        Blocks for moments. An `OSError` while taking it is no fault: there is no room yet.
        """
        if space.free_bytes < _RELEASE_BYTES:
            released = self._path.exists()
            self._path.unlink(missing_ok=True)
            return released
        if not self.held and space.free_bytes > _RESUME_BYTES + self._size_bytes:
            self._take()
        return False

    def _take(self) -> None:
        try:
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, self._size_bytes)
        except OSError:
            self._path.unlink(missing_ok=True)
