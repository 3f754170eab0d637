"""`tongdai tariff`: imports a table into the running box; lists and exports what the store says that it rates by."""

from __future__ import annotations

import sqlite3
import sys
from argparse import Namespace
from contextlib import closing
from getpass import getuser
from pathlib import Path
from typing import Any

from edge.api.client import BoxAbsent, BoxClient, BoxRefused
from edge.api.messages import ImportTable
from edge.billing.imports import KINDS, overview
from edge.billing.tables import RateTables
from edge.commands.answers import BAD_INPUT, WRONG, Failed, say
from edge.commands.rating_files import say_warnings
from edge.commands.status import absent, no_box, places_of
from edge.live import local
from edge.store.errors import StoreMissing
from edge.store.rate_tables import newest_tables
from edge.store.schema import LEDGER_FILE
from edge.store.usage_rows import open_for_reading

IMPORT_TIMEOUT_S = 300.0
"""Half a million ported numbers take some seconds, on a small box some more."""
PORTED_FILE, IDD_FILE = "ported.csv", "idd.csv"


def take(options: Namespace) -> int:
    """Import. The core reads the file itself, so that a large one does not travel over the socket."""
    given = vars(options)
    kind = next(kind for kind in KINDS if given[kind] is not None)
    path = Path(given[kind]).absolute()
    if not path.is_file():
        raise Failed(f"{path}: no such file", status=BAD_INPUT)
    places = places_of(options)
    try:
        with BoxClient(places.socket("api"), IMPORT_TIMEOUT_S) as box:
            taken = box.ask(ImportTable(kind, str(path), getuser()))
    except BoxRefused as error:
        raise Failed(str(error), status=BAD_INPUT if error.blame == "input" else WRONG) from error
    except BoxAbsent as error:
        raise absent(places) from error
    say_warnings(taken["warnings"])
    month = taken["next"]
    say(taken | {"next": None if month is None else f"tongdai rerate --from {month}"})
    return 0


def show(options: Namespace) -> int:
    say([told(row) for row in overview(_tables(options))])
    return 0


def told(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the overview with its instant in local time."""
    return row | {"at": None if row["at"] is None else local(row["at"])}


def export(options: Namespace) -> int:
    """Tariffs, operators, ported numbers and IDD prices, by which `tongdai rate` charges as the box does."""
    tables = _tables(options)
    texts = tables.texts | {PORTED_FILE: tables.ported_text, IDD_FILE: tables.idd_text}
    folder = Path(options.folder).absolute()
    if folder.is_dir():
        strange = sorted(path.name for path in folder.glob("*.toml") if path.name not in texts)
        if strange:
            raise Failed(f"{folder}: holds {strange[0]}, which is no tariff of this box; name another directory", 2)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    say([str(folder / name) for name in sorted(texts)])
    options_of_rate = f"--tariffs {folder} --ported {folder / PORTED_FILE} --idd {folder / IDD_FILE}"
    sys.stderr.write(f"tongdai: to charge as the box does: tongdai rate --plan PLAN {options_of_rate} USAGE.jsonl\n")
    return 0


def _tables(options: Namespace) -> RateTables:
    places = places_of(options)
    try:
        with closing(open_for_reading(places.data / LEDGER_FILE)) as connection:
            return RateTables.stored(newest_tables(connection))
    except StoreMissing as error:
        raise no_box(places) from error
    except sqlite3.Error as error:
        raise Failed(f"the store at {places.data} cannot be read: {error}") from error
