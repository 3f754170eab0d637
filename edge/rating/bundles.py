"""Voice bundles of one hotline: prepaid minutes that stand before the tiers of their direction (rating §9, 12–16).

A chain of periods is walked once, in the order in which the hotline's records are drawn. A period is
[start, start + 31 days); it is followed by the next one

- at its end, if `auto_renew` holds (and `auto_renew_off_at` does not lie before that end);
- at the second in which its last minute is used up, if `when_spent` is "renew" and that second lies inside it.

Minutes that run out after the period is over (a long call) are no renewal by spending: the rest of that call draws from
the automatically renewed period if the entry renews both ways, else it is left to the tiers.
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

    def __init__(self, plan: Plan, entries: Sequence[BundleEntry]) -> None:
        self._plan = plan
        self._waiting = sorted(entries, key=lambda entry: entry.activated_at, reverse=True)
        self._entry: BundleEntry | None = None
        self._left_s = 0
        self.periods: list[Period] = []

    def draw(self, entry: Entry, direction: str) -> list[Part]:
        """What the bundle covers of a record, in order; one part per period drawn from."""
        assert entry.at is not None
        self.advance(entry.at)
        parts: list[Part] = []
        covered = 0
        while self._entry is not None and self._left_s and covered < entry.billed_s:
            bundle = self.periods[-1].bundle
            if bundle.direction != direction:
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
        while self._waiting and self._waiting[-1].activated_at <= now:
            entry = self._waiting.pop()
            self._run_to(entry.activated_at)
            if self._entry is not None:
                free_from = to_local_text(self.periods[-1].end)
                problem = f"activated_at: hotline {entry.hotline} has bundle {self._entry.number} then; "
                problem += f"another one can start on {free_from} at the earliest, if that one is not renewed"
                raise TableError([f"{entry.place}: {problem}"])
            self._entry = entry
            self._begin(entry, entry.activated_at)
        self._run_to(now)

    def finish(self) -> None:
        """Take up the entries that no record reached, so that every overlap is found."""
        while self._waiting:
            self.advance(self._waiting[-1].activated_at)

    def _run_to(self, now: Instant) -> None:
        while self._entry is not None and self.periods[-1].end <= now:
            if self._renews_at_end(self._entry):
                self._renew(self._entry, self.periods[-1].end)
            else:
                self._stop()

    def _spent(self, entry: BundleEntry, at: Instant) -> None:
        """The last minute was used up at `at`."""
        period = self.periods[-1]
        if not entry.renew_when_spent:
            return
        if at < period.end:
            self._renew(entry, max(at, period.start))
        elif self._renews_at_end(entry):
            self._renew(entry, period.end)

    def _renews_at_end(self, entry: BundleEntry) -> bool:
        off_at = entry.auto_renew_off_at
        return entry.auto_renew and (off_at is None or self.periods[-1].end <= off_at)

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
        if start >= self.periods[-1].end:
            self._stop()

    def _try_period(self, entry: BundleEntry, start: Instant) -> bool:
        version = self._plan.at(local_day(start))
        bundle = None if version is None else version.bundles.get(entry.number)
        if version is None or bundle is None:
            return False
        end = start.plus(version.bundle_days * _DAY_S)
        self.periods.append(Period(entry.hotline, bundle, version.version, start, end))
        self._left_s = bundle.minutes * _SECONDS_PER_MINUTE
        return True
