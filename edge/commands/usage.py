"""`tongdai usage`: what the box has recorded, as JSON Lines that `tongdai rate` reads. Works while the box runs."""

from __future__ import annotations

import sqlite3
import sys
from argparse import Namespace

from edge.billing.usage import stored_usage
from edge.commands.answers import BAD_INPUT, Failed
from edge.commands.status import no_box, places_of
from edge.rating.errors import RatingInputError
from edge.rating.invoice_command import parse_period
from edge.store.errors import StoreMissing


def checked_month(text: str | None, option: str) -> str | None:
    """Raises `Failed` (bad input) for what is no month such as 2026-11."""
    if text is None:
        return None
    try:
        return str(parse_period(text))
    except RatingInputError as error:
        raise Failed(f"{option}: {text!r} is no month such as 2026-11", status=BAD_INPUT) from error


def usage(options: Namespace) -> int:
    first = checked_month(options.first_month, "--from")
    last = checked_month(options.last_month, "--to")
    places = places_of(options)
    try:
        found = stored_usage(places.data, first, last)
    except StoreMissing as error:
        raise no_box(places) from error
    except sqlite3.Error as error:
        raise Failed(f"the store at {places.data} cannot be read: {error}") from error
    sys.stdout.write(found)
    return 0
