"""`python -m edge.sync --data DIR --box NAME [--broker HOST:PORT]`: the process that takes the outbox to the cloud.

stdout carries one line, `READY {"sync": "ready", "box", "broker"}`; words for people go to stderr. Secrets come from a
file, never from the argument list, which every user of the machine can read. Exit 0 on SIGTERM, 2 for bad options.
"""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import threading
from pathlib import Path

from edge.places import Places
from edge.sync.acknowledged import AcknowledgedKeys
from edge.sync.broker import BrokerConfig
from edge.sync.shell import SyncShell

log = logging.getLogger("tongdai.sync")


def main(arguments: list[str] | None = None) -> int:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="sync: %(message)s")
    options = _parser().parse_args(arguments)
    try:
        config = _config(options)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"sync: {error}\n")
        return 2
    return _idle(options.box) if config is None else _sync(options, config)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m edge.sync", description="Takes the outbox of a box to its broker.")
    parser.add_argument("--data", type=Path, required=True, help="data directory of the box")
    parser.add_argument("--box", required=True, help="name of the box, part of every topic")
    parser.add_argument("--api", type=Path, help="socket of the core; found by --data when absent")
    parser.add_argument("--broker", help="HOST:PORT of an MQTT 5 broker; without it the rows are kept")
    parser.add_argument("--tls-ca", type=Path, help="CA file; switches TLS on")
    parser.add_argument("--username")
    parser.add_argument("--password-file", type=Path, help="file with the password in its first line")
    return parser


def _config(options: argparse.Namespace) -> BrokerConfig | None:
    """None without a broker. Raises `ValueError` or `OSError` naming the option."""
    if not options.broker:
        return None
    host, _, port = options.broker.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"--broker {options.broker}: expected HOST:PORT")
    password = None
    if options.password_file is not None:
        password = options.password_file.read_text(encoding="utf-8").split("\n", 1)[0]
    if options.tls_ca is not None and not options.tls_ca.is_file():
        raise ValueError(f"--tls-ca {options.tls_ca}: no such file")
    return BrokerConfig(options.box, host.strip("[]"), int(port), options.tls_ca, options.username, password)


def _sync(options: argparse.Namespace, config: BrokerConfig) -> int:
    api = options.api or Places.at(options.data).socket("api")
    with AcknowledgedKeys(options.data) as acknowledged:
        shell = SyncShell(options.data, api, config, acknowledged)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: shell.stop())
        _say_ready(config.box, f"{config.host}:{config.port}")
        shell.run()
    return 0


def _idle(box: str) -> int:
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    _say_ready(box, None)
    log.info("no broker is configured; the outbox keeps its rows")
    stopped.wait()
    return 0


def _say_ready(box: str, broker: str | None) -> None:
    sys.stdout.write(f"READY {json.dumps({'sync': 'ready', 'box': box, 'broker': broker})}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
