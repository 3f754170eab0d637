"""Rating again, for the command line and for the page: stored charges by the tables of today, and handing them over.

The reckoning is done here and not in the core, which has calls to look after. It holds as long as nothing is rated
meanwhile: the core refuses it otherwise, and it is reckoned again.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from edge.api.client import BoxClient
from edge.api.messages import ApplyCharges
from edge.billing.rerate import Reckoning, reckon
from edge.billing.usage import to_month
from edge.commands.answers import Failed
from edge.commands.status import no_box
from edge.places import Places
from edge.rating.errors import RatingError
from edge.store.errors import StoreMissing
from edge.store.schema import LEDGER_FILE
from edge.store.usage_rows import open_for_reading

APPLY_TIMEOUT_S = 300.0
TELL_AFTER_S = 2.0


def reckoned(places: Places, first: str) -> Reckoning:
    """From the month `first` on, telling on stderr how far it is. Raises `Failed`."""
    began = told = time.monotonic()

    def progress(count: int) -> None:
        nonlocal told
        if time.monotonic() - max(told, began) > TELL_AFTER_S:
            told = time.monotonic()
            tell(f"{count} records read")

    try:
        with closing(open_for_reading(places.data / LEDGER_FILE)) as connection:
            return reckon(connection, to_month(first), progress)
    except StoreMissing as error:
        raise no_box(places) from error
    except RatingError as error:
        raise Failed(f"what is stored cannot be rated: {error}") from error
    except sqlite3.Error as error:
        raise unreadable(places, error) from error


def hand_over(places: Places, charges: Iterable[str], basis: str, by: str) -> int:
    """Gives the core one JSON object of rating.md §8 per charge to store. Returns how many it changed.

    In the data directory: core and command may not see the same /tmp. Raises `BoxRefused`, `BoxAbsent`.
    """
    handle, name = tempfile.mkstemp(prefix="rerate-", suffix=".jsonl", dir=places.data)
    path = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(f"{each}\n" for each in charges)
        if os.geteuid() == 0:  # the core runs as whom the directory belongs to
            owner = places.data.stat()
            os.chown(path, owner.st_uid, owner.st_gid)
        with BoxClient(places.socket("api"), APPLY_TIMEOUT_S) as box:
            answer: dict[str, Any] = box.ask(ApplyCharges(str(path), basis, by))
            return int(answer["changed"])
    finally:
        path.unlink(missing_ok=True)


def unreadable(places: Places, error: sqlite3.Error) -> Failed:
    return Failed(f"the store at {places.data} cannot be read: {error}")


def tell(sentence: str) -> None:
    sys.stderr.write(f"tongdai: {sentence}\n")
    sys.stderr.flush()
