"""What goes on now, for page and command line: lines with signal and operator, calls with their legs.

Fed by every modem event (`observe`); calls are read from the switchboard when they are asked for, and what they cost
so far from the biller. Decides nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec

from edge.api.messages import CallRow, LegRow, LineRow, Notice
from edge.billing.biller import Biller, Pending
from edge.calls.views import CallView
from edge.engine import Engine
from edge.running_cost import RunningCost
from edge.telephony import ClockSource, LineId, LineState, Moment, PhoneNumber
from edge.wall_clock import BoxClock
from hal.interfaces import (
    ModemEvent,
    ModemLost,
    ModemReady,
    RegistrationReported,
    SignalReported,
    SimReported,
    SimState,
)

VIETNAM = timezone(timedelta(hours=7))
COST_PERIOD_S = 2.0
"""So often the running cost is told while a call is up."""


@dataclass(slots=True)
class ModemFacts:
    """The last that a modem told of itself."""

    at: str
    audio: str | None
    family: str | None = None
    imei: str = ""
    operator: str = ""
    signal_dbm: int | None = None
    sim: str = "unknown"
    reason: str = ""


def local(wall: float) -> str:
    """POSIX seconds as ISO 8601 in Asia/Ho_Chi_Minh, with milliseconds."""
    return datetime.fromtimestamp(wall, UTC).astimezone(VIETNAM).isoformat(timespec="milliseconds")


class LiveView:
    """`facts`: one entry per line, with its ports."""

    def __init__(self, box: str, data: str, clock: BoxClock, facts: dict[LineId, ModemFacts], biller: Biller) -> None:
        self._box = box
        self._data = data
        self._clock = clock
        self._facts = facts
        self._biller = biller
        self._began = clock.now().mono
        self._engine: Engine | None = None
        self.alarms: dict[str, str] = {}
        """Name of the alarm → sentence; empty when all is well."""

    def attach(self, engine: Engine) -> None:
        """The engine is made after the view, because it reports to it."""
        self._engine = engine

    def add_line(self, line: LineId, facts: ModemFacts) -> None:
        """Before its modem reports anything."""
        self._facts[line] = facts

    # --- fed ------------------------------------------------------------------------------------------------------

    def observe(self, line: LineId, event: ModemEvent) -> bool:
        """Keeps what the page shows. True when something visible changed."""
        facts = self._facts[line]
        before = (facts.family, facts.imei, facts.operator, facts.signal_dbm, facts.sim, facts.reason)
        match event:
            case ModemReady(identity):
                facts.family, facts.imei, facts.reason = identity.family, identity.imei, ""
            case ModemLost(reason):
                facts.reason, facts.operator, facts.signal_dbm = reason, "", None
            case RegistrationReported(_, operator):
                facts.operator = operator or facts.operator
            case SignalReported(rssi_dbm):
                facts.signal_dbm = rssi_dbm
            case SimReported(state):
                facts.sim = state.value
                facts.reason = "" if state is SimState.READY else f"SIM: {state.value}"
        return before != (facts.family, facts.imei, facts.operator, facts.signal_dbm, facts.sim, facts.reason)

    # --- read -----------------------------------------------------------------------------------------------------

    def own_numbers(self) -> tuple[PhoneNumber, ...]:
        return tuple(line.number for line in self._lines().values() if line.number is not None)

    def _lines(self) -> Mapping[LineId, Any]:
        assert self._engine is not None
        return {name: trunk.line for name, trunk in self._engine.trunks.items()}

    def lines(self) -> list[dict[str, Any]]:
        return [msgspec.to_builtins(self._line_row(name)) for name in self._facts]

    def _line_row(self, name: LineId) -> LineRow:
        facts, line = self._facts[name], self._lines().get(name)
        state = LineState.STARTING if line is None else line.state
        return LineRow(
            line=name,
            number=None if line is None else line.number,
            family=facts.family,
            state=state.value,
            operator=facts.operator,
            signal_dbm=facts.signal_dbm,
            sim=facts.sim,
            busy=False if line is None else line.busy,
            at=facts.at,
            audio=facts.audio,
            imei=facts.imei,
            reason="" if state is LineState.UP else facts.reason,
        )

    def calls(self) -> list[dict[str, Any]]:
        return [msgspec.to_builtins(row) for row in self._call_rows(self._clock.now())]

    def _call_rows(self, now: Moment) -> list[CallRow]:
        assert self._engine is not None
        views = self._engine.board.calls
        cost = RunningCost(self._biller, views, now)
        return [_call_row(view, now, cost) for view in views]

    async def keep_costs_fresh(self, changed: Callable[[], None]) -> None:
        """Until cancelled: tells the page anew while calls are up, because they cost more every second."""
        assert self._engine is not None
        while True:
            await asyncio.sleep(COST_PERIOD_S)
            if self._engine.board.calls:
                changed()

    def status(self) -> dict[str, Any]:
        assert self._engine is not None
        health = self._engine.health
        return {
            "box": self._box,
            "data": self._data,
            "uptime_s": round(self._clock.now().mono - self._began, 1),
            "lines": self.lines(),
            "calls": self.calls(),
            "alarms": self.alarm_list(),
            "clock": self._clock.source.value,
            "health": {
                "events": health.events,
                "late_events": health.late_events,
                "worst_lag_ms": round(1000 * health.worst_lag_s, 1),
                "faults": health.faults,
                "failed_actions": dict(health.failed_actions),
            },
        }

    def alarm_list(self) -> list[str]:
        clock = ["the box has no clock yet: rows wait for their time"] if self._clock.source is ClockSource.NONE else []
        contract = self._biller.contract
        trouble = [f"billing: {problem}" for problem in (*contract.tables.problems.values(), *contract.problems)]
        return [*self.alarms.values(), *clock, *trouble, *map(_owed, self._biller.pending)]

    def snapshot(self) -> Notice:
        """What a subscriber of the page gets."""
        now = self._clock.now()
        return Notice(
            kind="snapshot",
            at=local(now.wall),
            lines=[self._line_row(name) for name in self._facts],
            calls=self._call_rows(now),
            alarms=self.alarm_list(),
        )


def _owed(pending: Pending) -> str:
    return (
        f"billing: {pending.charges} stored charges of {pending.month} are not by the tables and settings of today; "
        f"`tongdai rerate --from {pending.month}` shows the difference"
    )


def _call_row(view: CallView, now: Moment, cost: RunningCost) -> CallRow:
    legs = [
        LegRow(leg.leg, leg.line, leg.direction.value, leg.number, leg.state.value, cost.of_leg(leg.leg))
        for leg in view.legs
    ]
    return CallRow(
        call=view.call,
        caller=view.caller,
        hotline=view.hotline,
        called=view.called,
        extension=view.extension,
        state=view.state,
        started=local(view.started.wall),
        answered=None if view.answered is None else local(view.answered.wall),
        duration_s=round(now.mono - view.started.mono, 1),
        recording=view.recording,
        legs=legs,
        charge_vnd=cost.of_call(view),
    )
