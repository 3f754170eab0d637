"""A push button, debounced: edges with their instants in, gestures out. Pure.

Contacts bounce for some milliseconds, and the pin drivers' own filters cannot be relied on: a level counts once it has
held for `DEBOUNCE_S`. Held three seconds is LONG, told while still held; ten seconds FACTORY_RESET; else SHORT at
release.
"""

from __future__ import annotations

from hal.interfaces import ButtonGesture

DEBOUNCE_S = 0.03
LONG_S = 3.0
FACTORY_RESET_S = 10.0


class Button:
    """`edge` when the pin changes, `time_passed` at `next_deadline`; instants are monotonic seconds."""

    def __init__(self) -> None:
        self._level = False
        self._since = 0.0
        self._pressed_at: float | None = None
        self._told_long = False
        self._told_reset = False

    @property
    def next_deadline(self) -> float | None:
        if self._level != (self._pressed_at is not None):
            return self._since + DEBOUNCE_S
        if self._pressed_at is None:
            return None
        if not self._told_long:
            return self._pressed_at + LONG_S
        if self._told_reset:
            return None
        return self._pressed_at + FACTORY_RESET_S

    def edge(self, now: float, *, pressed: bool) -> list[ButtonGesture]:
        """The pin changed (or bounced)."""
        found = self.time_passed(now)
        if pressed != self._level:
            self._level, self._since = pressed, now
        return found

    def time_passed(self, now: float) -> list[ButtonGesture]:
        """Gestures that became certain up to `now`, in order."""
        found: list[ButtonGesture] = []
        while (due := self.next_deadline) is not None and due <= now:
            if self._level != (self._pressed_at is not None):
                self._settle(found)
            elif not self._told_long:
                self._told_long = True
                found.append(ButtonGesture.LONG)
            else:
                self._told_reset = True
                found.append(ButtonGesture.FACTORY_RESET)
        return found

    def _settle(self, found: list[ButtonGesture]) -> None:
        """The level has held: a press begins, or one ends."""
        if self._level:
            self._pressed_at = self._since
            self._told_long = self._told_reset = False
            return
        if not self._told_long:
            found.append(ButtonGesture.SHORT)
        self._pressed_at = None
