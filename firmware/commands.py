"""The host's requests, one function each: values in, (status, values of the answer) out.

A request that is not understood does nothing: unknown type UNSUPPORTED, too short BAD_PAYLOAD, a slot, pattern or value
that does not exist REFUSED, a critical one without its code NOT_ARMED.
"""

from firmware import actions, arming, host, link, messages, supply, version
from firmware.compat import TYPE_CHECKING
from firmware.settings import LIMITS

if TYPE_CHECKING:
    from typing import Any

    from firmware.log import EventLog
    from firmware.supervisor import Readings, Supervisor
    from firmware.update import Updater

    Answer = tuple[int, dict[str, Any]]

ALWAYS = (
    messages.HELLO,
    messages.HEARTBEAT,
    messages.ARM,
    messages.UPDATE_BEGIN,
    messages.UPDATE_DATA,
    messages.UPDATE_END,
    messages.UPDATE_STATUS,
    messages.UPDATE_RESTART,
    messages.UPDATE_CONFIRM,
)
"""What even a peer of a version that does not fit may ask: enough to stay alive and to be updated."""

LOG_BYTES = 180

CLOCK_FIRST_S = 946684800
CLOCK_END_S = 4102444800
"""2000 to 2099: the chip counts two digits of the year."""

_LOG_SETTING = messages.LOG_CODES.index("setting")


class Commands:
    def __init__(self, supervisor: "Supervisor", readings: "Readings", log: "EventLog", updater: "Updater") -> None:
        self._supervisor = supervisor
        self._readings = readings
        self._log = log
        self._updater = updater
        self._arming = arming.Arming(supervisor.identity.boot_id)
        self._known = {
            messages.HELLO: self._hello,
            messages.HEARTBEAT: self._heartbeat,
            messages.STATUS: self._status,
            messages.ARM: self._arm,
            messages.SETTING_GET: self._setting_get,
            messages.SETTING_SET: self._setting_set,
            messages.LOG_READ: self._log_read,
            messages.CLOCK_GET: self._clock_get,
            messages.CLOCK_SET: self._clock_set,
            messages.LEASH: self._leash,
            messages.SLOT_POWER: self._slot_power,
            messages.SLOT_STATE: self._slot_state,
            messages.LINE_LED: self._line_led,
            messages.BOX_LED: self._box_led,
            messages.HOST_POWER: self._host_power,
            messages.UPDATE_BEGIN: self._update_begin,
            messages.UPDATE_DATA: self._update_data,
            messages.UPDATE_END: self._update_end,
            messages.UPDATE_STATUS: self._update_status,
            messages.UPDATE_RESTART: self._update_restart,
            messages.UPDATE_CONFIRM: self._update_confirm,
        }

    def handle(self, kind: int, payload: bytes, protocol: int, now: int) -> "tuple[int, bytes]":
        """Execute one request; `protocol` is what the peers agreed on, 0 for none. Returns status and answer."""
        known = self._known.get(kind)
        if known is None:
            return link.UNSUPPORTED, b""
        if not protocol and kind not in ALWAYS:
            return link.INCOMPATIBLE, b""
        try:
            values = messages.unpack_message(kind, payload)
        except messages.Malformed:
            return link.BAD_PAYLOAD, b""
        if kind in messages.CRITICAL:
            argument = values.get("slot", values.get("action", 0))
            if not self._arming.use(kind, argument, values["code"], now):
                return link.NOT_ARMED, b""
        status, answer = known(values, now)
        return status, messages.pack_answer(kind, answer) if status == link.OK else b""

    def tick(self, now: int) -> None:
        """What was asked for and not gone on with is given up."""
        self._arming.tick(now)
        self._updater.tick(now)

    # --- the box

    def _hello(self, values: "dict[str, Any]", now: int) -> "Answer":
        supervisor, identity = self._supervisor, self._supervisor.identity
        supervisor.host.greeted()
        major, minor, patch = version.VERSION
        return link.OK, {
            "protocol": link.PROTOCOL,
            "protocol_min": link.PROTOCOL_MIN,
            "boot_id": identity.boot_id,
            "major": major,
            "minor": minor,
            "patch": patch,
            "slots": identity.slots,
            "features": identity.features,
            "folder": identity.folder.encode(),
            "on_trial": int(identity.on_trial),
            "fell_back": int(identity.fell_back),
            "reset_cause": identity.reset_cause,
            "host_stop_reason": supervisor.host.stop_reason,
            "host_resets": supervisor.host.resets & 0xFFFF,
            "uptime_s": supervisor.uptime_s,
        }

    def _heartbeat(self, values: "dict[str, Any]", now: int) -> "Answer":
        if values["state"] >= len(messages.HOST_STATES):
            return link.REFUSED, {}
        supervisor = self._supervisor
        supervisor.heartbeat(now, values["state"])
        stopping = supervisor.host.state not in (host.RUNNING, host.GIVEN_UP)
        return link.OK, {
            "watchdog": supervisor.host.watchdog_state,
            "stop_reason": supervisor.host.stop_reason if stopping else host.NONE,
        }

    def _status(self, values: "dict[str, Any]", now: int) -> "Answer":
        supervisor, readings = self._supervisor, self._readings
        return link.OK, {
            "uptime_s": supervisor.uptime_s,
            "supply_mv": readings.supply_mv,
            "supercap_mv": readings.supercap_mv,
            "temperature_dc": readings.temperature_dc,
            "supply": supervisor.supply.level,
            "temperature": supervisor.temperature.level,
            "watchdog": supervisor.host.watchdog_state,
            "stop_reason": supervisor.host.stop_reason,
            "resets_this_hour": supervisor.host.resets_spent.used(now),
            "button": int(supervisor.button.pressed),
            "brown_outs": supervisor.supply.brown_outs & 0xFFFF,
            "heap_free": readings.heap_free,
            "log_next": self._log.next,
        }

    def _arm(self, values: "dict[str, Any]", now: int) -> "Answer":
        if values["kind"] not in messages.CRITICAL:
            return link.REFUSED, {}
        code = self._arming.arm(values["kind"], values["argument"], now)
        return link.OK, {"code": code, "valid_ms": arming.VALID_MS}

    def _setting_get(self, values: "dict[str, Any]", now: int) -> "Answer":
        name = setting_name(values["name"])
        if name not in LIMITS:
            return link.REFUSED, {}
        _, minimum, maximum = LIMITS[name]
        return link.OK, {"value": self._supervisor.settings[name], "minimum": minimum, "maximum": maximum}

    def _setting_set(self, values: "dict[str, Any]", now: int) -> "Answer":
        name, value = setting_name(values["name"]), values["value"]
        settings = self._supervisor.settings
        if name in LIMITS and settings[name] == value:
            return link.OK, {}  # a host that says it at every start wears out no flash
        if not settings.put(name, value):
            return link.REFUSED, {}
        self._supervisor.actions.append((actions.LOG, _LOG_SETTING, (0, value)))
        self._supervisor.actions.append((actions.SAVE, 0, None))
        return link.OK, {}

    def _log_read(self, values: "dict[str, Any]", now: int) -> "Answer":
        next_number, records = self._log.read(values["number"], LOG_BYTES)
        return link.OK, {"next_number": next_number, "records": records}

    def _clock_get(self, values: "dict[str, Any]", now: int) -> "Answer":
        clock_s = self._readings.clock_s
        return link.OK, {"fitted": int(self._readings.clock_fitted), "valid": int(clock_s > 0), "unix_s": clock_s}

    def _clock_set(self, values: "dict[str, Any]", now: int) -> "Answer":
        if not self._readings.clock_fitted or not CLOCK_FIRST_S <= values["unix_s"] < CLOCK_END_S:
            return link.REFUSED, {}
        self._supervisor.actions.append((actions.CLOCK, values["unix_s"], None))
        return link.OK, {}

    def _leash(self, values: "dict[str, Any]", now: int) -> "Answer":
        leash_ms = min(values["seconds"] * 1000, self._supervisor.settings["update_ms"])
        self._supervisor.host.watchdog.lengthen(now, leash_ms)
        return link.OK, {}

    # --- power and lights

    def _slot_power(self, values: "dict[str, Any]", now: int) -> "Answer":
        if not self._has_slot(values) or values["action"] >= len(messages.SLOT_ACTIONS):
            return link.REFUSED, {}
        if messages.SLOT_ACTIONS[values["action"]] in ("on", "cycle") and self._supervisor.supply.level == supply.LOW:
            return link.REFUSED, {}  # what is left belongs to the host's way down
        self._supervisor.switch_slot(values["slot"], values["action"], now)
        return self._slot_state(values, now)

    def _slot_state(self, values: "dict[str, Any]", now: int) -> "Answer":
        if not self._has_slot(values):
            return link.REFUSED, {}
        slots = self._supervisor.power
        return link.OK, slots.describe(slots.slots[values["slot"]])

    def _line_led(self, values: "dict[str, Any]", now: int) -> "Answer":
        if not self._has_slot(values) or values["pattern"] >= len(messages.LINE_LEDS):
            return link.REFUSED, {}
        self._supervisor.show_line(values["slot"], values["pattern"])
        return link.OK, {}

    def _box_led(self, values: "dict[str, Any]", now: int) -> "Answer":
        if values["pattern"] >= len(messages.BOX_LEDS):
            return link.REFUSED, {}
        self._supervisor.box_led = values["pattern"]
        return link.OK, {}

    def _host_power(self, values: "dict[str, Any]", now: int) -> "Answer":
        if values["action"] >= len(messages.HOST_ACTIONS):
            return link.REFUSED, {}
        self._supervisor.host.stop(now, host.ASKED, messages.HOST_ACTIONS[values["action"]] == "cycle")
        return link.OK, {}

    def _has_slot(self, values: "dict[str, Any]") -> bool:
        return bool(values["slot"] < self._supervisor.identity.slots)

    # --- the supervisor's own firmware

    def _update_begin(self, values: "dict[str, Any]", now: int) -> "Answer":
        if not self._supervisor.power_is_safe or self._supervisor.identity.on_trial:
            return link.REFUSED, {}
        return self._updated(self._updater.begin(values["size"], values["sha256"], now))

    def _update_data(self, values: "dict[str, Any]", now: int) -> "Answer":
        return self._updated(self._updater.data(values["offset"], values["data"], now))

    def _update_end(self, values: "dict[str, Any]", now: int) -> "Answer":
        if not self._supervisor.power_is_safe:
            return link.REFUSED, {}
        return self._updated(self._updater.end())

    def _updated(self, accepted: bool) -> "Answer":
        return (link.OK, self._updater.describe()) if accepted else (link.REFUSED, {})

    def _update_status(self, values: "dict[str, Any]", now: int) -> "Answer":
        return link.OK, self._updater.describe()

    def _update_restart(self, values: "dict[str, Any]", now: int) -> "Answer":
        self._supervisor.actions.append((actions.RESTART, 0, None))
        return link.OK, {}

    def _update_confirm(self, values: "dict[str, Any]", now: int) -> "Answer":
        self._supervisor.confirm()
        return link.OK, {}


def setting_name(raw: bytes) -> str:
    """Empty, which no setting is called, for bytes that are no text."""
    try:
        return raw.decode()
    except UnicodeError:
        return ""
