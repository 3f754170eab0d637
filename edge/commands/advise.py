"""`tongdai advise`: a month under every plan and bundle, cheapest first, as one JSON document.

Of a usage file, or of what the box has recorded; then its own tables hold too, unless others are named.
"""

from __future__ import annotations

import sqlite3
import time
from argparse import Namespace
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

from edge.billing.tables import RateTables
from edge.billing.usage import stored_usage
from edge.commands.answers import BAD_INPUT, Failed, say
from edge.commands.rating_files import named, tariffs_of, text_of
from edge.commands.status import no_box, places_of
from edge.rating.advice.question import Question
from edge.rating.advice.question import advise as answer_to
from edge.rating.command import NamedText
from edge.rating.errors import RatingError, RatingInputError
from edge.rating.instant import Instant, Month, local_month
from edge.rating.invoice_command import parse_period
from edge.store.errors import StoreMissing
from edge.store.rate_tables import newest_tables
from edge.store.schema import LEDGER_FILE
from edge.store.usage_rows import open_for_reading


@dataclass(frozen=True, slots=True)
class _Given:
    """Usage, tables and the month to look at, wherever they come from."""

    usage: NamedText
    period: Month | None
    tariffs: Mapping[str, str]
    ported: NamedText | None
    idd: NamedText | None


def advise(options: Namespace) -> int:
    """Nothing on stdout when anything is wrong."""
    try:
        period = None if options.period is None else parse_period(options.period)
        given = _of_files(options, period) if options.usage is not None else _of_box(options, period)
        document = answer_to(
            Question(
                given.usage,
                given.tariffs,
                given.period,
                _this_month(),
                named(options.subscriptions),
                given.ported,
                given.idd,
                options.language,
            )
        )
    except RatingInputError as error:
        raise Failed(str(error), status=BAD_INPUT) from error
    say(document)
    return 0


def _of_files(options: Namespace, period: Month | None) -> _Given:
    usage = NamedText(options.usage, text_of(options.usage))
    return _Given(usage, period, tariffs_of(options), named(options.ported), named(options.idd))


def _of_box(options: Namespace, period: Month | None) -> _Given:
    """One month of the box: the one asked for, else the last that is over. An option wins over the box's own table."""
    places = places_of(options)
    month = period or _before(_this_month())
    try:
        usage = stored_usage(places.data, str(month), str(month))
        with closing(open_for_reading(places.data / LEDGER_FILE)) as connection:
            tables = RateTables(newest_tables(connection))
    except StoreMissing as error:
        raise no_box(places) from error
    except sqlite3.Error as error:
        raise Failed(f"the store at {places.data} cannot be read: {error}") from error
    except RatingError as error:
        raise Failed(f"the tables of the box at {places.data} contradict one another: {error}") from error
    return _Given(
        NamedText(f"usage of {places.data}", usage),
        month,
        tables.texts if options.tariffs is None else tariffs_of(options),
        named(options.ported) or NamedText("ported.csv", tables.ported_text),
        named(options.idd) or NamedText("idd.csv", tables.idd_text),
    )


def _this_month() -> Month:
    return local_month(Instant(int(time.time()), ""))


def _before(month: Month) -> Month:
    return Month(month.year - (month.month == 1), (month.month - 2) % 12 + 1)
