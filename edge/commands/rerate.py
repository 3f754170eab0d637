"""`tongdai rerate`: stored charges by the tables of today, beside what stands; with --apply the box stores them.

The reckoning is done here and not in the core, which has calls to look after. It holds as long as nothing is rated
meanwhile: the core refuses it otherwise, and it is reckoned again.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
import time
from argparse import Namespace
from contextlib import closing
from getpass import getuser
from pathlib import Path

from edge.api.client import BoxAbsent, BoxClient, BoxRefused
from edge.api.messages import ApplyCharges
from edge.billing.imports import overview
from edge.billing.rerate import Reckoning, reckon
from edge.billing.usage import to_month
from edge.commands.answers import Failed, say
from edge.commands.status import no_box, places_of
from edge.commands.tariff import told
from edge.commands.usage import checked_month
from edge.places import Places
from edge.rating.errors import RatingError
from edge.store.charges import RECKON_AGAIN, as_json
from edge.store.errors import StoreMissing
from edge.store.schema import LEDGER_FILE
from edge.store.usage_rows import open_for_reading

TRIES = 5
"""A call ends every few seconds on a busy box; the reckoning of a month takes about one."""
APPLY_TIMEOUT_S = 300.0
TELL_AFTER_S = 2.0


def rerate(options: Namespace) -> int:
    first = checked_month(options.first_month, "--from")
    assert first is not None, "the grammar asks for it"
    places = places_of(options)
    made = _reckon(places, first)
    applied = False
    if options.apply:
        made, applied = _apply(places, first, made)
    say(_answer(made, first, applied=applied))
    closed = [row["month"] for row in made.month_rows() if row["closed"] and row["changed"]]
    if closed:
        _tell(f"{', '.join(closed)}: the statement is drawn up and stays; the difference is credited in the next one")
    return 0


def _answer(made: Reckoning, first: str, *, applied: bool) -> dict[str, object]:
    return {
        "from": first,
        "basis": made.basis,
        "tables": [told(row) for row in overview(made.contract.tables) if row["rows"]],
        "months": made.month_rows(),
        "changes": [change.to_json() for change in made.changes],
        "applied": applied,
    }


def _reckon(places: Places, first: str) -> Reckoning:
    began = told = time.monotonic()

    def progress(count: int) -> None:
        nonlocal told
        if time.monotonic() - max(told, began) > TELL_AFTER_S:
            told = time.monotonic()
            _tell(f"{count} records read")

    try:
        with closing(open_for_reading(places.data / LEDGER_FILE)) as connection:
            return reckon(connection, to_month(first), progress)
    except StoreMissing as error:
        raise no_box(places) from error
    except RatingError as error:
        raise Failed(f"what is stored cannot be rated: {error}") from error
    except sqlite3.Error as error:
        raise Failed(f"the store at {places.data} cannot be read: {error}") from error


def _apply(places: Places, first: str, made: Reckoning) -> tuple[Reckoning, bool]:
    """Reckons again while calls come between. Raises `Failed`."""
    for _ in range(TRIES):
        if not made.changes:
            return made, True
        try:
            _hand_over(places, made)
        except BoxAbsent as error:
            raise no_box(places) from error
        except BoxRefused as error:
            if not error.error.endswith(RECKON_AGAIN):
                raise Failed(str(error)) from error
            _tell("a call was rated meanwhile; reckoning again")
            made = _reckon(places, first)
        else:
            return made, True
    raise Failed(f"calls were rated during each of {TRIES} tries; nothing was applied, try again in a quieter minute")


def _hand_over(places: Places, made: Reckoning) -> None:
    """In the data directory: core and command may not see the same /tmp. Raises `BoxRefused`, `BoxAbsent`."""
    handle, name = tempfile.mkstemp(prefix="rerate-", suffix=".jsonl", dir=places.data)
    path = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(f"{as_json(change.row())}\n" for change in made.changes)
        if os.geteuid() == 0:  # the core runs as whom the directory belongs to
            owner = places.data.stat()
            os.chown(path, owner.st_uid, owner.st_gid)
        with BoxClient(places.socket("api"), APPLY_TIMEOUT_S) as box:
            box.ask(ApplyCharges(str(path), made.basis, getuser()))
    finally:
        path.unlink(missing_ok=True)


def _tell(sentence: str) -> None:
    sys.stderr.write(f"tongdai: {sentence}\n")
