"""The box's running account: charges kept equal to rate() while calls end in another order than they were answered.

    book = Book(finder, bundles)
    book.load(stored_records)                 # at start
    for charge in book.add(record): ...       # the new charge, and each earlier one that it changed: revisions to store
    for charge in book.preview(legs): ...     # what calls in progress have cost so far
    for period in book.periods(hotline): ...  # the bundles that were begun, for a statement

A record is remembered as what pricing sees of it (its Entry), no charge is: see account, where the work is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter

from edge.rating.account import BLOCK_SIZE, CHUNK_SIZE, Account
from edge.rating.bundles import BundleChain, BundleEntry, Period
from edge.rating.charge import Charge
from edge.rating.errors import UsageError
from edge.rating.instant import Instant
from edge.rating.pricing import dearest_vnd
from edge.rating.rows import Entry, RowFinder
from edge.rating.usage import UsageRecord
from edge.rating.volume import VolumeAccount

_KEY = attrgetter("key")


class Book:
    """Every hotline's charges. At every moment they equal rate() over the records put in so far.

    Raises what rate() raises; a record that is refused leaves the book as it was.
    """

    def __init__(
        self,
        finder: RowFinder,
        bundles: Sequence[BundleEntry] = (),
        *,
        chunk_size: int = CHUNK_SIZE,
        block_size: int = BLOCK_SIZE,
    ) -> None:
        self._finder = finder
        self._sizes = (chunk_size, block_size)
        self._edges = finder.counter_edges()
        self._has_volume = finder.has_volume_tables()
        self._bundles: dict[str, list[BundleEntry]] = {}
        for bundle in bundles:
            self._bundles.setdefault(bundle.hotline, []).append(bundle)
        self._accounts: dict[str, Account | VolumeAccount] = {}
        self._known: dict[str, Entry] = {}

    def load(self, records: Iterable[UsageRecord]) -> None:
        """Put in the stored records of a start, in any order; cheaper than adding them one by one.

        A record whose id stands twice, or in the book already, raises UsageError.
        """
        by_group: dict[str, list[Entry]] = {}
        known: dict[str, Entry] = {}
        for record in records:
            entry = self._finder.entry(record)
            if entry.id in known or entry.id in self._known:
                raise UsageError("id", f"{entry.id!r} stands twice")
            known[entry.id] = entry
            by_group.setdefault(entry.group, []).append(entry)
        changed = {}
        for group, entries in by_group.items():
            changed[group] = self._new_account(group)
            before = self._accounts.get(group)
            changed[group].load(entries if before is None else [*before.entries(), *entries])
        self._accounts |= changed
        self._known |= known

    def add(self, record: UsageRecord) -> list[Charge]:
        """The charges that this record brings about: its own and those that it changes, each a new revision.

        The same record again (pricing sees no difference) changes nothing and gives []; another one under a known id
        raises UsageError.
        """
        return self.add_all((record,))

    def add_all(self, records: Iterable[UsageRecord]) -> list[Charge]:
        """As `add` one after the other, each changed charge once and as it is in the end; all of them or none."""
        new: dict[str, Entry] = {}
        by_group: dict[str, list[Entry]] = {}
        for record in records:
            entry = self._finder.entry(record)
            known = self._known.get(entry.id) or new.get(entry.id)
            if known is None:
                new[entry.id] = entry
                by_group.setdefault(entry.group, []).append(entry)
            elif known != entry:
                raise UsageError("id", f"{entry.id!r} is the id of another record")
        accounts = {group: self._account(group) for group in by_group}
        additions = [accounts[group].adding(sorted(entries, key=_KEY)) for group, entries in by_group.items()]
        for addition in additions:
            addition.commit()
        self._accounts |= accounts
        self._known |= new
        return [charge for addition in additions for charge in addition.changed]

    def preview(self, records: Sequence[UsageRecord]) -> list[Charge]:
        """What legs in progress would cost if they ended now: their charges, in the order of `records`.

        They are priced together, each as if those answered before it had been added, so that no two of them use the
        same minutes of a bundle or the same place in a tier. One whose id is in the book is priced as it stands there,
        after those answered before it. Nothing is put in. Raises UsageError as `add` does, and for an id that stands
        twice among `records`.
        """
        by_group: dict[str, list[Entry]] = {}
        charges: dict[str, Charge] = {}
        ids: dict[str, None] = {}
        for record in records:
            entry = self._known.get(record.id) or self._finder.entry(record)
            if entry.id in ids:
                raise UsageError("id", f"{entry.id!r} stands twice")
            ids[entry.id] = None
            by_group.setdefault(entry.group, []).append(entry)
        for group, entries in by_group.items():
            account = self._account(group)
            charges |= {charge.id: charge for charge in account.preview(sorted(entries, key=_KEY))}
        return [charges[record_id] for record_id in ids]

    def preview_one(self, record: UsageRecord) -> Charge:
        """As `preview`, of a single leg."""
        return self.preview([record])[0]

    def dearest(self, record: UsageRecord) -> int | None:
        """VND of a record at the dearest price that it can come to have, whatever is added. Raises UsageError."""
        return dearest_vnd(self._finder.entry(record))

    def charges(self) -> dict[str, Charge]:
        """Every charge by id; those of a hotline in the order of its calls. Priced when asked for."""
        return {charge.id: charge for account in self._accounts.values() for charge in account.charges()}

    def periods(self, hotline: str, until: Instant | None = None) -> list[Period]:
        """The bundle periods of a hotline (canonical number) that were begun, in order.

        As in rate_entries: all that records brought about and every activation, renewed by time up to `until`.
        """
        return self._account(hotline).periods(until)

    def _account(self, group: str) -> Account | VolumeAccount:
        """That of the group, perhaps a new one, not kept yet."""
        return self._accounts.get(group) or self._new_account(group)

    def _new_account(self, group: str) -> Account | VolumeAccount:
        bought = self._bundles.get(group, [])
        if self._has_volume:
            return VolumeAccount(self._finder, bought)
        chain = BundleChain(self._finder.plan, bought) if bought else None
        return Account(self._edges, chain, *self._sizes)
