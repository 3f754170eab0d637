"""What is known of a line's modem, SIM and network, and the `LineState` that follows from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from edge.lines.numbers import to_phone_number
from edge.telephony import LineState, PhoneNumber, RawNumber
from hal.interfaces import (
    ModemIdentity,
    ModemLost,
    ModemReady,
    RegistrationReported,
    SignalReported,
    SimReported,
    SimState,
)

StatusEvent = ModemReady | ModemLost | SimReported | RegistrationReported | SignalReported


@dataclass(frozen=True, slots=True)
class LineStatus:
    """For the page and for the line itself; replaced, never changed."""

    configured_number: PhoneNumber | None = None
    identity: ModemIdentity | None = None
    """None until the modem has come up."""
    lost: bool = False
    reason: str = ""
    """Why the modem is gone."""
    sim: SimState | None = None
    registered: bool = False
    operator: str = ""
    signal_dbm: int | None = None

    @property
    def number(self) -> PhoneNumber | None:
        """As configured, else as the SIM says."""
        if self.configured_number is not None or self.identity is None or self.identity.own_number is None:
            return self.configured_number
        return to_phone_number(RawNumber(self.identity.own_number))

    @property
    def state(self) -> LineState:
        if self.lost:
            return LineState.DOWN
        if self.identity is None:
            return LineState.STARTING
        if self.sim not in (None, SimState.READY) or not self.registered or not self.identity.voice:
            return LineState.NO_SERVICE
        return LineState.UP

    def after(self, event: StatusEvent) -> LineStatus:
        match event:
            case ModemReady(identity):
                return replace(self, identity=identity, lost=False, reason="")
            case ModemLost(reason):
                return replace(self, lost=True, reason=reason, sim=None, registered=False, operator="", signal_dbm=None)
            case SimReported(state):
                return replace(self, sim=state)
            case RegistrationReported(state, operator):
                return replace(self, registered=state.takes_calls, operator=operator)
            case SignalReported(rssi):
                return replace(self, signal_dbm=rssi)
