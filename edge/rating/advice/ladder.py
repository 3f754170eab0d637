"""Banded prices over arrays: what positions cost, in exact integers.

The price of all units up to position p is a broken line; what a record costs is the line's value at its end less the
value at its start, wherever the edges lie between. So nothing needs to be split.
"""

from __future__ import annotations

import numpy as np

from edge.rating.bands import BandTable, Scheme
from edge.rating.columns import Whole


def rounded_vnd(sixtieths: Whole) -> int:
    """The sum of the amounts of records, each rounded half-up once; prices are not negative."""
    return int(((sixtieths + 30) // 60).sum())


def priced(table: BandTable, ends: Whole, amounts: Whole, total: int) -> Whole:
    """Base units times price, of records that end at position `ends` of their counter and use `amounts` before it.

    `total` is the counter's position at the end of the month; edges past it are left out, however far away. Exact as
    long as total times the table's dearest price is less than 2⁶².
    """
    if table.scheme is Scheme.VOLUME:
        return amounts * table.reached(total).price_vnd
    edges = [edge for edge in table.edges if edge < total]
    prices = [band.price_vnd for band in table.bands]
    if not edges:
        return amounts * prices[0]
    below = [0]
    for start, end, price in zip([0, *edges[:-1]], edges, prices, strict=False):
        below.append(below[-1] + (end - start) * price)
    line = _Line(edges, prices, below)
    return line.at(ends) - line.at(ends - amounts)


class _Line:
    """The price of everything up to a position."""

    def __init__(self, edges: list[int], prices: list[int], below: list[int]) -> None:
        self._edges = np.array(edges, dtype=np.int64)
        self._starts = np.array([0, *edges], dtype=np.int64)
        self._prices = np.array(prices, dtype=np.int64)
        self._below = np.array(below, dtype=np.int64)

    def at(self, positions: Whole) -> Whole:
        band = np.searchsorted(self._edges, positions, side="right")
        return self._below[band] + (positions - self._starts[band]) * self._prices[band]
