"""A book of what a company bought: where two of its bundles collide, it says what the company can do about it.

The box sells no bundle that an earlier one may reach (see succession). What stays possible is a record that arrives
late, after the second bundle was sold, and spends the first one. It is stored without a price and with this reason.
"""

from __future__ import annotations

from collections.abc import Iterable

from edge.rating.charge import Charge
from edge.rating.errors import TableError
from edge.rating.instant import local_month
from edge.rating.month import Book
from edge.rating.usage import UsageRecord


class CompanyBook(Book):
    """Its TableError names the entry in the settings, when it could begin, and the way to a price."""

    def load(self, records: Iterable[UsageRecord]) -> None:
        """As in a book."""
        records = list(records)
        try:
            super().load(records)
        except TableError as error:
            raise _advised(error, records) from error

    def add_all(self, records: Iterable[UsageRecord]) -> list[Charge]:
        """As in a book, and `add` by this."""
        records = list(records)
        try:
            return super().add_all(records)
        except TableError as error:
            raise _advised(error, records) from error


def _advised(error: TableError, records: list[UsageRecord]) -> TableError:
    months = [local_month(record.at) for record in records if record.at is not None]
    since = f" --from {min(months)}" if months else ""
    way = f"remove that entry and enter it when the other one is over, then run `tongdai rerate{since}`"
    return TableError([f"{problem}; {way}" for problem in error.problems])
