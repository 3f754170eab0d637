from __future__ import annotations

import numpy as np
import pytest

from hal.errors import PortError
from tests.hal.audio import fake_modem_audio as fake
from tests.support import waves


def tone(hertz: float):
    def frame(number: int) -> bytes:
        samples = np.arange(number * 160, (number + 1) * 160)
        return np.rint(8000 * np.sin(2 * np.pi * hertz * samples / 8000)).astype("<i2").tobytes()

    return frame


@pytest.mark.parametrize("drift_ppm", [200, -200])
def test_ten_minutes_lose_nothing(drift_ppm):
    port, pcm, _, _ = fake.run(600, drift_ppm)
    statistics = port.statistics
    assert statistics.frames_lost == 0
    assert statistics.frames_late == 0
    assert statistics.frames_dropped_out == 0
    assert statistics.frames_missing <= 2, "at most at the very start"
    assert pcm.underruns == 0
    assert pcm.most_waiting <= 3 * 320
    assert statistics.drift_ppm == pytest.approx(drift_ppm, abs=80)


def test_odd_chunks_are_whole_samples_again():
    port, pcm, frames, _ = fake.run(30, 100, odd=True, source=lambda _number: np.full(160, 257, "<i2").tobytes())
    heard = [frame for frame in frames[20:] if frame is not None]
    assert len(heard) > 1450
    assert all(np.abs(frame.astype(int) - 257).max() <= 1 for frame in heard)
    assert port.statistics.frames_lost == 0
    assert pcm.underruns == 0


@pytest.mark.parametrize("drift_ppm", [150, -150, 0])
def test_no_clicks_a_tone_stays_smooth_both_ways(drift_ppm):
    """The second difference of a sine is bounded; a lost or doubled sample or frame would stick out of it."""
    _, pcm, frames, _ = fake.run(120, drift_ppm, source=tone(440.0))
    inbound = np.concatenate([frame for frame in frames if frame is not None]).astype(float)
    outbound = np.concatenate([np.frombuffer(data, "<i2") for data in pcm.fetched]).astype(float)
    bound = 8000 * (2 * np.pi * 440 / 8000) ** 2
    assert np.abs(np.diff(inbound, 2))[4000:].max() < bound * 1.2
    assert np.abs(np.diff(outbound, 2))[4000:].max() < bound * 1.2


@pytest.mark.parametrize("drift_ppm", [80, -80])
def test_speech_keeps_its_shape(drift_ppm):
    """Half a second of what was said is found again in what comes out, sample by sample, in every half second."""
    said = (waves.voice(3, 60) * 32767).astype("<i2")
    _, _, frames, _ = fake.run(59, drift_ppm, source=lambda number: said[number * 160 : (number + 1) * 160].tobytes())
    silence = np.zeros(160, "<i2")
    heard = np.concatenate([silence if frame is None else frame for frame in frames]) / 32768
    for start in range(2 * 8000, 57 * 8000, 4000):
        around = heard[start - 2000 : start + 8000]
        assert waves.likeness(said[start : start + 4000] / 32768, around) > 0.6, start / 8000


@pytest.mark.parametrize("phase_s", [0.001, 0.007, 0.013, 0.019])
def test_through_the_box_the_median_is_at_most_60_ms(phase_s):
    def marked(number: int) -> bytes:
        return np.full(160, number % 200 * 100, dtype="<i2").tobytes()

    _, pcm, _, _ = fake.run(60, 80, source=marked, phase_s=phase_s)
    late = [
        (place - round(np.frombuffer(data, "<i2")[-1] / 100)) % 200 * 20
        for place, data in enumerate(pcm.fetched)
        if place > 300
    ]
    assert np.percentile(late, 50) <= 60
    assert np.percentile(late, 99) <= 80


def test_a_device_that_does_not_drain_costs_frames_not_time():
    clock, pcm = fake.SteppedClock(), fake.FakePcm()
    port = fake.PcmPort("gsm-1", pcm, clock)
    port.set_open(True)
    pcm.accepts = False
    silence = np.zeros(160, dtype=np.int16)
    for _ in range(50):
        clock.mono += 0.020
        port.write_frame(silence)
    assert port.statistics.frames_dropped_out >= 38
    assert len(port._unsent) <= 3200


def test_a_closed_path_gives_and_takes_nothing():
    clock, pcm = fake.SteppedClock(), fake.FakePcm()
    port = fake.PcmPort("gsm-1", pcm, clock)
    port.write_frame(np.zeros(160, dtype=np.int16))
    assert port.read_frame() is None
    assert not pcm.buffer
    port.set_open(True)
    pcm.on_data(b"\x01" * 320)
    port.set_open(False)
    port.set_open(True)
    clock.mono += 1.0
    assert port.read_frame() is None, "nothing of the former call"


def test_a_port_that_is_away_is_said():
    class Away(fake.FakePcm):
        def open(self, on_data, on_lost):
            raise FileNotFoundError("no such file")

    port = fake.PcmPort("gsm-1", Away(), fake.SteppedClock())
    with pytest.raises(PortError, match="gsm-1"):
        port.set_open(True)
    assert port.read_frame() is None
    port.set_open(False)


def test_a_stalled_reader_catches_up_and_counts_it_apart():
    port, _, _frames, _ = fake.run(10, 0)
    clock = port._clock
    for _ in range(20):
        port._heard(bytes(320))
        clock.mono += 0.020
    before = port.statistics
    for _ in range(20):
        port.read_frame()
        clock.mono += 0.020
        port._heard(bytes(320))
    after = port.statistics
    assert after.frames_late - before.frames_late >= 15
    assert after.frames_lost == before.frames_lost


def test_byte_rate():
    port, _, _, _ = fake.run(10, 0)
    assert port.byte_rate == pytest.approx(16_000, rel=0.01)
