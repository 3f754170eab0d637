"""The HAT without a microcontroller on gpiozero's own mock pins, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory

from hal.gpio import GpioBoard
from hal.interfaces import BoardEvent, BoxLamp, ButtonGesture, ButtonPressed, LineLamp, ShutdownAsked, SlotChanged
from hal.pin_map import parse_pin_map
from tests.support.virtual_time import LoopClock, eventually, run_virtually

MAP = parse_pin_map(
    """
    [[slots]]
    power_key = 17
    on_pulse_s = 0.5
    on_wait_s = 20.0
    off_pulse_s = 2.6
    off_wait_s = 20.0
    status = 27
    lamp = 22

    [box]
    lamp = 23
    button = 24
    """,
    "test",
)


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    before = Device.pin_factory
    factory = Device.pin_factory = MockFactory()
    yield factory
    factory.reset()
    Device.pin_factory = before


async def opened(events: list[BoardEvent]) -> GpioBoard:
    board = GpioBoard(MAP, LoopClock(asyncio.get_running_loop()), events.append)
    board.start()
    return board


async def until(events: list[BoardEvent], wanted: BoardEvent) -> None:
    await eventually(lambda: wanted in events)


def test_the_key_is_pressed_as_long_as_the_map_says(pins: MockFactory) -> None:
    key, events = pins.pin(17), []

    async def story() -> None:
        board, loop = await opened(events), asyncio.get_running_loop()
        board.switch_on(0)
        await asyncio.sleep(0.01)
        assert key.state
        began = loop.time()
        await eventually(lambda: not key.state)
        assert loop.time() - began == pytest.approx(0.49, abs=0.02)
        pins.pin(27).drive_high()
        await until(events, SlotChanged(0, "on", "asked"))
        assert loop.time() - began < 2.0, "it is on as soon as its status pin says so"
        await board.close()

    run_virtually(story())


def test_a_module_that_runs_is_not_switched_off_by_its_own_key(pins: MockFactory) -> None:
    pins.pin(27).drive_high()
    events: list[BoardEvent] = []

    async def story() -> None:
        board = await opened(events)
        pins.pin(27).drive_high()
        board.switch_on(0)
        await until(events, SlotChanged(0, "on", "adopted"))
        assert not pins.pin(17).state
        await board.close()

    run_virtually(story())


def test_a_module_that_does_not_start_is_a_fault(pins: MockFactory) -> None:
    events: list[BoardEvent] = []

    async def story() -> None:
        board = await opened(events)
        board.switch_on(0)
        await until(events, SlotChanged(0, "fault", "no status"))
        await board.close()

    run_virtually(story())


def test_off_and_on_again_in_this_order(pins: MockFactory) -> None:
    events: list[BoardEvent] = []

    async def story() -> None:
        board = await opened(events)
        pins.pin(27).drive_high()
        board.cycle(0)
        await until(events, SlotChanged(0, "stopping", "asked"))
        pins.pin(27).drive_low()
        await until(events, SlotChanged(0, "starting", "asked"))
        pins.pin(27).drive_high()
        await until(events, SlotChanged(0, "on", "asked"))
        await board.close()

    run_virtually(story())
    assert [event.state for event in events if isinstance(event, SlotChanged)] == ["stopping", "off", "starting", "on"]


def test_lamps(pins: MockFactory) -> None:
    async def story() -> None:
        board = await opened([])
        board.show_line(0, LineLamp.REGISTERED)
        board.show_box(BoxLamp.READY)
        assert (pins.pin(22).state, pins.pin(23).state) == (1, 1)
        board.show_line(0, LineLamp.OFF)
        assert pins.pin(22).state == 0
        board.show_line(7, LineLamp.FAULT)  # no such lamp: nothing happens
        await board.close()

    run_virtually(story())


def test_pins_that_are_taken_are_said_to_be(pins: MockFactory) -> None:
    async def story() -> None:
        board = await opened([])
        with pytest.raises(OSError, match=r"test: .*17"):
            await opened([])
        await board.close()
        again = await opened([])
        await again.close()

    run_virtually(story())


def test_a_long_press_asks_for_a_shutdown(pins: MockFactory) -> None:
    events: list[BoardEvent] = []

    async def story() -> None:
        board = await opened(events)
        pins.pin(24).drive_low()
        await asyncio.sleep(4.0)
        pins.pin(24).drive_high()
        await asyncio.sleep(1.0)
        await board.close()

    run_virtually(story())
    assert events[0] == ButtonPressed(ButtonGesture.LONG)
    assert isinstance(events[1], ShutdownAsked)
    assert len(events) == 2
