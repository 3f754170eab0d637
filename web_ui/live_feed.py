"""One subscription to the core, shared by every open live page.

A thread of its own listens and reconnects by itself; pages wait for a state newer than the one they have shown. Only
the newest state is kept: a slow browser skips, it never piles up.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from edge.api.client import HEARTBEAT, BoxError
from edge.api.messages import CallRow, LineRow, Notice

AGAIN_S = 1.0
"""Pause before the core is tried again."""
COSTS_S = 3.0
"""What calls in progress cost is at most so old on an open page."""
STANDING_S = 60.0
"""What is used up is at most so old: a new day begins without any event."""
TOLD = 5
"""Newest notices about spending that are kept."""
STOP_S = 1.5

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """A level or a cap was reached: one sentence in each language."""

    at: str
    vi: str
    en: str
    level: str
    """`warning`, or `alarm` when something was stopped."""
    received: float
    """Monotonic."""


@dataclass(frozen=True, slots=True)
class Employee:
    name: str
    mobile: str
    """E.164: who calls from it is this employee."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What spending has come to: limits that are used up, rows of `GetSpending`."""

    reached: tuple[Mapping[str, Any], ...] = ()
    barred_until: str | None = None
    """The fraud guard lets no call out until then."""


@dataclass(frozen=True, slots=True)
class LiveState:
    version: int = 0
    reachable: bool = False
    """The core answers."""
    lines: tuple[LineRow, ...] = ()
    calls: tuple[CallRow, ...] = ()
    alarms: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()
    """What the box said about spending, newest first."""
    spending: Standing = Standing()
    employees: Mapping[str, Employee] = field(default_factory=dict)
    """By extension, as decided now."""
    ended: int = 0
    """Calls that ended since the page runs: a hint that the history has news."""
    received: float = 0.0
    """Monotonic: durations in `calls` are as of then."""


class LiveFeed:
    def __init__(
        self,
        notices: Callable[[], Iterator[Notice]],
        employees: Callable[[], Mapping[str, Employee]] = dict,
        calls: Callable[[], Iterable[CallRow]] | None = None,
        spending: Callable[[], Standing] = Standing,
        clock: Callable[[], float] = time.monotonic,
        costs_s: float = COSTS_S,
    ) -> None:
        """`employees`: asks the core whose extensions are whose, again when settings change. `calls`: asks for the
        calls in progress, while there are some: what they cost grows without any event. `spending`: asks what is used
        up, when something happened to it and once a minute. All raise BoxError."""
        self._notices = notices
        self._employees = employees
        self._calls = calls
        self._spending = spending
        self._stood = 0.0
        self._clock = clock
        self._costs_s = costs_s
        self._state = LiveState()
        self._news = threading.Condition()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="live-feed", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends every waiting page, then the thread; idempotent."""
        self._stopping.set()
        with self._news:
            self._news.notify_all()
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    @property
    def state(self) -> LiveState:
        return self._state

    def wait(self, version: int, timeout_s: float) -> LiveState:
        """Returns as soon as the state is not of that version, at the latest after the timeout."""
        with self._news:
            self._news.wait_for(lambda: self._state.version != version or self.stopping, timeout_s)
            return self._state

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                for notice in self._notices():
                    if self._stopping.is_set():
                        return
                    if notice.kind != HEARTBEAT:
                        self._take(notice)
                    self._follow_costs()
                    self._follow_spending()
            except BoxError as error:
                self._lost(str(error))
            else:
                self._lost("the core closed the connection")
            self._stopping.wait(AGAIN_S)

    def _take(self, notice: Notice) -> None:
        if not self._state.reachable:
            log.info("the core answers")
        state = replace(self._state, reachable=True, version=self._state.version + 1)
        if notice.kind == "settings" or not self._state.reachable:
            state = replace(state, employees=self._employees())
        if notice.kind in ("settings", "spending") or not self._state.reachable:
            state = replace(state, spending=self._stand())
        match notice.kind:
            case "snapshot":
                state = replace(
                    state,
                    lines=tuple(notice.lines),
                    calls=tuple(notice.calls),
                    alarms=tuple(notice.alarms),
                    received=self._clock(),
                )
            case "spending":
                state = replace(state, told=(self._told(notice), *state.told)[:TOLD])
            case "alarm":
                state = replace(state, alarms=tuple(notice.alarms))
            case "cdr":
                state = replace(state, ended=state.ended + 1)
            case _:
                pass
        self._put(state)

    def _told(self, notice: Notice) -> Told:
        said = notice.detail
        vi = str(said.get("vi") or said.get("en") or "")
        return Told(notice.at, vi, str(said.get("en") or vi), str(said.get("level") or ""), self._clock())

    def _follow_costs(self) -> None:
        """Asks for the calls in progress when their picture is some seconds old."""
        state = self._state
        if self._calls is None or not state.calls or self._clock() - state.received < self._costs_s:
            return
        calls = tuple(self._calls())
        self._put(replace(state, calls=calls, received=self._clock(), version=state.version + 1))

    def _follow_spending(self) -> None:
        """Asks what is used up when that is a minute old."""
        if not self._state.reachable or self._clock() - self._stood < STANDING_S:
            return
        found = self._stand()
        if found != self._state.spending:
            self._put(replace(self._state, spending=found, version=self._state.version + 1))

    def _stand(self) -> Standing:
        self._stood = self._clock()
        return self._spending()

    def _lost(self, why: str) -> None:
        if self._state.reachable:
            log.warning("the core is not reachable: %s; trying again every %g s", why, AGAIN_S)
            self._put(replace(self._state, reachable=False, calls=(), version=self._state.version + 1))

    def _put(self, state: LiveState) -> None:
        with self._news:
            self._state = state
            self._news.notify_all()
