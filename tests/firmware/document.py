"""The generated parts of docs/firmware.md: tables drawn from the code that speaks, blinks and is set."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from firmware import families, leds, link, settings
from firmware import messages as m
from tests.firmware import artefact


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    return "\n".join([*lines, *("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)])


def _fields(fields: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"`{name}` {'rest' if code == '*' else code}" for name, code in fields) or "–"


def messages() -> str:
    rows = []
    for kind, (name, fields, answer) in sorted(m.MESSAGES.items()):
        label = f"`{name}`" + (" (armed)" if kind in m.CRITICAL else "")
        rows.append((f"0x{kind:02X}", label, _fields(fields), "status" + (", " + _fields(answer) if answer else "")))
    return table(("type", "name", "payload", "answer"), rows)


def words() -> str:
    """The lists whose index is what goes over the wire."""
    lists = {
        "HEARTBEAT.state": m.HOST_STATES,
        "SLOT_POWER.action": m.SLOT_ACTIONS,
        "slot state": m.SLOT_STATES,
        "SLOT_CHANGED.reason": m.SLOT_REASONS,
        "HOST_POWER.action": m.HOST_ACTIONS,
        "BUTTON.gesture": m.BUTTON_GESTURES,
        "stop_reason, SHUTDOWN_ASKED.reason": m.STOP_REASONS,
        "supply": m.SUPPLY_LEVELS,
        "temperature": m.TEMPERATURE_LEVELS,
        "reset_cause": m.RESET_CAUSES,
        "watchdog": m.WATCHDOG_STATES,
        "BOX_LED.pattern": m.BOX_LEDS,
        "LINE_LED.pattern": m.LINE_LEDS,
        "update state": m.UPDATE_STATES,
        "update error": m.UPDATE_ERRORS,
        "features (bits)": m.FEATURES,
        "log code": m.LOG_CODES,
        "status": [name for number, name in sorted(link.STATUS_NAMES.items()) if number != link.NO_ANSWER],
    }
    return table(
        ("value", "0, 1, 2 …"),
        ((name, ", ".join(f"{at} {word}" for at, word in enumerate(each))) for name, each in lists.items()),
    )


def _steps(steps: tuple[tuple[int, int], ...]) -> str:
    if len(steps) == 1:
        return f"{leds.COLOURS[steps[0][0]]}, steady"
    return ", ".join(f"{leds.COLOURS[colour]} {length_ms} ms" for colour, length_ms in steps)


def lights() -> str:
    groups = (("power", leds.POWER_PATTERNS), ("box", leds.BOX_PATTERNS), ("line", leds.LINE_PATTERNS))
    rows = [
        (light, name, _steps(steps), meaning)
        for light, patterns in groups
        for name, (steps, meaning) in patterns.items()
    ]
    return table(("light", "pattern", "shows", "means"), rows)


def settable() -> str:
    rows = [(f"`{name}`", *limits) for name, limits in settings.LIMITS.items() if not name.startswith("family_")]
    return table(("setting", "default", "least", "most"), [*rows, ("`family_0` … `family_7`", 0, 0, families.LAST)])


def family_table() -> str:
    return table(("number", *families.Family._fields), ((at, *row) for at, row in enumerate(families.FAMILIES)))


def pin_map() -> str:
    """As the docstring of firmware/board.py has it."""
    text = ast.get_docstring(ast.parse((artefact.load().SOURCE / "board.py").read_text())) or ""
    pins = [line.strip() for line in text.partition("on hardware:")[2].splitlines()]
    return "```\n" + "\n".join(pins).strip() + "\n```"
