"""The box's running account: charges kept equal to rate() while calls end in another order than they were answered.

A late record shifts the positions of everything answered after it, yet amounts change only near the edge of a tier. So
the records of a hotline and month stand in chunks, each with the seconds that it counts; a chunk that lies inside one
band before and after the shift is passed over without being looked at.

    book = Book(finder)
    book.load(stored_records)             # at start
    for charge in book.add(record): ...   # the new charge, and each earlier one that it changed: revisions to store
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence

from edge.rating.bundles import BundleEntry
from edge.rating.charge import Charge
from edge.rating.errors import UsageError
from edge.rating.instant import Month
from edge.rating.pricing import price
from edge.rating.rater import rate_entries, rate_group
from edge.rating.rows import Entry, RowFinder
from edge.rating.usage import UsageRecord

CHUNK_SIZE = 128  # re-pricing a chunk and stepping over the others cost about the same for 60 000 calls a month

Positions = Mapping[str, int]


class _Chunk:
    """Neighbouring records with their charges and what they count."""

    __slots__ = ("charges", "counted", "entries")

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries
        self.charges: list[Charge] = []
        self.counted: dict[str, int] = {}

    def reprice(self, start: Positions) -> list[Charge]:
        """Price every record anew; the charges that differ from before."""
        positions = dict(start)
        before = {charge.id: charge for charge in self.charges}
        self.charges = [price(entry, positions) for entry in self.entries]
        self.counted = {counter: end - start.get(counter, 0) for counter, end in positions.items()}
        return [charge for charge in self.charges if before.get(charge.id) != charge]


class MonthBook:
    """The charges of one group (hotline, or product of requests) in one month, without bundles or volume tables."""

    def __init__(self, edges: Mapping[str, Sequence[int]], chunk_size: int = CHUNK_SIZE) -> None:
        self._edges = edges
        self._size = chunk_size
        self._chunks: list[_Chunk] = []

    def charges(self) -> Iterator[Charge]:
        """All charges in the order of their calls."""
        for chunk in self._chunks:
            yield from chunk.charges

    def load(self, entries: Iterable[Entry]) -> None:
        """Put in many records at once."""
        everything = [entry for chunk in self._chunks for entry in chunk.entries]
        everything = sorted([*everything, *entries], key=lambda entry: entry.key)
        self._chunks = [_Chunk(everything[at : at + self._size]) for at in range(0, len(everything), self._size)]
        positions: dict[str, int] = {}
        for chunk in self._chunks:
            chunk.reprice(positions)
            _move(positions, chunk.counted)

    def add(self, entry: Entry) -> list[Charge]:
        """Put a record into its place; its charge and every other one that changes, in the order of the calls."""
        index = self._place(entry)
        chunk = self._chunks[index]
        keys = [known.key for known in chunk.entries]
        chunk.entries.insert(bisect_left(keys, entry.key), entry)
        start = self._position(index)
        before = dict(chunk.counted)
        changed = chunk.reprice(start)
        changed += self._shift(index, start, before)
        self._split(index)
        return changed

    def preview(self, entry: Entry) -> Charge:
        """What the record would cost if it were added now (the running cost of a call); nothing changes."""
        if not self._chunks:
            return price(entry, {})
        index = max(0, bisect_right([chunk.entries[0].key for chunk in self._chunks], entry.key) - 1)
        positions = self._position(index)
        chunk = self._chunks[index]
        for known in chunk.entries[: bisect_left([known.key for known in chunk.entries], entry.key)]:
            price(known, positions)
        return price(entry, positions)

    def _place(self, entry: Entry) -> int:
        if not self._chunks:
            self._chunks.append(_Chunk([]))
            return 0
        return max(0, bisect_right([chunk.entries[0].key for chunk in self._chunks], entry.key) - 1)

    def _position(self, index: int) -> dict[str, int]:
        positions: dict[str, int] = {}
        for chunk in self._chunks[:index]:
            _move(positions, chunk.counted)
        return positions

    def _shift(self, index: int, start: Positions, before: Positions) -> list[Charge]:
        """Carry the change of what chunk `index` counts through the chunks after it."""
        old, new = dict(start), dict(start)
        _move(old, before)
        _move(new, self._chunks[index].counted)
        changed: list[Charge] = []
        for chunk in self._chunks[index + 1 :]:
            if old == new:
                break
            counted_before = dict(chunk.counted)
            if self._crosses(chunk, old, new):
                changed += chunk.reprice(new)
            _move(old, counted_before)
            _move(new, chunk.counted)
        return changed

    def _crosses(self, chunk: _Chunk, old: Positions, new: Positions) -> bool:
        """Whether an edge lies where the chunk was or is: then its amounts may change."""
        for counter, edges in self._edges.items():
            was, now = old.get(counter, 0), new.get(counter, 0)
            if was != now:
                last = max(was, now) + chunk.counted.get(counter, 0)
                at = bisect_left(edges, min(was, now))
                if at < len(edges) and edges[at] <= last:
                    return True
        return False

    def _split(self, index: int) -> None:
        chunk = self._chunks[index]
        if len(chunk.entries) <= 2 * self._size:
            return
        start = self._position(index)
        halves = [_Chunk(chunk.entries[: self._size]), _Chunk(chunk.entries[self._size :])]
        for half in halves:
            half.reprice(start)
            _move(start, half.counted)
        self._chunks[index : index + 1] = halves


class _WholeBook:
    """A group whose charges hang together over the whole of it (bundles, volume prices): priced anew each time."""

    def __init__(self, finder: RowFinder, bundles: Sequence[BundleEntry]) -> None:
        self._finder = finder
        self._bundles = bundles
        self._entries: list[Entry] = []
        self._charges: dict[str, Charge] = {}

    def charges(self) -> Iterator[Charge]:
        yield from self._charges.values()

    def load(self, entries: Iterable[Entry]) -> None:
        ordered = sorted([*self._entries, *entries], key=lambda entry: entry.key)
        priced, _ = rate_group(ordered, self._finder, self._bundles)
        self._entries = ordered
        self._charges = {charge.id: charge for charge in priced}

    def add(self, entry: Entry) -> list[Charge]:
        before = self._charges
        self.load([entry])
        return [charge for charge in self._charges.values() if before.get(charge.id) != charge]

    def preview(self, entry: Entry) -> Charge:
        trial = _WholeBook(self._finder, self._bundles)
        trial.load([*self._entries, entry])
        return next(charge for charge in trial.charges() if charge.id == entry.id)


_Group = tuple[str, Month | None]


class Book:
    """Every hotline's charges. At every moment they equal rate() over the records put in so far.

    Raises what rate() raises; a record that is refused leaves the book as it was.
    """

    def __init__(self, finder: RowFinder, bundles: Sequence[BundleEntry] = (), *, chunk_size: int = CHUNK_SIZE) -> None:
        self._finder = finder
        self._bundles = bundles
        self._chunk_size = chunk_size
        self._edges = finder.counter_edges()
        self._volume = finder.has_volume_tables()
        self._groups: dict[_Group, MonthBook | _WholeBook] = {}
        self._records: dict[str, UsageRecord] = {}

    def load(self, records: Iterable[UsageRecord]) -> None:
        """Put in the stored records of a start, in any order; cheaper than adding them one by one."""
        records = list(records)
        entries = [self._finder.entry(record) for record in records]
        known = dict(self._records)
        for record in records:
            if record.id in known:
                raise UsageError("id", f"{record.id!r} stands twice")
            known[record.id] = record
        by_group: dict[_Group, list[Entry]] = {}
        for entry in entries:
            by_group.setdefault(self._key(entry), []).append(entry)
        for members in by_group.values():
            self._group(members[0]).load(members)
        self._records = known

    def add(self, record: UsageRecord) -> list[Charge]:
        """The charges that this record brings about: its own and those that it changes, each a new revision.

        The same record again changes nothing and gives []; another one under a known id raises UsageError.
        """
        known = self._records.get(record.id)
        if known is not None:
            if known == record:
                return []
            raise UsageError("id", f"{record.id!r} is the id of another record")
        entry = self._finder.entry(record)
        changed = self._group(entry).add(entry)
        self._records[record.id] = record
        return changed

    def preview(self, record: UsageRecord) -> Charge:
        """What a leg in progress has cost so far; nothing is put in."""
        entry = self._finder.entry(record)
        group = self._groups.get(self._key(entry))
        if group is None:
            bought = [bundle for bundle in self._bundles if bundle.hotline == entry.group]
            return rate_entries([entry], self._finder, bought).charges[0]
        return group.preview(entry)

    def charges(self) -> dict[str, Charge]:
        """Every charge by id."""
        return {charge.id: charge for group in self._groups.values() for charge in group.charges()}

    def _key(self, entry: Entry) -> _Group:
        has_bundle = any(bundle.hotline == entry.group for bundle in self._bundles)
        return entry.group, None if has_bundle else entry.month

    def _group(self, entry: Entry) -> MonthBook | _WholeBook:
        key = self._key(entry)
        group = self._groups.get(key)
        if group is None:
            bought = [bundle for bundle in self._bundles if bundle.hotline == entry.group]
            whole = bool(bought) or self._volume
            group = _WholeBook(self._finder, bought) if whole else MonthBook(self._edges, self._chunk_size)
            self._groups[key] = group
        return group


def _move(positions: dict[str, int], counted: Positions) -> None:
    for counter, amount in counted.items():
        positions[counter] = positions.get(counter, 0) + amount
