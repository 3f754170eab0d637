"""What a plan says to each situation of a month, as arrays that records can be looked up in.

The rows themselves come from RowFinder, one question per situation, so this file knows no rule of any tariff.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

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

    FREE = 0
    UNRATED = 1
    FLAT = 2
    PER_UNIT = 3
    TIERS = 4
    COUNTED = 5
    ABROAD = 6


@dataclass(frozen=True, slots=True)
class PlanRows:
    """A plan's answer to a month."""

    finder: RowFinder
    rows: Sequence[Row]
    """By situation."""
    way: Whole
    """By situation, as `price_vnd` and `table`."""
    price_vnd: Whole
    """Of FLAT per minute, of PER_UNIT per unit."""
    table: Whole
    """Index into `tables`, -1 where none is."""
    tables: Sequence[BandTable]
    billed_s: Whole
    """By record, in the order of the month."""
    dearest_vnd: int
    """The highest price of them all."""
    fits: bool
    """False where the plan's own numbers are too large for arrays: everything is for the exact rater then."""


def find_rows(month: MonthUsage, finder: RowFinder) -> PlanRows:
    """Ask the plan about every situation. Raises UsageError for a number that matters and is none."""
    rows = [finder.entry(month.columns.record(row)).row for row in month.situations]
    way, price_vnd, table = (np.zeros(len(rows), dtype=np.int64) for _ in range(3))
    tables: list[BandTable] = []
    dearest_vnd = 0
    for index, row in enumerate(rows):
        way[index], price, banded = _way(row)
        table[index] = -1 if banded is None else _index(tables, banded)
        dearest_vnd = max(dearest_vnd, price, *_prices(row))
        price_vnd[index] = min(price, LARGEST)
    billed_s, blocks_fit = _billed(month, finder)
    fits = blocks_fit and dearest_vnd < LARGEST
    return PlanRows(finder, rows, way, price_vnd, table, tables, billed_s, dearest_vnd, fits)


def _way(row: Row) -> tuple[Way, int, BandTable | None]:
    match row.pricing:
        case Free():
            return Way.FREE, 0, None
        case Flat(vnd_per_min):
            return Way.FLAT, vnd_per_min, None
        case PerUnit(price_vnd):
            return Way.PER_UNIT, price_vnd, None
        case Tiers(table):
            return Way.TIERS, 0, table
        case Counted(table):
            return Way.COUNTED, 0, table
        case Abroad():
            return Way.ABROAD, 0, None
        case Unrated():
            return Way.UNRATED, 0, None


def _prices(row: Row) -> list[int]:
    match row.pricing:
        case Tiers(table) | Counted(table):
            return [band.price_vnd for band in table.bands]
        case Abroad():
            return [row.pricing.within_vnd_per_min or 0, row.pricing.idd_vnd_per_min or 0]
        case _:
            return [0]


def _index(tables: list[BandTable], table: BandTable) -> int:
    if table not in tables:
        tables.append(table)
    return tables.index(table)


def _billed(month: MonthUsage, finder: RowFinder) -> tuple[Whole, bool]:
    """Seconds in the blocks of the version of each record's day, and whether the blocks fit.

    Where a version has no voice prices no amount depends on the seconds, and they stay as they are.
    """
    blocks = [(1, 1)] * len(month.situations)
    for index, row in enumerate(month.situations):
        version = finder.plan.at(local_day(month.columns.instant(row)))
        if version is not None and version.voice is not None:
            blocks[index] = (version.voice.block_first_s, version.voice.block_then_s)
    if any(max(block) > 10**9 for block in blocks):
        return month.seconds, False
    first_s, then_s = np.array(blocks, dtype=np.int64).reshape(-1, 2)[month.situation].T
    seconds = month.seconds
    rounded = np.where(seconds <= first_s, first_s, first_s - (first_s - seconds) // then_s * then_s)
    return np.where(seconds <= 0, 0, rounded), True
