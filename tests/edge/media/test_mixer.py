"""Laws of the matrix: who hears whom, sums, saturation, and that legs come and go without a trace."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.media.mixer import Mixer
from edge.telephony import LegId
from hal.interfaces import FRAME_SAMPLES

A, B, C, D = (LegId(f"c1.{number}") for number in range(1, 5))


def frame(value: int) -> np.ndarray:
    return np.full(FRAME_SAMPLES, value, np.int16)


def mixer_of(*legs: LegId) -> Mixer:
    mixer = Mixer()
    for leg in legs:
        mixer.add_leg(leg)
    return mixer


def level(heard: np.ndarray) -> int:
    assert heard.dtype == np.int16
    assert heard.shape == (FRAME_SAMPLES,)
    assert (heard == heard[0]).all()
    return int(heard[0])


def test_nobody_hears_anybody_until_told():
    heard = mixer_of(A, B).mix({A: frame(100), B: frame(200)}, {})
    assert {leg: level(sound) for leg, sound in heard.items()} == {A: 0, B: 0}


def test_a_bridge_is_two_cells():
    mixer = mixer_of(A, B, C)
    mixer.set_gain(A, B, 1)
    mixer.set_gain(B, A, 1)
    heard = mixer.mix({A: frame(100), B: frame(200), C: frame(9)}, {})
    assert {leg: level(sound) for leg, sound in heard.items()} == {A: 200, B: 100, C: 0}


def test_a_listener_is_not_heard_and_a_whisper_is_heard_by_one():
    mixer = mixer_of(A, B, C)
    for listener, speaker in ((A, B), (B, A), (C, A), (C, B), (B, C)):
        mixer.set_gain(listener, speaker, 1)
    heard = mixer.mix({A: frame(1), B: frame(10), C: frame(100)}, {})
    assert {leg: level(sound) for leg, sound in heard.items()} == {A: 10, B: 101, C: 11}


def test_a_player_is_heard_by_its_leg_only_and_added_to_the_voices():
    mixer = mixer_of(A, B)
    mixer.set_gain(A, B, 0.5)
    heard = mixer.mix({A: None, B: frame(200)}, {A: frame(7), B: None})
    assert {leg: level(sound) for leg, sound in heard.items()} == {A: 107, B: 0}


@pytest.mark.parametrize(("loud", "expected"), [(30000, 32767), (-30000, -32768)], ids=["up", "down"])
def test_sums_saturate_and_never_wrap(loud, expected):
    mixer = mixer_of(A, B, C)
    mixer.set_gain(A, B, 1)
    mixer.set_gain(A, C, 1)
    assert level(mixer.mix({B: frame(loud), C: frame(loud)}, {})[A]) == expected


def test_frames_handed_out_are_not_touched_by_the_next_tick():
    mixer = mixer_of(A, B)
    mixer.set_gain(A, B, 1)
    first = mixer.mix({B: frame(5)}, {})[A]
    mixer.mix({B: frame(6)}, {})
    assert level(first) == 5


def test_more_legs_than_there_was_room_for():
    legs = [LegId(f"c{number}.1") for number in range(40)]
    mixer = mixer_of(*legs)
    for listener in legs:
        for speaker in legs:
            if listener != speaker:
                mixer.set_gain(listener, speaker, 1)
    heard = mixer.mix({leg: frame(number) for number, leg in enumerate(legs)}, {})
    assert [level(heard[leg]) for leg in legs] == [sum(range(40)) - number for number in range(40)]


def test_what_is_refused():
    mixer = mixer_of(A)
    with pytest.raises(ValueError, match=r"c1\.1 is in the mixer already"):
        mixer.add_leg(A)
    with pytest.raises(KeyError):
        mixer.set_gain(A, B, 1)
    with pytest.raises(KeyError):
        mixer.remove_leg(B)
    for gain in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="gain"):
            mixer.set_gain(A, A, gain)


@given(
    gains=st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0]), min_size=16, max_size=16),
    first=st.lists(st.integers(-2000, 2000), min_size=4, max_size=4),
    second=st.lists(st.integers(-2000, 2000), min_size=4, max_size=4),
)
def test_mixing_is_linear_below_saturation(gains, first, second):
    legs = (A, B, C, D)
    mixer = mixer_of(*legs)
    for number, gain in enumerate(gains):
        mixer.set_gain(legs[number // 4], legs[number % 4], gain)

    def heard(levels):
        mixed = mixer.mix({leg: frame(value) for leg, value in zip(legs, levels, strict=True)}, {})
        return np.array([level(mixed[leg]) for leg in legs])

    together = heard([one + other for one, other in zip(first, second, strict=True)])
    assert np.abs(together - (heard(first) + heard(second))).max() <= 1


@given(st.data())
def test_legs_that_come_and_go_leave_the_matrix_as_a_plain_table_would(data):
    """Against the obvious model: a dict of cells."""
    mixer, legs, cells = Mixer(), [], {}
    for step in range(data.draw(st.integers(1, 30))):
        verb = data.draw(st.sampled_from(["add", "remove", "gain"] if legs else ["add"]))
        if verb == "add":
            legs.append(LegId(f"c{step}.1"))
            mixer.add_leg(legs[-1])
        elif verb == "remove":
            gone = data.draw(st.sampled_from(legs))
            legs.remove(gone)
            mixer.remove_leg(gone)
            cells = {pair: gain for pair, gain in cells.items() if gone not in pair}
        else:
            pair = data.draw(st.tuples(st.sampled_from(legs), st.sampled_from(legs)))
            cells[pair] = data.draw(st.sampled_from([0.0, 1.0]))
            mixer.set_gain(*pair, cells[pair])
    levels = {leg: 2**number for number, leg in enumerate(legs[:14])}
    heard = mixer.mix({leg: frame(value) for leg, value in levels.items()}, {})
    assert set(heard) == set(legs) == set(mixer.legs)
    for listener in legs:
        expected = sum(value for leg, value in levels.items() if cells.get((listener, leg)))
        assert level(heard[listener]) == expected
