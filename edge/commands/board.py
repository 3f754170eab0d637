"""`tongdai board …`: the board under the modems, asked of the running box."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

from edge.api.messages import GetBoard, ReadBoardLog, SwitchSlot, UpdateFirmware
from edge.commands.answers import Failed, say
from edge.commands.settings import who
from edge.commands.status import ask

LOOK_S = 0.3
UPDATE_WITHIN_S = 600.0


def state(options: Namespace) -> int:
    say(ask(options, GetBoard()))
    return 0


def log(options: Namespace) -> int:
    rows: list[dict[str, Any]] = ask(options, ReadBoardLog())
    say(rows if options.limit is None else rows[-options.limit :])
    return 0


def power(options: Namespace) -> int:
    """SLOT is a number as `tongdai board` says it, or the name of the line in it."""
    slot = int(options.slot) if options.slot.isdecimal() else _slot_of(options)
    say(ask(options, SwitchSlot(slot, options.action, who())))
    return 0


def _slot_of(options: Namespace) -> int:
    rows = ask(options, GetBoard())["slots"]
    for row in rows:
        if row["line"] == options.slot:
            return int(row["slot"])
    known = ", ".join(str(row["line"]) for row in rows if row["line"]) or "none"
    raise Failed(f"slot {options.slot!r}: neither a number nor a line on the board (there are: {known})", status=2)


def update(options: Namespace) -> int:
    """Progress on stderr; the answer when the new firmware runs and was confirmed. Exit 1 says why it does not."""
    path = Path(options.image).absolute()
    told = ask(options, UpdateFirmware(str(path), who()))
    give_up = time.monotonic() + UPDATE_WITHIN_S
    words = ""
    while told["state"] in ("sending", "trying"):
        if time.monotonic() > give_up:
            raise Failed(f"{path.name}: the supervisor is not done after {UPDATE_WITHIN_S:.0f} s; see `tongdai board`")
        words = _progress(told, words)
        time.sleep(LOOK_S)
        told = _look(options, path)
    sys.stderr.write("\n")
    if told["state"] == "failed":
        raise Failed(f"{path.name}: {told['error']}")
    board = ask(options, GetBoard())
    say({"image": str(path), "bytes": told["bytes"], "version": board["supervisor"]["version"]})
    return 0


def _look(options: Namespace, path: Path) -> dict[str, Any]:
    """A core that restarts in the middle knows nothing of the transfer; the supervisor keeps what it has of it."""
    try:
        told: dict[str, Any] | None = ask(options, GetBoard())["update"]
    except Failed as error:
        raise Failed(
            f"{path.name}: not sent to its end ({error}); send it again, it goes on where it stopped"
        ) from error
    if told is None:
        raise Failed(f"{path.name}: the box restarted meanwhile; send it again, it goes on where it stopped")
    return told


def _progress(told: dict[str, Any], before: str) -> str:
    percent = 100 * told["sent"] // told["bytes"]
    words = f"{percent} % sent" if told["state"] == "sending" else "sent; the supervisor verifies and tries it"
    if words != before:
        sys.stderr.write(f"\r{words}" if sys.stderr.isatty() else f"{words}\n")
        sys.stderr.flush()
    return words
