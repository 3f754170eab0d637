"""How a lost modem is got back: ever stronger means, ever longer pauses.

Open the port again → AT+CFUN=0/1 → a reset of the module. A port that cannot even be opened is only waited for, and a
module of a family we do not know is asked again now and then, without resets: it is not sick.
"""

from __future__ import annotations

import asyncio
import logging

from hal.at.commands import AtCommand
from hal.modem.at_port import AtPort
from hal.modem.profile import ModemProfile
from hal.modem.profiles import PROFILES

_log = logging.getLogger(__name__)

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_SOFT_AFTER, _HARD_AFTER = 2, 3
"""Failed connections in a row before the radio is switched, before the module is reset; the reset then repeats."""
_RESET_TIMEOUT_S = 10.0
_RESET_PAUSE_S = 3.0
"""A module that has just said OK to its reset still answers for a moment."""
_SIGN_OFF_PAUSE_S = 10.0
"""So long a module that is leaving the network may answer AT before it is off: a SIM7600 takes some 6 s."""
_UNSUPPORTED_PAUSE_S = 60.0


class Recovery:
    def __init__(self, name: str) -> None:
        self._name = name
        self._failures = 0
        """Connections in a row that came to nothing."""
        self._absences = 0
        """Times in a row the port could not be opened."""
        self._opened = False
        self._least_pause_s = 0.0

    def was_reset(self) -> None:
        """The module is on its way down: its port is worth nothing for a moment."""
        self._least_pause_s = _RESET_PAUSE_S

    def signs_off(self) -> None:
        """It is being switched off: what it still answers does not mean that it is back."""
        self._least_pause_s = _SIGN_OFF_PAUSE_S

    def is_unsupported(self) -> None:
        """It answers well, only nobody knows how to drive it."""
        self._least_pause_s = _UNSUPPORTED_PAUSE_S

    def failed(self, *, was_ready: bool, booting: bool) -> float:
        """A connection ended, or could not be had; seconds to wait before the next.

        `booting`: it ended because the module is just starting, which is no fault of its.
        """
        least_s, self._least_pause_s = self._least_pause_s, 0.0
        if least_s == _UNSUPPORTED_PAUSE_S:
            self._failures = self._absences = 0
            return least_s
        if was_ready:
            self._failures = 0
        if booting and not was_ready:
            return _FIRST_PAUSE_S
        if self._opened:
            self._failures += 1
        else:
            self._absences += 1
        self._opened = False
        return max(least_s, min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** (self._failures + self._absences - 1)))

    def succeeded(self) -> None:
        self._failures = self._absences = 0

    async def before_bring_up(self, at: AtPort, profile: ModemProfile | None) -> None:
        """The port is open again: what this many failures ask for, whatever the module answers."""
        self._opened = True
        self._absences = 0
        profile = profile or PROFILES[0]
        commands: tuple[str, ...] = ()
        if self._failures == _SOFT_AFTER:
            commands = profile.soft_reset
        elif self._failures >= _HARD_AFTER and self._failures % _HARD_AFTER == 0:
            commands = (profile.hard_reset,)
        for text in commands:
            _log.warning("%s: still not well after %d tries: %s", self._name, self._failures, text)
            await at.ask(AtCommand(text, _RESET_TIMEOUT_S))
            await asyncio.sleep(_RESET_PAUSE_S)
