"""Bands: prices that depend on how much was used before.

A table prices units 1, 2, 3 … without gap or overlap; its last band is open. Two schemes are known:

- graduated: each unit costs what its own position costs; usage across an edge is split there;
- volume: every unit of the month costs what the band of the month's last unit costs.

Positions are counted in base units: seconds for prices per minute (a minute is 60 of them), pieces for counts.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from enum import StrEnum


class Scheme(StrEnum):
    """How a table's bands are applied."""

    GRADUATED = "graduated"
    VOLUME = "volume"


@dataclass(frozen=True, slots=True)
class Band:
    """One row of a banded table: units `first` to `last` (inclusive, None: open) at `price_vnd` each."""

    tier: str
    first: int
    last: int | None
    price_vnd: int


@dataclass(frozen=True, slots=True)
class Slice:
    """A piece of usage inside one band: `amount` base units."""

    amount: int
    band: Band


@dataclass(frozen=True, slots=True)
class BandTable:
    """A banded price list; `counter` names the count that its positions are read from and that its usage moves."""

    name: str
    counter: str
    scheme: Scheme
    unit_size: int
    """Base units in one priced unit: 60 for a price per minute, 1 for a price per piece."""
    bands: tuple[Band, ...]
    edges: tuple[int, ...] = field(init=False)
    """Base units at which the next band begins: position p lies in band number bisect_right(edges, p)."""

    def __post_init__(self) -> None:
        edges = tuple(band.last * self.unit_size for band in self.bands if band.last is not None)
        object.__setattr__(self, "edges", edges)

    def slices(self, position: int, amount: int) -> list[Slice]:
        """Split `amount` base units that follow `position` used ones, each piece in its own band (graduated)."""
        index = bisect_right(self.edges, position)
        if index == len(self.edges) or position + amount <= self.edges[index]:
            return [Slice(amount, self.bands[index])]
        pieces = []
        while amount:
            room = self.edges[index] - position if index < len(self.edges) else amount
            taken = min(room, amount)
            pieces.append(Slice(taken, self.bands[index]))
            position, amount, index = position + taken, amount - taken, index + 1
        return pieces

    def reached(self, total: int) -> Band:
        """The band of the last of `total` used base units (volume); the first band for none."""
        return self.bands[bisect_left(self.edges, total)]

    def total_vnd(self, count: int) -> int:
        """The price of `count` pieces from the first on, for tables that price per piece."""
        if self.scheme is Scheme.VOLUME:
            return count * self.reached(count).price_vnd
        return sum(piece.amount * piece.band.price_vnd for piece in self.slices(0, count))
