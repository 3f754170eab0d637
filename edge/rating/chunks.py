"""What runs of records do to the state of a walk, so that a run can be stepped over without looking at its records.

An Effect is what a run of records makes of the State at its start (see walk). It is relative (add so much, draw so
much) and therefore holds for every state that meets the same prices from the first record of the run to the last.
`Effect.passes` decides that, and never says yes where an amount might differ:

- a counter that differs may have no edge strictly between the lower start and the higher end (which is inclusive: a
  call that ends on an edge lies before it, one that begins there behind it);
- a call abroad that is unrated because it would cross the cap must be unrated for the lower start too;
- where a month turns, or a bundle period begins or ends, inside the run, the states must not differ there at all;
- otherwise the bundle that covers must be the same one and may neither run out nor end before the run does.

Chunk is a run with its records, Block a run of chunks with the state at its start.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.rating.bundles import BundleChain, Period
from edge.rating.instant import Instant, Month
from edge.rating.rows import ABROAD, Entry
from edge.rating.tariff import Tiers
from edge.rating.walk import State

Edges = Mapping[str, Sequence[int]]
"""Each counter's positions at which some price changes, in order (RowFinder.counter_edges)."""

Key = tuple[int, str, str]
"""A place in time: what records stand in order of (Entry.key)."""


@dataclass(slots=True)
class Effect:
    """What a run of records makes of the state at its start."""

    month: Month | None
    """The month in which it ends."""
    last: Instant | None
    """When the last record that bundles are asked about was answered; None: there is none, or no bundle either."""
    turns: bool
    """Whether a month turns inside: `counted` starts at 0 there."""
    counted: dict[str, int]
    refused_s: int | None
    """Of the calls abroad that the cap left unrated: the least seconds from the run's start to such a call's end."""
    drawn_s: int
    """Seconds of bundles, where no period begins or ends inside."""
    chain: BundleChain | None
    """The bundles at the end, where one does."""
    begun: tuple[Period, ...]

    def apply(self, state: State) -> None:
        """Move a state over the run. The run must pass for it, or be the one that was measured."""
        if self.turns:
            state.month, state.positions = self.month, dict(self.counted)
        else:
            positions = state.positions
            for counter, amount in self.counted.items():
                positions[counter] = positions.get(counter, 0) + amount
        if self.chain is not None:
            state.chain = self.chain.copy()
        elif self.drawn_s and state.chain is not None:
            state.chain.skip(self.drawn_s)

    def passes(self, old: State, new: State, edges: Edges) -> bool:
        """Whether every record of the run costs from `new` what it costs from `old`, the state that was measured."""
        if not new.has_counters_of(old) and (self.turns or self._crosses(old.positions, new.positions, edges)):
            return False
        if self.last is None or old.chain is None or new.chain is None or new.chain.same_as(old.chain):
            return True
        if self.chain is not None:
            return False
        return new.chain.covers == old.chain.covers and new.chain.stays(self.drawn_s, self.last)

    def _crosses(self, old: Mapping[str, int], new: Mapping[str, int], edges: Edges) -> bool:
        for counter, amount in self.counted.items():
            was, now = old.get(counter, 0), new.get(counter, 0)
            if was != now:
                marks = edges.get(counter, ())
                following = bisect_right(marks, min(was, now))
                if following < len(marks) and marks[following] < max(was, now) + amount:
                    return True
        if self.refused_s is None:
            return False
        was, now, caps = old.get(ABROAD, 0), new.get(ABROAD, 0), edges.get(ABROAD, ())
        return was != now and len(caps) > 0 and min(was, now) + self.refused_s <= caps[-1]


def measure(entries: Sequence[Entry], state: State) -> Effect:
    """What `entries` do to `state`, which moves past them."""
    start = Start(state)
    refused_s: int | None = None
    for entry in entries:
        if not state.move(entry):
            end_s = start.counted(ABROAD) + entry.billed_s
            refused_s = end_s if refused_s is None else min(refused_s, end_s)
    last = None if state.chain is None else _last_drawn(entries)
    return start.effect(last, refused_s)


def between(start: State, end: State, until: Instant | None) -> Effect | None:
    """The effect of all records between two places, told from the states there; nothing of it is looked at.

    None where a month turns, or a bundle period begins or ends. How near calls abroad came to the cap is not known, so
    the worst is assumed. `until` is not before the last of the records.
    """
    if start.month != end.month:
        return None
    drawn_s = 0
    if end.chain is not None and start.chain is not None:
        drawn = end.chain.drawn_since(start.chain)
        if drawn is None:
            return None
        drawn_s = drawn
    moved = {name: amount - start.positions.get(name, 0) for name, amount in end.positions.items()}
    counted = {name: amount for name, amount in moved.items() if amount}
    return Effect(end.month, until, turns=False, counted=counted, refused_s=0, drawn_s=drawn_s, chain=None, begun=())


def _last_drawn(entries: Sequence[Entry]) -> Instant | None:
    return next((entry.at for entry in reversed(entries) if isinstance(entry.row.pricing, Tiers)), None)


class Start:
    """The beginning of a run that is being measured: what `state` has moved by since."""

    __slots__ = ("_chain", "_month", "_positions", "_state")

    def __init__(self, state: State) -> None:
        self._state = state
        self._month, self._positions, self._chain = state.month, dict(state.positions), state.chain
        if state.chain is not None:
            state.chain = state.chain.copy()

    def counted(self, counter: str) -> int:
        """By how much a counter has moved (without a turn of the month)."""
        return self._state.positions.get(counter, 0) - self._positions.get(counter, 0)

    def effect(self, last: Instant | None, refused_s: int | None) -> Effect:
        """What was done up to here."""
        state = self._state
        turns = state.month != self._month
        if turns:
            counted = dict(state.positions)
        else:
            counted = {name: amount for name in state.positions if (amount := self.counted(name))}
        if state.chain is None or self._chain is None:
            return Effect(state.month, last, turns, counted, refused_s, 0, None, ())
        begun = tuple(state.chain.periods)
        drawn_s = state.chain.drawn_since(self._chain)
        if drawn_s is None:
            return Effect(state.month, last, turns, counted, refused_s, 0, state.chain.copy(), begun)
        return Effect(state.month, last, turns, counted, refused_s, drawn_s, None, begun)


class Chunk:
    """Neighbouring records, in order. Its effect is measured when it is first asked for."""

    __slots__ = ("_effect", "entries")

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries
        self._effect: Effect | None = None

    @property
    def first_key(self) -> Key:
        """Of a chunk with records. Only an account without records has an empty one, and only that one."""
        return self.entries[0].key

    def effect(self, start: State) -> Effect:
        """What the chunk does to the state at its start, which stays where it is."""
        if self._effect is None:
            self._effect = measure(self.entries, start.copy())
        return self._effect

    def pass_over(self, state: State) -> Effect:
        """Move the state at its start to its end."""
        if self._effect is None:
            self._effect = measure(self.entries, state)
        else:
            self._effect.apply(state)
        return self._effect

    def forget(self) -> None:
        """Some of its prices have changed."""
        self._effect = None


class Block:
    """Neighbouring chunks, and the state before the first of them."""

    __slots__ = ("_effect", "chunks", "start")

    def __init__(self, start: State, chunks: list[Chunk]) -> None:
        self.start = start
        self.chunks = chunks
        self._effect: Effect | None = None

    @property
    def first_key(self) -> Key:
        return self.chunks[0].first_key

    def effect(self, start: State) -> Effect:
        """What the block does to the state at its start, which stays where it is."""
        if self._effect is None:
            self._effect = _together(self.chunks, start.copy())
        return self._effect

    def pass_over(self, state: State) -> None:
        """Move the state at its start to its end."""
        if self._effect is None:
            self._effect = _together(self.chunks, state)
        else:
            self._effect.apply(state)

    def state_before(self, chunk: int) -> State:
        """The state at the start of a chunk."""
        state = self.start.copy()
        for known in self.chunks[:chunk]:
            known.pass_over(state)
        return state

    def state_after(self) -> State:
        """The state at the end of the block."""
        return self.state_before(len(self.chunks))

    def forget(self) -> None:
        """Some of its prices have changed."""
        self._effect = None

    def replace(self, chunk: int, pieces: Sequence[Chunk]) -> None:
        """Put new chunks in the place of one."""
        self.chunks[chunk : chunk + 1] = pieces
        self._effect = None

    def cut(self, chunk: int) -> Block:
        """Cut off the chunks from `chunk` on: a block of their own."""
        rest = Block(self.state_before(chunk), self.chunks[chunk:])
        del self.chunks[chunk:]
        self._effect = None
        return rest


def _together(chunks: Sequence[Chunk], state: State) -> Effect:
    """What chunks do to `state`, which moves past them."""
    start = Start(state)
    refused_s: int | None = None
    begun: list[Period] = []
    last: Instant | None = None
    for chunk in chunks:
        before_s = start.counted(ABROAD)
        effect = chunk.pass_over(state)
        if effect.refused_s is not None:
            end_s = before_s + effect.refused_s
            refused_s = end_s if refused_s is None else min(refused_s, end_s)
        begun += effect.begun
        last = effect.last or last
    total = start.effect(last, refused_s)
    total.begun = tuple(begun)
    return total
