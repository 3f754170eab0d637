"""`tongdai rerate`: stored charges by the tables of today, beside what stands; with --apply the box stores them."""

from __future__ import annotations

from argparse import Namespace
from getpass import getuser

from edge.api.client import BoxAbsent, BoxRefused
from edge.billing.imports import overview
from edge.billing.rerate import Reckoning
from edge.commands.answers import Failed, say
from edge.commands.rerating import hand_over, reckoned, tell
from edge.commands.status import absent, places_of
from edge.commands.tariff import told
from edge.commands.usage import checked_month
from edge.places import Places
from edge.store.charges import RECKON_AGAIN, as_json

TRIES = 5
"""A call ends every few seconds on a busy box; the reckoning of a month takes about one."""


def rerate(options: Namespace) -> int:
    first = checked_month(options.first_month, "--from")
    assert first is not None, "the grammar asks for it"
    places = places_of(options)
    made = reckoned(places, first)
    applied = False
    if options.apply:
        made, applied = _apply(places, first, made)
    say(_answer(made, first, applied=applied))
    closed = [row["month"] for row in made.month_rows() if row["closed"] and row["changed"]]
    if closed:
        tell(f"{', '.join(closed)}: the statement is drawn up and stays; the difference is credited in the next one")
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


def _apply(places: Places, first: str, made: Reckoning) -> tuple[Reckoning, bool]:
    """Reckons again while calls come between. Raises `Failed`."""
    for _ in range(TRIES):
        if not made.changes:
            return made, True
        try:
            hand_over(places, (as_json(change.row()) for change in made.changes), made.basis, getuser())
        except BoxAbsent as error:
            raise absent(places) from error
        except BoxRefused as error:
            if not error.error.endswith(RECKON_AGAIN):
                raise Failed(str(error)) from error
            tell("a call was rated meanwhile; reckoning again")
            made = reckoned(places, first)
        else:
            return made, True
    raise Failed(f"calls were rated during each of {TRIES} tries; nothing was applied, try again in a quieter minute")
