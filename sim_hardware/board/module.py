"""A module's power side: what its PWRKEY and rail do to its STATUS pin. Pure; its own reading of the manuals.

A press while it is off that lasts `on_press_s` switches it on, one of `off_press_s` while it is on switches it off;
STATUS follows after `start_s` and `stop_s`. Without its rail it is off at once.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PowerTimes:
    on_press_s: float
    off_press_s: float
    start_s: float
    stop_s: float
    keyless: bool = False
    """A USB stick: on with its rail."""


SIM7600 = PowerTimes(0.4, 2.5, 16.0, 6.0)
BRISK = PowerTimes(0.05, 0.5, 0.2, 0.2)
"""For tests: the order is real, the waiting is not."""
STICK = PowerTimes(0, 0, 0.2, 0, keyless=True)


class PoweredModule:
    """Feed edges with their time; `status(now)` is the pin."""

    def __init__(self, times: PowerTimes, *, running: bool = False) -> None:
        self._times = times
        self._rail = False
        self._running_from: float | None = 0.0 if running else None
        self._running_until: float | None = None
        self._pressed_at: float | None = None
        self.presses: list[float] = []
        """How long each press was, s."""

    def rail(self, on: bool, now: float) -> None:
        if on == self._rail:
            return
        self._rail = on
        if not on:
            self._running_from = self._running_until = self._pressed_at = None
        elif self._times.keyless:
            self._running_from = now + self._times.start_s

    def key(self, pressed: bool, now: float) -> None:
        if pressed:
            self._pressed_at = now
            return
        if self._pressed_at is None:
            return
        held_s, self._pressed_at = now - self._pressed_at, None
        self.presses.append(held_s)
        if not self._rail or self._times.keyless:
            return
        if not self._on(now):
            if held_s >= self._times.on_press_s:
                self._running_from, self._running_until = now + self._times.start_s, None
        elif held_s >= self._times.off_press_s:
            self._running_until = now + self._times.stop_s

    def status(self, now: float) -> bool:
        return self._rail and self._on(now) and now >= (self._running_from or 0)

    def crash(self) -> None:
        """It goes off by itself (a brown-out, a fault)."""
        self._running_from = self._running_until = None

    def _on(self, now: float) -> bool:
        return self._running_from is not None and (self._running_until is None or now < self._running_until)
