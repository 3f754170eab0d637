"""`tongdai statement list|show|draw`: monthly statements as JSON, CSV or PDF.

A closed month is read as it was drawn up; an open one is reckoned here, in the command's own process, and marked "not
closed". Only `draw` needs a running box.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from argparse import Namespace
from collections.abc import Iterable
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from edge.api import statement_csv
from edge.api.client import BoxAbsent, BoxClient, BoxRefused
from edge.api.messages import DrawStatement, GetLines
from edge.api.queries import StoreAbsent
from edge.api.statements import Details, as_text, closed_details, closed_month, summary
from edge.api.statements import listed as closed_statements
from edge.billing.statements import Books
from edge.commands.answers import BAD_INPUT, WRONG, Failed, say
from edge.commands.status import absent, no_box, places_of
from edge.places import Places
from edge.rating.errors import RatingInputError
from edge.rating.instant import Month
from edge.rating.invoice_command import parse_period
from edge.store.errors import StoreError
from edge.store.schema import LEDGER_FILE
from edge.store.usage_rows import open_for_reading

DRAW_TIMEOUT_S = 600.0
"""A month of 60 000 calls takes a small box a minute."""


def listed(options: Namespace) -> int:
    """The statements that have been drawn up, oldest first."""
    places = places_of(options)
    try:
        say(closed_statements(places.data))
    except StoreAbsent as error:
        raise no_box(places) from error
    except sqlite3.Error as error:
        raise _unreadable(places, error) from error
    return 0


def draw(options: Namespace) -> int:
    """The running box closes a month that is over."""
    month, places = _month(options), places_of(options)
    try:
        with BoxClient(places.socket("api"), timeout_s=DRAW_TIMEOUT_S) as box:
            say(box.ask(DrawStatement(month=str(month), by="command-line")))
    except BoxRefused as error:
        raise Failed(str(error), status=BAD_INPUT if error.blame == "input" else WRONG) from error
    except BoxAbsent as error:
        raise absent(places) from error
    return 0


def show(options: Namespace) -> int:
    """One statement on stdout, or in the file of --out, whose path is then the answer."""
    month, places = _month(options), places_of(options)
    if options.format == "pdf" and options.out is None:
        raise Failed("--format pdf: needs --out FILE", status=BAD_INPUT)
    try:
        document = _closed(places, month, options) or _as_it_stands(places, month)
    except (StoreAbsent, FileNotFoundError) as error:
        raise no_box(places) from error
    except (sqlite3.Error, msgspec.DecodeError, StoreError) as error:
        raise _unreadable(places, error) from error
    content = _rendered(document if options.detailed else summary(document), options)
    if options.out is None:
        sys.stdout.write(b"".join(content).decode())
    else:
        say({"statement": str(month), "closed": document["closed"], "path": str(_written(options.out, content))})
    return 0


def _closed(places: Places, month: Month, options: Namespace) -> dict[str, Any] | None:
    """As it was drawn up; calls row by row where they go into a file: the page's processes have little memory."""
    by_row = options.detailed and options.out is not None
    found = closed_month(places.data, str(month), detailed=options.detailed and not by_row)
    details = closed_details(places.data, str(month)) if found and by_row else None
    return found if found is None or details is None else found | Details(details).rows()


def _month(options: Namespace) -> Month:
    try:
        return parse_period(options.month)
    except RatingInputError as error:
        raise Failed(str(error).replace("period", "month", 1), status=BAD_INPUT) from error


def _as_it_stands(places: Places, month: Month) -> dict[str, Any]:
    now = time.time()
    with closing(open_for_reading(places.data / LEDGER_FILE)) as connection:
        books = Books(connection, now, _numbers(places))
        if month > books.current_month:
            raise Failed(f"month: {month} has not begun yet", status=BAD_INPUT)
        return books.reckon(month).document


def _numbers(places: Places) -> list[str] | None:
    """The SIM numbers of the running box; None when none runs, or none is known yet."""
    try:
        with BoxClient(places.socket("api")) as box:
            return [line["number"] for line in box.ask(GetLines()) if line["number"]] or None
    except (BoxAbsent, BoxRefused, OSError):
        return None


def _rendered(document: dict[str, Any], options: Namespace) -> Iterable[bytes]:
    match options.format:
        case "csv":
            return [statement_csv.render(document, options.language, options.detailed).encode()]
        case "pdf":
            from edge.api import statement_pdf  # the page asks for JSON of an open month again and again

            try:
                return [statement_pdf.render(document, options.language, options.detailed)]
            except statement_pdf.FontMissing as error:
                raise Failed(str(error)) from error
        case _:
            if options.out is None and sys.stdout.isatty():
                return [json.dumps(document, ensure_ascii=False, indent=2).encode(), b"\n"]
            return chain(as_text(document), [b"\n"])


def _written(name: str, content: Iterable[bytes]) -> Path:
    path = Path(name).absolute()
    try:
        with path.open("wb") as file:
            file.writelines(content)
    except OSError as error:
        raise Failed(f"--out {name}: {error.strerror}", status=BAD_INPUT) from error
    return path


def _unreadable(places: Places, error: Exception) -> Failed:
    return Failed(f"the store at {places.data} cannot be read: {error}")
