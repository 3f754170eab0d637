"""Which of the two firmware folders starts: `a` or `b`.

Lies beside `main.py` on flash as well, so it imports nothing of the firmware and its file format never changes in a way
an old copy could not read.

Record `slots.json`: active (confirmed folder), trial (folder to be tried, or null), tried (its one try is spent), spare
(the other folder holds firmware that was confirmed once), crashes (starts of the active folder in a row that failed),
fell_back (the last trial failed), floor (the oldest version that may be installed).

Invariants: a folder on trial is started exactly once; only `confirm` makes it the active one; the record is replaced by
renaming, so that a power cut leaves the old or the new one.
"""

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

RECORD = "slots.json"
CRASHES = 3
"""Failed starts in a row after which the spare folder takes over."""


def fresh() -> "dict[str, Any]":
    return {
        "active": "a",
        "trial": None,
        "tried": False,
        "spare": False,
        "crashes": 0,
        "fell_back": False,
        "floor": [0, 0, 0],
    }


def other(folder: str) -> str:
    return "b" if folder == "a" else "a"


def load(root: str = "") -> "dict[str, Any]":
    """The record; what is unreadable or missing is as on a fresh flash."""
    record = fresh()
    try:
        with open(root + RECORD) as file:
            stored = json.load(file)
        for name in record:
            record[name] = stored[name]
    except (OSError, ValueError, KeyError, TypeError):
        return fresh()
    return record


def save(record: "dict[str, Any]", root: str = "") -> None:
    with open(root + RECORD + ".new", "w") as file:
        json.dump(record, file)
    os.rename(root + RECORD + ".new", root + RECORD)


def choose(record: "dict[str, Any]") -> str:
    """The folder to start now. Changes the record: save it before the folder is started."""
    if record["trial"] and not record["tried"]:
        record["tried"] = True
        record["fell_back"] = False
        return str(record["trial"])
    if record["trial"]:
        record["trial"] = None
        record["tried"] = False
        record["fell_back"] = True
    elif record["crashes"] >= CRASHES and record["spare"]:
        record["active"] = other(str(record["active"]))
        record["crashes"] = 0
        record["fell_back"] = True
    return str(record["active"])


def crashed(record: "dict[str, Any]") -> None:
    """The active folder could not run. One on trial needs no note: its one try is spent."""
    if not record["trial"]:
        record["crashes"] = min(int(record["crashes"]) + 1, CRASHES)


def prepare(record: "dict[str, Any]") -> str:
    """The folder an update goes to. From now on it holds nothing to rely on."""
    record["trial"] = None
    record["tried"] = False
    record["spare"] = False
    return other(str(record["active"]))


def try_next(record: "dict[str, Any]", folder: str) -> None:
    """The folder is complete and verified: the next start tries it."""
    record["trial"] = folder
    record["tried"] = False
    record["fell_back"] = False


def confirm(record: "dict[str, Any]", floor: "list[int]") -> None:
    """The folder on trial is good."""
    if record["trial"]:
        record["active"] = record["trial"]
        record["trial"] = None
        record["tried"] = False
        record["spare"] = True
        record["crashes"] = 0
        record["floor"] = max(list(record["floor"]), list(floor))
