"""Where a recording lies: one deterministic name from its id and the moment it began. Pure.

`<root>/2026-11/c17-1.20261122T044256Z.flac`: month folder and stamp in UTC. The stamp keeps names apart when the call
counter starts again (a new data directory over old recordings). While the call lasts the same name ends in `.part`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from edge.media.errors import RecordingPathError
from edge.telephony import CallId, RecordingId

EXTENSION = ".flac"
PART = ".part"
"""Raw S16LE samples of a call that lasts, or of one that a crash cut off."""
UNFINISHED = ".tmp"
"""An encoded file before its last byte; worthless after a crash, since the `.part` has everything."""

_STAMP = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"(?P<call>[A-Za-z0-9]+)-(?P<number>\d+)\.(?P<stamp>\d{8}T\d{6}Z)\.[a-z]+")


@dataclass(frozen=True, slots=True)
class RecordingName:
    """What the name of a file says."""

    recording: RecordingId
    call: CallId
    started_wall: float
    """POSIX seconds, whole."""


def recording_path(root: Path, recording: RecordingId, started_wall: float, extension: str = EXTENSION) -> Path:
    """The file of `recording` (`c17.r1`) that began at `started_wall` (POSIX seconds).

    Raises `RecordingPathError` for an id of another form: nothing else may become a path.
    """
    call, separator, number = recording.partition(".r")
    if not (separator and number.isdecimal() and call.isascii() and call.isalnum()):
        raise RecordingPathError(f"recording id {recording!r}: <call>.r<number> is needed, as in c17.r1")
    started = datetime.fromtimestamp(int(started_wall), UTC)
    return root / f"{started:%Y-%m}" / f"{call}-{number}.{started.strftime(_STAMP)}{extension}"


def parse_recording_path(path: Path) -> RecordingName:
    """The reverse, of a finished file or a `.part`. Raises `RecordingPathError`."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        raise RecordingPathError(f"{path}: not the name of a recording of this box")
    try:
        started = datetime.strptime(match["stamp"], _STAMP).replace(tzinfo=UTC)
    except ValueError as error:
        raise RecordingPathError(f"{path}: no such moment ({error})") from error
    recording = RecordingId(f"{match['call']}.r{match['number']}")
    return RecordingName(recording, CallId(match["call"]), started.timestamp())
