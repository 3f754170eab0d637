"""`tongdai settings …`, `extension …` and `sms send`: asked of the running box, which validates and keeps the history.

A PIN is never printed unasked: in a document it is shown as `true`, and `true` in one that is imported stands for the
PIN that the extension has.
"""

from __future__ import annotations

import getpass
import json
import math
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from edge.api.messages import (
    AddExtension,
    ChangeExtension,
    GetSettings,
    ListSettingsHistory,
    PutSettings,
    RemoveExtension,
    SendSms,
    UndoSettings,
)
from edge.commands.answers import BAD_INPUT, DONE, Failed, say
from edge.commands.status import ask

ORIGIN = "command-line"
STDIN = "-"


def who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


# --- the document -------------------------------------------------------------------------------------------------


def export(options: Namespace) -> int:
    document = ask(options, GetSettings())["settings"]
    if not options.with_pins:
        document["extensions"] = [_masked(row) for row in document["extensions"]]
    say(document)
    return DONE


def take(options: Namespace) -> int:
    """Import. Refused as a whole, with the key's path, when anything in it cannot be."""
    given = _read(options.file)
    found = ask(options, GetSettings())
    document = found["settings"] | _with_pins(given, found["settings"]["extensions"])
    say(ask(options, PutSettings(document, who(), ORIGIN, found["revision"])))
    return DONE


def history(options: Namespace) -> int:
    say(ask(options, ListSettingsHistory()))
    return DONE


def undo(options: Namespace) -> int:
    say(ask(options, UndoSettings(who(), ORIGIN)))
    return DONE


def _read(name: str) -> dict[str, Any]:
    try:
        text = sys.stdin.read() if name == STDIN else Path(name).read_text(encoding="utf-8-sig")
        document = _DECODER.decode(text.removeprefix("\ufeff"))
        json.dumps(document, ensure_ascii=False).encode()  # "\ud83d" is half a character: nobody can write it down
    except OSError as error:
        raise Failed(f"{name}: {error.strerror}", BAD_INPUT) from error
    except (ValueError, RecursionError) as error:
        raise Failed(f"{name}: not JSON: {error}", BAD_INPUT) from error
    if not isinstance(document, dict):
        raise Failed(f"{name}: a settings document is a JSON object, as `tongdai settings export` prints it", BAD_INPUT)
    return document


def _finite(text: str) -> float:
    """On its way to the box an infinite number would become null, which lifts a limit or a cap."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number that a setting can have")
    return number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a key that stands twice nobody can say which one is meant."""
    document = dict(pairs)
    if len(document) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f'"{next(key for key in keys if keys.count(key) > 1)}" stands twice in one object')
    return document


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_finite, object_pairs_hook=_once)


def _with_pins(document: dict[str, Any], standing: list[dict[str, Any]]) -> dict[str, Any]:
    """The document with the PINs that `true` stands for."""
    rows = document.get("extensions")
    if not isinstance(rows, list):
        return document
    pins = {row["number"]: row["pin"] for row in standing}
    return document | {"extensions": [_with_pin(f"extensions[{at}]", row, pins) for at, row in enumerate(rows)]}


def _with_pin(path: str, row: Any, pins: dict[str, str | None]) -> Any:
    if not isinstance(row, dict) or row.get("pin") is not True:
        return row
    number = row.get("number")
    pin = pins.get(number) if isinstance(number, str) else None
    if pin is None:
        text = f"{path}.pin: true stands for the PIN that extension {number} has, and it has none; write 4 to 8 digits"
        raise Failed(text, BAD_INPUT)
    return row | {"pin": pin}


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"pin": None if row["pin"] is None else True}


# --- extensions, SMS ----------------------------------------------------------------------------------------------


def extension(options: Namespace) -> int:
    match options.extension_verb:
        case "list":
            say([_shown(row) for row in ask(options, GetSettings())["settings"]["extensions"]])
        case "remove":
            say(_shown(ask(options, RemoveExtension(options.number, who(), ORIGIN))))
        case "add":
            say(_shown(ask(options, _added(options))))
        case "change":
            say(_shown(ask(options, _changed(options))))
    return DONE


def _added(options: Namespace) -> AddExtension:
    return AddExtension(
        options.number,
        options.name,
        options.mobile,
        who(),
        ORIGIN,
        options.record,
        options.pin,
        options.department,
    )


def _changed(options: Namespace) -> ChangeExtension:
    return ChangeExtension(
        options.number,
        who(),
        ORIGIN,
        options.new_number,
        options.name,
        options.mobile,
        options.record,
        options.pin,
        options.department,
    )


def _shown(extension: dict[str, Any]) -> dict[str, Any]:
    """A PIN is never printed; `pin` says whether there is one."""
    return extension | {"pin": extension["pin"] is not None}


def sms_send(options: Namespace) -> int:
    say(ask(options, SendSms(options.called, options.text, who())))
    return DONE
