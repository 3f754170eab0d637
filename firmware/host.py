"""The host's power: asked to stop, then cut, then off or on again; and the budget of resets.

Invariants: power is never cut without the host having been asked first and given `grace_ms` (unless it says it is
down: the halted pin); what was asked for is finished: a host that is stopping is cut even if it speaks again, since its
system is going down; resets for silence are at most `resets_per_hour`: beyond that the host is left alone (GIVEN_UP)
until an hour's place is free or it speaks.
"""

from firmware import actions, messages, watchdog
from firmware.budget import Budget
from firmware.compat import TYPE_CHECKING, const, reached, ticks_add

if TYPE_CHECKING:
    from firmware.actions import Out
    from firmware.settings import Settings

RUNNING = const(0)
STOPPING = const(1)
CUT = const(2)
OFF = const(3)
GIVEN_UP = const(4)

NONE = const(0)
WATCHDOG = const(1)
BUTTON = const(2)
SUPPLY = const(3)
TEMPERATURE = const(4)
ASKED = const(5)

KEPT_ON = const(0)
KEPT_STOPPING = const(1)
KEPT_OFF = const(2)
"""What a restart of the supervisor must not undo; kept on flash."""

BUTTON_MS = const(300)
"""How long the host's power button line is pressed."""

_LOG_CUT = messages.LOG_CODES.index("host cut")
_LOG_GIVEN_UP = messages.LOG_CODES.index("host given up")
_LOG_STOPPED = messages.LOG_CODES.index("host stopped")
_LOG_STARTED = messages.LOG_CODES.index("host started")


class HostPower:
    """`stop_reason` is why it is going or went down last; it is kept until the host was told and speaks."""

    def __init__(self, settings: "Settings", out: "Out") -> None:
        self.state = RUNNING
        self.watchdog = watchdog.HostWatchdog(settings)
        self.stop_reason = NONE
        self.resets = 0
        self.resets_spent = Budget()
        self._settings = settings
        self._out = out
        self._deadline: int | None = None
        self._release_at: int | None = None
        self._restart = False
        self._told = False

    def begin(self, now: int, kept: int = KEPT_ON) -> None:
        """After a start of the supervisor. A host that was off stays off; one that was going down is asked again."""
        if kept == KEPT_OFF:
            self.state = OFF
            self._out.append((actions.HOST_RAIL, 0, None))
            return
        self._out.append((actions.HOST_RAIL, 1, None))
        self.watchdog.expect_boot(now)
        if kept == KEPT_STOPPING:
            self.stop(now, self.stop_reason, restart=False)

    @property
    def kept(self) -> int:
        """KEPT_ON for a host that is to run, now or once it was cut."""
        if self.state in (RUNNING, GIVEN_UP) or (self._restart and self.state != OFF):
            return KEPT_ON
        return KEPT_STOPPING if self.state == STOPPING else KEPT_OFF

    def greeted(self) -> None:
        """The host was told the last reason in the answer to its HELLO."""
        self._told = self.state in (RUNNING, GIVEN_UP)

    def heartbeat(self, now: int, updating: bool) -> int:
        """Returns what the watchdog says: NOTHING or RECOVERED."""
        if self.state == GIVEN_UP:
            self.state = RUNNING
        if self.state != RUNNING:
            return watchdog.NOTHING
        if self._told and self.stop_reason != NONE:
            self.stop_reason = NONE
            self._out.append((actions.SAVE, 0, None))
        return self.watchdog.heartbeat(now, updating)

    def stop(self, now: int, reason: int, restart: bool) -> None:
        """Ask the host to go down; then cut its power, and give it back if `restart`.

        While it goes down already, a reason to stay off outranks one to come back; of two such the first stays.
        """
        if self.state in (STOPPING, CUT):
            if self._restart and not restart:
                self._restart = False
                self.stop_reason = reason
                self._out.append((actions.SAVE, 0, None))
            return
        if self.state == OFF:
            return
        self.state = STOPPING
        self.stop_reason = reason
        self._restart = restart
        self._told = False
        self.watchdog.stop()
        grace_ms = self._settings["grace_ms"]
        self._deadline = ticks_add(now, grace_ms)
        self._release_at = ticks_add(now, BUTTON_MS)
        self._out.append((actions.HOST_BUTTON, 1, None))
        self._out.append((actions.SAVE, 0, None))
        asked = {"reason": reason, "within_s": grace_ms // 1000}
        self._event(messages.SHUTDOWN_ASKED, asked)

    def start(self, now: int) -> None:
        """Give power back to a host that is off; one that is stopping or cut comes back by itself then."""
        if self.state == OFF:
            self._power_on(now)
        elif self.state in (STOPPING, CUT):
            self._restart = True

    def tick(self, now: int, halted: bool) -> int:
        """Returns what the watchdog says: NOTHING, CAME_LATE or DEAD."""
        self.resets_spent.tick(now)
        if reached(now, self._release_at):
            self._release()
        if self.state == STOPPING and (halted or reached(now, self._deadline)):
            self._cut(now, halted)
        elif self.state == CUT and reached(now, self._deadline):
            self._give_back(now)
        if self.state == GIVEN_UP:
            return self._try_again(now)
        said = self.watchdog.tick(now)
        if said == watchdog.DEAD:
            self._dead(now)
        return said

    @property
    def watchdog_state(self) -> int:
        """messages.WATCHDOG_STATES."""
        if self.state == STOPPING:
            return watchdog.STOPPING
        if self.state in (CUT, OFF):
            return watchdog.CUT
        if self.state == GIVEN_UP:
            return watchdog.GIVEN_UP
        return self.watchdog.state

    def _dead(self, now: int) -> None:
        if self.resets_spent.spend(now, self._settings["resets_per_hour"]):
            self.stop(now, WATCHDOG, restart=True)
        else:
            self.state = GIVEN_UP
            self._log(_LOG_GIVEN_UP, self.resets_spent.used(now))

    def _try_again(self, now: int) -> int:
        if self.resets_spent.spend(now, self._settings["resets_per_hour"]):
            self.state = RUNNING
            self.stop(now, WATCHDOG, restart=True)
            return watchdog.DEAD
        return watchdog.NOTHING

    def _cut(self, now: int, halted: bool) -> None:
        self._release()
        if self.stop_reason == WATCHDOG:
            self.resets += 1
        self._out.append((actions.SAVE, 0, None))
        self._out.append((actions.HOST_RAIL, 0, None))
        self._log(_LOG_STOPPED if halted else _LOG_CUT, self.stop_reason)
        self.state = CUT
        self._deadline = ticks_add(now, self._settings["host_off_ms"])

    def _give_back(self, now: int) -> None:
        if self._restart:
            self._power_on(now)
        else:
            self.state = OFF
            self._deadline = None

    def _power_on(self, now: int) -> None:
        self.state = RUNNING
        self._deadline = None
        self._out.append((actions.SAVE, 0, None))
        self._out.append((actions.HOST_RAIL, 1, None))
        self._log(_LOG_STARTED, self.stop_reason)
        self.watchdog.expect_boot(now)

    def _release(self) -> None:
        if self._release_at is not None:
            self._release_at = None
            self._out.append((actions.HOST_BUTTON, 0, None))

    def _event(self, kind: int, values: "dict[str, int]") -> None:
        self._out.append((actions.EVENT, kind, messages.pack_message(kind, values)))

    def _log(self, code: int, value: int) -> None:
        self._out.append((actions.LOG, code, (0, value)))
