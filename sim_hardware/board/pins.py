"""The board's wiring as it is built, seen from outside the firmware: which pin means what, and what an ADC reads.

Written down a second time on purpose: a slip in the firmware's own map shows.
"""

from __future__ import annotations

SLOTS = 8
STATUS = tuple(range(2, 10))
RAILS = tuple(range(10, 18))
BUTTON = 20
HOST_RAIL = 21
HOST_HALTED = 22
KEY_DATA, KEY_SHIFT, KEY_LATCH = 23, 24, 25
HOST_BUTTON = 29
ADC_SENSOR, ADC_SUPPLY, ADC_SUPERCAP = 4, 26, 27

PULLED_UP = (*RAILS, HOST_RAIL)
"""Outputs that read high while the microcontroller does not drive them."""


def supply_raw(millivolts: int) -> int:
    """What the ADC reads behind the 2:1 divider, of 65535 at 3.3 V."""
    return max(0, min(65535, round(millivolts / 2 / 3300 * 65535)))


def sensor_raw(celsius: float) -> int:
    """RP2040 datasheet §4.9.5: 0.706 V at 27 °C, 1.721 mV less per degree."""
    return max(0, min(65535, round((0.706 - (celsius - 27) * 0.001721) / 3.3 * 65535)))


class ShiftRegister:
    """A 74HC595: bits move in on a rising shift edge and show on a rising latch edge; the first bit in ends on top."""

    def __init__(self) -> None:
        self.outputs = 0
        self._levels = {KEY_DATA: 0, KEY_SHIFT: 0, KEY_LATCH: 0}
        self._bits = 0

    def drive(self, pin: int, level: int) -> bool:
        """True when the outputs were latched anew."""
        rising = level and not self._levels[pin]
        self._levels[pin] = level
        if rising and pin == KEY_SHIFT:
            self._bits = (self._bits << 1 | self._levels[KEY_DATA]) & 0xFF
        if rising and pin == KEY_LATCH:
            changed = self.outputs != self._bits
            self.outputs = self._bits
            return changed
        return False
