"""The supervisor: what the readings of the board and the words of the host make of power, lights and log.

Pure: no clock, no pins, no files. `tick(now, readings)` about every 20 ms; what is to be done lies in `actions`, which
the caller empties. Each part is a machine of its own (power, host, supply, …); here stands only how they depend:

- supply low or too hot: the host is asked to stop; modules lose their rails at once when it is the supply (each draws
  up to 2 A from the supercap), in order once the host is off otherwise;
- both good again: host and modules come back as they were;
- a long press stops the host, a short one starts it again;
- a restart of the supervisor alone changes nothing of this: `kept` says what it must be given back.
"""

from firmware import actions, button, host, leds, messages, power, supply, temperature, watchdog
from firmware.compat import TYPE_CHECKING, const, reached, ticks_add, ticks_diff

if TYPE_CHECKING:
    from firmware.actions import Out
    from firmware.settings import Settings

HOST_BOOTING = const(0)
HOST_RUNNING = const(1)
HOST_UPDATING = const(2)
HOST_STOPPING = const(3)

_ON = messages.SLOT_ACTIONS.index("on")
_CYCLE = messages.SLOT_ACTIONS.index("cycle")
_CUT = messages.SLOT_ACTIONS.index("cut")

_LOG_LATE = messages.LOG_CODES.index("host late")
_LOG_FAILING = messages.LOG_CODES.index("supply failing")
_LOG_GOOD = messages.LOG_CODES.index("supply good")
_LOG_TEMPERATURE = messages.LOG_CODES.index("temperature")
_LOG_BUTTON = messages.LOG_CODES.index("button")


class Readings:
    """What the board measures, in one object that is filled anew before each tick."""

    def __init__(self) -> None:
        self.supply_mv = 5000
        self.supercap_mv = 5000
        self.temperature_dc = 250
        self.status = 0
        """Status pins of the modules, slot 0 = bit 0."""
        self.button = False
        self.halted = False
        """The host's halted pin: it is down and may be cut."""
        self.clock_fitted = False
        self.clock_s = 0
        """POSIX seconds of the clock chip; 0: not fitted or it lost its battery."""
        self.heap_free = 0


class Identity:
    """What this start of the supervisor is, told to the host in HELLO."""

    def __init__(self, boot_id: int, slots: int) -> None:
        self.boot_id = boot_id
        self.slots = slots
        self.features = 0
        self.folder = "a"
        self.on_trial = False
        self.fell_back = False
        self.reset_cause = 0


class Supervisor:
    def __init__(self, identity: Identity, settings: "Settings") -> None:
        self.actions: Out = []
        self.identity = identity
        self.settings = settings
        self.uptime_s = 0
        self.host_state = HOST_BOOTING
        self.box_led = 0
        self.updating = False
        """The supervisor receives or installs its own firmware."""
        self.power = power.SlotPower(identity.slots, settings, self.actions)
        self.host = host.HostPower(settings, self.actions)
        self.supply = supply.Supply(settings)
        self.temperature = temperature.Temperature(settings)
        self.button = button.Button(settings)
        self.leds = leds.Leds(identity.slots, self.actions)
        self._line_leds = ["off"] * identity.slots
        self.off_slots = 0
        """Switched off by somebody, slot 0 = bit 0; whoever starts the supervisor gives it back."""
        self._parked = 0
        self._counted_at: int | None = None
        self._trial_ends: int | None = None

    def begin(self, now: int, readings: Readings, warm: bool, kept: int = host.KEPT_ON) -> None:
        """Once, before the first tick. `warm`: the supervisor alone restarted; everything else kept its power.
        `kept`: the host as it was left (host.py); with it comes `host.stop_reason`.
        """
        self._counted_at = now
        if kept != host.KEPT_ON and self.host.stop_reason == host.SUPPLY:
            self.supply.level = supply.LOW  # it must prove itself first
        if self.identity.on_trial:
            self._trial_ends = ticks_add(now, self.settings["trial_ms"])
        self.host.begin(now, kept)
        self.power.begin(now, readings.status, warm, self.off_slots)

    def tick(self, now: int, readings: Readings) -> None:
        self._count(now)
        if self.supply.tick(now, readings.supply_mv, readings.supercap_mv):
            self._supply_changed(now, readings)
        if self.temperature.tick(now, readings.temperature_dc):
            self._temperature_changed(now, readings)
        self._start_again(now)
        gesture = self.button.tick(now, readings.button)
        if gesture != button.NOTHING:
            self._gesture(now, gesture)
        said = self.host.tick(now, readings.halted)
        if said == watchdog.CAME_LATE:
            self._late(1)
        self._park_or_resume(now)
        self.power.tick(now, readings.status, self.supply.dipped())
        if reached(now, self._trial_ends):
            self._trial_ends = None
            self._do(actions.RESTART)
        self._light(now)

    # --- what the host says (commands.py)

    def heartbeat(self, now: int, state: int) -> None:
        self.host_state = state
        if state == HOST_STOPPING and self.host.state == host.RUNNING:
            self.host.watchdog.expect_boot(now)  # it restarts by itself
        elif self.host.heartbeat(now, state == HOST_UPDATING) == watchdog.RECOVERED:
            self._late(0)

    def confirm(self) -> None:
        """The host found new firmware good."""
        if self.identity.on_trial:
            self.identity.on_trial = False
            self._trial_ends = None
            self._do(actions.CONFIRM)

    def show_line(self, slot: int, pattern: int) -> None:
        self._line_leds[slot] = messages.LINE_LEDS[pattern]

    def switch_slot(self, slot: int, action: int, now: int) -> None:
        """messages.SLOT_ACTIONS."""
        bit = 1 << slot
        self._parked &= ~bit
        off_slots = self.off_slots & ~bit if action in (_ON, _CYCLE) else self.off_slots | bit
        if off_slots != self.off_slots:
            self.off_slots = off_slots
            self._do(actions.SAVE)
        if action == _CUT:
            self.power.cut(slot, now)
        elif action == _CYCLE:
            self.power.cycle(slot, now)
        else:
            self.power.switch(slot, action == _ON, now)

    @property
    def power_is_safe(self) -> bool:
        """Good enough to install something or to start the host."""
        return self.supply.level == supply.GOOD and self.temperature.level != temperature.CRITICAL

    # --- how the parts depend

    def _supply_changed(self, now: int, readings: Readings) -> None:
        level = self.supply.level
        values = {"level": level, "supply_mv": readings.supply_mv, "supercap_mv": readings.supercap_mv}
        self._event(messages.SUPPLY_CHANGED, values)
        self._log(_LOG_GOOD if level == supply.GOOD else _LOG_FAILING, readings.supply_mv)
        if level == supply.LOW:
            self.host.stop(now, host.SUPPLY, restart=False)
            self._park(now, power.SUPPLY)

    def _temperature_changed(self, now: int, readings: Readings) -> None:
        level = self.temperature.level
        self._event(messages.TEMPERATURE_CHANGED, {"level": level, "temperature_dc": readings.temperature_dc})
        self._log(_LOG_TEMPERATURE, readings.temperature_dc)
        if level == temperature.CRITICAL:
            self.host.stop(now, host.TEMPERATURE, restart=False)

    def _start_again(self, now: int) -> None:
        """Once supply and heat are both good, whichever of them stopped the host and whichever came back last."""
        if self.host.state in (host.RUNNING, host.GIVEN_UP) or not self.power_is_safe:
            return
        reason = self.host.stop_reason
        cool = self.temperature.level == temperature.NORMAL
        if reason == host.SUPPLY or (reason == host.TEMPERATURE and cool):
            self._start_host(now)

    def _gesture(self, now: int, gesture: int) -> None:
        self._event(messages.BUTTON, {"gesture": gesture})
        self._log(_LOG_BUTTON, gesture)
        if gesture == button.LONG:
            self.host.stop(now, host.BUTTON, restart=False)
        elif gesture == button.SHORT and self.host.state == host.OFF:
            self._start_host(now)

    def _start_host(self, now: int) -> None:
        if self.power_is_safe:
            self.host_state = HOST_BOOTING
            self.host.start(now)

    def _late(self, late: int) -> None:
        silent_ms = self.host.watchdog.silent_ms
        self._event(messages.HOST_LATE, {"late": late, "silent_ms": silent_ms})
        if late:
            self._log(_LOG_LATE, silent_ms // 1000)

    def _park_or_resume(self, now: int) -> None:
        if self.host.state == host.OFF:
            self._park(now, power.HOST_OFF)
        elif self._parked and self.host.state == host.RUNNING and self.supply.level == supply.GOOD:
            for slot in range(self.identity.slots):
                if self._parked >> slot & 1:
                    self.power.switch(slot, on=True, now=now)
            self._parked = 0

    def _park(self, now: int, reason: int) -> None:
        for slot in self.power.slots:
            if slot.wanted:
                self._parked |= 1 << slot.index
                if reason == power.SUPPLY:
                    self.power.cut(slot.index, now, reason)
                else:
                    self.power.switch(slot.index, on=False, now=now, reason=reason)

    def _count(self, now: int) -> None:
        if self._counted_at is None:
            self._counted_at = now
        while ticks_diff(now, self._counted_at) >= 1000:
            self._counted_at = ticks_add(self._counted_at, 1000)
            self.uptime_s += 1

    # --- lights

    def _light(self, now: int) -> None:
        self.leds.show(leds.POWER, leds.POWER_PATTERNS[self._power_pattern()][0])
        self.leds.show(leds.BOX, leds.BOX_PATTERNS[self._box_pattern()][0])
        for slot in self.power.slots:
            pattern = self._line_pattern(slot)
            self.leds.show(leds.FIRST_LINE + slot.index, leds.LINE_PATTERNS[pattern][0])
        self.leds.tick(now)

    def _power_pattern(self) -> str:
        if self.supply.level != supply.GOOD:
            return "failing"
        return "host off" if self.host.state == host.OFF else "good"

    def _box_pattern(self) -> str:
        if self.button.counting:
            return "gesture"
        state = self.host.state
        if state == host.OFF:
            return "off"
        if state in (host.STOPPING, host.CUT):
            return "stopping"
        if self.updating or self.host_state == HOST_UPDATING:
            return "updating"
        if state == host.GIVEN_UP or self.power.faulty or self.temperature.level == temperature.CRITICAL:
            return "attention"
        return self._host_pattern()

    def _host_pattern(self) -> str:
        if self.host.watchdog.state == watchdog.LATE:
            return "late"
        if self.box_led:
            return messages.BOX_LEDS[self.box_led]
        return "ready" if self.host_state == HOST_RUNNING else "booting"

    def _line_pattern(self, slot: "power.Slot") -> str:
        if slot.state == power.ON:
            said = self._line_leds[slot.index]
            return "searching" if said == "off" else said
        if slot.state == power.FAULT:
            return "fault"
        return "off" if slot.state == power.OFF else "starting"

    # --- wants

    def _do(self, code: int) -> None:
        self.actions.append((code, 0, None))

    def _event(self, kind: int, values: "dict[str, int]") -> None:
        self.actions.append((actions.EVENT, kind, messages.pack_message(kind, values)))

    def _log(self, code: int, value: int) -> None:
        self.actions.append((actions.LOG, code, (0, value)))
