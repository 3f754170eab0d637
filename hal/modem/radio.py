"""Registration, operator, signal and network time: what the modem tells, reported when it changes.

Invariant: while a call is up, a passing "searching" is not reported: falling back from LTE to 3G for the call looks
just so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hal.at.answers import parse_cops
from hal.at.commands import Priority, query
from hal.at.fields import after_prefix
from hal.at.parsers import parse_cclk, parse_csq, parse_registration
from hal.at.values import RegistrationTold, SignalTold, Urc, ZoneChanged
from hal.interfaces import (
    ModemSink,
    NetworkTimeReported,
    RegistrationReported,
    RegistrationState,
    SignalReported,
)
from hal.modem.at_port import AtPort

_PASSING = (RegistrationState.SEARCHING, RegistrationState.IDLE, RegistrationState.UNKNOWN)


class Radio:
    """`in_call` tells whether a call is up; `wish` asks the owner to run one of the `read_…` coroutines."""

    def __init__(self, at: AtPort, sink: ModemSink, in_call: Callable[[], bool]) -> None:
        self.operator_wanted = False
        """The operator's name is to be asked for."""
        self.time_wanted = True
        """The network has told the time, or nobody has asked yet."""
        self._at = at
        self._sink = sink
        self._in_call = in_call
        self._registration: RegistrationReported | None = None
        self._signal: SignalReported | None = None

    @property
    def registered(self) -> bool:
        return self._registration is not None and self._registration.state.takes_calls

    def on_urc(self, urc: Urc) -> None:
        match urc:
            case RegistrationTold(domain="CREG", state=state):
                self._registered(state)
            case SignalTold(rssi_dbm):
                self._signalled(rssi_dbm)
            case ZoneChanged():
                self.time_wanted = True
            case _:
                pass

    async def read(self) -> None:
        """Registration, signal, and what follows from them."""
        result = await self._at.ask(query("+CREG", priority=Priority.POLL))
        told = parse_registration("CREG", after_prefix(result.first, "+CREG:")) if result.lines else None
        if told is not None:
            self._registered(told.state)
        result = await self._at.ask(query("+CSQ", priority=Priority.POLL))
        signal = parse_csq(after_prefix(result.first, "+CSQ:")) if result.lines else None
        if signal is not None:
            self._signalled(signal.rssi_dbm)

    async def read_operator(self) -> None:
        self.operator_wanted = False
        result = await self._at.ask(query("+COPS", 10.0, Priority.POLL))
        if result.ok and self._registration is not None:
            self._report(replace(self._registration, operator=parse_cops(result.first)))

    async def read_time(self) -> None:
        """A module that has heard nothing from the network shows a year long past, which is not believed."""
        self.time_wanted = False
        result = await self._at.ask(query("+CCLK", priority=Priority.POLL))
        told = parse_cclk(result.first) if result.lines else None
        if told is not None:
            self._sink(NetworkTimeReported(told.wall))

    def _registered(self, state: RegistrationState) -> None:
        before = self._registration
        if before is not None and before.state.takes_calls and state in _PASSING and self._in_call():
            return
        if before is None or before.state is not state:
            self.operator_wanted = state.takes_calls
        operator = before.operator if before is not None and state.takes_calls else ""
        self._report(RegistrationReported(state, operator))

    def _report(self, report: RegistrationReported) -> None:
        if report != self._registration:
            self._registration = report
            self._sink(report)

    def _signalled(self, rssi_dbm: int | None) -> None:
        report = SignalReported(rssi_dbm)
        if report != self._signal:
            self._signal = report
            self._sink(report)
