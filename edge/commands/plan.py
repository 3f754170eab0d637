"""What `tongdai run` is to start, decided from the command line and the file of the machine."""

from __future__ import annotations

import re
from argparse import Namespace
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from edge.board.supervisor_settings import settings_fault
from edge.commands.answers import Failed
from edge.config import BoardConfig, ConfigError, MachineConfig, MqttConfig, WebConfig, read_config
from edge.places import Places

SIM_BOX = "tongdai-sim"
_SETTING = re.compile(r"([a-z][a-z0-9_]*)=(-?\d{1,9})")


@dataclass(slots=True)
class Plan:
    places: Places
    config: MachineConfig
    sim_lines: int = 0
    demo: bool = False
    traffic: bool = False
    board_key: Path | None = None
    """Whose firmware the emulated board takes."""
    announced: dict[str, Any] = field(default_factory=dict)


def plan_from(options: Namespace) -> Plan:
    """Raises `Failed` for options that do not fit together."""
    if options.web_port is not None and not 0 <= options.web_port < 65536:
        raise Failed(f"--web-port {options.web_port}: expected 0 to 65535", status=2)
    return _emulated(options) if options.sim else _real(options)


def _emulated(options: Namespace) -> Plan:
    if options.config is not None:
        raise Failed("--sim and --config exclude each other: the file describes real hardware", status=2)
    if not 1 <= options.lines <= 8:
        raise Failed(f"--lines {options.lines}: a box has 1 to 8 lines", status=2)
    places = Places.at(options.data)
    config = MachineConfig(
        box=SIM_BOX,
        data=str(places.data),
        simulated=True,
        web=WebConfig("127.0.0.1", options.web_port if options.web_port is not None else 8080),
        mqtt=MqttConfig(_broker(options.mqtt)) if options.mqtt else None,
        board=BoardConfig(settings=_settings(options.board_settings), power_off=()),
    )
    demo = not options.no_demo
    key = Path(options.board_key).absolute() if options.board_key else None
    return Plan(places, config, options.lines, demo, demo and not options.no_traffic, key)


def _real(options: Namespace) -> Plan:
    for name, given in (("--board-settings", options.board_settings), ("--board-key", options.board_key)):
        if given:
            raise Failed(f"{name} is for --sim; real hardware has its file", status=2)
    try:
        config = read_config(Path(options.config or "/etc/tongdai/tongdai.toml"))
    except ConfigError as error:
        raise Failed(str(error), status=2) from error
    places = Places.at(options.data or config.data)
    config = msgspec.structs.replace(config, data=str(places.data))
    if options.web_port is not None:
        config = msgspec.structs.replace(config, web=WebConfig(config.web.host, options.web_port))
    if options.mqtt:
        config = msgspec.structs.replace(config, mqtt=MqttConfig(_broker(options.mqtt)))
    return Plan(places, config)


def _broker(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise Failed(f"--mqtt {text}: expected HOST:PORT", status=2)
    return text


def _settings(text: str | None) -> dict[str, int]:
    """`dead_ms=3000,late_ms=1000`."""
    settings: dict[str, int] = {}
    for piece in text.split(",") if text else ():
        found = _SETTING.fullmatch(piece.strip())
        if found is None:
            raise Failed(f"--board-settings {piece!r}: expected name=number, as in dead_ms=30000", status=2)
        settings[found[1]] = int(found[2])
    if fault := settings_fault(settings):
        raise Failed(f"--board-settings {fault}", status=2)
    return settings
