"""The box and its board: heartbeats, lamps, the rescue of modules, and a safe shutdown when the board asks for one.

Runs in the engine's loop on purpose: a loop that stands still sends no heartbeat, and the supervisor resets the box.
What it means for calls to go down is the lifecycle's business (`go_down`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

from edge.board.rules import LineGlance, Rescue, box_lamp, line_lamp
from edge.telephony import Clock
from hal.interfaces import (
    Board,
    BoardEvent,
    ButtonGesture,
    ButtonPressed,
    HeartbeatLate,
    HostState,
    LineLamp,
    ShutdownAsked,
    SlotChanged,
    StopReason,
    Supervisor,
    SupervisorLost,
    SupervisorReady,
    SupplyChanged,
    TemperatureChanged,
)

log = logging.getLogger("tongdai.board")

BEAT_S = 0.5
"""A supervisor waits several seconds before it calls a heartbeat late."""

_STOPPED_BY = {
    StopReason.WATCHDOG: "the watchdog, because no heartbeat came",
    StopReason.BUTTON: "the button",
    StopReason.SUPPLY: "a failing supply",
    StopReason.TEMPERATURE: "too much heat",
    StopReason.ASKED: "a request",
}


class BoardKeeper:
    """`glances`: the lines by slot; `alarms`: whether people should look; `go_down`: begins the safe shutdown;
    `factory_reset`: the button's long gesture; `alarm`: name and sentence, None when it is over.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
        kind: str,
        glances: Callable[[], Sequence[LineGlance]],
        alarms: Callable[[], bool],
        go_down: Callable[[ShutdownAsked], None],
        factory_reset: Callable[[], None],
        alarm: Callable[[str, str | None], None],
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._kind = kind
        self._glances = glances
        self._alarms = alarms
        self._go_down = go_down
        self._factory_reset = factory_reset
        self._alarm = alarm
        self._board: Board | None = None
        self._supervisor: Supervisor | None = None
        self._ready: SupervisorReady | None = None
        self._reason = ""
        self._slots: dict[int, SlotChanged] = {}
        self._lamps: dict[int, LineLamp] = {}
        self._box = ""
        self._rescue = Rescue()
        self._state = HostState.BOOTING
        self._timer: asyncio.TimerHandle | None = None

    def attach(self, board: Board | None, supervisor: Supervisor | None) -> None:
        """Before `start`; `supervisor` is the same board where it has a microcontroller."""
        self._board, self._supervisor = board, supervisor

    def start(self) -> None:
        """From the first turn on heartbeats say that the box boots, from `running` on that it runs."""
        if self._board is None:
            return
        try:
            self._board.start()
        except OSError as error:
            self._board, self._reason = None, str(error)
            self._alarm("board", f"board: {error}")
            log.error("the board cannot be had, the box works without it: %s", error)
            return
        self._turn()

    @property
    def board(self) -> Board | None:
        """None where there is none, or it cannot be had."""
        return self._board

    @property
    def supervisor(self) -> Supervisor | None:
        """None where there is none, or it does not answer now."""
        return None if self._ready is None else self._supervisor

    def identified(self, slot: int, family: str) -> None:
        """A modem said what it is."""
        if self._supervisor is not None:
            self._supervisor.set_family(slot, family)

    def running(self) -> None:
        self._state = HostState.RUNNING

    def stopping(self) -> None:
        """Heartbeats go on to the last moment, and say that no reset is wanted."""
        self._state = HostState.STOPPING
        self._beat()

    def updating(self, *, begins: bool) -> None:
        """An update of the box needs the longer leash."""
        self._state = HostState.UPDATING if begins else HostState.RUNNING

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._board is not None:
            await self._board.close()

    # --- fed ------------------------------------------------------------------------------------------------------

    def heard(self, event: BoardEvent) -> None:
        """The sink of the board's driver; never raises into it."""
        try:
            self._hear(event)
        except Exception:
            log.exception("a fault of ours: %s could not be handled", type(event).__name__)

    def _hear(self, event: BoardEvent) -> None:
        match event:
            case SupervisorReady():
                self._met(event)
            case SupervisorLost(reason):
                self._ready, self._reason = None, reason
                self._alarm("supervisor", f"supervisor: {reason}; nobody guards the box until it answers again")
                log.error("supervisor lost: %s", reason)
            case SlotChanged():
                self._slot_changed(event)
            case ShutdownAsked(reason):
                log.warning("the board asks us to go down: %s", reason.value)
                self._go_down(event)
            case ButtonPressed(ButtonGesture.FACTORY_RESET):
                log.warning("factory reset by the button")
                self._factory_reset()
            case ButtonPressed(gesture):
                log.info("button: %s", gesture.value)
            case HeartbeatLate(late, silent_s):
                log.warning("the supervisor %s heartbeats (%.1f s)", "misses our" if late else "hears our", silent_s)
            case SupplyChanged(level, supply_mv):
                low = f"supply: {supply_mv / 1000:.2f} V is too low; check the power supply"
                self._alarm("supply", None if level == "good" else low)
            case TemperatureChanged(level, temperature_c):
                hot = f"temperature: {temperature_c:.0f} °C; give the box air"
                self._alarm("temperature", None if level == "normal" else hot)

    def _slot_changed(self, event: SlotChanged) -> None:
        """Looking again after a restart of the link is no news: the reason of before stays."""
        before = self._slots.get(event.slot)
        if before is not None and before.state == event.state:
            event = replace(event, reason=before.reason)
        else:
            log.info("slot %d: %s (%s)", event.slot, event.state, event.reason)
        self._slots[event.slot] = event

    def _met(self, event: SupervisorReady) -> None:
        first = self._ready is None and not self._reason
        self._ready, self._reason = event, ""
        misfit = f"supervisor: its firmware {event.version} and this box do not understand each other; update it"
        self._alarm("supervisor", None if event.compatible else misfit)
        log.info("supervisor %s, %d slots, running from %s", event.version, event.slots, event.folder or "?")
        if first and event.host_stop_reason in _STOPPED_BY:
            log.warning("the box was last stopped by %s", _STOPPED_BY[event.host_stop_reason])

    # --- twice a second -----------------------------------------------------------------------------------------

    def _turn(self) -> None:
        self._timer = self._loop.call_later(BEAT_S, self._turn)
        self._beat()
        try:
            self._look()
        except Exception:
            log.exception("a fault of ours: the board could not be looked after")

    def _beat(self) -> None:
        if self._supervisor is not None:
            self._supervisor.beat(self._state)

    def _look(self) -> None:
        assert self._board is not None
        glances, now = self._glances(), self._clock.now().mono
        for glance in glances:
            self._lamps[glance.slot] = line_lamp(glance)
            self._board.show_line(glance.slot, self._lamps[glance.slot])
        lamp = box_lamp(ready=self._state is not HostState.BOOTING, alarms=self._alarms())
        self._box = lamp.value
        self._board.show_box(lamp)
        for slot in self._rescue.look(glances, now):
            log.warning("slot %d: its modem stays away; switching it off and on", slot)
            self._board.cycle(slot)
        given_up = ", ".join(str(slot + 1) for slot in self._rescue.given_up(now))
        sentence = f"modem {given_up}: does not come back after power was cut; look at the HAT" if given_up else None
        self._alarm("modem-power", sentence)

    # --- read -----------------------------------------------------------------------------------------------------

    def status(self) -> dict[str, Any]:
        """For page and command line."""
        ready, supervisor = self._ready, self._supervisor
        readings = None if supervisor is None or ready is None else supervisor.readings
        return {
            "kind": self._kind,
            "supervisor": None if ready is None else asdict(ready) | _plain(ready),
            "lost": self._reason or None,
            "readings": None if readings is None else asdict(readings),
            "box_lamp": self._box or None,
            "slots": [self._slot(slot) for slot in sorted({*self._lamps, *self._slots})],
        }

    def _slot(self, slot: int) -> dict[str, Any]:
        lamp, power = self._lamps.get(slot), self._slots.get(slot)
        return {
            "slot": slot,
            "lamp": None if lamp is None else lamp.value,
            "power": None if power is None else power.state,
            "reason": None if power is None else power.reason,
            "brown_outs": None if power is None else power.brown_outs,
            "vanished": None if power is None else power.vanished,
        }


def _plain(ready: SupervisorReady) -> dict[str, Any]:
    """What JSON has no word for."""
    return {"features": sorted(ready.features), "host_stop_reason": ready.host_stop_reason.value}
