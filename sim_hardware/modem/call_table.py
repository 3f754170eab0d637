"""The modem's calls and what may be done with them: ids, states, the multiparty group (27.007 §7.18, 22.084).

Pure bookkeeping: nothing is printed here and nobody is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from sim_hardware.modem.events import Presentation


class Stat(IntEnum):
    """27.007 §7.18 <ccstat>; ENDED is SIMCom's 6."""

    ACTIVE = 0
    HELD = 1
    DIALING = 2
    ALERTING = 3
    INCOMING = 4
    WAITING = 5
    ENDED = 6


@dataclass(slots=True)
class Call:
    id: int
    """Lowest free number; the host must take it as opaque."""
    ref: str
    incoming: bool
    number: str
    stat: Stat
    presentation: Presentation = Presentation.ALLOWED
    multiparty: bool = False
    connected_s: float | None = None
    reported_s: float | None = None
    """When the host was told "active": may be before the far end answered."""
    rings: int = 0
    stuck: bool = False
    """The network has ended it, the modem's list has not noticed."""

    @property
    def shown_number(self) -> str:
        return self.number if self.presentation is Presentation.ALLOWED else ""

    @property
    def number_type(self) -> int:
        """24.008 §10.5.4.7: 145 international, 129 unknown, 128 when there is no number."""
        if not self.shown_number:
            return 128
        return 145 if self.shown_number.startswith("+") else 129


class CallTable:
    """All calls of one modem, in order of id."""

    MOST = 7
    """Ids 1–7 (22.030 §6.5.5)."""

    def __init__(self, first_id: int) -> None:
        self._first_id = first_id
        self._calls: dict[int, Call] = {}

    def __iter__(self) -> Iterator[Call]:
        return iter(sorted(self._calls.values(), key=lambda call: call.id))

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def full(self) -> bool:
        return len(self._calls) >= self.MOST

    def add(self, ref: str, number: str, stat: Stat, presentation: Presentation = Presentation.ALLOWED) -> Call:
        number_of_call = next(i for i in range(self._first_id, 1000) if i not in self._calls)
        incoming = stat in (Stat.INCOMING, Stat.WAITING)
        call = Call(number_of_call, ref, incoming, number, stat, presentation)
        self._calls[number_of_call] = call
        return call

    def remove(self, call: Call) -> None:
        self._calls.pop(call.id, None)
        members = [other for other in self if other.multiparty]
        if len(members) == 1:
            members[0].multiparty = False

    def clear(self) -> None:
        self._calls.clear()

    def by_ref(self, ref: str) -> Call | None:
        return next((call for call in self if call.ref == ref), None)

    def by_id(self, number: int) -> Call | None:
        return self._calls.get(number)

    def having(self, *stats: Stat) -> list[Call]:
        return [call for call in self if call.stat in stats]

    def one(self, *stats: Stat) -> Call | None:
        return next(iter(self.having(*stats)), None)
