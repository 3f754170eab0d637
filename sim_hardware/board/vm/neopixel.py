"""The chain of lights, as the RP2040 port's `neopixel` module offers it."""

# ruff: noqa: ARG002, INP001 - the real port's signatures, on MicroPython
import machine  # type: ignore[import-not-found]


class NeoPixel:
    def __init__(self, pin: object, count: int) -> None:
        self._colours = bytearray(3 * count)

    def __setitem__(self, index: int, colour: "tuple[int, int, int]") -> None:
        self._colours[3 * index : 3 * index + 3] = bytes(colour)

    def write(self) -> None:
        machine.tell_lights(self._colours)
