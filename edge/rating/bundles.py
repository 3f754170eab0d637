"""Voice bundles of one hotline: prepaid minutes that stand before the tiers of their direction (rating §9, 12–16).

A chain of periods is walked once, in the order in which the hotline's records are drawn. A period is
[start, start + 31 days); it is followed by the next one

- at its end, if `auto_renew` holds (and `auto_renew_off_at` does not lie before that end);
- at the second in which its last minute is used up, if `when_spent` is "renew" and that second lies inside it.

Minutes that run out after the period is over (a long call) are no renewal by spending: the rest of that call draws from
the automatically renewed period if the entry renews both ways, else it is left to the tiers.

A chain is also the state of such a walk: it can be copied at any place, two of them can be compared, and `stays` tells
whether a run of calls could be skipped because nothing but the minutes left would change (see chunks).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edge.rating.charge import Part
from edge.rating.errors import TableError
from edge.rating.instant import Instant, local_day, to_local_text
from edge.rating.rows import Entry
from edge.rating.tariff import Bundle, Plan

_DAY_S = 86_400
_SECONDS_PER_MINUTE = 60


@dataclass(frozen=True, slots=True)
class BundleEntry:
    """A bundle that a customer bought."""

    place: str
    """Where it is written, for messages: "bundles.json: entry 2"."""
    hotline: str
    number: int
    activated_at: Instant
    auto_renew: bool
    auto_renew_off_at: Instant | None
    renew_when_spent: bool


@dataclass(frozen=True, slots=True)
class Period:
    """One charged period of a bundle."""

    hotline: str
    bundle: Bundle
    version: str
    start: Instant
    end: Instant


class BundleChain:
    """The bundles of one hotline while its records are priced in order. Draw only forward in time."""

    __slots__ = ("_bought", "_entry", "_left_s", "_next", "_period", "_plan", "periods")

    def __init__(self, plan: Plan, entries: Sequence[BundleEntry]) -> None:
        self._plan = plan
        self._bought = tuple(sorted(entries, key=lambda entry: entry.activated_at))
        self._next = 0  # of what was bought: the first that is not activated yet
        self._entry: BundleEntry | None = None
        self._period: Period | None = None  # that of the entry, the last one begun
        self._left_s = 0  # more than 0 only while there is an entry
        self.periods: list[Period] = []
        """The periods begun since the chain was made or copied."""

    def copy(self) -> BundleChain:
        """The same state with no periods of its own yet; what happens to one of the two leaves the other as it is."""
        twin: BundleChain = BundleChain.__new__(BundleChain)
        twin._plan, twin._bought, twin._next = self._plan, self._bought, self._next
        twin._entry, twin._period, twin._left_s = self._entry, self._period, self._left_s
        twin.periods = []
        return twin

    @property
    def covers(self) -> Bundle | None:
        """The bundle that has minutes left."""
        return self._period.bundle if self._left_s and self._period is not None else None

    def same_as(self, other: BundleChain) -> bool:
        """Whether a copy of the same chain will do the same from here on."""
        if self._next != other._next or self._entry is not other._entry:
            return False
        return self._entry is None or (self._left_s == other._left_s and self._period == other._period)

    def drawn_since(self, before: BundleChain) -> int | None:
        """The seconds drawn since this chain stood as `before`; None if anything else has, or may have, happened."""
        if self._entry is not before._entry or self._period is not before._period:
            return None  # the very same period: one that was renewed at its own start is equal to it
        if self.covers is not before.covers:
            return None
        return before._left_s - self._left_s

    def stays(self, drawn_s: int, until: Instant) -> bool:
        """Whether nothing but the minutes left will have changed when `drawn_s` are drawn by `until`.

        The run is one in which no entry begins: it was measured from a chain that stands before the same records.
        """
        if self._entry is not None and self._period is not None and self._period.end <= until:
            return False
        return not self._left_s or drawn_s < self._left_s

    def skip(self, drawn_s: int) -> None:
        """Draw `drawn_s` of which it is known that the chain `stays`."""
        self._left_s -= drawn_s

    def draw(self, entry: Entry, direction: str) -> list[Part]:
        """What the bundle covers of a record, in order; one part per period drawn from."""
        assert entry.at is not None
        self.advance(entry.at)
        parts: list[Part] = []
        covered = 0
        while self._entry is not None and covered < entry.billed_s:
            bundle = self.covers
            if bundle is None or bundle.direction != direction:
                break
            taken = min(entry.billed_s - covered, self._left_s)
            self._left_s -= taken
            covered += taken
            parts.append(Part(taken, 0, None, bundle.number))
            if self._left_s == 0:
                self._spent(self._entry, entry.at.plus(covered))
        return parts

    def advance(self, now: Instant) -> None:
        """Let the periods that end, and the entries that begin, up to `now` do so."""
        while self._next < len(self._bought) and self._bought[self._next].activated_at <= now:
            entry = self._bought[self._next]
            self._next += 1
            self._run_to(entry.activated_at)
            if self._entry is not None:
                free_from = to_local_text(self._end())
                problem = f"activated_at: hotline {entry.hotline} has bundle {self._entry.number} then; "
                problem += f"another one can start on {free_from} at the earliest, if that one is not renewed"
                raise TableError([f"{entry.place}: {problem}"])
            self._entry = entry
            self._begin(entry, entry.activated_at)
        self._run_to(now)

    def finish(self) -> None:
        """Take up the entries that no record reached, so that every overlap is found."""
        while self._next < len(self._bought):
            self.advance(self._bought[self._next].activated_at)

    def _end(self) -> Instant:
        assert self._period is not None
        return self._period.end

    def _run_to(self, now: Instant) -> None:
        while self._entry is not None and self._end() <= now:
            if self._renews_at_end(self._entry):
                self._renew(self._entry, self._end())
            else:
                self._stop()

    def _spent(self, entry: BundleEntry, at: Instant) -> None:
        """The last minute was used up at `at`."""
        assert self._period is not None
        if not entry.renew_when_spent:
            return
        if at < self._period.end:
            self._renew(entry, max(at, self._period.start))
        elif self._renews_at_end(entry):
            self._renew(entry, self._period.end)

    def _renews_at_end(self, entry: BundleEntry) -> bool:
        off_at = entry.auto_renew_off_at
        return entry.auto_renew and (off_at is None or self._end() <= off_at)

    def _stop(self) -> None:
        self._entry = None
        self._left_s = 0

    def _begin(self, entry: BundleEntry, start: Instant) -> None:
        if not self._try_period(entry, start):
            day = local_day(start)
            raise TableError([f"{entry.place}: bundle: plan {self._plan.name} sells no bundle {entry.number} on {day}"])

    def _renew(self, entry: BundleEntry, start: Instant) -> None:
        """Begin the next period; a bundle that is sold no longer is not renewed."""
        if self._try_period(entry, start):
            return
        if start >= self._end():
            self._stop()

    def _try_period(self, entry: BundleEntry, start: Instant) -> bool:
        version = self._plan.at(local_day(start))
        bundle = None if version is None else version.bundles.get(entry.number)
        if version is None or bundle is None:
            return False
        end = start.plus(version.bundle_days * _DAY_S)
        self._period = Period(entry.hotline, bundle, version.version, start, end)
        self.periods.append(self._period)
        self._left_s = bundle.minutes * _SECONDS_PER_MINUTE
        return True
