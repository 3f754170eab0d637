"""systemd's notification protocol (sd_notify(3)): ready, stopping, and the watchdog that the engine's loop feeds."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket


def tell_systemd(state: str) -> None:
    """Says `state` (READY=1, STOPPING=1, WATCHDOG=1) where systemd listens; nothing happens elsewhere.

    A socket that is away (systemd is just being restarted) is no reason to fall: the next word may arrive.
    """
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.settimeout(0)
        out.connect("\0" + address[1:] if address.startswith("@") else address)
        out.sendall(state.encode())


def watchdog_interval_s() -> float | None:
    """Half of what the unit demands; None when no watchdog is set for this process."""
    span = os.environ.get("WATCHDOG_USEC")
    owner = os.environ.get("WATCHDOG_PID")
    if not span or (owner and owner != str(os.getpid())):
        return None
    return int(span) / 2_000_000


async def feed_watchdog() -> None:
    """Runs in the engine's loop: a loop that stands still feeds nobody, and systemd starts the core again."""
    interval = watchdog_interval_s()
    while interval is not None:
        tell_systemd("WATCHDOG=1")
        await asyncio.sleep(interval)
