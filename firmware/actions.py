"""What the pure machines want done, as tuples (code, a, b) in one list that `main.py` empties after each tick."""

from firmware.compat import TYPE_CHECKING, const

if TYPE_CHECKING:
    from typing import Any

    Out = list[tuple[int, int, Any]]

RAIL = const(1)
"""slot, 1 on / 0 off."""
KEY = const(2)
"""slot, 1 pressed / 0 released: the PWRKEY transistor."""
HOST_RAIL = const(3)
"""1 on / 0 off, None."""
HOST_BUTTON = const(4)
"""1 pressed / 0 released: the host's own power button line."""
LED = const(5)
"""index, colour (leds.py)."""
LOG = const(6)
"""code (messages.LOG_CODES), (slot, value)."""
EVENT = const(7)
"""kind, payload: to the host."""
SAVE = const(8)
"""Write the settings and what must survive a reset."""
RESTART = const(9)
"""Restart the supervisor."""
CONFIRM = const(10)
"""The firmware on trial is good."""
CLOCK = const(11)
"""unix_s: set the clock chip."""
