"""Where a walk through the records of one group stands: the month, its counters, the bundles.

Everything that the price of the next record depends on besides the record itself is here, so two walks whose states
are the same go on alike. Counters start anew with every month, bundles run on.
"""

from __future__ import annotations

from edge.rating.bundles import BundleChain
from edge.rating.charge import Charge
from edge.rating.instant import Month
from edge.rating.pricing import move, price
from edge.rating.rows import Entry


class State:
    """Where a walk through the records of one group stands."""

    __slots__ = ("chain", "month", "positions")

    def __init__(self, month: Month | None, positions: dict[str, int], chain: BundleChain | None) -> None:
        self.month = month
        self.positions = positions
        self.chain = chain

    def copy(self) -> State:
        """The same state; walking on with one of the two leaves the other where it is."""
        return State(self.month, dict(self.positions), None if self.chain is None else self.chain.copy())

    def same_as(self, other: State) -> bool:
        """Whether everything from here on costs the same."""
        return self.has_counters_of(other) and self.has_bundles_of(other)

    def has_counters_of(self, other: State) -> bool:
        """Whether month and counters are those of `other`."""
        return self.positions == other.positions and self.month == other.month

    def has_bundles_of(self, other: State) -> bool:
        """Whether bundles stand as they do in `other`."""
        return self.chain is None or (other.chain is not None and self.chain.same_as(other.chain))

    def price(self, entry: Entry) -> Charge:
        """The charge of the next record; the state moves past it."""
        if entry.month != self.month:
            self.month, self.positions = entry.month, {}
        return price(entry, self.positions, self.chain)

    def move(self, entry: Entry) -> bool:
        """As `price` without the charge; what it returns is said there (pricing.move)."""
        if entry.month != self.month:
            self.month, self.positions = entry.month, {}
        return move(entry, self.positions, self.chain)
