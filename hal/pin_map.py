"""Which GPIO pin of a HAT does what: data files in `pin_maps/`, or one of the technician's own.

    [[slots]]  power_key, pressed (high|low), on_pulse_s, on_wait_s, off_pulse_s, off_wait_s
               and, where fitted: status, flight_mode, lamp
    [box]      where fitted: lamp, button

Pins are BCM numbers of the 40-pin header (2–27); no pin may stand twice.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from hal.errors import ConfigurationError

_PINS = range(2, 28)
_SECONDS = (0.01, 120.0)
_SLOT_KEYS = {
    "power_key",
    "pressed",
    "on_pulse_s",
    "on_wait_s",
    "off_pulse_s",
    "off_wait_s",
    "status",
    "flight_mode",
    "lamp",
}


@dataclass(frozen=True, slots=True)
class SlotPins:
    """One modem's pins; None where the HAT has none."""

    power_key: int
    pressed_high: bool
    on_pulse_s: float
    on_wait_s: float
    """From the key's release until the module has started."""
    off_pulse_s: float
    off_wait_s: float
    status: int | None = None
    flight_mode: int | None = None
    lamp: int | None = None


@dataclass(frozen=True, slots=True)
class PinMap:
    name: str
    slots: tuple[SlotPins, ...]
    box_lamp: int | None = None
    button: int | None = None

    @property
    def pins(self) -> tuple[int, ...]:
        """Every pin that is used."""
        found = [pin for slot in self.slots for pin in (slot.power_key, slot.status, slot.flight_mode, slot.lamp)]
        return tuple(pin for pin in (*found, self.box_lamp, self.button) if pin is not None)


def shipped_pin_maps() -> tuple[str, ...]:
    """Names for `read_pin_map`."""
    folder = files("hal") / "pin_maps"
    return tuple(sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml")))


def read_pin_map(name_or_path: str) -> PinMap:
    """A shipped map by name, else a file. Raises `ConfigurationError` naming file and key."""
    if name_or_path in shipped_pin_maps():
        return parse_pin_map((files("hal") / "pin_maps" / f"{name_or_path}.toml").read_text("utf-8"), name_or_path)
    try:
        text = Path(name_or_path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(shipped_pin_maps())
        raise ConfigurationError(f"pin map {name_or_path}: {error}; shipped ones: {known}") from error
    return parse_pin_map(text, name_or_path)


def parse_pin_map(text: str, source: str) -> PinMap:
    """Raises `ConfigurationError` naming source and key."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{source}: {error}") from error
    _refuse_unknown(data, {"name", "slots", "box"}, source)
    slots, box = data.get("slots", []), data.get("box", {})
    if not isinstance(slots, list) or not isinstance(box, dict):
        raise ConfigurationError(f"{source}: slots is a list of tables, box a table")
    _refuse_unknown(box, {"lamp", "button"}, f"{source}: box")
    found = PinMap(
        name=str(data.get("name", source)),
        slots=tuple(_slot(row, f"{source}: slots[{index}]") for index, row in enumerate(slots)),
        box_lamp=_pin(box, "lamp", f"{source}: box"),
        button=_pin(box, "button", f"{source}: box"),
    )
    for pin in found.pins:
        if found.pins.count(pin) > 1:
            raise ConfigurationError(f"{source}: pin {pin} stands twice")
    return found


def _slot(row: Any, place: str) -> SlotPins:
    if not isinstance(row, dict):
        raise ConfigurationError(f"{place}: must be a table")
    _refuse_unknown(row, _SLOT_KEYS, place)
    key = _pin(row, "power_key", place)
    if key is None:
        raise ConfigurationError(f"{place}.power_key: is missing")
    if row.get("pressed", "high") not in ("high", "low"):
        raise ConfigurationError(f"{place}.pressed: {row['pressed']!r} is neither high nor low")
    return SlotPins(
        power_key=key,
        pressed_high=row.get("pressed", "high") == "high",
        on_pulse_s=_seconds(row, "on_pulse_s", place),
        on_wait_s=_seconds(row, "on_wait_s", place),
        off_pulse_s=_seconds(row, "off_pulse_s", place),
        off_wait_s=_seconds(row, "off_wait_s", place),
        status=_pin(row, "status", place),
        flight_mode=_pin(row, "flight_mode", place),
        lamp=_pin(row, "lamp", place),
    )


def _refuse_unknown(row: Mapping[str, Any], known: set[str], place: str) -> None:
    for key in row:
        if key not in known:
            raise ConfigurationError(f"{place}.{key}: unknown key; there are {', '.join(sorted(known))}")


def _pin(row: Mapping[str, Any], key: str, place: str) -> int | None:
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value not in _PINS:
        raise ConfigurationError(f"{place}.{key}: {value!r} is no BCM pin {_PINS.start} to {_PINS.stop - 1}")
    return value


def _seconds(row: Mapping[str, Any], key: str, place: str) -> float:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not _SECONDS[0] <= value <= _SECONDS[1]:
        raise ConfigurationError(f"{place}.{key}: {value!r} is outside {_SECONDS[0]:g} to {_SECONDS[1]:g} seconds")
    return float(value)
