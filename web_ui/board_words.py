"""The board's codes in human words, and what its lights look like: the tables of `firmware/leds.py` for the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web_ui.i18n import decimal
from web_ui.i18n import gettext as _
from web_ui.i18n import lazy_gettext as _l
from web_ui.wording import Words, word

POWER_LIGHTS: Words = {
    "good": _l("supply is good"),
    "failing": _l("supply is failing; runs on what is stored"),
}
BOX_LIGHTS: Words = {
    "booting": _l("the box starts"),
    "ready": _l("takes calls"),
    "updating": _l("an update is installed; do not switch off"),
    "attention": _l("somebody must look"),
}
LINE_LIGHTS: Words = {
    "off": _l("the modem has no power"),
    "searching": _l("looks for a network"),
    "registered": _l("takes calls"),
    "in call": _l("a call is up"),
    "fault": _l("the modem is away or does not start"),
    "starting": _l("the modem is switched on or off"),
}
LIGHTS: Mapping[str, str] = {
    "good": _l("green"),
    "failing": _l("red, flickering"),
    "booting": _l("amber, blinking"),
    "ready": _l("green"),
    "updating": _l("blue and green in turn"),
    "attention": _l("red, blinking"),
    "off": _l("dark"),
    "searching": _l("green, a short flash every two seconds"),
    "registered": _l("green"),
    "in call": _l("green, amber for a moment every second"),
    "fault": _l("red, two flashes every two seconds"),
    "starting": _l("amber, flickering"),
}
"""Colour and rhythm."""
SLOT_STATES: Words = {
    "off": _l("Off"),
    "waiting": _l("Waits for its turn"),
    "settling": _l("Power is coming"),
    "key": _l("Power key pressed"),
    "starting": _l("Starting"),
    "on": _l("On"),
    "off-key": _l("Power key pressed"),
    "stopping": _l("Signing off"),
    "discharging": _l("Power cut"),
    "fault": _l("Fault"),
}
SLOT_REASONS: Words = {
    "asked": _l("asked for"),
    "brown-out": _l("its supply broke down"),
    "vanished": _l("it went off by itself"),
    "no status": _l("it did not report that it runs"),
    "supply": _l("the box's supply is low"),
    "adopted": _l("ran already when the supervisor started"),
    "host off": _l("the box is switched off"),
}
WATCHDOG: Words = {
    "off": _l("Off"),
    "booting": _l("Waits for the box"),
    "good": _l("Hears the box"),
    "late": _l("The box is late"),
    "stopping": _l("Asked the box to go down"),
    "cut": _l("Power is cut"),
    "given up": _l("Given up: too many resets"),
}
REASONS: Words = {
    "none": _l("no reason told"),
    "watchdog": _l("watchdog"),
    "button": _l("button"),
    "supply": _l("failing supply"),
    "temperature": _l("too hot"),
    "asked": _l("asked for"),
    "unknown": _l("unknown"),
    "power on": _l("power on"),
    "pin": _l("reset pin"),
    "soft": _l("by itself"),
    "short": _l("short press"),
    "long": _l("long press"),
    "factory reset": _l("factory reset"),
}
CODES: Words = {
    "supervisor started": _l("Supervisor started"),
    "supervisor updated": _l("Supervisor updated"),
    "supervisor fell back": _l("Supervisor went back to the firmware before"),
    "host late": _l("Box does not answer"),
    "host cut": _l("Box reset: power cut"),
    "host given up": _l("Box given up: too many resets"),
    "host stopped": _l("Box went down"),
    "host started": _l("Box started"),
    "slot on": _l("Modem on"),
    "slot off": _l("Modem off"),
    "slot brown-out": _l("Modem: supply broke down"),
    "slot vanished": _l("Modem went off by itself"),
    "slot fault": _l("Modem does not start"),
    "supply failing": _l("Supply failing"),
    "supply good": _l("Supply good again"),
    "temperature": _l("Temperature"),
    "button": _l("Button"),
    "update failed": _l("Update failed"),
    "setting": _l("Setting changed"),
    "task hung": _l("A task of the supervisor hung"),
}
RESTING = frozenset({"off", "on", "fault"})
"""States of a slot in which nothing is under way."""


def line_light(slot: Mapping[str, Any]) -> str:
    """What the light of a slot shows: its power goes before what the box says of the line."""
    power = slot["power"]
    if power in ("off", "fault"):
        return str(power)
    if power is not None and power not in RESTING:
        return "starting"
    lamp = slot["lamp"]
    return "searching" if lamp in (None, "off") else str(lamp)


def update_sentence(update: Mapping[str, Any]) -> str:
    match update["state"]:
        case "sending":
            return _("The new firmware is being sent: %(n)s %%.", n=100 * update["sent"] // update["bytes"])
        case "trying":
            return _("The supervisor verifies the new firmware and tries it.")
        case "done":
            return _("The supervisor runs the new firmware.")
        case _:
            return _("The new firmware was not taken: %(why)s.", why=update["error"])


def volts(millivolts: int) -> str:
    return f"{decimal(f'{millivolts / 1000:.2f}')} V"


def detail(row: Mapping[str, Any]) -> str:
    """What a log record says beside its code."""
    code, said = row["code"], row["detail"]
    if said:
        return word(SLOT_REASONS if code.startswith("slot ") else REASONS, said)
    if code.startswith("supply "):
        return volts(row["value"])
    if code == "temperature":
        return f"{row['value'] / 10:.0f} °C"
    return "–" if code.startswith("slot ") else str(row["value"])
