"""What a person uploads becomes a greeting, or is refused with a sentence that helps."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from edge.media.errors import GreetingRefusedError
from edge.media.greeting import import_greeting
from edge.media.loudness import active_level_dbfs
from edge.media.prompts import PromptLibrary


def voice(seconds: float, rate_hz: int, level: float = 0.2) -> np.ndarray:
    """A buzz that swells like speech, between half a second of silence."""
    instants = np.arange(round(seconds * rate_hz)) / rate_hz
    buzz = level * np.sin(2 * np.pi * 220 * instants) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * instants))
    pause = np.zeros(rate_hz // 2)
    return np.concatenate((pause, buzz, pause))


@pytest.mark.parametrize(
    ("name", "rate_hz", "sides", "options"),
    [
        ("a.wav", 44_100, 2, {}),
        ("a.wav", 8_000, 1, {"subtype": "ULAW"}),
        ("a.wav", 48_000, 6, {"subtype": "FLOAT"}),
        ("a.flac", 96_000, 1, {}),
        ("a.ogg", 22_050, 2, {}),
        ("a.opus", 48_000, 1, {"format": "OGG", "subtype": "OPUS"}),
        ("a.mp3", 44_100, 2, {}),
        ("a.aiff", 11_025, 1, {}),
    ],
    ids=str,
)
def test_any_format_rate_and_number_of_sides(tmp_path, name, rate_hz, sides, options):
    source = tmp_path / name
    soundfile.write(source, np.repeat(voice(2.0, rate_hz)[:, None], sides, axis=1), rate_hz, **options)
    file_name, seconds = import_greeting(source, tmp_path / "greetings")
    samples, stored_hz = soundfile.read(tmp_path / "greetings" / file_name)
    assert (stored_hz, samples.ndim) == (8000, 1)
    assert seconds == len(samples) / 8000 == pytest.approx(2.05, abs=0.1)
    assert active_level_dbfs(samples) == pytest.approx(-20, abs=1)
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.argmax(spectrum) * 8000 / len(samples) == pytest.approx(220, abs=2)


@pytest.mark.parametrize("level", [0.004, 0.02, 0.99])
def test_faint_and_loud_become_equally_loud(tmp_path, level):
    soundfile.write(tmp_path / "a.wav", voice(2.0, 16_000, level), 16_000, subtype="FLOAT")
    name, _ = import_greeting(tmp_path / "a.wav", tmp_path)
    samples, _ = soundfile.read(tmp_path / name)
    assert active_level_dbfs(samples) == pytest.approx(-20, abs=1)
    assert np.abs(samples).max() < 1


def test_the_same_upload_is_one_file_that_the_library_plays(tmp_path):
    for name in ("a.wav", "b.wav"):
        soundfile.write(tmp_path / name, voice(1.0, 8000), 8000)
    greetings = tmp_path / "greetings"
    first, _ = import_greeting(tmp_path / "a.wav", greetings)
    second, _ = import_greeting(tmp_path / "b.wav", greetings)
    assert first == second
    assert [path.name for path in greetings.iterdir()] == [first]
    assert PromptLibrary(greetings).use_greeting(first)


def _text(path):
    path.write_bytes(b"this is a letter, not a greeting")


def _empty(path):
    path.write_bytes(b"")


def _silent(path):
    soundfile.write(path, np.zeros(16_000), 8000, format="WAV")


def _short(path):
    soundfile.write(path, voice(0.2, 8000), 8000, format="WAV")


def _long(path):
    soundfile.write(path, voice(70.0, 8000), 8000, format="WAV")


def _huge(path):
    with path.open("wb") as file:
        file.truncate(21 * 1024 * 1024)


def _no_samples(path):
    soundfile.write(path, np.zeros(0), 8000, format="WAV")


def _not_numbers(path):
    soundfile.write(path, np.full(16_000, np.nan), 8000, format="WAV", subtype="FLOAT")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (_text, "no sound file"),
        (_empty, "no sound file"),
        (_silent, "silence only"),
        (_short, "at least 0.5 s"),
        (_long, "lasts 71 s, at most 60 s"),
        (_huge, "at most 20 MB"),
        (_no_samples, "silence only"),
        (_not_numbers, "silence only"),
    ],
    ids=["text", "empty", "silent", "short", "long", "huge", "no samples", "not numbers"],
)
def test_what_is_refused_says_why(tmp_path, make, sentence):
    source, greetings = tmp_path / "upload", tmp_path / "greetings"
    make(source)
    with pytest.raises(GreetingRefusedError, match=sentence):
        import_greeting(source, greetings)
    assert not greetings.exists()
