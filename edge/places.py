"""Where things lie: the data directory of a box and what is in it. The only place that knows these names."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

SOCKET_PATH_LIMIT = 100
"""sun_path holds 108 bytes (unix(7)); a longer path moves to a short one."""


@dataclass(frozen=True, slots=True)
class Places:
    data: Path

    @classmethod
    def at(cls, data: str | Path | None) -> Places:
        """`data`, else $TONGDAI_DATA, else ./var (architecture §5)."""
        chosen = data or os.environ.get("TONGDAI_DATA") or "var"
        return cls(Path(chosen).expanduser().absolute())

    @property
    def ready_file(self) -> Path:
        """What READY said, kept up to date with today's pids."""
        return self.data / "run.json"

    @property
    def lock_file(self) -> Path:
        return self.data / "run.lock"

    @property
    def machine_file(self) -> Path:
        return self.data / "machine.json"

    @property
    def recordings(self) -> Path:
        return self.data / "recordings"

    @property
    def greetings(self) -> Path:
        return self.data / "greetings"

    @property
    def transcripts(self) -> Path:
        return self.data / "transcripts"

    @property
    def simulation(self) -> Path:
        return self.data / "sim"

    def socket(self, name: str) -> Path:
        """Path of a Unix socket of this box; short enough for the kernel, and only for its owner."""
        wanted = self.data / f"{name}.sock"
        if len(os.fsencode(wanted)) <= SOCKET_PATH_LIMIT:
            return wanted
        key = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
        short = Path(f"/tmp/tongdai-{os.getuid()}-{key}")  # noqa: S108 - made with mode 0700 and checked below
        short.mkdir(mode=0o700, exist_ok=True)
        state = short.lstat()
        if state.st_uid != os.getuid() or state.st_mode & 0o077:
            raise PermissionError(f"{short} belongs to somebody else; remove it or choose a shorter --data")
        return short / f"{name}.sock"

    def prepare(self) -> None:
        """Makes the directories. Raises `OSError` when the place cannot be written."""
        for folder in (self.data, self.recordings, self.greetings, self.transcripts):
            folder.mkdir(parents=True, exist_ok=True)
        self.data.chmod(0o750)
