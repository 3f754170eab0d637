"""The detector hears every real key once and takes neither speech nor noise for one."""

from __future__ import annotations

import numpy as np
import pytest

from edge.media.catalogue import PROMPTS_DIR, load_catalogue
from edge.media.dtmf import KeyDetector
from edge.media.prompts import PromptLibrary
from edge.media.tones import key_tone, silence, sine
from hal.interfaces import FRAME_SAMPLES

KEYS = "0123456789*#ABCD"
GAP = silence(0.12)


def keys_heard(signal: np.ndarray, offset: int = 0) -> str:
    padded = np.concatenate((np.zeros(offset, np.int16), signal, silence(0.1)))
    detector = KeyDetector()
    frames = padded[: len(padded) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    return "".join(filter(None, (detector.hear(frame) for frame in frames)))


def typed(keys: str, **options: float) -> np.ndarray:
    return np.concatenate([piece for key in keys for piece in (key_tone(key, **options), GAP)])


def noise(seconds: float, level_dbfs: float) -> np.ndarray:
    random = np.random.default_rng(5)
    return random.normal(0, 32767 * 10 ** (level_dbfs / 20), round(seconds * 8000))


@pytest.mark.parametrize("offset", [0, 37, 80, 155])
@pytest.mark.parametrize("level_dbfs", [-6, -12, -20, -30, -36])
def test_all_sixteen_keys_at_every_level_and_alignment(level_dbfs, offset):
    assert keys_heard(typed(KEYS, level_dbfs=level_dbfs), offset) == KEYS


@pytest.mark.parametrize("twist_db", [-6, -4, 0, 4, 8])
def test_twist_of_real_networks_is_accepted(twist_db):
    assert keys_heard(typed(KEYS, level_dbfs=-15, twist_db=twist_db)) == KEYS


@pytest.mark.parametrize("twist_db", [-12, 14])
def test_tones_of_very_different_loudness_are_no_key(twist_db):
    assert keys_heard(typed(KEYS, level_dbfs=-15, twist_db=twist_db)) == ""


def test_under_noise_15_db_below_the_tones():
    clean = typed(KEYS, level_dbfs=-12).astype(float)
    assert keys_heard((clean + noise(len(clean) / 8000, -27)).astype(np.int16)) == KEYS


@pytest.mark.parametrize("offset", [0, 20, 50, 90, 120])
def test_the_shortest_and_the_too_short(offset):
    """Q.24: tones of 45 ms count, 23 ms do not."""
    assert keys_heard(typed("159#", seconds=0.045), offset) == "159#"
    assert keys_heard(typed("159#", seconds=0.023), offset) == ""


def test_the_same_key_twice_is_two_and_a_drop_out_within_one_is_one():
    assert keys_heard(typed("5555")) == "5555"
    holed = key_tone("5", seconds=0.2)
    holed[800:880] = 0  # 10 ms of lost radio
    assert keys_heard(holed) == "5"


def test_nothing_arriving_ends_a_key():
    detector = KeyDetector()
    frames = key_tone("7", seconds=0.12).reshape(-1, FRAME_SAMPLES)
    pressed = [detector.hear(frame) for frame in (*frames, None, None, None, *frames)]
    assert [key for key in pressed if key] == ["7", "7"]


@pytest.mark.parametrize("frequency_hz", [425, 697, 1209, 1400, 1477], ids=str)
def test_single_tones_are_no_keys(frequency_hz):
    assert keys_heard(sine(frequency_hz, 1.0)) == ""


def test_tones_off_their_pitch():
    """Q.24: 1.8 % off still counts, 3.5 % does not."""

    def pair(factor: float) -> np.ndarray:
        return sine(770 * factor, 0.12, -12) + sine(1336 * factor, 0.12, -12)

    assert keys_heard(pair(1.018)) == keys_heard(pair(0.982)) == "5"
    assert keys_heard(pair(1.04)) == keys_heard(pair(0.96)) == ""


def test_no_shipped_prompt_and_no_noise_is_taken_for_a_key():
    library = PromptLibrary()
    for prompt in load_catalogue():
        assert keys_heard(library.samples(prompt.id, prompt.language)) == "", prompt
    assert PROMPTS_DIR.is_dir()
    for level_dbfs in (-40, -20, -10):
        assert keys_heard(np.clip(noise(20, level_dbfs), -32768, 32767).astype(np.int16)) == ""


def test_a_key_is_heard_while_a_prompt_echoes_faintly():
    prompt = PromptLibrary().samples("greeting", "vi").astype(float)
    keys = np.resize(typed("512", level_dbfs=-12), len(prompt)).astype(float)
    keys[len(typed("512")) :] = 0
    assert keys_heard((keys + prompt * 10 ** (-15 / 20)).astype(np.int16)) == "512"
