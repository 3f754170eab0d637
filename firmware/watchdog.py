"""Is the host alive? Heartbeats of the engine's own loop decide; what then happens is `host.py`'s business.

Invariants: silence is counted from the last heartbeat, or from the moment the host got power; nothing but silence
beyond the leash in force makes `tick` say DEAD, and it says so once for each silence; LATE comes at most once before.
"""

from firmware.compat import TYPE_CHECKING, const, reached, ticks_add, ticks_diff

if TYPE_CHECKING:
    from firmware.settings import Settings

OFF = const(0)
BOOTING = const(1)
GOOD = const(2)
LATE = const(3)
STOPPING = const(4)
CUT = const(5)
GIVEN_UP = const(6)

NOTHING = const(0)
CAME_LATE = const(1)
RECOVERED = const(2)
DEAD = const(3)


class HostWatchdog:
    """States OFF (nobody is expected to speak), BOOTING, GOOD, LATE; the host's power knows the others."""

    def __init__(self, settings: "Settings") -> None:
        self.state = OFF
        self.silent_ms = 0
        self._settings = settings
        self._heard_at = 0
        self._deadline: int | None = None
        self._leash_until: int | None = None

    def expect_boot(self, now: int) -> None:
        """The host got power (or we start and do not know how long it has had it)."""
        self.state = BOOTING
        self._heard_at = now
        self._leash_until = None
        self._deadline = ticks_add(now, self._settings["boot_ms"])

    def stop(self) -> None:
        """Nobody is expected to speak any more."""
        self.state = OFF
        self._deadline = None
        self._leash_until = None

    def heartbeat(self, now: int, updating: bool) -> int:
        """Returns RECOVERED after a LATE."""
        was_late = self.state == LATE
        self.state = GOOD
        self._heard_at = now
        self._deadline = ticks_add(now, self._settings["dead_ms"])
        if updating:
            self.lengthen(now, self._settings["update_ms"])
        return RECOVERED if was_late else NOTHING

    def lengthen(self, now: int, leash_ms: int) -> None:
        """The host may be silent until then: it installs or boots an update."""
        until = ticks_add(now, leash_ms)
        if self._leash_until is None or ticks_diff(until, self._leash_until) > 0:
            self._leash_until = until

    def tick(self, now: int) -> int:
        """NOTHING, CAME_LATE or DEAD."""
        if self._leash_until is not None and reached(now, self._leash_until):
            self._leash_until = None  # also while switched off: an instant that was kept would come again
        if self._deadline is None or not self._settings["watchdog"]:
            return NOTHING
        self.silent_ms = ticks_diff(now, self._heard_at)
        if self._leash_until is not None:
            return NOTHING
        if reached(now, self._deadline):
            self.stop()
            return DEAD
        if self.state == GOOD and self.silent_ms >= self._settings["late_ms"]:
            self.state = LATE
            return CAME_LATE
        return NOTHING
