"""Which box is meant, and what it said when it was ready."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from edge.api.client import BoxAbsent, BoxClient, BoxError, BoxRefused
from edge.api.messages import GetSpending, GetStatus
from edge.commands.answers import Failed, say
from edge.commands.status_alarms import alarms_of, core_away
from edge.places import Places

ALARMS_WITHIN_S = 3.0
"""A core that hangs is an alarm, not a reason to wait."""


def places_of(options: Namespace) -> Places:
    return Places.at(options.data)


def no_box(places: Places) -> Failed:
    return Failed(f"no box runs at {places.data}; start one with `tongdai run`, or name its directory with --data")


def read_ready(options: Namespace) -> dict[str, Any]:
    """What READY said, with today's pids. Raises `Failed` when no box runs there."""
    places = places_of(options)
    if not _held(places):
        raise no_box(places)
    try:
        ready = json.loads(places.ready_file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Failed(f"the box at {places.data} is still starting; try again in some seconds") from error
    assert isinstance(ready, dict)
    return ready


def _held(places: Places) -> bool:
    """True while a `tongdai run` holds the lock of that directory. Shared: two who look do not see each other."""
    try:
        with places.lock_file.open("r+", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def client_of(options: Namespace) -> BoxClient:
    """A client on the box's socket; under systemd there is no READY file, the socket is what counts."""
    places = places_of(options)
    try:
        return BoxClient(places.socket("api"))
    except BoxAbsent as error:
        raise absent(places) from error


def absent(places: Places) -> Failed:
    """While `tongdai run` lives, its core may be starting, or hang; and an emulated computer may be switched off."""
    if not _held(places):
        return no_box(places)
    try:
        host = json.loads(places.ready_file.read_text(encoding="utf-8"))["board"]["host"]
    except (OSError, ValueError, KeyError):
        host = "on"
    if host == "on":
        return Failed(
            f"the switchboard of the box at {places.data} does not answer just now; try again in some seconds"
        )
    return Failed(f"the computer of the box at {places.data} is {host}; `tongdai sim board press` starts it")


def ask(options: Namespace, request: Any) -> Any:
    """One request to the box. Refused input becomes status 2, an absent box status 1."""
    try:
        with client_of(options) as box:
            return box.ask(request)
    except BoxRefused as error:
        raise Failed(str(error), status=2 if error.blame == "input" else 1) from error
    except BoxAbsent as error:
        raise absent(places_of(options)) from error


def status(options: Namespace) -> int:
    """What READY said, kept up to date, and what needs a person. The one-time secret stands there only while it is
    still valid.
    """
    ready = read_ready(options)
    say(ready | {"login": _login_today(ready), "alarms": _alarms(ready)})
    return 0


def _alarms(ready: dict[str, Any]) -> list[dict[str, str]]:
    """A box that cannot say what is wrong has an alarm of its own: the rest of the answer stands all the same."""
    box = BoxClient(Path(ready["api"]), ALARMS_WITHIN_S)
    try:
        found = box.ask(GetStatus())
    except BoxError:
        return core_away(ready.get("board", {}).get("host"))
    try:
        spending = box.ask(GetSpending())
    except BoxError:
        spending = None
    return alarms_of(found, spending)


def _login_today(ready: dict[str, Any]) -> Any:
    """Logins belong to the page's own file, so its own program is asked; READY's words stand where it fails."""
    command = [sys.executable, "-m", "web_ui.first_login", "--data", ready["data"]]
    asked = subprocess.run(command, check=False, capture_output=True, text=True)
    return json.loads(asked.stdout) if asked.returncode == 0 else ready["login"]
