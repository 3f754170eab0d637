"""What the lights mean, as a table: a pattern is a tuple of (colour, ms) steps that repeats; one step stays.

The chain: power, box, then one light per slot. Patterns are computed from the time alone, so that all lights with one
pattern blink together.
"""

from firmware.compat import TYPE_CHECKING, const

if TYPE_CHECKING:
    from firmware.actions import Out
from firmware import actions

DARK = const(0)
GREEN = const(1)
RED = const(2)
AMBER = const(3)
BLUE = const(4)
COLOURS = ("dark", "green", "red", "amber", "blue")
RGB = ((0, 0, 0), (0, 24, 0), (32, 0, 0), (28, 12, 0), (0, 0, 32))

POWER = const(0)
BOX = const(1)
FIRST_LINE = const(2)

# name: (steps, what it means)
POWER_PATTERNS = {
    "good": (((GREEN, 0),), "supply is good"),
    "failing": (((RED, 100), (DARK, 100)), "supply is failing; runs on the supercap"),
    "host off": (((GREEN, 100), (DARK, 2900)), "the host is switched off; a short press starts it"),
}
BOX_PATTERNS = {
    "booting": (((AMBER, 500), (DARK, 500)), "the box starts"),
    "ready": (((GREEN, 0),), "takes calls"),
    "updating": (((BLUE, 500), (GREEN, 500)), "an update is installed; do not switch off"),
    "attention": (((RED, 200), (DARK, 800)), "a person must look: see the page"),
    "late": (((AMBER, 100), (DARK, 100), (AMBER, 100), (DARK, 700)), "the engine does not answer; it may be reset"),
    "stopping": (((AMBER, 0),), "the box goes down"),
    "off": (((DARK, 0),), "the host is switched off"),
    "gesture": (((RED, 100), (AMBER, 100)), "hold the button on for a factory reset"),
}
LINE_PATTERNS = {
    "off": (((DARK, 0),), "the module has no power"),
    "searching": (((GREEN, 200), (DARK, 1800)), "looks for a network"),
    "registered": (((GREEN, 0),), "takes calls"),
    "in call": (((GREEN, 800), (AMBER, 200)), "a call is up"),
    "fault": (((RED, 200), (DARK, 200), (RED, 200), (DARK, 1400)), "the module does not start or the card is refused"),
    "starting": (((AMBER, 200), (DARK, 200)), "the module is switched on or off"),
}


def colour(steps: "tuple[tuple[int, int], ...]", at_ms: int) -> int:
    """What a pattern shows at a time."""
    period_ms = 0
    for _, length_ms in steps:
        period_ms += length_ms
    if period_ms == 0:
        return steps[0][0]
    at_ms %= period_ms
    for shade, length_ms in steps:
        if at_ms < length_ms:
            return shade
        at_ms -= length_ms
    return DARK


class Leds:
    """Remembers what shows, and wants only changes done."""

    def __init__(self, slots: int, out: "Out") -> None:
        self._out = out
        self._patterns = [POWER_PATTERNS["good"][0], BOX_PATTERNS["booting"][0]]
        self._patterns += [LINE_PATTERNS["off"][0] for _ in range(slots)]
        self._shown = [-1] * len(self._patterns)

    def show(self, index: int, steps: "tuple[tuple[int, int], ...]") -> None:
        self._patterns[index] = steps

    def tick(self, now: int) -> None:
        for index, steps in enumerate(self._patterns):
            shade = steps[0][0] if len(steps) == 1 else colour(steps, now)
            if shade != self._shown[index]:
                self._shown[index] = shade
                self._out.append((actions.LED, index, shade))
