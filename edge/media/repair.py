"""What a crash left of recordings becomes files again, before the box takes calls.

A `.part` is a call that the core did not live to finish: its samples are all there up to the last half second. An
unfinished encoding (`.tmp`) is thrown away, since the part has everything. Running it again changes nothing.
"""

from __future__ import annotations

import logging
from pathlib import Path

import soundfile

from edge.media.errors import RecordingPathError
from edge.media.recording_file import CODEC, Codec, RecordedFile, encode_part, part_seconds, sync_directory
from edge.media.recording_path import PART, UNFINISHED, parse_recording_path

_LOG = logging.getLogger(__name__)

RepairedRecording = RecordedFile
"""Finished at boot instead of at the end of its call; the store links it in the same way."""


def repair_recordings(root: Path, codec: Codec = CODEC) -> list[RepairedRecording]:
    """Turns every orphan below `root` (the recordings folder) into a finished file; oldest name first.

    Blocks, about one second per minute of audio on a small board. A part that cannot be encoded now (the disk is full)
    stays for the next start and is logged; one without a single sample is removed. Parts of a running recorder must not
    be there: call it before the first line is up.
    """
    for leftover in root.glob(f"*/*{UNFINISHED}"):
        leftover.unlink()
    repaired = []
    for part in sorted(root.glob(f"*/*{PART}")):
        try:
            recording = _repair(part, codec)
        except (OSError, soundfile.LibsndfileError, RecordingPathError) as error:
            _LOG.error("recording %s cannot be repaired (%s); it stays for the next start", part, error)
            continue
        if recording is not None:
            repaired.append(recording)
    return repaired


def _repair(part: Path, codec: Codec) -> RepairedRecording | None:
    name = parse_recording_path(part)
    final_path = part.with_suffix(codec.extension)
    duration_s = part_seconds(part)
    if duration_s > 0:
        # Also where the finished file is there already (killed between rename and removal): the part is never less.
        encode_part(part, final_path, codec)
    part.unlink()
    sync_directory(part.parent)
    if not duration_s:
        return None
    size_bytes = final_path.stat().st_size
    return RepairedRecording(name.recording, name.call, final_path, name.started_wall, duration_s, size_bytes)
