"""One connection to a modem that is known by now: the parts that live from its bring-up to its next loss."""

from __future__ import annotations

from dataclasses import dataclass

from hal.modem.calling import Calling
from hal.modem.messages import MessageBox
from hal.modem.profile import ModemProfile
from hal.modem.radio import Radio
from hal.modem.sim_card import SimCard


@dataclass(frozen=True, slots=True)
class Service:
    profile: ModemProfile
    sim: SimCard
    radio: Radio
    calling: Calling
    messages: MessageBox

    def is_idle(self) -> bool:
        """A reset would cut nothing off."""
        return self.calling.idle and not self.messages.sending
