"""The PCM port and keys."""

from __future__ import annotations

import pytest

from sim_hardware.modem.events import (
    AudioClosed,
    AudioImpaired,
    AudioOpened,
    CallArrived,
    CallConnected,
    CallReleased,
    FaultInjected,
    KeyHeard,
    PressKey,
)


@pytest.fixture
def talking(bench):
    bench.at("ATD0912000222;")
    bench.tell(CallConnected("m1"))
    bench.lines()
    return bench


def test_audio_opens_only_in_a_call_and_not_at_once(bench):
    assert bench.at("AT+CPCMREG=1") == ["ERROR"]
    bench.at("ATD0912000222;")
    assert bench.at("AT+CPCMREG=1") == ["ERROR"]
    bench.tell(CallConnected("m1"))
    assert bench.at("AT+CPCMREG=1")[-1] == "ERROR"
    bench.wait(bench.modem.profile.pcm_ready_s)
    assert bench.at("AT+CPCMREG=1") == ["OK"]
    assert bench.at("AT+CPCMREG?") == ["+CPCMREG: 1", "OK"]
    assert bench.did(AudioOpened) == [AudioOpened(8000)]
    bench.tell(CallReleased("m1", 16))
    assert len(bench.did(AudioClosed)) == 1
    assert bench.at("AT+CPCMREG?") == ["+CPCMREG: 0", "OK"]


@pytest.mark.parametrize("off", ["0", "0,1"])
def test_audio_off_by_command(talking, off):
    talking.at("AT+CPCMFRM=1")
    talking.wait(1.0)
    talking.at("AT+CPCMREG=1")
    assert talking.did(AudioOpened) == [AudioOpened(16000)]
    assert talking.at(f"AT+CPCMREG={off}") == ["OK"]
    assert len(talking.did(AudioClosed)) == 1


def test_audio_stays_while_a_held_call_is_left(talking):
    talking.wait(1.0)
    talking.at("AT+CPCMREG=1;+CHLD=2")
    assert talking.modem.state.audio_open


def test_refused_and_stuck_audio(talking):
    talking.wait(1.0)
    talking.tell(FaultInjected("pcm-refuse", number=2.0))
    assert [talking.at("AT+CPCMREG=1")[0] for _ in range(3)] == ["ERROR", "ERROR", "OK"]
    talking.at("AT+CPCMREG=0")
    talking.tell(FaultInjected("pcm-stuck"))
    assert talking.did(AudioImpaired) == [AudioImpaired("up")]
    assert [talking.at("AT+CPCMREG=1")[0] for _ in range(3)] == ["ERROR"] * 3
    talking.at("AT+CFUN=0")
    talking.at("AT+CFUN=1", 5.0)
    assert talking.did(AudioImpaired)[-1] == AudioImpaired("up")
    talking.at("AT+CRESET", 30.0)
    assert talking.did(AudioImpaired)[-1] == AudioImpaired("none")


def test_one_way(bench):
    for direction in ("up", "down", "none"):
        bench.tell(FaultInjected("one-way", text=direction))
    assert bench.did(AudioImpaired) == [AudioImpaired("up"), AudioImpaired("down"), AudioImpaired("none")]


def test_keys_heard(talking):
    talking.tell(KeyHeard("m1", "5"))
    assert talking.lines() == []
    talking.at("AT+DDET=1")
    talking.tell(KeyHeard("m1", "#"))
    assert talking.lines() == ["+RXDTMF: #"]
    talking.at("AT+CHLD=2")
    talking.tell(KeyHeard("m1", "5"))
    assert talking.lines() == []


def test_quectel_key_codes(make_bench):
    bench = make_bench("ec25")
    bench.at("AT+QTONEDET=1")
    bench.tell(CallArrived("n1", "0912000222"))
    bench.at("ATA")
    bench.tell(KeyHeard("n1", "5"))
    assert bench.lines() == ["+QTONEDET: 53"]


@pytest.mark.parametrize(
    ("argument", "presses"),
    [
        ("5", [("5", 120)]),
        ('"a"', [("A", 120)]),
        ("5,20", [("5", 2000)]),
        ('"1,3,5"', [("1", 120), ("3", 120), ("5", 120)]),
        ('"1357"', [("1", 120), ("3", 120), ("5", 120), ("7", 120)]),
    ],
)
def test_keys_pressed(talking, argument, presses):
    assert talking.at(f"AT+VTS={argument}", 2.0) == ["OK"]
    assert talking.did(PressKey) == [PressKey("m1", key, ms) for key, ms in presses]


def test_key_length_and_refusals(talking):
    talking.at("AT+VTD=3")
    talking.at("AT+VTS=1")
    assert talking.did(PressKey) == [PressKey("m1", "1", 300)]
    assert talking.at("AT+CMEE=1;+VTS=x") == ["+CME ERROR: 50"]
    talking.at("AT+CHUP")
    assert talking.at("AT+VTS=1") == ["+CME ERROR: 3"]


def test_keys_of_a_string_stop_with_the_call(talking):
    talking.at('AT+VTS="123"')
    talking.at("AT+CHUP", 2.0)
    assert len(talking.did(PressKey)) == 1


@pytest.mark.parametrize(("family", "command"), [("ec25", "AT+QPCMV=1,0"), ("huawei", "AT^DDSETEX=2")])
def test_other_ways_to_the_voice(family, command, make_bench):
    bench = make_bench(family)
    if family == "ec25":
        assert bench.at(command) == ["OK"]
    bench.at("ATD0912000222;", 0.1)
    if family == "huawei":
        assert bench.at(command) == ["OK"]
    assert bench.did(AudioOpened) == []
    bench.tell(CallConnected("m1"))
    assert bench.did(AudioOpened) == [AudioOpened(8000)]
    bench.tell(CallReleased("m1", 16))
    assert len(bench.did(AudioClosed)) == 1
