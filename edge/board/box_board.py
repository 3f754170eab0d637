"""The board of this box, as the composition root has it: opened by the machine's file, kept, and fed with what goes on.

It starts before the store is opened, because a long recovery after a crash must not look like a dead box to the
supervisor; what it watches (`Surroundings`) is attached when it exists.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from edge.api import messages as ask
from edge.api.factory_reset import marker
from edge.board.keeper import BoardKeeper
from edge.board.opening import open_board
from edge.board.rules import LineGlance
from edge.config import MachineConfig
from edge.dialplan.settings import Settings
from edge.engine import Trunk
from edge.telephony import Clock, LineId
from hal.interfaces import BoardEvent, ModemEvent, ModemReady, ShutdownAsked, SlotChanged

log = logging.getLogger("tongdai.board")

_GOING = frozenset({"off-key", "stopping", "discharging", "off"})
"""States of a slot whose module is on its way down, or is."""
BUTTON = "button"
"""Who did it, and from where: the button on the board."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`trunks`: the lines; `alarms`: where sentences for people go; `changed`: the page is to be told."""

    trunks: Callable[[], Mapping[LineId, Trunk]]
    alarms: dict[str, str]
    needs_attention: Callable[[], bool]
    change: Callable[[ask.AnyRequest], Awaitable[Any]]
    changed: Callable[[], None]


class BoxBoard:
    """`go_down`: begins the safe shutdown of the core."""

    def __init__(
        self, config: MachineConfig, loop: asyncio.AbstractEventLoop, clock: Clock, go_down: Callable[[], None]
    ) -> None:
        self._data = Path(config.data)
        self.vm = config.board.vm
        """Which interpreter plays the supervisor; None on real hardware."""
        self._loop = loop
        self._go_down = go_down
        self._slots = {LineId(line.line): slot for slot, line in enumerate(config.lines)}
        """A modem that was found on the USB ports has no slot that we know: it is neither shown nor switched."""
        self._power: dict[int, str] = {}
        """What each slot's power was last told to be."""
        self._around: Surroundings | None = None
        self._early: dict[str, str] = {}
        """Alarms from before there was anybody to tell."""
        self._resetting: asyncio.Task[None] | None = None
        self.keeper = BoardKeeper(
            loop,
            clock,
            config.board.kind,
            self._glances,
            self._attention,
            self._asked,
            self._factory_reset,
            self._alarm,
        )
        self.keeper.attach(*open_board(config, clock, self.heard))

    def start(self) -> None:
        self.keeper.start()

    def attach(self, around: Surroundings) -> None:
        self._around = around
        around.alarms.update(self._early)

    def observe(self, line: LineId, event: ModemEvent) -> None:
        """Every modem event: one that says what the modem is tells the supervisor how to switch it."""
        if isinstance(event, ModemReady) and line in self._slots:
            self.keeper.identified(self._slots[line], event.identity.family)

    def heard(self, event: BoardEvent) -> None:
        """The sink of the board's driver."""
        self.keeper.heard(event)
        if isinstance(event, SlotChanged):
            before, self._power[event.slot] = self._power.get(event.slot), event.state
            if event.state in _GOING and before not in (None, event.state):
                self._sign_off(event)

    def _sign_off(self, event: SlotChanged) -> None:
        """A module that is being switched off answers for some seconds more: no call must be sent over it. A state that
        is only told again (the link has restarted) is no news: a modem may have its power from elsewhere.
        """
        trunks = {} if self._around is None else self._around.trunks()
        for line, slot in self._slots.items():
            if slot == event.slot and line in trunks:
                trunks[line].modem.signs_off(f"the board switches it off ({event.reason})")

    def lines(self) -> dict[int, str]:
        """Name of the line by slot."""
        return {slot: str(line) for line, slot in self._slots.items()}

    async def close(self) -> None:
        if self._resetting is not None:
            self._resetting.cancel()
        await self.keeper.close()

    # --- for the keeper -------------------------------------------------------------------------------------------

    def _glances(self) -> list[LineGlance]:
        if self._around is None:
            return []
        trunks = self._around.trunks()
        return [
            LineGlance(slot, trunks[name].line.state, trunks[name].line.busy)
            for name, slot in self._slots.items()
            if name in trunks
        ]

    def _attention(self) -> bool:
        return self._around is not None and self._around.needs_attention()

    def _asked(self, asked: ShutdownAsked) -> None:
        del asked  # every reason ends the same way
        self._go_down()

    def _alarm(self, name: str, sentence: str | None) -> None:
        alarms = self._early if self._around is None else self._around.alarms
        if alarms.get(name) == sentence:
            return
        if sentence is None:
            alarms.pop(name, None)
        else:
            alarms[name] = sentence
        if self._around is not None:
            self._around.changed()

    def _factory_reset(self) -> None:
        if self._resetting is None or self._resetting.done():
            self._resetting = self._loop.create_task(self._reset())

    async def _reset(self) -> None:
        """Settings as on the first day, as a revision that can be undone, and a first login; records stay."""
        if self._around is None:
            log.error("factory reset: the box is still starting; nothing was changed, repeat the gesture")
            return
        defaults = msgspec.to_builtins(Settings())
        try:
            await self._around.change(ask.PutSettings(defaults, by=BUTTON, origin=BUTTON))
            await asyncio.to_thread(marker(self._data).touch)
        except Exception:
            log.exception("the factory reset could not be done")
