"""The metal: the only file that imports `machine` (besides the start on flash, `flash/main.py`).

Pin map of the HAT as assumed, a bare RP2040 with eight slots (a Pico board keeps 23..25 and 29 for itself); not proven
on hardware:

    0, 1     UART0 TX, RX to the host, 115200 8N1
    2..9     STATUS of slots 0..7, in, high: the module runs
    10..17   RAIL of slots 0..7, out, high: on; pulled up, so that a resetting supervisor drops nobody
    18, 19   I2C1 SDA, SCL: clock chip DS3231 (0x68), if fitted
    20       button, in, pulled up, low: pressed
    21       host rail, out, high: on; pulled up
    22       host halted, in, pulled down, high: the host is down (overlay gpio-poweroff)
    23..25   shift register 74HC595 data, clock, latch: PWRKEY transistors of slots 0..7, high: pressed
    26, 27   ADC0 supply, ADC1 supercap, each behind a 2:1 divider
    28       chain of WS2812 lights: power, box, slots 0..7
    29       host power button, out, high: pressed
    ADC4     the chip's own temperature sensor
"""

import neopixel  # type: ignore[import-not-found]
from machine import (  # type: ignore[import-not-found]
    ADC,
    I2C,
    PWRON_RESET,
    UART,
    WDT,
    WDT_RESET,
    Pin,
    reset,
    reset_cause,
)

from firmware import leds
from firmware.compat import TYPE_CHECKING, const

if TYPE_CHECKING:
    from firmware.supervisor import Readings

MAX_SLOTS = const(8)
WDT_MS = const(5000)
BAUD = const(115200)
CLOCK_ADDRESS = const(0x68)
DIVIDER = const(2)
REFERENCE_MV = const(3300)
FULL_SCALE = const(65535)


class Board:
    """Pins by meaning. Levels are set once here so that a warm start changes nothing for who has power.

    `off`: slots without power, bit by bit (one whose module runs keeps it); `host_on`: whether the host has it.
    """

    def __init__(self, slots: int, off: int, host_on: bool) -> None:
        self._host_rail = Pin(21, Pin.OUT, value=int(host_on))
        self._status = [Pin(2 + slot, Pin.IN, Pin.PULL_DOWN) for slot in range(slots)]
        self._rails = [
            Pin(10 + slot, Pin.OUT, value=int(not off >> slot & 1 or self._status[slot].value()))
            for slot in range(slots)
        ]
        self._button = Pin(20, Pin.IN, Pin.PULL_UP)
        self._halted = Pin(22, Pin.IN, Pin.PULL_DOWN)
        self._host_button = Pin(29, Pin.OUT, value=0)
        self._data = Pin(23, Pin.OUT, value=0)
        self._shift = Pin(24, Pin.OUT, value=0)
        self._latch = Pin(25, Pin.OUT, value=0)
        self._keys = 0
        self._write_keys()
        self._supply = ADC(26)
        self._supercap = ADC(27)
        self._sensor = ADC(4)
        self._lights = neopixel.NeoPixel(Pin(28, Pin.OUT), leds.FIRST_LINE + slots)
        self._lights_changed = False
        self._uart = UART(0, BAUD, tx=Pin(0), rx=Pin(1), rxbuf=1024, txbuf=1024)
        self._wdt = WDT(timeout=WDT_MS)
        self._bus = I2C(1, scl=Pin(19), sda=Pin(18), freq=100000)
        self.clock_fitted = CLOCK_ADDRESS in self._bus.scan()

    def read(self, readings: "Readings") -> None:
        """What changes quickly; the clock chip is read apart (`read_clock`)."""
        mask = 0
        for slot, pin in enumerate(self._status):
            mask |= pin.value() << slot
        readings.status = mask
        readings.button = not self._button.value()
        readings.halted = bool(self._halted.value())
        readings.supply_mv = millivolts(self._supply.read_u16())
        readings.supercap_mv = millivolts(self._supercap.read_u16())
        readings.temperature_dc = temperature_dc(self._sensor.read_u16())

    def rail(self, slot: int, on: int) -> None:
        self._rails[slot].value(on)

    def key(self, slot: int, pressed: int) -> None:
        self._keys = self._keys | 1 << slot if pressed else self._keys & ~(1 << slot)
        self._write_keys()

    def host_rail(self, on: int) -> None:
        self._host_rail.value(on)

    def host_button(self, pressed: int) -> None:
        self._host_button.value(pressed)

    def light(self, index: int, colour: int) -> None:
        self._lights[index] = leds.RGB[colour]
        self._lights_changed = True

    def show_lights(self) -> None:
        if self._lights_changed:
            self._lights_changed = False
            self._lights.write()

    def uart_read(self) -> bytes:
        """What has come; empty when nothing has."""
        waiting = self._uart.any()
        return (self._uart.read(waiting) or b"") if waiting else b""

    def uart_write(self, data: bytes) -> None:
        self._uart.write(data)

    def feed(self) -> None:
        self._wdt.feed()

    def restart(self) -> None:
        reset()

    def read_clock(self) -> "tuple[int, int, int, int, int, int] | None":
        """Year to second in UTC, or None: not fitted, or it stood still (oscillator stop flag, register 0x0F bit 7)."""
        if not self.clock_fitted:
            return None
        try:
            if self._bus.readfrom_mem(CLOCK_ADDRESS, 0x0F, 1)[0] & 0x80:
                return None
            raw = self._bus.readfrom_mem(CLOCK_ADDRESS, 0, 7)
        except OSError:
            return None
        second, minute, hour, _, day, month, year = [(byte >> 4) * 10 + (byte & 15) for byte in raw]
        return 2000 + year, month % 80, day, hour, minute, second

    def set_clock(self, moment: "tuple[int, int, int, int, int, int]") -> None:
        """Year to second in UTC."""
        year, month, day, hour, minute, second = moment
        fields = (second, minute, hour, 1, day, month, year % 100)
        try:
            self._bus.writeto_mem(CLOCK_ADDRESS, 0, bytes([value // 10 << 4 | value % 10 for value in fields]))
            self._bus.writeto_mem(CLOCK_ADDRESS, 0x0F, b"\x00")
        except OSError:
            return

    def _write_keys(self) -> None:
        for bit in range(MAX_SLOTS - 1, -1, -1):
            self._data.value(self._keys >> bit & 1)
            self._shift.value(1)
            self._shift.value(0)
        self._latch.value(1)
        self._latch.value(0)


def started_by() -> int:
    """messages.RESET_CAUSES; on the RP2040 a restart of our own looks like the watchdog's."""
    cause = reset_cause()
    return 1 if cause == PWRON_RESET else 3 if cause == WDT_RESET else 0


def millivolts(raw: int) -> int:
    """At the divider's top."""
    return raw * REFERENCE_MV * DIVIDER // FULL_SCALE


def temperature_dc(raw: int) -> int:
    """RP2040 datasheet §4.9.5: 27 °C at 0.706 V, -1.721 mV per degree."""
    return 270 - (raw * REFERENCE_MV * 1000 // FULL_SCALE - 706000) * 10 // 1721
