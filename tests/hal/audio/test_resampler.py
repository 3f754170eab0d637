from __future__ import annotations

import numpy as np
import pytest

from hal.audio.resampler import ResamplingQueue
from hal.audio.staircase import surely_needed, surely_there


@pytest.mark.parametrize("step", [160.0, 159.7, 160.3])
@pytest.mark.parametrize("hertz", [300, 1000, 2500])
def test_a_tone_comes_out_as_the_tone_at_the_other_rate(step, hertz):
    queue = ResamplingQueue()
    sent = np.rint(10_000 * np.sin(2 * np.pi * hertz * np.arange(20_000) / 8000)).astype(np.int16)
    got = []
    for at in range(0, 16_000, 160):
        queue.push(sent[at : at + 160])
        while queue.has(step):
            got.append(queue.pull(step))
    heard = np.concatenate(got).astype(float)
    ideal = 10_000 * np.sin(2 * np.pi * hertz * np.arange(len(heard)) * step / 160 / 8000)
    error = heard[320:] - ideal[320:]
    assert 20 * np.log10(np.std(ideal) / max(np.std(error), 1e-9)) > 30


def test_at_the_nominal_rate_frames_pass_bit_for_bit():
    queue, random = ResamplingQueue(), np.random.default_rng(1)
    for _ in range(500):
        frame = random.integers(-32768, 32767, 160).astype(np.int16)
        queue.push(frame)
        assert np.array_equal(queue.pull(160.0), frame)


def test_full_scale_does_not_wrap():
    queue = ResamplingQueue()
    square = np.where(np.arange(3200) // 8 % 2, 32767, -32768).astype(np.int16)
    queue.push(square)
    heard = np.concatenate([queue.pull(160.3) for _ in range(18)])[40:]
    assert np.abs(np.diff(heard.astype(int))).max() <= 65_535
    assert (np.sign(heard[np.abs(heard) > 20_000]) != 0).all()


def test_staircases_are_continuous_and_bound_the_true_steps():
    positions = np.arange(0.0, 1000.0, 0.25)
    lower = np.array([surely_there(position) for position in positions])
    upper = np.array([surely_needed(position) for position in positions])
    stairs = positions // 160 * 160
    assert (lower <= stairs).all()
    assert (upper >= stairs).all()
    assert np.abs(np.diff(lower)).max() <= 1.01
    assert np.abs(np.diff(upper)).max() <= 1.01
