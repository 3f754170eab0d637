"""The running account of one group (a hotline with or without bundles, a product of requests), over all its months.

A record that arrives late shifts the counters and the bundle minutes of everything answered after it, yet amounts
change only near an edge: of a tier, of the cap, of a bundle. So the records stand in chunks and the chunks in blocks;
from the place of the first new record on, two states are carried through them, one without the new records and one
with them. A run that passes for both (see chunks) is stepped over; where one does not, its records are priced from both
states, and those that differ are the charges that change; where the states are the same again, the rest is as it was.

No charge is kept: it follows from its record and the state before it. Volume prices, which hang together over the whole
month, have an account of their own (see volume).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from operator import attrgetter

from edge.rating.bundles import BundleChain, Period
from edge.rating.charge import Charge
from edge.rating.chunks import Block, Chunk, Edges, Key
from edge.rating.instant import Instant
from edge.rating.rows import Entry
from edge.rating.shift import Addition, Place, Shift
from edge.rating.walk import State

CHUNK_SIZE = 16  # records: what a preview walks through, and what is priced anew at an edge
BLOCK_SIZE = 32  # chunks: a preview steps over half a block of them, a late record over every later block

_KEY = attrgetter("key")
_FIRST_KEY = attrgetter("first_key")


class Account:
    """The records of one group. Raises TableError, and stays as it was, where bundles come to overlap."""

    def __init__(
        self,
        edges: Edges,
        chain: BundleChain | None = None,
        chunk_size: int = CHUNK_SIZE,
        block_size: int = BLOCK_SIZE,
    ) -> None:
        """`chain` is the group's bundles before anything is drawn; blocks hold chunks, chunks hold records."""
        self._edges = edges
        self._origin = State(None, {}, chain)
        self._size, self._block_size = chunk_size, block_size
        self._blocks = [Block(self._origin, [Chunk([])])]

    def entries(self) -> Iterator[Entry]:
        """All records in their order."""
        return (entry for block in self._blocks for chunk in block.chunks for entry in chunk.entries)

    def charges(self) -> Iterator[Charge]:
        """All charges in the order of their calls."""
        state = self._origin.copy()
        return (state.price(entry) for entry in self.entries())

    def periods(self, until: Instant | None = None) -> list[Period]:
        """The bundle periods begun, in order; renewed up to `until`."""
        chain = self._blocks[-1].state_after().chain
        if chain is None:
            return []
        rest = chain.copy()
        rest.finish()
        if until is not None:
            rest.advance(until)
        return [period for block in self._blocks for period in block.effect(block.start).begun] + rest.periods

    def load(self, entries: Iterable[Entry]) -> None:
        """Put in many records at once; for those of a whole month cheaper than `adding` them."""
        ordered = sorted([*self.entries(), *entries], key=_KEY)
        chunks = _chunks(ordered, self._size)
        state = self._origin.copy()
        blocks = []
        for at in range(0, len(chunks), self._block_size):
            blocks.append(Block(state.copy(), chunks[at : at + self._block_size]))
            blocks[-1].pass_over(state)
        _refuse_overlaps(state)
        self._blocks = blocks

    def adding(self, ordered: Sequence[Entry]) -> Addition:
        """What new records, at least one and in their order, bring about: the charges that change, by order of call."""
        shift = Shift(self._edges)
        self._walk(ordered, shift)
        self._carry(shift, shift.places[-1], Place(len(self._blocks), 0, 0))
        if not shift.is_over():
            _refuse_overlaps(shift.new)
        return Addition(shift.changed, partial(self._put, ordered, shift))

    def preview(self, ordered: Sequence[Entry]) -> list[Charge]:
        """What records in their order would cost if they were added now; nothing changes.

        One that is in the account already is not added again: its charge is what the others would make of it.
        """
        shift = Shift(self._edges)
        charges = []
        places = [self._place(entry) for entry in ordered]
        for reached, place, entry in zip([*places[:1], *places], places, ordered, strict=False):
            there = self._state_at(place)
            if not shift.is_over() and not shift.leap(there, entry.at):
                self._carry(shift, reached, place)
            if shift.is_over():
                shift.start(there)
            charges.append(shift.price_in(entry) if self._holds(entry, place) else shift.price_at(place, entry))
        return charges

    def _walk(self, ordered: Sequence[Entry], shift: Shift) -> None:
        """Price new records, each in its place after those before it."""
        for entry in ordered:
            place = self._place(entry)
            if not shift.is_over():
                self._carry(shift, shift.places[-1], place)
            if shift.is_over():
                shift.start(self._state_at(place))
            shift.price_at(place, entry)

    def _carry(self, shift: Shift, start: Place, end: Place) -> None:
        """Through all records from one place to another, or until nothing differs any more."""
        for entered, run in self._runs(start, end):
            if shift.is_over():
                return
            if entered is not None:
                shift.enter(entered)
            shift.carry(run)

    def _runs(self, start: Place, end: Place) -> Iterator[tuple[Block | None, Block | Chunk]]:
        """What lies between two places, in the largest pieces, each with the block that begins there."""
        block = self._blocks[start.block]
        entries = block.chunks[start.chunk].entries
        if start == end:
            return
        if start[:2] == end[:2]:
            yield None, Chunk(entries[start.entry : end.entry])
            return
        yield None, Chunk(entries[start.entry :])
        following = start.chunk + 1
        if start.block < end.block:
            yield from ((None, chunk) for chunk in block.chunks[following:])
            yield from ((block, block) for block in self._blocks[start.block + 1 : end.block])
            if end.block == len(self._blocks):
                return
            block, following = self._blocks[end.block], 0
            yield block, Chunk([])
        yield from ((None, chunk) for chunk in block.chunks[following : end.chunk])
        yield None, Chunk(block.chunks[end.chunk].entries[: end.entry])

    def _put(self, ordered: Sequence[Entry], shift: Shift) -> None:
        shift.commit()
        placed = zip(reversed(shift.places), reversed(ordered), strict=True)  # from the end: places stay what they were
        for at, in_block in groupby(placed, key=lambda pair: pair[0].block):
            block = self._blocks[at]
            for chunk, in_chunk in groupby(in_block, key=lambda pair: pair[0].chunk):
                entries = block.chunks[chunk].entries
                for place, entry in in_chunk:
                    entries.insert(place.entry, entry)
                is_long = len(entries) > 2 * self._size
                block.replace(chunk, _chunks(entries, self._size) if is_long else [Chunk(entries)])
            while len(block.chunks) > 2 * self._block_size:
                self._blocks.insert(at + 1, block.cut(len(block.chunks) - self._block_size))

    def _place(self, entry: Entry) -> Place:
        key = entry.key
        block = _holder(self._blocks, key)
        chunks = self._blocks[block].chunks
        chunk = _holder(chunks, key)
        return Place(block, chunk, bisect_left(chunks[chunk].entries, key, key=_KEY))

    def _holds(self, entry: Entry, place: Place) -> bool:
        """Whether the record at its place is this one."""
        entries = self._blocks[place.block].chunks[place.chunk].entries
        return place.entry < len(entries) and entries[place.entry].id == entry.id

    def _state_at(self, place: Place) -> State:
        block = self._blocks[place.block]
        state = block.state_before(place.chunk)
        for entry in block.chunks[place.chunk].entries[: place.entry]:
            state.move(entry)
        return state


def _holder(runs: Sequence[Block] | Sequence[Chunk], key: Key) -> int:
    """The number of the run in which a key belongs: most often the last one. What is before all is the first one's."""
    last = len(runs) - 1
    if last == 0 or key >= runs[last].first_key:
        return last
    return bisect_right(runs, key, 1, last, key=_FIRST_KEY) - 1


def _chunks(entries: list[Entry], size: int) -> list[Chunk]:
    return [Chunk(entries[at : at + size]) for at in range(0, max(1, len(entries)), size)]


def _refuse_overlaps(end: State) -> None:
    """Take up the bundles that no record reached; raises TableError."""
    if end.chain is not None:
        end.chain.copy().finish()
