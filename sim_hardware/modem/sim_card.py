"""The card: number, codes and tries, its message memory, its subscription. It survives a restart of the modem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

BALANCE = "TK chinh: 86.500d, HSD: 31/12/2026. De biet KM, bam *098#"
OFFERS = "Cac goi cuoc:\n1. Ngay 5.000d\n2. Thang 70.000d"
"""With line feeds inside the quotes, as networks send."""


class SimLock(Enum):
    """27.007 §8.3 <code>."""

    NONE = "READY"
    PIN = "SIM PIN"
    PUK = "SIM PUK"


@dataclass(slots=True)
class StoredMessage:
    """One slot of a message memory."""

    status: int
    """27.005 §3.1 <stat>: 0 unread, 1 read, 2 unsent, 3 sent."""
    pdu: str
    length: int
    """Octets of the TPDU, service centre not counted."""


@dataclass(slots=True)
class SimCard:
    number: str = "0901234567"
    pin: str | None = None
    """None: the card asks for none."""
    puk: str = "12345678"
    imsi: str = ""
    """Empty: made from the number, network 452-01."""
    iccid: str = "8984010000000000017F"
    operator: str = "MobiFone"
    plmn: str = "45201"
    service_centre: str = "+84980200030"
    slots: int = 20
    transfer_allowed: bool = False
    """Explicit call transfer, AT+CHLD=4 (22.091); most Vietnamese subscriptions have it not."""
    ussd: Mapping[str, str] = field(default_factory=lambda: {"*101#": BALANCE, "*098#": OFFERS})
    """Code → the network's final answer."""
    pin_tries: int = 3
    puk_tries: int = 10
    messages: dict[int, StoredMessage] = field(default_factory=dict)
    """Slot (from 0) → message, memory "SM"."""
    unlocked: bool = False
    """PIN given since power-up."""

    def __post_init__(self) -> None:
        if not self.imsi:
            self.imsi = (self.plmn + self.number.lstrip("+").rjust(10, "0")[-10:])[:15]

    @property
    def lock(self) -> SimLock:
        if self.pin_tries == 0:
            return SimLock.PUK
        return SimLock.PIN if self.pin is not None and not self.unlocked else SimLock.NONE

    def try_pin(self, pin: str) -> bool:
        """True: right. Each wrong one costs a try; three in a row lock the card (31.101)."""
        if pin == self.pin:
            self.unlocked, self.pin_tries = True, 3
            return True
        self.pin_tries -= 1
        return False

    def try_puk(self, puk: str, new_pin: str) -> bool:
        if puk == self.puk:
            self.pin, self.unlocked, self.pin_tries, self.puk_tries = new_pin, True, 3, 10
            return True
        self.puk_tries = max(0, self.puk_tries - 1)
        return False
