"""What host and supervisor say to each other: one table of message types, and how each is packed.

A field is (name, code) with a `struct` code (little-endian), or "*" for the rest of the payload; "+" before the code:
added after protocol 1. Rules that let an older and a newer peer talk: fields are only ever added at the end; a reader
ignores what comes after the fields it knows, and takes zeros for added fields that are not there; a type nobody here
knows is answered `UNSUPPORTED`. A number is never used for something else.

Requests go from host to supervisor, events from supervisor to host; every answer begins with a status (`link`).
Critical requests carry the one-time `code` that ARM gave for exactly this request and argument.
"""

import struct

from firmware.compat import TYPE_CHECKING, const

if TYPE_CHECKING:
    from typing import Any

# --- requests: host -> supervisor
HELLO = const(0x01)
HEARTBEAT = const(0x02)
STATUS = const(0x03)
ARM = const(0x04)
SETTING_GET = const(0x05)
SETTING_SET = const(0x06)
LOG_READ = const(0x07)
CLOCK_GET = const(0x08)
CLOCK_SET = const(0x09)
LEASH = const(0x0A)
SLOT_POWER = const(0x10)
SLOT_STATE = const(0x11)
LINE_LED = const(0x12)
BOX_LED = const(0x13)
HOST_POWER = const(0x14)
UPDATE_BEGIN = const(0x20)
UPDATE_DATA = const(0x21)
UPDATE_END = const(0x22)
UPDATE_STATUS = const(0x23)
UPDATE_RESTART = const(0x24)
UPDATE_CONFIRM = const(0x25)

# --- events: supervisor -> host
SLOT_CHANGED = const(0x40)
BUTTON = const(0x41)
SHUTDOWN_ASKED = const(0x42)
SUPPLY_CHANGED = const(0x43)
TEMPERATURE_CHANGED = const(0x44)
HOST_LATE = const(0x45)
UPDATE_CHANGED = const(0x46)

PASSING = (BUTTON, SHUTDOWN_ASKED, HOST_LATE)
"""Events of the moment. A host that started since does not get them: they were said to the one before."""

MAX_DATA = const(192)
"""Bytes of an image in one UPDATE_DATA."""

HOST_STATES = ("booting", "running", "updating", "stopping")
"""HEARTBEAT.state. updating: the longer leash holds; stopping: power is cut when the host is down."""
SLOT_ACTIONS = ("off", "on", "cycle", "cut")
"""SLOT_POWER.action. off and cycle let the module sign off; cut drops its rail at once."""
SLOT_STATES = ("off", "waiting", "settling", "key", "starting", "on", "off-key", "stopping", "discharging", "fault")
SLOT_REASONS = ("asked", "brown-out", "vanished", "no status", "supply", "adopted", "host off")
HOST_ACTIONS = ("off", "cycle")
"""HOST_POWER.action: what happens once the host is down."""
BUTTON_GESTURES = ("short", "long", "factory reset")
STOP_REASONS = ("none", "watchdog", "button", "supply", "temperature", "asked")
"""Why the host was, or is to be, switched off or reset."""
SUPPLY_LEVELS = ("good", "failing", "low")
TEMPERATURE_LEVELS = ("normal", "warm", "critical")
RESET_CAUSES = ("unknown", "power on", "pin", "watchdog", "soft")
"""Why the supervisor itself started."""
WATCHDOG_STATES = ("off", "booting", "good", "late", "stopping", "cut", "given up")
BOX_LEDS = ("auto", "booting", "ready", "updating", "attention")
"""BOX_LED.pattern: auto leaves it to the supervisor."""
LINE_LEDS = ("off", "searching", "registered", "in call", "fault")
UPDATE_STATES = ("idle", "receiving", "verifying", "installing", "installed", "failed")
UPDATE_ERRORS = ("none", "size", "signature", "manifest", "target", "version", "hash", "storage", "power")
FEATURES = ("clock", "supercap", "host halted pin", "updates")
"""HELLO.features: bit 0 upwards."""

_SLOT = (
    ("slot", "B"),
    ("state", "B"),
    ("family", "B"),
    ("status_pin", "B"),
    ("brown_outs", "H"),
    ("vanished", "H"),
    ("starts", "H"),
)
_VERSION = (("major", "B"), ("minor", "B"), ("patch", "B"))
_UPDATE = (("state", "B"), ("error", "B"), ("next_offset", "I"), ("size", "I"))

MESSAGES: dict[int, tuple[str, tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]] = {
    HELLO: (
        "HELLO",
        (("protocol", "B"), ("protocol_min", "B"), ("boot_id", "I")) + _VERSION,
        (("protocol", "B"), ("protocol_min", "B"), ("boot_id", "I"))
        + _VERSION
        + (
            ("slots", "B"),
            ("features", "H"),
            ("folder", "1s"),
            ("on_trial", "B"),
            ("fell_back", "B"),
            ("reset_cause", "B"),
            ("host_stop_reason", "B"),
            ("host_resets", "H"),
            ("uptime_s", "I"),
        ),
    ),
    HEARTBEAT: ("HEARTBEAT", (("state", "B"),), (("watchdog", "B"), ("stop_reason", "B"))),
    STATUS: (
        "STATUS",
        (),
        (
            ("uptime_s", "I"),
            ("supply_mv", "H"),
            ("supercap_mv", "H"),
            ("temperature_dc", "h"),
            ("supply", "B"),
            ("temperature", "B"),
            ("watchdog", "B"),
            ("stop_reason", "B"),
            ("resets_this_hour", "B"),
            ("button", "B"),
            ("brown_outs", "H"),
            ("heap_free", "I"),
            ("log_next", "I"),
        ),
    ),
    ARM: ("ARM", (("kind", "B"), ("argument", "B")), (("code", "H"), ("valid_ms", "H"))),
    SETTING_GET: ("SETTING_GET", (("name", "*"),), (("value", "i"), ("minimum", "i"), ("maximum", "i"))),
    SETTING_SET: ("SETTING_SET", (("value", "i"), ("name", "*")), ()),
    LOG_READ: ("LOG_READ", (("number", "I"),), (("next_number", "I"), ("records", "*"))),
    CLOCK_GET: ("CLOCK_GET", (), (("fitted", "B"), ("valid", "B"), ("unix_s", "I"))),
    CLOCK_SET: ("CLOCK_SET", (("unix_s", "I"),), ()),
    LEASH: ("LEASH", (("seconds", "H"),), ()),
    SLOT_POWER: ("SLOT_POWER", (("code", "H"), ("slot", "B"), ("action", "B")), _SLOT),
    SLOT_STATE: ("SLOT_STATE", (("slot", "B"),), _SLOT),
    LINE_LED: ("LINE_LED", (("slot", "B"), ("pattern", "B")), ()),
    BOX_LED: ("BOX_LED", (("pattern", "B"),), ()),
    HOST_POWER: ("HOST_POWER", (("code", "H"), ("action", "B")), ()),
    UPDATE_BEGIN: ("UPDATE_BEGIN", (("code", "H"), ("size", "I"), ("sha256", "32s")), _UPDATE),
    UPDATE_DATA: ("UPDATE_DATA", (("offset", "I"), ("data", "*")), _UPDATE),
    UPDATE_END: ("UPDATE_END", (("code", "H"),), _UPDATE),
    UPDATE_STATUS: ("UPDATE_STATUS", (), _UPDATE),
    UPDATE_RESTART: ("UPDATE_RESTART", (("code", "H"),), ()),
    UPDATE_CONFIRM: ("UPDATE_CONFIRM", (), ()),
    SLOT_CHANGED: ("SLOT_CHANGED", _SLOT + (("reason", "B"),), ()),
    BUTTON: ("BUTTON", (("gesture", "B"),), ()),
    SHUTDOWN_ASKED: ("SHUTDOWN_ASKED", (("reason", "B"), ("within_s", "H")), ()),
    SUPPLY_CHANGED: ("SUPPLY_CHANGED", (("level", "B"), ("supply_mv", "H"), ("supercap_mv", "H")), ()),
    TEMPERATURE_CHANGED: ("TEMPERATURE_CHANGED", (("level", "B"), ("temperature_dc", "h")), ()),
    HOST_LATE: ("HOST_LATE", (("late", "B"), ("silent_ms", "I")), ()),
    UPDATE_CHANGED: ("UPDATE_CHANGED", _UPDATE, ()),
}
"""type: (name, fields of the message, fields of the answer after its status)."""

CRITICAL = (SLOT_POWER, HOST_POWER, UPDATE_BEGIN, UPDATE_END, UPDATE_RESTART)
"""Need a code of ARM. Its argument is the slot of SLOT_POWER, the action of HOST_POWER, else 0."""

LOG_RECORD = "<IIBBh"
"""number, uptime_s, code, slot, value: one record of LOG_READ."""
LOG_RECORD_BYTES = const(12)
LOG_CODES = (
    "none",
    "supervisor started",
    "supervisor updated",
    "supervisor fell back",
    "host late",
    "host cut",
    "host given up",
    "host stopped",
    "host started",
    "slot on",
    "slot off",
    "slot brown-out",
    "slot vanished",
    "slot fault",
    "supply failing",
    "supply good",
    "temperature",
    "button",
    "update failed",
    "setting",
    "task hung",
)


class Malformed(ValueError):
    """A payload too short for the fields that every version has."""


def pack(fields: tuple[tuple[str, str], ...], values: "dict[str, Any]") -> bytes:
    """The payload. Raises KeyError for a value that is missing, ValueError for one that does not exist."""
    if len(values) > len(fields):
        raise ValueError(f"no such field in {sorted(values)}")
    parts: list[bytes] = []
    for name, code in fields:
        value = values[name]
        parts.append(bytes(value) if code == "*" else struct.pack("<" + code.lstrip("+"), value))
    return b"".join(parts)


def unpack(fields: tuple[tuple[str, str], ...], payload: bytes) -> "dict[str, Any]":
    """The fields by name; surplus bytes are a newer peer's. Raises `Malformed`."""
    values: dict[str, Any] = {}
    at = 0
    for name, code in fields:
        wire = "<" + code.lstrip("+")
        size = len(payload) - at if code == "*" else struct.calcsize(wire)
        piece = payload[at : at + size]
        if len(piece) < size:
            if wire[1:] == code:
                raise Malformed(f"{name} is not there in {len(payload)} bytes")
            piece = bytes(size)
        values[name] = bytes(piece) if code == "*" else struct.unpack(wire, piece)[0]
        at += size
    return values


def pack_message(kind: int, values: "dict[str, Any]") -> bytes:
    return pack(MESSAGES[kind][1], values)


def unpack_message(kind: int, payload: bytes) -> "dict[str, Any]":
    return unpack(MESSAGES[kind][1], payload)


def pack_answer(kind: int, values: "dict[str, Any]") -> bytes:
    return pack(MESSAGES[kind][2], values)


def unpack_answer(kind: int, payload: bytes) -> "dict[str, Any]":
    return unpack(MESSAGES[kind][2], payload)


def unpack_log(records: bytes) -> list[tuple[int, ...]]:
    """Records of LOG_READ as (number, uptime_s, code, slot, value) tuples."""
    return [
        struct.unpack(LOG_RECORD, records[at : at + LOG_RECORD_BYTES])
        for at in range(0, len(records) - LOG_RECORD_BYTES + 1, LOG_RECORD_BYTES)
    ]
