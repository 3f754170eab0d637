"""The two files of one recording, as a worker sees them. Everything here blocks.

`PartFile` is the safe one: raw stereo samples, appended and synced while the call lasts, readable to its last whole
sample whatever happens. `EncodedFile` is the good one: FLAC, written alongside under a temporary name, so that it
is complete moments after the call is over; it takes its place only when it is whole and on the disk.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from edge.media.recording_path import PART, UNFINISHED
from edge.telephony import CallId, RecordingId
from hal.interfaces import SAMPLE_RATE_HZ

SIDES = 2
"""Left: the caller. Right: the employee or outside party."""
_SAMPLE_BYTES = 2 * SIDES
_BLOCK_SAMPLES = SAMPLE_RATE_HZ
_DIRECTORY_MODE = 0o750

StereoSamples = NDArray[np.int16]
"""Shape (n, 2), 8 kHz."""


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """A finished recording: what the store needs to link it to its CDR."""

    recording: RecordingId
    call: CallId
    path: Path
    started_wall: float
    """POSIX seconds."""
    duration_s: float
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Codec:
    """What finished recordings are written as; all of them play in a browser."""

    extension: str
    format: str
    subtype: str
    compression: float
    """libsndfile's 0 (best) to 1 (smallest)."""


OPUS = Codec(".opus", "OGG", "OPUS", 0.95)
"""About 38 kbit/s for both sides together: 0.3 MB a minute."""
FLAC = Codec(".flac", "FLAC", "PCM_16", 0.5)
"""Lossless: at most 1.2 MB a minute, and a fifth of the work of Opus."""
CODEC = FLAC
"""What the box writes: four calls recorded at once must stay cheap on a small board, and every browser plays it."""


class PartFile:
    """Appends to `<name>.part`; refuses to write over an older one."""

    def __init__(self, final_path: Path) -> None:
        """Raises `OSError`: no room, no right, or a recording of this name exists."""
        self.path = final_path.with_suffix(PART)
        self.path.parent.mkdir(mode=_DIRECTORY_MODE, parents=True, exist_ok=True)
        if final_path.exists():
            raise FileExistsError(f"recording {final_path} exists already")
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o640)
        # The name itself must survive a power cut, not only the samples under it.
        sync_directory(self.path.parent)

    def append(self, samples: StereoSamples) -> None:
        """In the kernel when it returns (a killed process loses nothing of it); on the disk after `sync`."""
        data = memoryview(samples.astype("<i2", copy=False).tobytes())
        while data:
            data = data[os.write(self._file, data) :]

    def sync(self) -> None:
        os.fdatasync(self._file)

    def close(self) -> None:
        os.close(self._file)


class EncodedFile:
    """Encodes as the call goes on; `finish` puts the file in its place, atomically."""

    def __init__(self, final_path: Path, codec: Codec) -> None:
        """Raises `OSError` or `soundfile.LibsndfileError`."""
        self._final_path = final_path
        self._temporary = final_path.with_suffix(UNFINISHED)
        self._file = soundfile.SoundFile(
            self._temporary,
            "w",
            SAMPLE_RATE_HZ,
            SIDES,
            format=codec.format,
            subtype=codec.subtype,
            compression_level=codec.compression,
        )

    def append(self, samples: StereoSamples) -> None:
        self._file.write(samples)

    def finish(self) -> Path:
        """Complete, synced, renamed: after a power cut there is the whole file or none. Returns its path."""
        self._file.close()
        with self._temporary.open("rb") as file:
            os.fsync(file.fileno())
        self._temporary.chmod(0o640)
        self._temporary.rename(self._final_path)
        sync_directory(self._final_path.parent)
        return self._final_path

    def discard(self) -> None:
        """Nothing of it remains. For a file that has failed already: further complaints of it are not heard."""
        with contextlib.suppress(OSError, soundfile.LibsndfileError):
            self._file.close()
        with contextlib.suppress(OSError):
            self._temporary.unlink(missing_ok=True)


def encode_part(part: Path, final_path: Path, codec: Codec) -> float:
    """Makes the finished file from what a crash has left; returns its seconds. The part stays.

    A last sample cut in half is dropped. Raises `OSError` or `soundfile.LibsndfileError`.
    """
    encoded = EncodedFile(final_path, codec)
    try:
        count = 0
        with part.open("rb") as raw:
            while block := raw.read(_BLOCK_SAMPLES * _SAMPLE_BYTES):
                samples = np.frombuffer(block[: len(block) // _SAMPLE_BYTES * _SAMPLE_BYTES], "<i2")
                encoded.append(samples.astype(np.int16, copy=False).reshape(-1, SIDES))
                count += len(samples) // SIDES
        encoded.finish()
    except BaseException:
        encoded.discard()
        raise
    return count / SAMPLE_RATE_HZ


def part_seconds(part: Path) -> float:
    return part.stat().st_size // _SAMPLE_BYTES / SAMPLE_RATE_HZ


def sync_directory(directory: Path) -> None:
    """Makes renames and new names in it survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
