"""The supply and the supercap behind it: good, failing (running on what is stored), low (go down now).

Invariants: good becomes failing at once, and good again only above the higher limit for `supply_return_ms`; failing
becomes low after `supply_hold_ms` in a row below the lower limit (between the two it only stays failing: a supply that
is merely poor switches nobody off), or at once when the supercap is below its limit.
"""

from firmware.compat import TYPE_CHECKING, const, ticks_diff

if TYPE_CHECKING:
    from firmware.settings import Settings

GOOD = const(0)
FAILING = const(1)
LOW = const(2)

DIP_MS = const(1000)
"""A module that vanishes this soon after the supply was below its limit had a brown-out."""


class Supply:
    def __init__(self, settings: "Settings") -> None:
        self.level = GOOD
        self.brown_outs = 0
        self._settings = settings
        self._failed_at = 0
        self._good_since: int | None = None
        self._dipped_at: int | None = None

    def tick(self, now: int, supply_mv: int, supercap_mv: int) -> bool:
        """True when the level changed."""
        below = supply_mv < self._settings["supply_failing_mv"]
        self._remember_dip(now, below)
        if self.level == GOOD:
            return below and self._fail(now)
        if supply_mv < self._settings["supply_good_mv"]:
            self._good_since = None
            if not below:
                self._failed_at = now
            return self.level == FAILING and self._worsen(now, supercap_mv)
        if self._good_since is None:
            self._good_since = now
        if ticks_diff(now, self._good_since) >= self._settings["supply_return_ms"]:
            self.level = GOOD
            return True
        return False

    def dipped(self) -> bool:
        return self._dipped_at is not None

    def _remember_dip(self, now: int, below: bool) -> None:
        if below:
            self._dipped_at = now
        elif self._dipped_at is not None and ticks_diff(now, self._dipped_at) > DIP_MS:
            self._dipped_at = None

    def _fail(self, now: int) -> bool:
        self.level = FAILING
        self.brown_outs += 1
        self._failed_at = now
        self._good_since = None
        return True

    def _worsen(self, now: int, supercap_mv: int) -> bool:
        if (
            ticks_diff(now, self._failed_at) >= self._settings["supply_hold_ms"]
            or supercap_mv < self._settings["supercap_low_mv"]
        ):
            self.level = LOW
            return True
        return False
