"""Tokens of commands given to the modem, and what each was for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from edge.telephony import LegId, MessageId


class Purpose(Enum):
    DIAL = "dial"
    ANSWER = "answer"
    HANG_UP = "hang-up"
    REFUSE_WAITING = "refuse-waiting"
    KEYS = "keys"
    LIST = "list"
    SMS = "sms"


@dataclass(frozen=True, slots=True)
class Errand:
    """`leg` and `message`: on whose behalf; None where it does not matter."""

    purpose: Purpose
    leg: LegId | None = None
    message: MessageId | None = None


class Tokens:
    def __init__(self) -> None:
        self._last = 0
        self._under_way: dict[int, Errand] = {}

    def issue(self, errand: Errand) -> int:
        self._last += 1
        self._under_way[self._last] = errand
        return self._last

    def redeem(self, token: int) -> Errand | None:
        """What the command was for; None if it is over already."""
        return self._under_way.pop(token, None)

    def under_way(self, purpose: Purpose) -> bool:
        return any(each.purpose is purpose for each in self._under_way.values())

    def forget_all(self) -> list[Errand]:
        """The modem is gone, and the outcomes with it."""
        lost = list(self._under_way.values())
        self._under_way.clear()
        return lost
