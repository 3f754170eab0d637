"""The guard against toll fraud: what the company's outgoing calls cost in any 60 minutes, and in one night.

A charge is spread evenly over the time that its call ran, and each part counts when it ran; parts are rounded up, so
the guard never sees less than there is. Calls in progress count with what they have cost so far. Calls without a price
cost nothing here: whoever opened dear destinations decided that.

Past a cap, outgoing calls are cut and barred: by the hour for 60 minutes, after which nothing that led to it is in the
window; by the night until its end. One alarm for each time.

A bar and the tries of refused numbers follow from nothing that is stored, so they are kept for themselves and outlive
a restart (`FraudState`). After one without a clock nobody knows how long the box was off: what was kept then counts as
if it had just happened.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from edge.dialplan.limits import FraudGuard
from edge.spending.calendar import CLOCK_UNSET_BEFORE, Nights
from edge.spending.levels import FIRST_BLOCK_VND
from edge.spending.spent import Spent
from edge.telephony import Moment

HOUR_S = 3600
TWO_DAYS_S = 2 * 86_400
MOST_SUMS = 16


class Cap(Enum):
    HOUR = "hour"
    NIGHT = "night"


@dataclass(frozen=True, slots=True, order=True)
class Run:
    """A charge and when it ran: POSIX seconds, whole VND."""

    end: float
    start: float
    vnd: int
    item: str = ""

    def within(self, start: float, end: float) -> int:
        """VND of the part that ran between two instants, rounded up."""
        ran = self.end - self.start
        shared = min(end, self.end) - max(start, self.start)
        if shared <= 0 or not self.vnd:
            return 0
        # Milliseconds as integers: money meets no float.
        return min(self.vnd, -(-self.vnd * round(1000 * shared) // max(1, round(1000 * ran))))


@dataclass(frozen=True, slots=True)
class FraudState:
    """What a restart must not forget. POSIX seconds, by the clock of then."""

    barred_until: float | None = None
    """By the cap of the hour."""
    barred_night: int | None = None
    """When the night began whose cap bars until its end."""
    refused: tuple[float, ...] = ()
    """When barred numbers were dialled within the last hour, rising."""
    refused_told: bool = False
    """There has been an alarm for them."""


class FraudWatch:
    """Knows stored charges of employees' calls, and whether outgoing calls are barred now."""

    def __init__(self, guard: FraudGuard) -> None:
        self._guard = guard
        self._nights = Nights.of(guard)
        self._recent: list[Run] = []
        self._refused: deque[float] = deque()
        self._refused_told = False
        self._barred_until: float | None = None
        self._barred_night: int | None = None
        self._is_kept = True
        self._summed: dict[int, tuple[float, int, int]] = {}
        """Second → (wall, window, night): a look asks for now and for some seconds ahead."""

    # --- what is spent --------------------------------------------------------------------------------------------

    def put(self, spent: Spent, before: Spent | None, wall: float) -> None:
        """A stored charge and what it replaces. Ones that ended more than two days ago are of no interest."""
        if before is not None:
            for run in [run for run in self._recent if run.item == before.item]:
                self._recent.remove(run)
                self._sum_up(run, -1)
        if spent.outgoing and spent.calling_extension is not None and spent.amount_vnd:
            run = Run(spent.answered_at + spent.billed_s, spent.answered_at, spent.amount_vnd, spent.item)
            if run.end > wall - TWO_DAYS_S:
                insort(self._recent, run)
                self._sum_up(run, 1)

    def _sum_up(self, run: Run, sign: int) -> None:
        """Keeps the sums right without looking at everything again."""
        for second, (wall, hour_vnd, night_vnd) in self._summed.items():
            night = self._night(wall)
            hour_vnd += sign * run.within(wall - HOUR_S, wall)
            night_vnd += 0 if night is None else sign * run.within(*night)
            self._summed[second] = wall, hour_vnd, night_vnd

    def forget(self, wall: float) -> None:
        """Drops what no window reaches any more."""
        self._recent = [run for run in self._recent if run.end > wall - TWO_DAYS_S]
        self._summed.clear()

    def hour_vnd(self, running: Iterable[Run], wall: float) -> int:
        return self._stored(wall)[0] + sum(run.within(wall - HOUR_S, run.end) for run in running)

    def night_vnd(self, running: Iterable[Run], wall: float) -> int:
        """Of the night that it is now; 0 by day."""
        night = self._night(wall)
        if night is None:
            return 0
        return self._stored(wall)[1] + sum(run.within(*night) for run in running)

    def passed(self, running: Iterable[Run], wall: float) -> Cap | None:
        """The cap that spending has gone beyond."""
        runs = list(running)
        guard = self._guard
        if guard.hourly_vnd is not None and self.hour_vnd(runs, wall) > guard.hourly_vnd:
            return Cap.HOUR
        if guard.night_vnd is not None and self.night_vnd(runs, wall) > guard.night_vnd:
            return Cap.NIGHT
        return None

    def _stored(self, wall: float) -> tuple[int, int]:
        """Stored spending of the window and of the night, reckoned once a second."""
        known = self._summed.get(int(wall))
        if known is None:
            night = self._night(wall)
            hour_vnd = night_vnd = 0
            for run in reversed(self._recent):
                if run.end <= wall - HOUR_S and (night is None or run.end <= night[0]):
                    break
                hour_vnd += run.within(wall - HOUR_S, wall)
                night_vnd += 0 if night is None else run.within(*night)
            if len(self._summed) >= MOST_SUMS:
                self._summed.clear()
            known = self._summed[int(wall)] = wall, hour_vnd, night_vnd
        return known[1:]

    def _night(self, wall: float) -> tuple[int, int] | None:
        return self._nights.at(wall) if wall >= CLOCK_UNSET_BEFORE else None

    # --- barred ---------------------------------------------------------------------------------------------------

    def bar(self, cap: Cap, now: Moment) -> float:
        """Outgoing calls are barred from now on; until when (POSIX seconds)."""
        self._is_kept = False
        night = self._night(now.wall)
        if cap is Cap.NIGHT and night is not None:
            self._barred_night = night[0]
            return float(night[1])
        self._barred_until = now.mono + HOUR_S
        return now.wall + HOUR_S

    def bars(self, now: Moment) -> bool:
        return self.barred_until(now) is not None

    def barred_until(self, now: Moment) -> float | None:
        """POSIX seconds; None: nothing is barred. The hour runs by the monotonic clock."""
        if self._barred_until is not None and now.mono >= self._barred_until:
            self._barred_until = None
        night = self._night(now.wall)
        is_over = night is None or night[0] != self._barred_night
        if self._barred_night is not None and is_over and now.wall >= CLOCK_UNSET_BEFORE:
            self._barred_night = None
        ends = [] if self._barred_until is None else [now.wall + self._barred_until - now.mono]
        if night is not None and night[0] == self._barred_night:
            ends.append(float(night[1]))
        return max(ends, default=None)

    def change(self, guard: FraudGuard, running: Iterable[Run], wall: float) -> None:
        """New caps hold at once; a bar is lifted by a cap that is no longer used up, and by no other change."""
        before, self._guard = self._guard, guard
        self._nights = Nights.of(guard)
        self._summed.clear()
        bars = self._barred_until, self._barred_night
        runs = list(running)
        if guard.hourly_vnd != before.hourly_vnd and not _used_up(guard.hourly_vnd, self.hour_vnd(runs, wall)):
            self._barred_until = None
        if self._barred_night is not None and _night_of(guard) != _night_of(before):
            night = self._night(wall)
            still = night is not None and _used_up(guard.night_vnd, self.night_vnd(runs, wall))
            self._barred_night = night[0] if night is not None and still else None
        if bars != (self._barred_until, self._barred_night):
            self._is_kept = False

    # --- refused numbers ------------------------------------------------------------------------------------------

    def refused(self, now: Moment) -> bool:
        """A barred number was dialled; True when that is an alarm, once until it has become quiet again."""
        self._refused.append(now.mono)
        self._is_kept = False
        count = self.refused_count(now)
        most = self._guard.refused_tries
        if most is None or count < most or self._refused_told:
            return False
        self._refused_told = True
        return True

    def refused_count(self, now: Moment) -> int:
        """Tries within the last hour."""
        while self._refused and self._refused[0] <= now.mono - HOUR_S:
            self._refused.popleft()
        if self._guard.refused_tries is None or len(self._refused) < self._guard.refused_tries:
            self._refused_told = False
        return len(self._refused)

    # --- kept -----------------------------------------------------------------------------------------------------

    def to_keep(self, now: Moment) -> FraudState | None:
        """What is to be stored now; None: nothing has changed since."""
        if self._is_kept:
            return None
        self._is_kept = True
        offset = now.wall - now.mono
        self.barred_until(now)  # what is over is not kept
        self.refused_count(now)
        return FraudState(
            None if self._barred_until is None else self._barred_until + offset,
            self._barred_night,
            tuple(mono + offset for mono in self._refused),
            self._refused_told,
        )

    def clock_was_set(self) -> None:
        """What is kept has the stamps of before."""
        self._is_kept = self._is_kept and self._barred_until is None and not self._refused

    def restore(self, state: FraudState, now: Moment) -> None:
        """After a start, in place of what is known."""
        self._barred_until = None
        if state.barred_until is not None:
            left_s = HOUR_S - _age_s(state.barred_until - HOUR_S, now)
            self._barred_until = now.mono + left_s if left_s > 0 else None
        self._barred_night = state.barred_night
        ages_s = (_age_s(at, now) for at in state.refused)
        self._refused = deque(now.mono - age_s for age_s in ages_s if age_s < HOUR_S)
        self._refused_told = state.refused_told


def _age_s(at: float, now: Moment) -> float:
    """How long ago that was; 0 where one of the clocks was nobody's."""
    return max(0.0, now.wall - at) if min(at, now.wall) >= CLOCK_UNSET_BEFORE else 0.0


def _used_up(cap_vnd: int | None, vnd: int) -> bool:
    """What is left is no more than calls leave when a cap stops them: a first block, or a hundredth of the cap."""
    return cap_vnd is not None and vnd > 0 and cap_vnd - vnd < max(FIRST_BLOCK_VND, cap_vnd // 100)


def _night_of(guard: FraudGuard) -> tuple[int | None, str, str]:
    return guard.night_vnd, guard.night_begins, guard.night_ends
