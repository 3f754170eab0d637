"""The processes of a box as argument lists: used by `tongdai run`, and by the systemd units one by one.

python -m edge.parts web --config /etc/tongdai/tongdai.toml
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from edge.config import ConfigError, MachineConfig, read_config

PARTS = ("core", "web", "sync")


def core_command(config_file: Path) -> list[str]:
    """The file may be tongdai.toml or the machine.json that `tongdai run` writes."""
    return [sys.executable, "-m", "edge.app", "--config", str(config_file)]


def web_command(config: MachineConfig) -> list[str]:
    place = ["--data", config.data, "--host", config.web.host, "--port", str(config.web.port)]
    return [sys.executable, "-m", "web_ui", *place, "--box", config.box]


def sync_command(config: MachineConfig) -> list[str]:
    command = [sys.executable, "-m", "edge.sync", "--data", config.data, "--box", config.box]
    mqtt = config.mqtt
    if mqtt is None:
        return command
    command += ["--broker", mqtt.broker]
    for option, value in (
        ("--tls-ca", mqtt.tls_ca),
        ("--username", mqtt.username),
        ("--password-file", mqtt.password_file),
    ):
        command += [option, value] if value else []
    return command


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Becomes the part that was asked for; exit status 2 when the configuration cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m edge.parts", description=__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--config", type=Path, required=True, metavar="TOML")
    given = parser.parse_args(arguments)
    try:
        config = read_config(given.config)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    commands = {
        "core": core_command(given.config),
        "web": web_command(config),
        "sync": sync_command(config),
    }
    command = commands[given.part]
    os.execv(command[0], command)  # noqa: S606 - becomes the part; systemd keeps the pid


if __name__ == "__main__":
    main()
