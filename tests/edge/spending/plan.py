"""A price plan for tests of spending: what the rater does, in twenty literal lines of integers.

Classes by the number called: +8490… on-net, +8491… off-net, +84… landline flat, 1800 free, everything else no price.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from edge.spending.legs import LegInProgress
from edge.spending.spent import Spent

Bands = Sequence[tuple[int | None, int]]
"""(up to this billed second of the month, VND per minute), the last one without an end."""

ON_NET, OFF_NET, FLAT, FREE, UNPRICED = "+84903000001", "+84912000001", "+842838221234", "18001234", "+442012345678"


@dataclass
class Plan:
    """A `PriceOracle` with a store of its own: `store` puts a leg in and gives its charge and revisions of others."""

    tables: Mapping[str, Bands] = field(
        default_factory=lambda: {"+8490": [(60_000, 440), (None, 400)], "+8491": [(60_000, 900), (None, 850)]}
    )
    shared_counter: bool = True
    bundle_s: int = 0
    """Prepaid seconds of off-net calls."""
    used_s: int = 0
    """Where the counters stand at the beginning."""
    flat: int = 300
    stored: dict[str, LegInProgress] = field(default_factory=dict)
    calls: int = 0

    def __call__(self, legs: Sequence[LegInProgress]) -> list[int | None]:
        self.calls += 1
        prices = self._walk({**{leg.leg: leg for leg in legs}, **self.stored}.values())
        return [prices[leg.leg] for leg in legs]

    def store(self, leg: LegInProgress) -> list[Spent]:
        before = self._walk(self.stored.values())
        self.stored[leg.leg] = leg
        after = self._walk(self.stored.values())
        return [spent(self.stored[name], amount) for name, amount in after.items() if before.get(name, -1) != amount]

    def dearest(self, legs: Sequence[LegInProgress]) -> list[int | None]:
        """At the highest price of its row, whatever the counters and the bundle say."""
        return [_priced_flat(leg, self._highest(leg.called)) for leg in legs]

    @property
    def highest(self) -> int:
        """VND per minute of the dearest thing that there is."""
        return max([self.flat, *(price for bands in self.tables.values() for _, price in bands)])

    def _highest(self, called: str) -> int:
        table = self.tables.get(called[:5])
        return self.flat if table is None else max(price for _, price in table)

    def _walk(self, legs: Iterable[LegInProgress]) -> dict[str, int | None]:
        """In the order of the plan; counters and bundle are each hotline's own."""
        left: dict[str | None, int] = {}
        counters: dict[tuple[str | None, str], int] = {}
        prices: dict[str, int | None] = {}
        for leg in sorted(legs, key=lambda each: (each.answered_at, each.leg)):
            table = self.tables.get(leg.called[:5])
            seconds = leg.billed_s
            if table is None:
                prices[leg.leg] = _priced_flat(leg, self.flat)
                continue
            if leg.called.startswith("+8491"):
                covered = min(left.get(leg.hotline, self.bundle_s), seconds)
                left[leg.hotline] = left.get(leg.hotline, self.bundle_s) - covered
                seconds -= covered
            counter = leg.hotline, "both" if self.shared_counter else leg.called[:5]
            position = counters.get(counter, self.used_s)
            counters[counter] = position + seconds
            prices[leg.leg] = _half_up(sum(_piece(band, position, seconds) for band in _bands(table)))
        return prices


def spent(leg: LegInProgress, amount: int | None) -> Spent:
    return Spent(
        leg.leg,
        leg.hotline,
        leg.calling_extension,
        leg.called_extension,
        leg.answered_at,
        leg.billed_s,
        amount,
        outgoing=True,
    )


def _priced_flat(leg: LegInProgress, price: int) -> int | None:
    if not leg.called.startswith(("+84", "18")):
        return None
    return _half_up(leg.billed_s * price) if leg.called.startswith("+84") else 0


def _bands(table: Bands) -> list[tuple[int, float, int]]:
    starts = [0, *(end for end, _ in table if end is not None)]
    return [(start, end or float("inf"), price) for start, (end, price) in zip(starts, table, strict=True)]


def _piece(band: tuple[int, float, int], position: int, seconds: int) -> int:
    """In sixtieths of a dong."""
    start, end, price = band
    inside = max(0, min(end, position + seconds) - max(start, position))
    return int(inside) * price


def _half_up(sixtieths: int) -> int:
    return (sixtieths + 30) // 60
