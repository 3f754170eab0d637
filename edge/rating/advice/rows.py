"""What a plan says to each situation of a month, as arrays that records can be looked up in.

The rows themselves come from RowFinder, one question per situation, so this file knows no rule of any tariff.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, auto

import numpy as np

from edge.rating.advice.month import MonthUsage
from edge.rating.bands import BandTable
from edge.rating.columns import Whole
from edge.rating.instant import local_day
from edge.rating.rows import Abroad, Counted, PerUnit, Row, RowFinder, Unrated
from edge.rating.tariff import Flat, Free, Tiers

LARGEST = 1 << 62
"""No product or sum of this room's arrays may reach it: half of what an int64 holds."""


class Way(IntEnum):
    """How a situation is priced."""

    FREE = auto()
    UNRATED = auto()
    FLAT = auto()
    PER_UNIT = auto()
    TIERS = auto()
    COUNTED = auto()
    ABROAD = auto()


@dataclass(frozen=True, slots=True)
class PlanRows:
    """A plan's answer to a month."""

    finder: RowFinder
    rows: Sequence[Row]
    """By situation."""
    way: Whole
    """By situation, as `price_vnd` and `table`."""
    price_vnd: Whole
    """The dearest of the row, at most LARGEST: of FLAT per minute, of PER_UNIT per unit."""
    table: Whole
    """Index into `tables`, of TIERS and COUNTED."""
    tables: Sequence[BandTable]
    billed_s: Whole
    """By record, in the order of the month."""
    fits: bool
    """False where the plan's blocks are too large for arrays: everything is for the exact rater then."""


def find_rows(month: MonthUsage, finder: RowFinder) -> PlanRows:
    """Ask the plan about every situation. Raises UsageError for a number that matters and is none."""
    rows = [finder.entry(month.columns.record(row)).row for row in month.situations]
    way, price_vnd, table = (np.zeros(len(rows), dtype=np.int64) for _ in range(3))
    tables: list[BandTable] = []
    for index, row in enumerate(rows):
        way[index], prices, banded = _way(row)
        if prices:
            price_vnd[index] = min(max(prices), LARGEST)
        if banded is not None:
            table[index] = _index(tables, banded)
    billed_s, fits = _billed(month, finder)
    return PlanRows(finder, rows, way, price_vnd, table, tables, billed_s, fits)


def _way(row: Row) -> tuple[Way, Sequence[int], BandTable | None]:
    """With every price that the row may come to, and the table in which they stand."""
    match row.pricing:
        case Free():
            return Way.FREE, (), None
        case Flat(vnd_per_min):
            return Way.FLAT, (vnd_per_min,), None
        case PerUnit(price_vnd):
            return Way.PER_UNIT, (price_vnd,), None
        case Tiers(table):
            return Way.TIERS, _prices(table), table
        case Counted(table):
            return Way.COUNTED, _prices(table), table
        case Abroad(within, beyond):
            return Way.ABROAD, [price for price in (within, beyond) if price is not None], None
        case Unrated():
            return Way.UNRATED, (), None


def _prices(table: BandTable) -> Sequence[int]:
    return [band.price_vnd for band in table.bands]


def _index(tables: list[BandTable], table: BandTable) -> int:
    if table not in tables:
        tables.append(table)
    return tables.index(table)


def _billed(month: MonthUsage, finder: RowFinder) -> tuple[Whole, bool]:
    """Seconds in the blocks of the version of each record's day, and whether the blocks fit.

    What has no seconds is given a block all the same: it is free, or has a price that depends on none. So is what falls
    under a version without voice prices.
    """
    blocks = np.ones((len(month.situations), 2), dtype=np.int64)
    for index, row in enumerate(month.situations):
        version = finder.plan.at(local_day(month.columns.instant(row)))
        if version is not None and version.voice is not None:
            block = (version.voice.block_first_s, version.voice.block_then_s)
            if max(block) >= LARGEST:
                return month.seconds, False
            blocks[index] = block
    first_s, then_s = blocks[month.situation].T
    seconds = month.seconds
    return np.where(seconds <= first_s, first_s, first_s - (first_s - seconds) // then_s * then_s), True
