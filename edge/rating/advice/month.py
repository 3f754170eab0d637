"""One month of usage, ready to be priced under any plan: rows in the order that counters need, and their situations.

What row of a tariff prices a record depends on few things: service and flags, the classes of its ends, the day, whether
it lasted at all. Records that agree in them are in one *situation*, whatever plan is asked about; a plan is then asked
once per situation (by the exact RowFinder) instead of once per record. A month of a million calls has some dozens.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from edge.rating.columns import UsageColumns, Whole
from edge.rating.instant import LOCAL_OFFSET_S, Month
from edge.rating.number_text import VIETNAM
from edge.rating.numbers import NumberPlan
from edge.rating.statement_held import month_after, month_start
from edge.rating.usage import End

_DAY_S = 86_400
# Written plainly, and of a length that is possible for phonenumbers: what they are needs no asking, 100 µs each.
_MOBILE = re.compile(r"(?:0|\+?84|0084)([35789][0-9]{8})", re.ASCII)
_FIXED = re.compile(r"(?:0|\+?84|0084)(2[0-9]{9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Group:
    """Records that share counters, at `start` to `stop` of the month."""

    name: str
    start: int
    stop: int

    @property
    def is_hotline(self) -> bool:
        """Whether it can have a bundle; the others are products of requests."""
        return not self.name.startswith("request:")


@dataclass(frozen=True, slots=True)
class MonthUsage:
    """Records of one month, group by group, in each the order (answered_at, id)."""

    period: Month
    columns: UsageColumns
    rows: Whole
    """Rows of `columns`."""
    second: Whole
    seconds: Whole
    units: Whole
    situation: Whole
    """Index into `situations`."""
    situations: Sequence[int]
    """A row of `columns` that stands for each situation."""
    groups: Sequence[Group]
    """By name, so that nothing depends on the order of the file."""


@dataclass(frozen=True, slots=True)
class Distinctions:
    """What tells ends and days apart for the plans that are asked about."""

    numbers: NumberPlan
    singled: frozenset[str]
    """Canonical numbers that a ported table or a tariff names: each is a case of its own."""
    by_day: bool
    """Whether the day matters: a new version within the month, or ported numbers."""


def month_bounds_s(period: Month) -> tuple[int, int]:
    """First second of the month and of the next one, POSIX."""
    return month_start(period).second, month_start(month_after(period)).second


def months_of(columns: UsageColumns) -> list[Month]:
    """The months that have usage, oldest first."""
    days = np.unique((columns.second + LOCAL_OFFSET_S) // _DAY_S).astype("datetime64[D]")
    return [Month(*map(int, str(month).split("-"))) for month in np.unique(days.astype("datetime64[M]"))]


def select_month(columns: UsageColumns, period: Month, distinctions: Distinctions) -> MonthUsage:
    """The records of `period`."""
    start_s, end_s = month_bounds_s(period)
    rows = _ordered(columns, np.flatnonzero((columns.second >= start_s) & (columns.second < end_s)))
    situation, situations = _situations(columns, rows, distinctions, start_s)
    group = columns.group[rows]
    cuts = [0, *(np.flatnonzero(np.diff(group)) + 1).tolist(), len(rows)] if len(rows) else [0]
    groups = [Group(columns.groups[group[start]], start, stop) for start, stop in pairwise(cuts)]
    second, seconds, units = columns.second[rows], columns.seconds[rows], columns.units[rows]
    return MonthUsage(period, columns, rows, second, seconds, units, situation, situations, groups)


def _ordered(columns: UsageColumns, rows: Whole) -> Whole:
    """By group, instant and id; the id is text, so only rows that tie in all else are compared by it."""
    by_name = np.argsort(np.array(columns.groups, dtype=np.str_)).argsort()
    rows = rows[np.lexsort((columns.fraction[rows], columns.second[rows], by_name[columns.group[rows]]))]
    keys = (columns.group[rows], columns.second[rows], columns.fraction[rows])
    ties = np.logical_and.reduce([key[1:] == key[:-1] for key in keys])
    edges = np.flatnonzero(np.diff(np.concatenate(([False], ties, [False])).astype(np.int8)))
    ids, fractions = columns.ids, columns.long_fractions
    for first, last in edges.reshape(-1, 2).tolist():
        # A fraction of more than 18 digits is later than one that ends there ("" < any text).
        tied = sorted(rows[first : last + 1].tolist(), key=lambda row: (fractions.get(row, ""), ids[row]))
        rows[first : last + 1] = tied
    return rows


def _situations(
    columns: UsageColumns, rows: Whole, distinctions: Distinctions, start_s: int
) -> tuple[Whole, Sequence[int]]:
    kinds = _end_kinds(columns, rows, distinctions)
    code = columns.shape[rows]
    code = _combined(code, kinds[columns.caller[rows]])
    code = _combined(code, kinds[columns.called[rows]])
    code = _combined(code, (columns.seconds[rows] > 0).astype(np.int64))
    if distinctions.by_day:
        code = _combined(code, (columns.second[rows] - start_s) // _DAY_S)
    _, first, situation = np.unique(code, return_index=True, return_inverse=True)
    return situation, rows[first].tolist()


def _combined(left: Whole, right: Whole) -> Whole:
    """One code for each pair that occurs; both are smaller than the number of records squared, so nothing overflows."""
    codes: Whole = np.unique(left * (int(right.max(initial=0)) + 1) + right, return_inverse=True)[1]
    return codes


def _end_kinds(columns: UsageColumns, rows: Whole, distinctions: Distinctions) -> Whole:
    """For each of `columns.ends` that the rows have: a code that ends share between which no price distinguishes."""
    kinds = np.zeros(len(columns.ends), dtype=np.int64)
    codes: dict[Hashable, int] = {}
    for end in np.union1d(columns.caller[rows], columns.called[rows]).tolist():
        kind = _kind(columns.ends[end], distinctions)
        kinds[end] = codes.setdefault(kind, len(codes))
    return kinds


def _kind(end: End, distinctions: Distinctions) -> Hashable:
    if end.is_ip or end.number is None:
        return end.party, end.is_ip, None
    plain = _MOBILE.fullmatch(end.number) or _FIXED.fullmatch(end.number)
    if plain is not None:
        canonical, national, is_mobile = f"+84{plain[1]}", plain[1], plain[1][0] != "2"
    else:
        number = distinctions.numbers.identify(end.number)
        if number is None:
            return end.party, False, end.number  # no number: perhaps nobody asks for it
        canonical, national, is_mobile = number.canonical, number.national, number.is_vietnamese_mobile
        if number.country_code != VIETNAM:
            return end.party, False, canonical
    if canonical in distinctions.singled:
        return end.party, False, canonical
    return end.party, False, f"mobile {national[:2]}" if is_mobile else "fixed or short"
