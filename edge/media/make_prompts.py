"""`python -m edge.media.make_prompts`: speaks the catalogue with espeak-ng and writes the shipped audio.

Needed only by those who change the catalogue; a box and a developer's set-up use the files as they are. The manifest
holds, per file, a hash of what was asked for (text, voice, processing) and of the audio that came out, so that a test
can say which file is older than its text. Files that agree with the catalogue are kept (an Ogg file differs each time
it is made); `--all` makes every one again, `--check` only tells.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import soxr

from edge.media.catalogue import MANIFEST_PATH, PROMPTS_DIR, Prompt, load_catalogue
from edge.media.loudness import Signal, normalised, trimmed
from hal.interfaces import FRAME_SAMPLES, SAMPLE_RATE_HZ

_VOICES = {"vi": ("vi", 150), "en": ("en-gb", 155)}
"""espeak-ng voice and words per minute: a little slower than its default, for the telephone."""
_PROCESSING = "trim, -20 dBFS, 8 kHz Opus v2"
"""Part of the hash: change it when the way from text to file changes."""
_COMPRESSION = 0.90
"""libsndfile's 0 (best) to 1 (smallest): about 16 kbit/s for one voice at 8 kHz."""
_TAIL_SAMPLES = FRAME_SAMPLES


def request_hash(prompt: Prompt) -> str:
    """What the audio was made from."""
    voice, speed = _VOICES[prompt.language]
    return _sha256(f"{prompt.text}|{voice}|{speed}|{_PROCESSING}".encode())


def stale_files(folder: Path = PROMPTS_DIR) -> list[str]:
    """Audio that is missing, altered, older than its text, or of a prompt that is gone; empty when all is well."""
    manifest = _manifest(folder)
    prompts = {prompt.file: prompt for prompt in load_catalogue(folder / "catalogue.toml")}
    there = {path.relative_to(folder).as_posix() for path in folder.glob("*/*.opus")}
    stale = (manifest.keys() ^ prompts.keys()) | (there ^ prompts.keys())
    for file in there & manifest.keys() & prompts.keys():
        expected = {"request": request_hash(prompts[file]), "audio": _sha256((folder / file).read_bytes())}
        if manifest[file] != expected:
            stale.add(file)
    return sorted(stale)


def make_prompts(folder: Path = PROMPTS_DIR, *, remake_all: bool = False) -> list[str]:
    """Writes what differs from the catalogue and the manifest, removes audio nobody asked for; returns what was made.

    Raises `FileNotFoundError` without espeak-ng, `subprocess.CalledProcessError` when it fails.
    """
    manifest_path = folder / MANIFEST_PATH.name
    manifest = _manifest(folder)
    prompts = {prompt.file: prompt for prompt in load_catalogue(folder / "catalogue.toml")}
    stale = set(prompts) if remake_all else set(stale_files(folder))
    for file in sorted(stale - prompts.keys()):
        (folder / file).unlink(missing_ok=True)
    made = sorted(stale & prompts.keys())
    for file in made:
        path = folder / file
        path.parent.mkdir(exist_ok=True)
        _write_opus(path, normalised(trimmed(_speak(prompts[file]))))
        manifest[file] = {"request": request_hash(prompts[file]), "audio": _sha256(path.read_bytes())}
    kept = {file: entry for file, entry in manifest.items() if file in prompts}
    manifest_path.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
    return made


def _manifest(folder: Path) -> dict[str, dict[str, str]]:
    path = folder / MANIFEST_PATH.name
    manifest: dict[str, dict[str, str]] = json.loads(path.read_text()) if path.exists() else {}
    return manifest


def _speak(prompt: Prompt) -> Signal:
    voice, speed = _VOICES[prompt.language]
    with tempfile.TemporaryDirectory() as scratch:
        wav = Path(scratch) / "spoken.wav"
        # The text goes in by standard input: it is never taken for an option.
        subprocess.run(
            ["espeak-ng", "-v", voice, "-s", str(speed), "-w", str(wav), "--stdin"],
            input=prompt.text.encode(),
            check=True,
        )
        spoken, rate_hz = soundfile.read(wav, dtype="float64")
    signal: Signal = soxr.resample(spoken, rate_hz, SAMPLE_RATE_HZ)
    return signal


def _write_opus(path: Path, signal: Signal) -> None:
    # The codec smears the very end: it ends in silence instead.
    padded = np.pad(signal, (0, _TAIL_SAMPLES))
    samples = np.clip(np.rint(padded * 32767), -32768, 32767).astype(np.int16)
    soundfile.write(path, samples, SAMPLE_RATE_HZ, format="OGG", subtype="OPUS", compression_level=_COMPRESSION)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make_prompts", description="Speaks the prompt catalogue with espeak-ng.")
    parser.add_argument("--check", action="store_true", help="only say which files differ from the catalogue")
    parser.add_argument("--all", action="store_true", help="make every file again, those that agree too")
    options = parser.parse_args(arguments)
    if options.check:
        stale = stale_files()
        for file in stale:
            sys.stderr.write(f"{file} differs from the catalogue: run `make prompts`\n")
        return 1 if stale else 0
    try:
        made = make_prompts(remake_all=options.all)
    except FileNotFoundError as error:
        sys.stderr.write(f"{error.filename} is not installed: it speaks the prompts (Debian: espeak-ng)\n")
        return 1
    sys.stderr.write(f"{len(made)} prompts written below {PROMPTS_DIR}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
