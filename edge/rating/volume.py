"""The account of a group under volume prices: one more minute may change every charge of its month.

There is nothing to step over, so the group is priced anew for every record that is added. None of the operator's plans
has such a table; it is the price of letting a tariff file say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from operator import attrgetter

from edge.rating.bundles import BundleEntry, Period
from edge.rating.charge import Charge
from edge.rating.instant import Instant
from edge.rating.rater import rate_group
from edge.rating.rows import Entry, RowFinder
from edge.rating.shift import Addition

_KEY = attrgetter("key")


class VolumeAccount:
    """Has the surface of `account.Account`."""

    def __init__(self, finder: RowFinder, bundles: Sequence[BundleEntry]) -> None:
        self._finder = finder
        self._bundles = bundles
        self._entries: list[Entry] = []
        self._charges: dict[str, Charge] = {}

    def entries(self) -> Iterator[Entry]:
        """All records in their order."""
        return iter(self._entries)

    def charges(self) -> Iterator[Charge]:
        """All charges in the order of their calls."""
        return iter(self._charges.values())

    def periods(self, until: Instant | None = None) -> list[Period]:
        """The bundle periods begun, in order; renewed up to `until`."""
        return rate_group(self._entries, self._finder, self._bundles, until)[1]

    def load(self, entries: Iterable[Entry]) -> None:
        """Put in many records at once."""
        ordered = sorted([*self._entries, *entries], key=_KEY)
        self._put(ordered, self._priced(ordered))

    def adding(self, ordered: Sequence[Entry]) -> Addition:
        """What new records bring about: the charges that change, by order of call."""
        entries = sorted([*self._entries, *ordered], key=_KEY)
        charges = self._priced(entries)
        before = self._charges
        changed = [charge for charge in charges.values() if before.get(charge.id) != charge]
        return Addition(changed, partial(self._put, entries, charges))

    def preview(self, ordered: Sequence[Entry]) -> list[Charge]:
        """What records in their order would cost if they were added now; nothing changes. None is added twice."""
        new = [entry for entry in ordered if entry.id not in self._charges]
        charges = self._priced(sorted([*self._entries, *new], key=_KEY))
        return [charges[entry.id] for entry in ordered]

    def _put(self, entries: list[Entry], charges: dict[str, Charge]) -> None:
        self._entries, self._charges = entries, charges

    def _priced(self, ordered: Sequence[Entry]) -> dict[str, Charge]:
        charges, _ = rate_group(ordered, self._finder, self._bundles)
        return {charge.id: charge for charge in charges}
