"""The SIM at bring-up: is it there, does it want its PIN, may we give it.

Invariants: a PIN is given once in a driver's life unless it was accepted; never with fewer than two tries left; it is
never part of a message or a log line (27.007 §8.3 +CPIN).
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from hal.at.answers import parse_spic
from hal.at.commands import AnswerShape, AtCommand, AtResult, Status
from hal.at.fields import after_prefix
from hal.at.parsers import parse_cpin
from hal.errors import ModemSilentError
from hal.interfaces import Clock, ModemSink, SimReported, SimState
from hal.modem.at_port import AtPort
from hal.modem.profile import ModemProfile

_log = logging.getLogger(__name__)

_MIN_TRIES = 2
_BUSY_RETRY_S = 0.7
_LOOK_AGAIN_S = 5.0
_SETTLING_S = 10.0
"""Right after boot "no SIM" and "SIM failure" are normal and pass."""
_BUSY_CODES = (14, 314)  # +CME ERROR, 27.007 §9.2; +CMS ERROR, 27.005 §3.2.5
_CME_STATES = {
    10: SimState.ABSENT,
    11: SimState.PIN_REQUIRED,
    12: SimState.PUK_REQUIRED,
    13: SimState.FAILURE,
    15: SimState.FAILURE,
}  # 27.007 §9.2


@dataclass(slots=True)
class PinMemory:
    """What of the PIN outlives a connection: a refused one is not tried again."""

    pin: str | None
    refused: bool = False

    def __repr__(self) -> str:
        return f"PinMemory(refused={self.refused})"


class SimCard:
    def __init__(
        self, name: str, at: AtPort, clock: Clock, profile: ModemProfile, memory: PinMemory, sink: ModemSink
    ) -> None:
        self._name = name
        self._at = at
        self._clock = clock
        self._profile = profile
        self._memory = memory
        self._sink = sink
        self._reported: SimReported | None = None
        self._changed = asyncio.Event()

    def told(self, state: SimState) -> None:
        """A +CPIN URC."""
        self._changed.set()
        if state in (SimState.READY, SimState.ABSENT):
            self._report(SimReported(state))

    async def make_ready(self) -> None:
        """Returns when the SIM is ready; gives the PIN where that is safe, and otherwise waits for a person."""
        settled_at = self._clock.now().mono + _SETTLING_S
        while True:
            self._changed.clear()
            state = await self._state()
            if state is SimState.READY:
                self._report(SimReported(state))
                return
            if state is SimState.PIN_REQUIRED and await self._give_pin():
                continue
            settling = self._clock.now().mono < settled_at and state in (SimState.ABSENT, SimState.FAILURE)
            if state is not SimState.PIN_REQUIRED and not settling:
                self._report(SimReported(state))
            await self._something_new(_BUSY_RETRY_S if settling else _LOOK_AGAIN_S)

    async def ask(self, command: AtCommand, *, insist: bool = False) -> AtResult:
        """A command that needs the SIM: "busy" is retried for as long as cards take after boot or PIN.

        `insist`: so is any other refusal; before SMS DONE message commands fail with all kinds of codes.
        """
        give_up = self._clock.now().mono + self._profile.timeouts.sim_busy_s
        while True:
            result = await self._at.ask(command)
            if result.status is Status.DROPPED:
                raise ModemSilentError(f"{self._name}: the port was lost while the SIM was asked")
            refused = result.code in _BUSY_CODES or (insist and not result.ok)
            if not refused or self._clock.now().mono >= give_up:
                return result
            await asyncio.sleep(_BUSY_RETRY_S)

    async def _state(self) -> SimState:
        question = AtCommand("AT+CPIN?", self._profile.timeouts.query_s, AnswerShape.PREFIXED, ("+CPIN:",))
        result = await self.ask(question)
        if result.lines:
            told = parse_cpin(after_prefix(result.first, "+CPIN:"))
            return told.state if told else SimState.FAILURE
        return _CME_STATES.get(result.code or -1, SimState.FAILURE)

    async def _give_pin(self) -> bool:
        """True when the PIN was accepted."""
        tries = await self._tries_left()
        pin = self._memory.pin
        if pin is None or self._memory.refused or tries is None or tries < _MIN_TRIES:
            if pin is not None:
                _log.warning(
                    "%s: the SIM wants its PIN and it is not given automatically (tries left: %s, refused before: %s); "
                    "enter it once in a telephone",
                    self._name, tries, self._memory.refused,
                )  # fmt: skip
            self._report(SimReported(SimState.PIN_REQUIRED, tries))
            return False
        result = await self._at.ask(AtCommand(f'AT+CPIN="{pin}"', self._profile.timeouts.pin_s))
        if result.ok:
            return True
        self._memory.refused = True
        _log.error("%s: the SIM refused the configured PIN (%s); it is not tried again", self._name, result.describe())
        self._report(SimReported(SimState.PIN_REQUIRED, await self._tries_left()))
        return False

    async def _tries_left(self) -> int | None:
        prefix = self._profile.pin_tries.removeprefix("AT").partition("=")[0] + ":"
        question = AtCommand(self._profile.pin_tries, self._profile.timeouts.query_s, AnswerShape.PREFIXED, (prefix,))
        result = await self._at.ask(question)
        return parse_spic(result.first) if result.lines else None

    async def _something_new(self, at_most_s: float) -> None:
        try:
            async with asyncio.timeout(at_most_s):
                await self._changed.wait()
        except TimeoutError:
            return

    def _report(self, report: SimReported) -> None:
        if report != self._reported:
            self._reported = report
            self._sink(report)
