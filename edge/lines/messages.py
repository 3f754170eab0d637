"""SMS that come in parts become one message (23.040 §9.2.3.24.1).

A part that never comes does not hold back the others: after ten minutes they are delivered with a mark in its place.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from edge.calls.events import SmsReceived
from edge.lines.numbers import to_phone_number
from edge.telephony import LineId, Moment
from hal.interfaces import RawNumber, SmsPartReceived

PATIENCE_S = 600.0
MISSING = "[…]"
MOST_PARTS = 255  # one octet


@dataclass(slots=True)
class _Collected:
    sender: RawNumber
    sent_at: float
    give_up_at: float
    texts: dict[int, str] = field(default_factory=dict)


class Inbox:
    """The unfinished messages of one line."""

    def __init__(self, line: LineId) -> None:
        self._line = line
        self._unfinished: dict[tuple[str, int, int], _Collected] = {}

    @property
    def next_deadline(self) -> float | None:
        return min((each.give_up_at for each in self._unfinished.values()), default=None)

    def take(self, part: SmsPartReceived, now: Moment) -> list[SmsReceived]:
        """The whole message, once its last part is there."""
        if part.reference is None or part.parts <= 1 or not 1 <= part.part <= part.parts <= MOST_PARTS:
            return [self._message(part.sender, part.text, part.sent_at)]
        key = (part.sender.digits, part.reference, part.parts)
        started = _Collected(part.sender, part.sent_at, now.mono + PATIENCE_S)
        collected = self._unfinished.setdefault(key, started)
        collected.texts[part.part] = part.text
        if len(collected.texts) < part.parts:
            return []
        return [self._deliver(key)]

    def give_up(self, now: Moment) -> list[SmsReceived]:
        """What waited too long, with marks for what is missing."""
        late = [key for key, each in self._unfinished.items() if each.give_up_at <= now.mono]
        return [self._deliver(key) for key in late]

    def _deliver(self, key: tuple[str, int, int]) -> SmsReceived:
        collected = self._unfinished.pop(key)
        parts = range(1, key[2] + 1)
        text = "".join(collected.texts.get(part, MISSING) for part in parts)
        return self._message(collected.sender, text, collected.sent_at)

    def _message(self, sender: RawNumber, text: str, sent_at: float) -> SmsReceived:
        return SmsReceived(self._line, to_phone_number(sender), sender.digits, text, sent_at)
