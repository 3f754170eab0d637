"""The shell of spending control: hands the switchboard's questions to the guard, and the guard's answers to everybody.

Answers go into the engine's inbox at once, so they are handled right after the event that asked. One timer wakes the
guard. Availability first: where the oracle or the guard fails by a fault of ours, the leg is authorised, the fault is
logged once and told to the page, and calls in progress go on; spending is known again when charges are stored.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from edge.calls import actions as do
from edge.calls import events as ev
from edge.dialplan.limits import LimitScope
from edge.dialplan.settings import Settings
from edge.spending import actions as out
from edge.spending import events as heard
from edge.spending.calendar import local_text
from edge.spending.fraud import FraudState
from edge.spending.guard import SpendingGuard
from edge.spending.legs import PriceOracle
from edge.spending.spent import Spent
from edge.telephony import Clock, LegId, Moment

log = logging.getLogger("tongdai.spending")

FAULT_PAUSE_S = 10.0
"""After a fault of ours calls in progress are looked at again so late."""
_REASONS = {
    LimitScope.EXTENSION: ev.BarReason.EXTENSION_LIMIT,
    LimitScope.DEPARTMENT: ev.BarReason.DEPARTMENT_LIMIT,
    LimitScope.HOTLINE: ev.BarReason.HOTLINE_LIMIT,
    LimitScope.COMPANY: ev.BarReason.COMPANY_LIMIT,
    None: ev.BarReason.FRAUD,
}
_FAULT_VI = "Kiểm soát cước gặp lỗi: các cuộc gọi không bị giới hạn. Nhật ký hệ thống ghi chi tiết."
_FAULT_EN = "Spending control failed: calls are not limited now. The log of the box says where."


class Cashier:
    """One per core, on the loop's thread. `post` is the engine's; `tell(kind, detail)` reaches the page: kind
    `spending` for levels and caps, `alarm` for a fault of ours; detail {"level", "vi", "en"}. `keep` stores what `load`
    gets back after a restart.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
        price: PriceOracle,
        settings: Settings,
        post: Callable[[ev.Event], None],
        tell: Callable[[str, dict[str, Any]], None],
        keep: Callable[[FraudState], object] = lambda _: None,
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._post = post
        self._tell = tell
        self._keep = keep
        self._guard = SpendingGuard(price, settings.spending, settings.extensions, settings.company.language)
        self._timer: asyncio.TimerHandle | None = None
        self._broken = False

    # --- in -------------------------------------------------------------------------------------------------------

    def load(self, spent: Iterable[Spent], fraud: FraudState | None = None) -> None:
        """The stored charges of the current month: at start, and again when the box has been told the date. `fraud`:
        what was kept last, at start.
        """
        self._guard.load(spent, self._clock.now(), fraud)

    def perform(self, action: do.SpendingAction, now: Moment) -> None:
        """Called by the engine while it handles an event. Never raises; `AuthoriseLeg` is always answered."""
        match action:
            case do.AuthoriseLeg(leg, hotline, called, service, calling_extension, called_extension):
                event = heard.LegRequested(leg, hotline, called, service, calling_extension, called_extension)
                if not self._handle(event, now):
                    self._post(ev.LegAuthorised(leg))
            case do.MeterLeg(leg):
                self._handle(heard.LegMetered(leg), now)
            case do.ReleaseLeg(leg):
                self._handle(heard.LegReleased(leg), now)
            case do.NoteRefusedNumber(extension, called):
                self._handle(heard.NumberRefused(extension, called), now)

    def charges_stored(self, spent: Iterable[Spent]) -> None:
        """Charges are in the store: of legs that have ended, of messages sent, and revisions of earlier ones."""
        self._handle(heard.ChargesStored(tuple(spent)), self._clock.now())

    def settings_changed(self, settings: Settings) -> None:
        """A new revision holds, for calls in progress too."""
        event = heard.SettingsChanged(settings.spending, settings.extensions, settings.company.language)
        self._handle(event, self._clock.now())

    # --- asked ----------------------------------------------------------------------------------------------------

    def spending(self) -> dict[str, Any]:
        """The answer to `GetSpending`."""
        usage = self._guard.usage(self._clock.now())
        until = usage.fraud.barred_until
        fraud = asdict(usage.fraud) | {"barred_until": None if until is None else local_text(until)}
        return {"limits": [asdict(use) for use in usage.limits], "fraud": fraud}

    def costs(self) -> dict[LegId, int | None]:
        """What each answered leg that was asked about would cost if it ended now; None: no price."""
        return self._guard.costs(self._clock.now())

    def close(self) -> None:
        """Disarms the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # --- the guard ------------------------------------------------------------------------------------------------

    def _handle(self, event: heard.Event, now: Moment) -> bool:
        """False after a fault of ours."""
        try:
            actions = self._guard.handle(event, now)
        except Exception:
            if not self._broken:
                log.exception("a fault of ours: %s could not be handled; calls are not limited", type(event).__name__)
                self._tell("alarm", {"level": "alarm", "vi": _FAULT_VI, "en": _FAULT_EN})
            self._broken = True  # said when it breaks, not again until a leg could be decided on meanwhile
            self._arm(now.mono + FAULT_PAUSE_S)
            return False
        self._broken = self._broken and not isinstance(event, heard.LegRequested)
        for action in actions:
            self._perform(action)
        self._arm(self._guard.next_deadline)
        return True

    def _perform(self, action: out.Action) -> None:
        match action:
            case out.Authorise(leg):
                self._post(ev.LegAuthorised(leg))
            case out.Bar(leg, by):
                self._post(ev.LegBarred(leg, _REASONS[by]))
            case out.WarnLeg(leg, seconds_left):
                self._post(ev.BudgetRunningOut(leg, seconds_left))
            case out.CutLeg(leg):
                self._post(ev.BudgetSpent(leg))
            case out.SendNotice(called, text):
                self._post(ev.SpendingNoticed(called, text))
            case out.TellPage(level, vi, en):
                self._tell("spending", {"level": level.value, "vi": vi, "en": en})
            case out.KeepFraudState(state):
                self._keep_state(state)

    def _keep_state(self, state: FraudState) -> None:
        try:
            self._keep(state)
        except Exception:
            log.exception("what the guard against fraud must not forget could not be handed to the store")

    def _arm(self, deadline: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if deadline is not None:
            self._timer = self._loop.call_later(max(0.0, deadline - self._clock.now().mono), self._time_passed)

    def _time_passed(self) -> None:
        self._timer = None
        self._handle(heard.TimePassed(), self._clock.now())
