"""`tongdai extension …` and `tongdai sms send`: asked of the running box, which validates and keeps the history."""

from __future__ import annotations

import getpass
from argparse import Namespace
from typing import Any

from edge.api.messages import AddExtension, GetSettings, RemoveExtension, SendSms
from edge.commands.answers import say
from edge.commands.status import ask

ORIGIN = "command-line"


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def extension(options: Namespace) -> int:
    match options.extension_verb:
        case "list":
            say([_shown(row) for row in ask(options, GetSettings())["settings"]["extensions"]])
        case "remove":
            say(_shown(ask(options, RemoveExtension(options.number, _who(), ORIGIN))))
        case "add":
            added = AddExtension(
                options.number, options.name, options.mobile, _who(), ORIGIN, options.record, options.pin
            )
            say(_shown(ask(options, added)))
    return 0


def _shown(extension: dict[str, Any]) -> dict[str, Any]:
    """A PIN is never printed; `pin` says whether there is one."""
    return extension | {"pin": extension["pin"] is not None}


def sms_send(options: Namespace) -> int:
    say(ask(options, SendSms(options.called, options.text, _who())))
    return 0
