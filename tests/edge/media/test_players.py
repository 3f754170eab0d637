"""Players give every sample once and end; tones have the cadence and pitch of the Vietnamese network."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.calls.actions import Tone
from edge.media.players import PromptPlayer, TonePlayer
from edge.media.tones import key_tone, tone_cycle
from hal.interfaces import FRAME_SAMPLES


def everything(player, limit=10_000):
    frames = []
    while (frame := player.next_frame()) is not None and len(frames) < limit:
        assert frame.shape == (FRAME_SAMPLES,)
        assert frame.dtype == np.int16
        frames.append(frame)
    return frames


@given(st.lists(st.integers(0, 700), max_size=5))
def test_pieces_are_played_without_a_gap_and_filled_up_with_silence(lengths):
    pieces, first = [], 1
    for length in lengths:
        pieces.append(np.arange(first, first + length, dtype=np.int16))
        first += length
    player = PromptPlayer(pieces)
    frames = everything(player)
    total = sum(lengths)
    played = np.concatenate(frames) if frames else np.zeros(0, np.int16)
    assert len(frames) == -(-total // FRAME_SAMPLES)
    assert (played[:total] == np.arange(1, total + 1)).all()
    assert not played[total:].any()
    assert player.next_frame() is None


@pytest.mark.parametrize(
    ("tone", "on_s", "off_s"), [(Tone.RING_BACK, 1.0, 4.0), (Tone.BUSY, 0.5, 0.5)], ids=["ring-back", "busy"]
)
def test_cadences(tone, on_s, off_s):
    cycle = tone_cycle(tone)
    on = round(on_s * 8000)
    assert len(cycle) == round((on_s + off_s) * 8000)
    assert not cycle[on:].any()
    spectrum = np.abs(np.fft.rfft(cycle[:on].astype(float)))
    assert np.argmax(spectrum) * 8000 / on == pytest.approx(425, abs=2)
    frames = [TonePlayer(tone).next_frame()]
    assert frames[0] is not None


def test_a_tone_goes_on_for_ever_and_the_recording_beep_sounds_once():
    busy = TonePlayer(Tone.BUSY)
    minute = np.concatenate([busy.next_frame() for _ in range(3000)])
    assert (minute.reshape(60, 8000) == tone_cycle(Tone.BUSY)).all()
    beep = everything(TonePlayer(Tone.RECORDING))
    assert 10 <= len(beep) <= 25


def test_key_tones_are_the_pairs_of_q23():
    samples = key_tone("5", seconds=1.0).astype(float)
    strongest = np.argsort(np.abs(np.fft.rfft(samples)))[-2:]
    assert sorted(strongest.tolist()) == [770, 1336]
    for wrong in ("", "E", "12", "x"):
        with pytest.raises(ValueError, match="no telephone key"):
            key_tone(wrong)
