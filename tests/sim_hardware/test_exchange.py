"""Who hears whom, frame by frame, without ports or time."""

from __future__ import annotations

import numpy as np

from sim_hardware.exchange import Exchange
from sim_hardware.network import End, Link, Stage
from sim_hardware.sounds import SILENCE, busy_tone, key_tone, ring_back
from sim_hardware.voice import Ear, PersonVoice

LINE, OTHER, ANN, BINH = "+84901234567", "+84937654321", "+84912000222", "+84983000111"


def link(caller, called, stage=Stage.ACTIVE, held=False):
    return Link(End(caller, "1"), None if called is None else End(called, "2"), stage, held, False)


def frame(value):
    return np.full(160, value, dtype=np.int16)


def samples(data):
    return np.frombuffer(data, dtype=np.int16)


class Person:
    def __init__(self, exchange, end, value):
        self.ear = Ear()
        exchange.person_joins(end, PersonVoice(np.full(80_000, value, dtype=np.int16), self.ear, 0.0))

    def heard(self, seconds):
        return samples(self.ear.recording(seconds))


def test_a_line_and_a_person_exchange_frames_on_the_modems_clock():
    exchange = Exchange([LINE])
    exchange.line_opens(LINE, 8000)
    ann = Person(exchange, End(ANN, "1"), 500)
    exchange.rewire((link(ANN, LINE),))
    assert exchange.idle
    for tick in range(10):
        down = exchange.line_tick(LINE, frame(tick + 1).tobytes(), tick * 0.02)
        assert (samples(down) == 500).all()
    assert list(ann.heard(0.2)[::160]) == list(range(1, 11)), "no delay, no loss"


def test_impairments_take_one_direction():
    exchange = Exchange([LINE])
    exchange.line_opens(LINE, 8000)
    ann = Person(exchange, End(ANN, "1"), 500)
    exchange.rewire((link(ANN, LINE),))
    exchange.impair(LINE, "up")
    assert samples(exchange.line_tick(LINE, frame(9).tobytes(), 0.0))[0] == 500
    exchange.impair(LINE, "down")
    assert samples(exchange.line_tick(LINE, frame(9).tobytes(), 0.02))[0] == 0
    assert list(ann.heard(0.04)[::160]) == [0, 9]


def test_while_the_audio_port_is_closed_time_goes_on_and_keys_are_heard():
    exchange = Exchange([LINE])
    ann = Person(exchange, End(ANN, "1"), 500)
    exchange.rewire((link(ANN, LINE),))
    assert not exchange.idle
    exchange.press_key(LINE, "7", 120)
    for tick in range(10):
        exchange.tick(tick * 0.02)
    assert np.array_equal(ann.heard(0.2)[:960], key_tone("7", 0.120))
    exchange.line_opens(LINE, 8000)
    exchange.rewire((link(ANN, LINE),))
    assert exchange.idle
    exchange.line_tick(LINE, frame(3).tobytes(), 0.2)
    assert ann.heard(0.22)[-1] == 3


def test_two_persons_hear_each_other_and_a_held_one_hears_nothing():
    exchange = Exchange([LINE])
    ann, binh = Person(exchange, End(ANN, "1"), 5), Person(exchange, End(BINH, "2"), 7)
    exchange.rewire((link(ANN, BINH),))
    for tick in range(5):
        exchange.tick(tick * 0.02)
    assert (ann.heard(0.1) == 7).all()
    assert (binh.heard(0.1) == 5).all()
    exchange.rewire((link(ANN, BINH, held=True),))
    exchange.tick(0.1)
    assert ann.heard(0.12)[-1] == 0


def test_what_a_line_joins_hears_all_others():
    exchange = Exchange([LINE])
    exchange.line_opens(LINE, 8000)
    ann, binh = Person(exchange, End(ANN, "1"), 5), Person(exchange, End(BINH, "1"), 7)
    both = (link(ANN, LINE), Link(End(BINH, "1"), End(LINE, "9"), Stage.ACTIVE, False, False))
    exchange.rewire(both)
    assert samples(exchange.line_tick(LINE, frame(100).tobytes(), 0.0))[0] == 12
    assert ann.heard(0.02)[0] == 107
    assert binh.heard(0.02)[0] == 105


def test_two_lines_have_at_most_a_small_queue_between_them():
    exchange = Exchange([LINE, OTHER])
    for line in (LINE, OTHER):
        exchange.line_opens(line, 8000)
    exchange.rewire((link(LINE, OTHER),))
    for value in range(1, 8):
        exchange.line_tick(LINE, frame(value).tobytes(), 0.0)
    heard = [samples(exchange.line_tick(OTHER, SILENCE.tobytes(), 0.0))[0] for _ in range(4)]
    assert heard == [5, 6, 7, 0], "three frames, the oldest dropped"


def test_the_waiting_caller_hears_ring_back_and_busy():
    exchange = Exchange([LINE])
    exchange.line_opens(LINE, 8000)
    exchange.rewire((link(LINE, BINH, Stage.RINGING),))
    first = samples(exchange.line_tick(LINE, SILENCE.tobytes(), 0.0))
    exchange.rewire((link(LINE, BINH, Stage.RINGING), link(ANN, BINH)))
    second = samples(exchange.line_tick(LINE, SILENCE.tobytes(), 0.02))
    assert np.array_equal(np.concatenate([first, second]), ring_back()[:320]), "another call does not start it anew"
    exchange.play_busy(LINE)
    exchange.rewire(())
    tones = [exchange.line_tick(LINE, SILENCE.tobytes(), 0.0) for _ in range(200)]
    assert np.array_equal(samples(tones[0]), busy_tone()[:160])
    assert tones[-1] == SILENCE.tobytes()


def test_16_khz_on_the_port_is_8_khz_in_the_network():
    exchange = Exchange([LINE])
    exchange.line_opens(LINE, 16_000)
    ann = Person(exchange, End(ANN, "1"), 500)
    exchange.rewire((link(ANN, LINE),))
    down = exchange.line_tick(LINE, np.full(320, 9, dtype=np.int16).tobytes(), 0.0)
    assert len(down) == 640
    assert (ann.heard(0.02) == 9).all()


def test_an_emergency_call_is_answered_by_a_voice():
    exchange = Exchange([LINE])
    exchange.line_opens(LINE, 8000)
    exchange.rewire((link(LINE, None),))
    down = b"".join(exchange.line_tick(LINE, SILENCE.tobytes(), n * 0.02) for n in range(50))
    assert np.abs(samples(down)).max() > 1000
