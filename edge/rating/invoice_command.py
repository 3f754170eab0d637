"""What `tongdai invoice` does between reading its files and printing: texts in, one JSON document out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from edge.rating.command import NamedText, load_tables, one_line, read_usage
from edge.rating.errors import RatingInputError, TableError
from edge.rating.instant import Month, parse_instant
from edge.rating.invoice import Invoice, make_invoice
from edge.rating.rater import rate_entries
from edge.rating.subscriptions import parse_subscriptions


def run_invoice(
    plan: str,
    period: str,
    subscriptions: NamedText,
    usage: str,
    source: str,
    tariffs: Mapping[str, str],
    ported: NamedText | None = None,
    idd: NamedText | None = None,
    bundles: NamedText | None = None,
) -> str:
    """`tongdai invoice`: the JSON document of one plan and month ("2026-11").

    `usage` holds every record from the first of the month, or of the earliest bundle's activation if that is earlier;
    all of it is rated, the month alone is listed. Raises RatingInputError with the one line to print.
    """
    return json.dumps(invoice_of(plan, period, subscriptions, usage, source, tariffs, ported, idd, bundles).to_json())


def invoice_of(
    plan: str,
    period: str,
    subscriptions: NamedText,
    usage: str,
    source: str,
    tariffs: Mapping[str, str],
    ported: NamedText | None = None,
    idd: NamedText | None = None,
    bundles: NamedText | None = None,
) -> Invoice:
    """As run_invoice, the value."""
    month = parse_period(period)
    tables = load_tables(plan, tariffs, ported, idd, bundles)
    entries = read_usage(usage, source, tables.finder)
    following = Month(month.year + month.month // 12, month.month % 12 + 1)
    end = parse_instant(f"{following}-01T00:00:00+07:00")
    try:
        held = parse_subscriptions(subscriptions.text, subscriptions.name)
        rated = rate_entries(entries, tables.finder, tables.bundles, bundles_until=end)
    except TableError as error:
        raise one_line(error) from None
    invoice = make_invoice(tables.finder.plan, month, held, entries, rated.charges, rated.periods)
    if invoice is None:
        raise RatingInputError(f"period: no version of plan {plan} is valid in {month}")
    return invoice


def parse_period(text: str) -> Month:
    """A month such as 2026-11. Raises RatingInputError."""
    match = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", text)
    if match is None or not 1 <= int(match[1]) <= 9998:
        raise RatingInputError(f"period: {text!r} is no month such as 2026-11")
    return Month(int(match[1]), int(match[2]))
