"""One running book with what of it is pending, filled from the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from edge.billing.contract import Contract
from edge.billing.usage import is_own, month_after, month_begins, month_of_exactly, record_of
from edge.rating.charge import Charge, charge_from_json
from edge.rating.instant import Month
from edge.rating.month import Book
from edge.store.ledger import Ledger
from edge.store.usage_rows import FOREVER
from edge.telephony import PhoneNumber


def charge_of(detail: str) -> Charge:
    """The charge that was stored as this JSON."""
    return charge_from_json(msgspec.json.decode(detail))


class Key(NamedTuple):
    """What shares one book."""

    plan: str
    hotline: PhoneNumber
    month: Month | None
    """None: bundles run across the months."""


@dataclass(frozen=True, slots=True)
class Shelf:
    book: Book
    first: Month
    """The book holds everything from this month on, to the end of its own month if it has one."""
    pending: Mapping[str, Month]
    """Items whose stored charge differs from the book's: those that `rerate` would change."""


def key_of(contract: Contract, hotline: PhoneNumber, month: Month) -> Key:
    plan = contract.plan_of(month)
    return Key(plan, hotline, month if contract.first_bundle_month(plan, hotline) is None else None)


def fill(contract: Contract, key: Key, month: Month, ledger: Ledger) -> Shelf:
    """The book of `key`, from `month` (or the first bundle, if that is earlier) on.

    Raises KeyError for a plan that there is not, RatingError where what is stored cannot be rated by this contract.
    """
    bundled = contract.first_bundle_month(key.plan, key.hotline)
    first = month if bundled is None else min(month, bundled)
    # A second more on either side: which month it is, is decided by the exact instant of the record.
    until = FOREVER if key.month is None else month_begins(month_after(key.month)) + 1
    months: dict[str, Month] = {}
    stored: dict[str, str] = {}
    records = []
    for item, detail in ledger.usage(key.hotline, month_begins(first) - 1, until):
        if is_own(detail):
            continue
        record = record_of(item)
        assert record.at is not None
        month = month_of_exactly(record.at)
        belongs = month == key.month if key.month is not None else month >= first
        if belongs and contract.plan_of(month) == key.plan:
            records.append(record)
            months[record.id], stored[record.id] = month, detail
    book = contract.book(key.plan)
    book.load(records)
    pending = {name: months[name] for name, charge in book.charges().items() if charge_of(stored[name]) != charge}
    return Shelf(book, first, pending)
