"""How hot the box is: normal, warm, critical, in tenths of a degree.

Invariants: critical only after `critical_hold_ms` above its limit; a level is left `HYSTERESIS_DC` below where it
began.
"""

from firmware.compat import TYPE_CHECKING, const, ticks_diff

if TYPE_CHECKING:
    from firmware.settings import Settings

NORMAL = const(0)
WARM = const(1)
CRITICAL = const(2)

HYSTERESIS_DC = const(50)


class Temperature:
    def __init__(self, settings: "Settings") -> None:
        self.level = NORMAL
        self._settings = settings
        self._hot_since: int | None = None

    def tick(self, now: int, value_dc: int) -> bool:
        """True when the level changed."""
        level = self._level(now, value_dc)
        changed = level != self.level
        self.level = level
        return changed

    def _level(self, now: int, value_dc: int) -> int:
        critical_dc = self._settings["critical_dc"]
        if self.level == CRITICAL:
            if value_dc > critical_dc - HYSTERESIS_DC:
                return CRITICAL
        elif value_dc < critical_dc:
            self._hot_since = None
        elif self._hot_since is None:
            self._hot_since = now
        elif ticks_diff(now, self._hot_since) >= self._settings["critical_hold_ms"]:
            self._hot_since = None
            return CRITICAL
        warm_dc = self._settings["warm_dc"]
        return WARM if value_dc >= warm_dc - (HYSTERESIS_DC if self.level else 0) else NORMAL
