"""What the machine is: one TOML file, read once. What the company decides is settings (`edge.dialplan.settings`).

Every key has its default and unit here; an unknown key or a wrong type is refused with the key's path.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from edge.board.supervisor_settings import settings_fault

DEFAULT_WEB_PORT = 8080


class ConfigError(ValueError):
    """The file cannot be used; the message names file and key."""


class LineConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    line: str
    """Name of the line, e.g. gsm-1."""
    at: str
    """Path of the AT port."""
    audio: str | None = None
    """Path of the PCM port; without it the line carries SMS only."""
    number: str | None = None
    """Number of the SIM where the SIM does not tell it."""
    family: str | None = None
    """Profile; asked from the modem when absent."""
    pin_file: str | None = None
    """File with the SIM's PIN, readable by the box only."""


class WebConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    host: str = "0.0.0.0"  # noqa: S104 - the LAN page of an appliance; HTTPS and a login guard it
    port: int = DEFAULT_WEB_PORT


class MqttConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    broker: str
    """HOST:PORT."""
    tls_ca: str | None = None
    """CA file: switches TLS on."""
    username: str | None = None
    password_file: str | None = None


class BoardConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds the modems. A box without any board works, too; then nobody guards it and no lamp says anything."""

    kind: Literal["none", "supervisor", "gpio"] = "none"
    port: str | None = None
    """Serial port of the supervisor microcontroller."""
    pin_map: str | None = None
    """For gpio: `waveshare-sim7600`, `generic`, or the path of a file like them (hal/pin_maps)."""
    settings: dict[str, int] = {}
    """Of the supervisor, such as dead_ms (docs/firmware.md)."""
    vm: str | None = None
    """Which interpreter plays the supervisor. Set by `tongdai run --sim` only."""
    power_off: tuple[str, ...] = ("systemctl", "poweroff")
    """What switches the machine off after a safe shutdown."""


class MachineConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    box: str = "tongdai"
    """Name of this box: in MQTT topics and on the page."""
    data: str = "/var/lib/tongdai"
    api: str | None = None
    """Path of the socket; derived from `data` when absent."""
    transcripts: bool = True
    """Every byte of the AT ports is kept in bounded files under data/transcripts."""
    simulated: bool = False
    """Set by `tongdai run --sim` only."""
    web: WebConfig = WebConfig()
    mqtt: MqttConfig | None = None
    lines: tuple[LineConfig, ...] = ()
    """Empty: modems are looked for on the USB ports."""
    board: BoardConfig = BoardConfig()


def read_config(path: Path) -> MachineConfig:
    """Reads tongdai.toml (or the same as .json). Raises `ConfigError` naming file and key."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start})") from error
    try:
        if path.suffix == ".json":
            config = msgspec.json.decode(text, type=MachineConfig)
        else:
            config = msgspec.convert(tomllib.loads(text), MachineConfig)
    except (tomllib.TOMLDecodeError, msgspec.MsgspecError) as error:
        raise ConfigError(f"{path}: {error}") from error
    _check_lines(path, config.lines)
    _check_board(path, config.board)
    return config


def _check_board(path: Path, board: BoardConfig) -> None:
    if fault := settings_fault(board.settings):
        raise ConfigError(f"{path}: board.settings.{fault}")
    if board.kind == "supervisor" and not board.port:
        raise ConfigError(f"{path}: board.port: a supervisor needs its serial port, such as /dev/serial0")
    if board.kind == "gpio" and not board.pin_map:
        raise ConfigError(f"{path}: board.pin_map: a HAT on GPIO needs one, such as waveshare-sim7600")


def _check_lines(path: Path, lines: tuple[LineConfig, ...]) -> None:
    """Two lines on one port take each other's answers; two of one name are one line too few."""
    names: set[str] = set()
    ports: dict[str, str] = {}
    for index, line in enumerate(lines):
        if not line.line or "/" in line.line:
            raise ConfigError(f"{path}: lines[{index}].line {line.line!r}: a name without / is needed, as in gsm-1")
        if line.line in names:
            raise ConfigError(f"{path}: lines[{index}].line {line.line!r}: another line has this name")
        names.add(line.line)
        for key, port in (("at", line.at), ("audio", line.audio)):
            if port is not None and port in ports:
                raise ConfigError(f"{path}: lines[{index}].{key} {port}: it is the port of {ports[port]} already")
            if port is not None:
                ports[port] = f"{line.line}, {key}"
