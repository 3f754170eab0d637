"""The one button: short press, long press, and the factory reset gesture (three short presses, then hold).

Invariants: a level counts once it has held for `DEBOUNCE_MS`; every press ends in at most one gesture; a long press
speaks while it is held, so that a person may let go at the answer of the LED.
"""

from firmware.compat import TYPE_CHECKING, const, ticks_diff

if TYPE_CHECKING:
    from firmware.settings import Settings

NOTHING = const(-1)
SHORT = const(0)
LONG = const(1)
FACTORY_RESET = const(2)

DEBOUNCE_MS = const(30)
GESTURE_MS = const(1500)
"""The pause after which presses no longer belong together."""
GESTURE_PRESSES = const(3)


class Button:
    def __init__(self, settings: "Settings") -> None:
        self.pressed = False
        self._settings = settings
        self._raw = False
        self._raw_since = 0
        self._since: int | None = None  # the press, or None between presses
        self._spent = False  # this press has spoken
        self._shorts = 0
        self._released_at = 0

    @property
    def counting(self) -> bool:
        """In the middle of the factory reset gesture: its hold is still to come."""
        return self._shorts >= GESTURE_PRESSES

    def tick(self, now: int, level: bool) -> int:
        """One look at the pin (True: pressed). Returns a gesture or NOTHING."""
        if level != self._raw:
            self._raw = level
            self._raw_since = now
        if level != self.pressed and ticks_diff(now, self._raw_since) >= DEBOUNCE_MS:
            return self._press(now) if level else self._release(now)
        if self.pressed and not self._spent:
            return self._hold(now)
        if not self.pressed and self._shorts and ticks_diff(now, self._released_at) > GESTURE_MS:
            self._shorts = 0
        return NOTHING

    def _press(self, now: int) -> int:
        self.pressed = True
        self._since = now
        self._spent = False
        return NOTHING

    def _hold(self, now: int) -> int:
        held_ms = ticks_diff(now, self._since or 0)
        if self.counting:
            if held_ms >= self._settings["factory_press_ms"]:
                return self._speak(FACTORY_RESET)
        elif held_ms >= self._settings["long_press_ms"]:
            return self._speak(LONG)
        return NOTHING

    def _release(self, now: int) -> int:
        self.pressed = False
        self._released_at = now
        if self._spent:
            return NOTHING
        self._shorts += 1
        return SHORT

    def _speak(self, gesture: int) -> int:
        self._spent = True
        self._shorts = 0
        return gesture
