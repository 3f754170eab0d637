"""The shipped prompts: complete, in step with the catalogue, short, equally loud; and the library that has them."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from edge.media.catalogue import COMPANY_GREETING, LANGUAGES, PROMPTS_DIR, load_catalogue
from edge.media.errors import PromptMissingError
from edge.media.loudness import active_level_dbfs
from edge.media.make_prompts import make_prompts, stale_files
from edge.media.prompts import PromptLibrary

CALL_PROMPTS = (
    "greeting",
    "menu-again",
    "wrong-extension",
    "no-input",
    "busy",
    "no-answer",
    "unreachable",
    "no-free-line",
    "goodbye",
    "recording-announcement",
    "outside-refused",
    "limit-reached",
    "fraud-guard",
    "budget-warning",
    "budget-ending",
    "bad-number",
    "enter-pin",
    "wrong-pin",
    "employee-greeting",
    "try-later",
    "system-stopping",
)
PROMPTS = load_catalogue()


def test_audio_is_in_step_with_the_catalogue():
    assert stale_files() == [], "run `make prompts`"


def test_every_prompt_of_a_call_exists_in_both_languages():
    there = {(prompt.id, prompt.language) for prompt in PROMPTS}
    wanted = [*CALL_PROMPTS, *(f"digit-{digit}" for digit in range(10))]
    assert {(prompt_id, language) for prompt_id in wanted for language in LANGUAGES} <= there


def test_all_of_it_is_small():
    assert sum(path.stat().st_size for path in PROMPTS_DIR.rglob("*.opus")) < 1_500_000


@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda prompt: prompt.file)
def test_each_is_short_audible_and_trimmed(prompt):
    samples = PromptLibrary().samples(prompt.id, prompt.language) / 32768
    assert 0.15 <= len(samples) / 8000 <= 6.0
    assert -23 <= active_level_dbfs(samples) <= -17
    assert np.abs(samples).max() < 1
    assert np.abs(samples[:8]).max() < 0.05, "clicks at its start"
    assert np.abs(samples[-8:]).max() < 0.05, "clicks at its end"


@pytest.mark.parametrize(
    ("change", "stale"),
    [
        (lambda folder: (folder / "vi/busy.opus").unlink(), ["vi/busy.opus"]),
        (lambda folder: (folder / "vi/busy.opus").write_bytes(b"other"), ["vi/busy.opus"]),
        (lambda folder: shutil.copy(folder / "vi/busy.opus", folder / "vi/extra.opus"), ["vi/extra.opus"]),
        (lambda folder: _reword(folder, "Goodbye.", "Good bye."), ["en/goodbye.opus"]),
        (
            lambda folder: _reword(folder, "[number-linh]\n", "[number-le]\n"),
            ["vi/number-le.opus", "vi/number-linh.opus"],
        ),
    ],
    ids=["missing", "altered", "unasked", "reworded", "renamed"],
)
def test_a_difference_is_named(tmp_path, change, stale):
    folder = tmp_path / "prompts"
    shutil.copytree(PROMPTS_DIR, folder)
    change(folder)
    assert stale_files(folder) == stale


def _reword(folder: Path, old: str, new: str) -> None:
    path = folder / "catalogue.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng makes the prompts; not needed to run")
def test_a_changed_text_is_spoken_again_and_nothing_else(tmp_path):
    folder = tmp_path / "prompts"
    shutil.copytree(PROMPTS_DIR, folder)
    _reword(folder, "Goodbye.", "Good bye.")
    _reword(folder, "[number-linh]\n", "[number-le]\n")
    assert make_prompts(folder) == ["en/goodbye.opus", "vi/number-le.opus"]
    assert stale_files(folder) == []
    assert not (folder / "vi/number-linh.opus").exists()


@pytest.mark.parametrize("entry", ["[x]\nfr = 'bonjour'", "[x]\nvi = ''", "x = 'no table'", "[x]"])
def test_a_malformed_catalogue_says_where(tmp_path, entry):
    path = tmp_path / "catalogue.toml"
    path.write_text(entry)
    with pytest.raises(ValueError, match=r"\[x\]"):
        load_catalogue(path)


def test_samples_are_decoded_once_and_cannot_be_spoiled():
    library = PromptLibrary()
    samples = library.samples("busy", "vi")
    assert samples is library.samples("busy", "vi")
    with pytest.raises(ValueError, match="read-only"):
        samples[0] = 1


def test_the_cache_is_bounded(monkeypatch):
    monkeypatch.setattr("edge.media.prompts._CACHE_SAMPLES", 60_000)
    library = PromptLibrary()
    library.warm("vi")
    assert sum(len(samples) for samples in library._cache.values()) <= 60_000


@pytest.mark.parametrize(("prompt_id", "language"), [("hello", "vi"), ("busy", "fr"), ("number-linh", "en")])
def test_unknown_prompts_are_named(prompt_id, language):
    with pytest.raises(PromptMissingError, match=prompt_id):
        PromptLibrary().samples(prompt_id, language)


def test_the_companys_greeting_and_what_is_heard_without_it(tmp_path):
    own = (np.sin(np.arange(8000) / 3) * 3000).astype(np.int16)
    soundfile.write(tmp_path / "own.flac", own, 8000)
    soundfile.write(tmp_path / "wrong.wav", own, 16000)
    (tmp_path / "broken.flac").write_bytes(b"no audio")
    library = PromptLibrary(tmp_path)
    default = library.samples("greeting", "vi")
    assert library.samples(COMPANY_GREETING, "vi") is default
    assert library.use_greeting("own.flac")
    assert (library.samples(COMPANY_GREETING, "en") == own).all()
    assert library.use_greeting(None)
    assert library.samples(COMPANY_GREETING, "vi") is default
    for unusable in ("gone.flac", "broken.flac", "wrong.wav"):
        assert not library.use_greeting(unusable)
        assert library.samples(COMPANY_GREETING, "vi") is default


def test_a_greeting_outside_its_folder_is_never_read(tmp_path):
    secret = tmp_path / "secret.flac"
    soundfile.write(secret, np.zeros(8000, np.int16), 8000)
    library = PromptLibrary(tmp_path / "greetings")
    assert not library.use_greeting("../secret.flac")
    assert not library.use_greeting(str(secret))
