"""Tones by their spectrum, files by their format."""

from __future__ import annotations

import wave

import numpy as np
import pytest
import soundfile

from sim_hardware.errors import RequestError, WorldError
from sim_hardware.person import parse_keys
from sim_hardware.sounds import (
    COLUMNS_HZ,
    KEYPAD,
    ROWS_HZ,
    busy_tone,
    frame_of,
    key_tone,
    mix,
    murmur,
    read_wav,
    ring_back,
    writable_wav,
    write_wav,
)
from sim_hardware.voice import Ear, PersonVoice, speech

KEY_TABLE = [
    (key, low, high)
    for low, keys in zip(ROWS_HZ, KEYPAD, strict=True)
    for key, high in zip(keys, COLUMNS_HZ, strict=True)
]


def peaks_hz(samples, count):
    """The strongest frequencies."""
    spectrum = np.abs(np.fft.rfft(samples.astype(float) * np.hanning(len(samples)), 80_000))
    found = []
    for _ in range(count):
        top = int(np.argmax(spectrum))
        found.append(top * 8000 / 80_000)
        spectrum[max(0, top - 300) : top + 300] = 0
    return sorted(found)


@pytest.mark.parametrize(("key", "low", "high"), KEY_TABLE)
def test_a_key_is_its_two_frequencies(key, low, high):
    tone = key_tone(key, 0.120)
    assert len(tone) == 960
    found = peaks_hz(tone, 2)
    assert found[0] == pytest.approx(low, rel=0.015)  # Q.24: 1.5 % is the tolerance of the sender
    assert found[1] == pytest.approx(high, rel=0.015)


def test_what_is_no_key_is_refused():
    with pytest.raises(RequestError, match="'12'"):
        key_tone("12", 0.1)


@pytest.mark.parametrize(("tone", "on_s", "period_s"), [(ring_back(), 1.0, 5.0), (busy_tone(), 0.5, 1.0)])
def test_network_tones(tone, on_s, period_s):
    assert len(tone) == period_s * 8000
    assert peaks_hz(tone[: int(on_s * 8000)], 1)[0] == pytest.approx(425, abs=2)
    assert not tone[int(on_s * 8000) :].any()


def test_a_murmur_is_loud_enough_and_always_the_same():
    voice = murmur(3)
    assert np.array_equal(voice, murmur.__wrapped__(3))
    assert 0.02 < np.sqrt(np.mean((voice / 32768.0) ** 2)) < 0.3


def test_mix_clips_and_silence_is_nothing():
    loud = np.full(160, 30_000, dtype=np.int16)
    assert mix([loud, loud]).max() == 32767
    assert not mix([]).any()
    assert frame_of(loud, 1).sum() == 0
    assert frame_of(loud[:100], 0).shape == (160,)


def test_a_key_mutes_the_speech_under_it():
    say = np.full(8000, 1000, dtype=np.int16)
    sound = speech(say, parse_keys("0.5:7"))
    assert np.array_equal(sound[4000:4960], key_tone("7", 0.120))
    assert not sound[4960:5920].any()
    assert (sound[:4000] == 1000).all()
    assert (sound[5920:] == 1000).all()
    assert len(speech(None, parse_keys("1:1"))) == 8000 + 1920


def test_a_voice_follows_the_time_when_its_driver_changes():
    ear = Ear()
    voice = PersonVoice(np.arange(8000, dtype=np.int16), ear, connected_s=10.0)
    assert [voice.advance("exchange", 10.0), voice.advance("exchange", 10.9), voice.advance("exchange", 11.0)] == [
        0,
        1,
        2,
    ]
    assert voice.advance("modem", 10.5) == 25
    voice.hear(26, np.full(160, 7, dtype=np.int16))
    heard = np.frombuffer(ear.recording(0.6), dtype=np.int16)
    assert len(heard) == 4800
    assert not heard[: 26 * 160].any()
    assert (heard[26 * 160 : 27 * 160] == 7).all()


def test_wav_of_8_and_16_khz_and_nothing_else(tmp_path):
    t = np.arange(16_000) / 16_000
    soundfile.write(tmp_path / "16.wav", (np.sin(2 * np.pi * 440 * t) * 9000).astype(np.int16), 16_000)
    voice = read_wav(tmp_path / "16.wav", "say")
    assert len(voice) == 8000
    assert peaks_hz(voice, 1)[0] == pytest.approx(440, abs=2)
    soundfile.write(tmp_path / "44.wav", np.zeros(100, dtype=np.int16), 44_100)
    soundfile.write(tmp_path / "stereo.wav", np.zeros((100, 2), dtype=np.int16), 8000)
    (tmp_path / "text.wav").write_text("no sound")
    for name, complaint in [
        ("44", "44100 Hz"),
        ("stereo", "2 channel"),
        ("text", "cannot read"),
        ("none", "cannot read"),
    ]:
        with pytest.raises(RequestError, match=f"say: .*{complaint}"):
            read_wav(tmp_path / f"{name}.wav", "say")


def test_written_wav_is_8_khz_mono_16_bit(tmp_path):
    write_wav(tmp_path / "heard.wav", b"\1\0" * 800)
    with wave.open(str(tmp_path / "heard.wav")) as file:
        assert file.getparams()[:4] == (1, 2, 8000, 800)
    assert [f.name for f in tmp_path.iterdir()] == ["heard.wav"]
    with pytest.raises(WorldError):
        write_wav(tmp_path / "away" / "x.wav", b"")
    with pytest.raises(RequestError, match="listen"):
        writable_wav(tmp_path / "away" / "x.wav", "listen")
