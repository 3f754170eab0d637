"""What must be free before a box is started: its data directory and the page's port."""

from __future__ import annotations

import fcntl
import socket
import time
from io import TextIOWrapper
from pathlib import Path

from edge.commands.answers import Failed
from edge.config import WebConfig
from edge.places import Places

LOCK_PATIENCE_S = 0.5
"""`tongdai status` looks at the lock for a moment; that is not a box."""


def check_port(web: WebConfig) -> None:
    """A taken port is told before anything is started."""
    if web.port == 0:
        return
    with socket.socket(socket.AF_INET6 if ":" in web.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((web.host, web.port))
        except OSError as error:
            raise Failed(
                f"port {web.port} on {web.host}: {error.strerror}; choose another one with --web-port (0 takes any)"
            ) from error


def is_part(pid: int) -> bool:
    """True while a process of ours has that number."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return any(word in (b"edge.app", b"edge.sync", b"web_ui", b"sim_hardware.world") for word in words)


def lock(places: Places) -> TextIOWrapper:
    """One `tongdai run` per data directory."""
    places.data.mkdir(parents=True, exist_ok=True)
    held = places.lock_file.open("a+", encoding="utf-8")
    give_up = time.monotonic() + LOCK_PATIENCE_S
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() < give_up:
                time.sleep(0.05)
                continue
            held.close()
            raise Failed(f"a box runs at {places.data} already; stop it first or choose another --data") from error
        return held
