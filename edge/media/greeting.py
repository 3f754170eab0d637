"""A company's own greeting: any sound file a person has becomes one of ours, or a sentence says why it cannot.

Stored as FLAC (decodes in a few ms, no second loss), 8 kHz mono, as loud as the shipped prompts, under a name made
from its content: the same upload twice is one file, and an older revision of the settings still finds its own.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import soxr

from edge.media.errors import GreetingRefusedError
from edge.media.loudness import Signal, active_level_dbfs, normalised, trimmed
from edge.media.tones import Samples
from hal.interfaces import SAMPLE_RATE_HZ

MAX_SECONDS = 60.0
MAX_BYTES = 20 * 1024 * 1024
_MIN_SECONDS = 0.5
_SILENCE_DBFS = -60.0
_BLOCK_FRAMES = 65536


def import_greeting(source: Path, target_dir: Path) -> tuple[str, float]:
    """Converts and stores; returns the file name below `target_dir` and its length in seconds.

    Blocks (decoding, fsync): for a worker. Raises `GreetingRefusedError` with a sentence for the person who uploaded,
    `OSError` when `target_dir` cannot be written.
    """
    size = source.stat().st_size
    if size > MAX_BYTES:
        raise GreetingRefusedError(
            f"the file has {size / 1e6:.0f} MB, at most {MAX_BYTES // 1024**2} MB are accepted: save it as MP3 or FLAC"
        )
    samples = _telephone_samples(_read_mono(source))
    name = f"greeting-{hashlib.sha256(samples.tobytes()).hexdigest()[:16]}.flac"
    _store(samples, target_dir / name)
    return name, len(samples) / SAMPLE_RATE_HZ


def _read_mono(source: Path) -> Signal:
    """The whole file as one 8 kHz signal; refuses by its header before anything large is decoded."""
    try:
        with soundfile.SoundFile(source) as file:
            limit = int((MAX_SECONDS + 1) * file.samplerate)
            if file.frames > limit:
                raise GreetingRefusedError(_too_long(file.frames / file.samplerate))
            # A header can lie: no more than the limit is read, whatever it says.
            blocks, frames = [], 0
            while frames <= limit and len(block := file.read(_BLOCK_FRAMES, dtype="float64", always_2d=True)):
                blocks.append(block.mean(axis=1))
                frames += len(block)
            rate_hz = file.samplerate
    except soundfile.LibsndfileError as error:
        raise GreetingRefusedError(
            f"this is no sound file that can be read ({error.error_string}): save it as WAV, FLAC, OGG or MP3"
        ) from error
    if frames / rate_hz > MAX_SECONDS:
        raise GreetingRefusedError(_too_long(frames / rate_hz))
    mono: Signal = np.nan_to_num(np.concatenate(blocks)) if blocks else np.zeros(0)
    resampled: Signal = soxr.resample(mono, rate_hz, SAMPLE_RATE_HZ) if len(mono) else mono
    return resampled


def _too_long(seconds: float) -> str:
    return f"the greeting lasts {seconds:.0f} s, at most {MAX_SECONDS:.0f} s are accepted: callers wait meanwhile"


def _telephone_samples(signal: Signal) -> Samples:
    if active_level_dbfs(signal) < _SILENCE_DBFS:
        raise GreetingRefusedError("the file holds silence only: check the microphone and record it again")
    spoken = normalised(trimmed(signal))
    if len(spoken) < _MIN_SECONDS * SAMPLE_RATE_HZ:
        raise GreetingRefusedError(
            f"the greeting lasts {len(spoken) / SAMPLE_RATE_HZ:.1f} s, at least {_MIN_SECONDS} s are needed: "
            "record a whole sentence"
        )
    return np.clip(np.rint(spoken * 32767), -32768, 32767).astype(np.int16)


def _store(samples: Samples, target: Path) -> None:
    """Whole or not at all: a temporary name, fsync, rename."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".tmp", delete=False) as file:
        temporary = Path(file.name)
        try:
            soundfile.write(file, samples, SAMPLE_RATE_HZ, format="FLAC", subtype="PCM_16")
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    # Readable for the page's process, which plays it back.
    temporary.chmod(0o640)
    temporary.rename(target)
