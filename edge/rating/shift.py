"""What new records do to those that stand already.

A Shift carries two states through an account, the one without the new records and the one with them, and collects the
charges that differ. Nothing in the account is touched before `commit`, so a shift that fails, or is only a preview,
leaves no trace.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from edge.rating.charge import Charge
from edge.rating.chunks import Block, Chunk, Edges, between
from edge.rating.instant import Instant
from edge.rating.rows import Entry
from edge.rating.walk import State


class Place(NamedTuple):
    """Before which record of which chunk of which block; one past a chunk's last rather than before the next one's."""

    block: int
    chunk: int
    entry: int


@dataclass(frozen=True, slots=True)
class Addition:
    """Records that may be put in."""

    changed: list[Charge]
    """Their charges, and each earlier charge that would change."""
    commit: Callable[[], None]
    """Puts them in; to be called once, before anything else is put in."""


class Shift:
    """Two states side by side; `old` moves through an account's records, `new` through them and the new ones."""

    def __init__(self, edges: Edges) -> None:
        self.old = self.new = State(None, {}, None)
        self.changed: list[Charge] = []
        self.places: list[Place] = []
        """Where the new records belong, in their order."""
        self._edges = edges
        self._stale: list[Block | Chunk] = []
        self._starts: list[tuple[Block, State]] = []

    def start(self, state: State) -> None:
        """Go on from a place at which the two are the same."""
        self.old, self.new = state, state.copy()

    def is_over(self) -> bool:
        """Whether everything from here on costs what it did."""
        return self.old.same_as(self.new)

    def price_at(self, place: Place, entry: Entry) -> Charge:
        """Put in a new record here."""
        charge = self.new.price(entry)
        self.changed.append(charge)
        self.places.append(place)
        return charge

    def price_in(self, entry: Entry) -> Charge:
        """The charge of the record that stands here; the states stay before it."""
        return self.new.copy().price(entry)

    def enter(self, block: Block) -> None:
        """The states stand at the start of a block."""
        self._starts.append((block, self.new.copy()))

    def carry(self, run: Block | Chunk) -> None:
        """Through the next run; where it does not pass, its charges are compared."""
        effect = run.effect(self.old)
        if effect.passes(self.old, self.new, self._edges):
            effect.apply(self.old)
            effect.apply(self.new)
            return
        self._stale.append(run)
        if isinstance(run, Block):
            for chunk in run.chunks:
                self.carry(chunk)
            return
        for entry in run.entries:
            before, after = self.old.price(entry), self.new.price(entry)
            if before != after:
                self.changed.append(after)

    def leap(self, there: State, until: Instant | None) -> bool:
        """To a later place, `there` without the new records, in one step; False, and no step, if a price might differ.

        `until`: when the record there was answered. For previews only: what is leapt over is not noted for `commit`.
        """
        effect = between(self.old, there, until)
        if effect is None or not effect.passes(self.old, self.new, self._edges):
            return False
        self.old = there
        effect.apply(self.new)
        return True

    def commit(self) -> None:
        """The new records are in: blocks start from the new states, what did not pass must be measured anew."""
        for run in self._stale:
            run.forget()
        for block, start in self._starts:
            block.start = start
