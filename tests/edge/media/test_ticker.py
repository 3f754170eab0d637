"""The 20 ms clock in virtual time: no drift, bounded catching up, honest counts."""

from __future__ import annotations

import asyncio

import pytest

from edge.media.ticker import Ticker


def test_ten_minutes_give_exactly_thirty_thousand_ticks_on_the_grid(loop):
    instants = []
    ticker = Ticker(loop, lambda: instants.append(loop.time()))
    start_s = loop.time()
    ticker.start()
    loop.run_for(600.005)
    ticker.stop()
    assert len(instants) == 30_000
    assert instants[-1] == pytest.approx(start_s + 600, abs=1e-6)
    assert ticker.statistics.late == ticker.statistics.skipped == 0


def test_work_in_a_tick_does_not_shift_the_grid(loop):
    instants = []

    def tick():
        instants.append(loop.time())
        loop.stall(0.007)

    ticker = Ticker(loop, tick)
    start_s = loop.time()
    ticker.start()
    loop.run_for(1.0)
    assert instants == pytest.approx([start_s + 0.02 * number for number in range(1, len(instants) + 1)])


@pytest.mark.parametrize(
    ("stall_s", "ran", "late", "skipped"),
    [(0.019, 1, 0, 0), (0.045, 3, 2, 0), (0.065, 3, 3, 1), (1.005, 3, 3, 48)],
    ids=["within one", "two missed", "one too many", "a whole second"],
)
def test_a_stall_is_caught_up_a_little_and_then_skipped(loop, stall_s, ran, late, skipped):
    ticks = []
    ticker = Ticker(loop, lambda: ticks.append(loop.time()))
    ticker.start()
    loop.run_for(0.1)
    before = len(ticks)
    # As if the loop stood still over the moment of the next tick.
    loop.stall(0.02 - (loop.time() - ticks[-1]) + stall_s)
    loop.run_until_complete(asyncio.sleep(0))
    loop.run_until_complete(asyncio.sleep(0))
    assert len(ticks) - before == ran
    statistics = ticker.statistics
    assert (statistics.late, statistics.skipped) == (late, skipped)
    assert statistics.worst_lag_s == pytest.approx(stall_s, abs=1e-6)
    loop.run_for(0.1)
    assert ((ticks[-1] - 1000.0) / 0.02) == pytest.approx(round((ticks[-1] - 1000.0) / 0.02), abs=1e-6)


def test_stopping_within_a_tick_ends_the_catching_up(loop):
    ticks = []

    def tick():
        ticks.append(loop.time())
        ticker.stop()

    ticker = Ticker(loop, tick)
    ticker.start()
    loop.stall(0.5)
    loop.run_for(0.5)
    assert len(ticks) == 1
    assert not ticker.running


def test_a_tick_that_raises_does_not_stop_the_clock(loop):
    errors, ticks = [], []
    loop.set_exception_handler(lambda _loop, context: errors.append(context["exception"]))

    def tick():
        ticks.append(None)
        if len(ticks) == 2:
            raise RuntimeError("a broken frame")

    ticker = Ticker(loop, tick)
    ticker.start()
    loop.run_for(0.205)
    assert len(ticks) == 10
    assert [str(error) for error in errors] == ["a broken frame"]


def test_started_twice_ticks_once_and_again_after_a_stop(loop):
    ticks = []
    ticker = Ticker(loop, lambda: ticks.append(None))
    ticker.start()
    ticker.start()
    loop.run_for(0.105)
    assert len(ticks) == 5
    ticker.stop()
    loop.run_for(1.0)
    ticker.start()
    loop.run_for(0.045)
    assert len(ticks) == 7
    assert ticker.statistics.skipped == 0
