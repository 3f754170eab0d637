"""Which recordings have to go: by age in days and by size in GB, the oldest first. The decision is pure.

A recording made while the box did not know the time carries a stamp of 1970: its age is unknown, so days never delete
it, and while *now* is unknown days delete nothing. By size it counts as the oldest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from edge.media.errors import RecordingPathError
from edge.media.recording_path import PART, UNFINISHED, parse_recording_path
from edge.telephony import RecordingId

_DAY_S = 86_400.0
_GB = 1_000_000_000
_CLOCK_KNOWN = 1_735_689_600.0
"""2025-01-01: no box of this kind existed before."""


@dataclass(frozen=True, slots=True)
class StoredRecording:
    recording: RecordingId
    path: Path
    started_wall: float
    """POSIX seconds."""
    size_bytes: int


def expired(
    recordings: Iterable[StoredRecording], now_wall: float, keep_days: int, keep_gb: float
) -> list[StoredRecording]:
    """Those that must be deleted, oldest first; what remains is within both limits."""
    oldest_first = sorted(recordings, key=lambda recording: (recording.started_wall, recording.path))
    excess_bytes = sum(recording.size_bytes for recording in oldest_first) - keep_gb * _GB
    gone = []
    for recording in oldest_first:
        too_old = _age_s(recording, now_wall) > keep_days * _DAY_S
        if too_old or excess_bytes > 0:
            gone.append(recording)
            excess_bytes -= recording.size_bytes
    return gone


def _age_s(recording: StoredRecording, now_wall: float) -> float:
    known = min(recording.started_wall, now_wall) >= _CLOCK_KNOWN
    return now_wall - recording.started_wall if known else 0.0


def scan_recordings(root: Path) -> list[StoredRecording]:
    """The finished recordings below `root`, whether the ledger knows them or not. Other files are left alone."""
    found = []
    for path in root.glob("*/*"):
        if path.suffix in (PART, UNFINISHED):
            continue
        try:
            name = parse_recording_path(path)
            size_bytes = path.stat().st_size
        except (RecordingPathError, FileNotFoundError):
            continue
        found.append(StoredRecording(name.recording, path, name.started_wall, size_bytes))
    return found


def delete_recordings(recordings: Iterable[StoredRecording]) -> None:
    """Removes the files, after the ledger has forgotten them. Month folders stay: one may just be in use."""
    for recording in recordings:
        recording.path.unlink(missing_ok=True)
