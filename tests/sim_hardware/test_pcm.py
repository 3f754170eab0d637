"""The pacer over a real pty in a loop of virtual time: absolute deadlines, jitter, bounded buffers."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from sim_hardware.pcm import ModemClock, PcmPacer
from tests.sim_hardware.virtual_loop import VirtualLoop


class Port:
    """Takes what is written, with the time of it; the host side is played by the test."""

    def __init__(self, loop):
        self.loop = loop
        self.written = []
        self.unread_bytes = 0
        self.on_data = None

    def write(self, data):
        self.written.append((self.loop.time(), data))


@pytest.fixture
def loop():
    loop = VirtualLoop()
    yield loop
    loop.close()


def pacer_on(loop, port, sink, **options):
    clock = ModemClock(loop.time(), options.pop("drift_ppm", 0.0))
    return PcmPacer(loop, port, clock, lambda: b"ab" * 160, sink, Random(5), **options)


def run_for(loop, seconds):
    loop.run_until_complete(asyncio.sleep(seconds))


@pytest.mark.parametrize("drift_ppm", [-200.0, 0.0, 200.0])
def test_frames_keep_the_modems_clock_and_jitter_never_adds_up(loop, drift_ppm):
    port, heard = Port(loop), []
    pacer = pacer_on(loop, port, heard.append, drift_ppm=drift_ppm)
    start = loop.time()
    pacer.open()
    run_for(loop, 600)
    pacer.close()
    expected = 600 * 50 * (1 + drift_ppm * 1e-6)
    assert abs(len(port.written) - expected) <= 1
    off = [t - start - (k + 1) * 0.02 / (1 + drift_ppm * 1e-6) for k, (t, _) in enumerate(port.written)]
    assert max(off) <= 0.0101
    assert min(off) >= -0.0101
    assert max(off) - min(off) > 0.015
    assert len(heard) == len(port.written)
    assert pacer.underruns == 0, "a host that never wrote is silent, not late"


def test_odd_chunks_lose_nothing(loop):
    port = Port(loop)
    pacer = pacer_on(loop, port, lambda _: None, odd_chunks=True)
    pacer.open()
    run_for(loop, 2.013)
    pacer.close()
    chunks = [data for _, data in port.written]
    assert all(len(chunk) % 2 for chunk in chunks[:-1])
    whole = b"".join(chunks)
    assert len(whole) == 100 * 320
    assert set(whole[0::2]) == {ord("a")}


def test_the_uplink_holds_200_ms_and_counts_what_it_throws_away(loop):
    port, heard = Port(loop), []
    pacer = pacer_on(loop, port, heard.append)
    port.on_data(b"xx" * 160)
    pacer.open()
    port.on_data(b"hh" * 160 * 12)
    assert pacer.overflow_bytes == 640
    run_for(loop, 0.5)
    assert heard[:10] == [b"hh" * 160] * 10
    assert heard[10] == bytes(320)
    assert pacer.underruns == len(heard) - 10
    port.on_data(b"y" * 321)
    run_for(loop, 0.1)
    assert heard[-1] == bytes(320), "one frame is no cushion"
    port.on_data(b"y" * 321)
    run_for(loop, 0.1)
    assert heard.count(b"y" * 320) == 2
    pacer.close()
    assert not pacer.is_open


def test_a_host_that_reads_nothing_gets_no_stale_sound(loop):
    port = Port(loop)
    pacer = pacer_on(loop, port, lambda _: None)
    pacer.open()
    port.unread_bytes = 4095
    run_for(loop, 1.0)
    assert port.written == []
    assert pacer.unread_drops >= 48
    pacer.close()


def test_16_khz_frames_are_twice_as_long(loop):
    port, heard = Port(loop), []
    pacer = pacer_on(loop, port, heard.append)
    pacer.open(16_000)
    run_for(loop, 0.1)
    pacer.close()
    assert {len(frame) for frame in heard} == {640}


def test_clock_there_and_back():
    clock = ModemClock(50.0, 100.0)
    assert clock.now_s(60.0) == pytest.approx(10.001)
    assert clock.monotonic_s(clock.now_s(123.0)) == pytest.approx(123.0)
