"""HATs without a microcontroller: power key, lamps and a button straight on the Pi's pins, by gpiozero.

Implements `hal.interfaces.Board`. gpiozero calls back in a thread of its own; it hands over to the loop at one place
(`_edge`). Nobody guards the box here: without a supervisor a frozen box stays frozen until somebody pulls the plug.
Not proven on hardware: what ran is gpiozero's mock factory.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from contextlib import ExitStack
from typing import Any

from gpiozero import LED, DigitalInputDevice, DigitalOutputDevice, GPIOZeroError

from hal.button import Button
from hal.errors import PortError
from hal.interfaces import (
    BoardSink,
    BoxLamp,
    ButtonGesture,
    ButtonPressed,
    Clock,
    LineLamp,
    ShutdownAsked,
    SlotChanged,
    StopReason,
)
from hal.pin_map import PinMap, SlotPins

log = logging.getLogger(__name__)

SHUTDOWN_WITHIN_S = 60
"""Nobody cuts our power; this is what the box may take."""
_LINE_BLINK = {
    LineLamp.SEARCHING: (0.5, 0.5),
    LineLamp.IN_CALL: (0.1, 0.9),
    LineLamp.FAULT: (0.1, 0.1),
}
"""Seconds on and off; REGISTERED is steady."""
_BOX_BLINK = {
    BoxLamp.BOOTING: (0.5, 0.5),
    BoxLamp.UPDATING: (0.1, 0.4),
    BoxLamp.ATTENTION: (0.1, 0.1),
}


class _Slot:
    """The pins of one modem, opened."""

    def __init__(self, pins: SlotPins, stack: ExitStack) -> None:
        self.pins = pins
        self.turn = asyncio.Lock()
        self.key = DigitalOutputDevice(pins.power_key, active_high=pins.pressed_high, initial_value=False)
        stack.callback(self.key.close)
        self.status = None if pins.status is None else DigitalInputDevice(pins.status, pull_up=False)
        self.lamp = None if pins.lamp is None else LED(pins.lamp)
        radio = None if pins.flight_mode is None else DigitalOutputDevice(pins.flight_mode, initial_value=False)
        for device in (self.status, self.lamp, radio):
            if device is not None:
                stack.callback(device.close)

    @property
    def running(self) -> bool | None:
        """None where the HAT cannot say."""
        return None if self.status is None else bool(self.status.value)


class GpioBoard:
    """`start` opens the pins; raises `PortError` when they are not to be had (no GPIO here, or in use)."""

    def __init__(self, pin_map: PinMap, clock: Clock, sink: BoardSink) -> None:
        self._map = pin_map
        self._clock = clock
        self._sink = sink
        self._stack = ExitStack()
        self._slots: list[_Slot] = []
        self._box_lamp: LED | None = None
        self._button = Button()
        self._button_timer: asyncio.TimerHandle | None = None
        self._jobs: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def slots(self) -> int:
        return len(self._map.slots)

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            self._slots = [_Slot(pins, self._stack) for pins in self._map.slots]
            if self._map.box_lamp is not None:
                self._box_lamp = LED(self._map.box_lamp)
                self._stack.callback(self._box_lamp.close)
            if self._map.button is not None:
                self._watch_button(self._map.button)
        except (GPIOZeroError, OSError) as error:
            self._stack.close()
            words = f"{self._map.name}: {error}; is this a machine with these pins, and no other program on them?"
            raise PortError(words) from error

    async def close(self) -> None:
        for job in tuple(self._jobs):
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)
        if self._button_timer is not None:
            self._button_timer.cancel()
        self._stack.close()

    # --- power ----------------------------------------------------------------------------------------------------

    def switch_on(self, slot: int) -> None:
        self._job(self._switch_on(slot))

    def switch_off(self, slot: int) -> None:
        self._job(self._switch_off(slot))

    def cycle(self, slot: int) -> None:
        self._job(self._cycle(slot))

    async def _cycle(self, slot: int) -> None:
        await self._switch_off(slot)
        await self._switch_on(slot)

    async def _switch_on(self, slot: int) -> None:
        """A key pressed on a module that runs would switch it off: where a status pin says so, it is left alone."""
        found = self._slots[slot]
        async with found.turn:
            if found.running:
                self._sink(SlotChanged(slot, "on", "adopted"))
                return
            self._sink(SlotChanged(slot, "starting", "asked"))
            await self._press(found, found.pins.on_pulse_s)
            await self._settled(found, found.pins.on_wait_s, running=True)
            failed = found.running is False
            self._sink(SlotChanged(slot, "fault" if failed else "on", "no status" if failed else "asked"))

    async def _switch_off(self, slot: int) -> None:
        found = self._slots[slot]
        async with found.turn:
            if found.running is False:
                self._sink(SlotChanged(slot, "off", "asked"))
                return
            self._sink(SlotChanged(slot, "stopping", "asked"))
            await self._press(found, found.pins.off_pulse_s)
            await self._settled(found, found.pins.off_wait_s, running=False)
            failed = found.running is True
            self._sink(SlotChanged(slot, "fault" if failed else "off", "no status" if failed else "asked"))

    async def _press(self, slot: _Slot, seconds: float) -> None:
        slot.key.on()
        try:
            await asyncio.sleep(seconds)
        finally:
            slot.key.off()

    async def _settled(self, slot: _Slot, within_s: float, *, running: bool) -> None:
        """As soon as the status pin says so; without one, the whole time."""
        deadline = self._clock.now().mono + within_s
        while (left := deadline - self._clock.now().mono) > 0 and slot.running is not running:  # noqa: ASYNC110
            await asyncio.sleep(min(0.1, left))

    def _job(self, work: Coroutine[Any, Any, None]) -> None:
        job = asyncio.get_running_loop().create_task(work)
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    # --- lamps ----------------------------------------------------------------------------------------------------

    def show_line(self, slot: int, lamp: LineLamp) -> None:
        if slot < len(self._slots):
            _light(self._slots[slot].lamp, _LINE_BLINK.get(lamp), lit=lamp is not LineLamp.OFF)

    def show_box(self, lamp: BoxLamp) -> None:
        _light(self._box_lamp, _BOX_BLINK.get(lamp), lit=True)

    # --- button ---------------------------------------------------------------------------------------------------

    def _watch_button(self, pin: int) -> None:
        device = DigitalInputDevice(pin, pull_up=True)
        self._stack.callback(device.close)
        device.when_activated = lambda: self._edge(pressed=True)
        device.when_deactivated = lambda: self._edge(pressed=False)

    def _edge(self, *, pressed: bool) -> None:
        """In gpiozero's thread: the only place that hands over to the loop."""
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            self._loop.call_soon_threadsafe(lambda: self._changed(pressed=pressed))

    def _changed(self, *, pressed: bool) -> None:
        self._gestures(self._button.edge(self._clock.now().mono, pressed=pressed))

    def _time_passed(self) -> None:
        self._gestures(self._button.time_passed(self._clock.now().mono))

    def _gestures(self, gestures: list[ButtonGesture]) -> None:
        for gesture in gestures:
            self._sink(ButtonPressed(gesture))
            if gesture is ButtonGesture.LONG:
                self._sink(ShutdownAsked(StopReason.BUTTON, SHUTDOWN_WITHIN_S))
        if self._button_timer is not None:
            self._button_timer.cancel()
            self._button_timer = None
        deadline = self._button.next_deadline
        if deadline is not None and self._loop is not None:
            self._button_timer = self._loop.call_later(deadline - self._clock.now().mono, self._time_passed)


def _light(lamp: LED | None, blink: tuple[float, float] | None, *, lit: bool) -> None:
    if lamp is None:
        return
    if blink is not None:
        lamp.blink(*blink)
    elif lit:
        lamp.on()
    else:
        lamp.off()
