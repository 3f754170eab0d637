"""`tongdai sim …`: speaks JSON to the socket of the emulated world; against real hardware there is none."""

from __future__ import annotations

import json
import socket
from argparse import Namespace
from pathlib import Path
from typing import Any

from edge.commands.answers import Failed, say
from edge.commands.status import read_ready

CONNECT_TIMEOUT_S = 5.0


def ask_world(control: Path, request: dict[str, Any], timeout_s: float | None = None) -> Any:
    """One request, one answer. Raises `Failed` with the world's own sentence."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(CONNECT_TIMEOUT_S)
            connection.connect(str(control))
            connection.settimeout(timeout_s)
            connection.sendall(json.dumps(request).encode() + b"\n")
            line = connection.makefile("rb").readline()
    except OSError as error:
        raise Failed(f"the emulated world at {control} does not answer: {error.strerror or error}") from error
    if not line:
        raise Failed(f"the emulated world at {control} ended before it answered")
    answer = json.loads(line)
    if not answer["ok"]:
        raise Failed(answer["error"], status=answer.get("status", 1))
    return answer["result"]


def _control(options: Namespace) -> Path:
    ready = read_ready(options)
    if ready["sim"] is None:
        raise Failed(f"the box at {ready['data']} runs on real hardware: there is no emulated world to act on")
    return Path(ready["sim"])


def _file(path: str | None) -> str | None:
    """File arguments are relative to the caller's directory; the world lives elsewhere."""
    return None if path is None else str(Path(path).absolute())


def _request(options: Namespace) -> dict[str, Any]:
    given = vars(options)
    match options.sim_verb:
        case "subscriber":
            wanted = {"number": options.number, "operator": options.operator, "behaviour": options.behaviour}
            wanted |= {"after": options.after}
        case "call":
            wanted = {"caller": options.caller, "called": options.called, "patience": options.patience}
            wanted |= {"withheld": options.withheld or None}
        case "sms":
            return {"do": "sms", "sender": options.caller, "recipient": options.called, "text": options.text}
        case "messages":
            return {"do": "messages", "number": options.number}
        case "fault":
            parameters = dict(_parameter(text) for text in options.parameters)
            return {"do": "fault", "line": options.line, "name": options.name, "parameters": parameters}
        case "board":
            return _board_request(options)
        case verb:
            return {"do": verb}
    for name in ("say", "listen"):
        wanted[name] = _file(given[name])
    wanted |= {"keys": options.keys, "hang_up_after": options.hang_up_after}
    return {"do": options.sim_verb, **{name: value for name, value in wanted.items() if value is not None}}


def _board_request(options: Namespace) -> dict[str, Any]:
    asked: dict[str, Any] = {"do": "board", "what": options.board_act}
    match options.board_act:
        case "press":
            asked["seconds"] = options.seconds
        case "voltage":
            asked |= {"supply_mv": options.mv, "supercap_mv": options.supercap}
        case "temperature":
            asked["celsius"] = options.celsius
    return asked


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise Failed(f"fault parameter {text!r}: expected key=value", status=2)
    return name, value


def sim(options: Namespace) -> int:
    say(ask_world(_control(options), _request(options)))
    return 0
