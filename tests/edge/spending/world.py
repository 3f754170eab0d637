"""Calls in virtual time around a guard: people who talk, a switchboard that does as it is told, a store that lags."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from math import ceil

from edge.dialplan.limits import Spending
from edge.dialplan.settings import Extension
from edge.spending.actions import Action, Authorise, Bar, CutLeg, KeepFraudState, SendNotice, TellPage, WarnLeg
from edge.spending.events import (
    ChargesStored,
    Event,
    LegMetered,
    LegReleased,
    LegRequested,
    NumberRefused,
    SettingsChanged,
    TimePassed,
)
from edge.spending.fraud import FraudState
from edge.spending.guard import SpendingGuard
from edge.spending.legs import LegInProgress
from edge.telephony import LegId, Moment, PhoneNumber, Service
from tests.edge.spending.plan import OFF_NET, Plan, spent

HOTLINE = PhoneNumber("+84901234567")
OTHER_HOTLINE = PhoneNumber("+84937654321")
NOON = 1_795_323_600.0  # 2026-11-22 12:00 in Vietnam
SALES = Extension("512", "Kinh doanh", PhoneNumber("+84903000512"), department="Kinh doanh")
CARE = Extension("513", "Chăm sóc", PhoneNumber("+84903000513"), department="Kinh doanh")
STORE = Extension("520", "Kho", PhoneNumber("+84903000520"), department="Kho")
EXTENSIONS = (SALES, CARE, STORE)
ALARM = PhoneNumber("+84903999999")


@dataclass(frozen=True)
class CallPlan:
    """What would happen if nobody intervened."""

    at: float
    lasts_s: float | None = 3600.0
    """Connected time; None: nobody answers."""
    extension: str | None = "512"
    called: str = OFF_NET
    hotline: PhoneNumber | None = HOTLINE
    rings_s: float = 5.0
    cut_takes_s: float = 0.4
    stored_after_s: float = 0.5


@dataclass
class Story:
    """The fate of one call."""

    plan: CallPlan
    barred: Bar | None = None
    answered: Moment | None = None
    ended: float | None = None
    cut_at: float | None = None
    warnings: list[tuple[float, int]] = field(default_factory=list)
    """(when, seconds left that were said)."""

    @property
    def billed_s(self) -> int:
        if self.answered is None or self.ended is None:
            return 0
        return max(6, ceil(round(self.ended - self.answered.mono, 6)))


class World:
    def __init__(
        self,
        spending: Spending,
        plan: Plan | None = None,
        wall: float = NOON,
        extensions: Sequence[Extension] = EXTENSIONS,
        language: str = "vi",
    ) -> None:
        self.plan = plan or Plan()
        self.kept = FraudState()
        self._new_guard = lambda: SpendingGuard(self.plan, spending, extensions, language)
        self.guard = self._new_guard()
        self.now = Moment(100.0, wall)
        self.guard.load([], self.now)
        self.stories: dict[LegId, Story] = {}
        self.sms: list[tuple[float, str, str]] = []
        self.page: list[tuple[float, TellPage]] = []
        self.actions: list[tuple[float, Action]] = []
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._number = count(1)

    # --- what may be asked for ------------------------------------------------------------------------------------

    def call(self, plan: CallPlan) -> LegId:
        """`plan.at`: seconds from the beginning."""
        leg = LegId(f"c{next(self._number)}.1")
        self.stories[leg] = Story(plan)
        self.at(plan.at, lambda: self._request(leg))
        return leg

    def at(self, seconds: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._heap, (100.0 + seconds, next(self._number), act))

    def change(self, seconds: float, spending: Spending) -> None:
        self.at(seconds, lambda: self.handle(SettingsChanged(spending, EXTENSIONS, "vi")))

    def refuse(self, seconds: float, extension: str = "512") -> None:
        self.at(seconds, lambda: self.handle(NumberRefused(extension, PhoneNumber("19001234"))))

    def jump(self, seconds: float, by_s: float) -> None:
        """The wall clock is set."""
        self.at(seconds, lambda: self._jump(by_s))

    def restart(self, seconds: float) -> None:
        """The core is killed: every call is lost, and billed up to then; what is stored and kept comes back."""
        self.at(seconds, self._restart)

    def run(self, until_s: float | None = None) -> None:
        """Till nothing happens any more, or so long after the beginning."""
        for _ in range(200_000):
            deadline = self.guard.next_deadline
            next_event = self._heap[0][0] if self._heap else None
            moments = [each for each in (deadline, next_event) if each is not None]
            if not moments or (until_s is not None and min(moments) > 100.0 + until_s):
                if until_s is not None:
                    self._go(100.0 + until_s)
                return
            self._go(max(self.now.mono, min(moments)))
            if next_event is not None and next_event <= min(moments):
                heapq.heappop(self._heap)[2]()
            else:
                self.handle(TimePassed())
        raise AssertionError("the world does not come to rest")

    def story(self, leg: LegId) -> Story:
        return self.stories[leg]

    @property
    def elapsed(self) -> float:
        return self.now.mono - 100.0

    # --- the switchboard ------------------------------------------------------------------------------------------

    def handle(self, event: Event) -> None:
        for action in self.guard.handle(event, self.now):
            self.actions.append((self.elapsed, action))
            self._perform(action)

    def _perform(self, action: Action) -> None:
        match action:
            case Authorise(leg):
                self._dial(leg)
            case Bar(leg):
                self.stories[leg].barred = action
            case WarnLeg(leg, seconds_left):
                self.stories[leg].warnings.append((self.elapsed, seconds_left))
            case CutLeg(leg):
                self._cut(leg)
            case SendNotice(called, text):
                self.sms.append((self.elapsed, called, text))
            case TellPage():
                self.page.append((self.elapsed, action))
            case KeepFraudState(state):
                self.kept = state

    def _request(self, leg: LegId) -> None:
        plan = self.stories[leg].plan
        service = Service.CONNECT if plan.extension is None else Service.OUTBOUND
        self.handle(LegRequested(leg, plan.hotline, PhoneNumber(plan.called), service, plan.extension))

    def _dial(self, leg: LegId) -> None:
        story = self.stories[leg]
        rung = self.elapsed + story.plan.rings_s
        self.at(rung, (lambda: self._end(leg)) if story.plan.lasts_s is None else lambda: self._answer(leg))

    def _answer(self, leg: LegId) -> None:
        story = self.stories[leg]
        if story.ended is not None:
            return
        story.answered = self.now
        assert story.plan.lasts_s is not None
        self.at(self.elapsed + story.plan.lasts_s, lambda: self._end(leg))
        self.handle(LegMetered(leg))

    def _cut(self, leg: LegId) -> None:
        story = self.stories[leg]
        if story.cut_at is None:
            story.cut_at = self.elapsed
            self.at(self.elapsed + story.plan.cut_takes_s, lambda: self._end(leg))

    def _end(self, leg: LegId) -> None:
        story = self.stories[leg]
        if story.ended is not None:
            return
        story.ended = self.now.mono
        self.handle(LegReleased(leg))
        if story.answered is not None:
            self.at(self.elapsed + story.plan.stored_after_s, lambda: self._store(leg))

    def _store(self, leg: LegId) -> None:
        self.handle(ChargesStored(tuple(self.plan.store(self.finished(leg)))))

    def finished(self, leg: LegId) -> LegInProgress:
        story = self.stories[leg]
        plan = story.plan
        service = Service.CONNECT if plan.extension is None else Service.OUTBOUND
        assert story.answered is not None
        return LegInProgress(
            leg,
            plan.hotline,
            PhoneNumber(plan.called),
            service,
            plan.extension,
            None,
            story.answered.wall,
            story.billed_s,
        )

    def _go(self, mono: float) -> None:
        self.now = Moment(mono, self.now.wall + mono - self.now.mono)

    def _jump(self, by_s: float) -> None:
        self.now = Moment(self.now.mono, self.now.wall + by_s)
        self.handle(TimePassed())

    def _restart(self) -> None:
        for leg, story in self.stories.items():
            if story.ended is None and self.elapsed >= story.plan.at:
                story.ended = self.now.mono
                if story.answered is not None:
                    self.plan.store(self.finished(leg))
        legs = list(self.plan.stored.values())
        self.guard = self._new_guard()
        stored = [spent(leg, amount) for leg, amount in zip(legs, self.plan(legs), strict=True)]
        self.guard.load(stored, self.now, self.kept)
