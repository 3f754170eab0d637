"""SMS that the box sends: each gets an id and a line; a notice without a line waits for one.

An SMS that a person asked for is refused at once when no line is up: he is there and can try again.
"""

from __future__ import annotations

from dataclasses import dataclass

from edge.calls.actions import Action, RejectMessage, SendMessage
from edge.calls.lines_pool import LineInfo
from edge.telephony import CallId, MessageId, PhoneNumber

LONGEST_QUEUE = 50
"""Notices that wait for a line; older ones are of no use to anybody when there are more."""


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    message: MessageId
    called: PhoneNumber
    text: str
    about: CallId | None
    by: str


class Messages:
    def __init__(self, next_message: int = 1, waiting: tuple[WaitingMessage, ...] = ()) -> None:
        self._next = next_message
        self._waiting = list(waiting)

    @property
    def next_message(self) -> int:
        return self._next

    @property
    def waiting(self) -> tuple[WaitingMessage, ...]:
        return tuple(self._waiting)

    def request(self, line: LineInfo | None, called: PhoneNumber, text: str, by: str) -> list[Action]:
        """Somebody wants an SMS sent now."""
        message = self._name()
        if line is None:
            return [RejectMessage(message, called, text, by, "no line has service")]
        return [SendMessage(message, line.line, called, text, by=by)]

    def notify(
        self, line: LineInfo | None, called: PhoneNumber, text: str, about: CallId | None, by: str = "system"
    ) -> list[Action]:
        """The box itself has something to tell; it waits if it must."""
        self._waiting.append(WaitingMessage(self._name(), called, text, about, by))
        return [*self.flush(line), *self._shorten()]

    def flush(self, line: LineInfo | None) -> list[Action]:
        """Sends what waits, now that there may be a line."""
        if line is None:
            return []
        waiting, self._waiting = self._waiting, []
        return [SendMessage(each.message, line.line, each.called, each.text, each.about, each.by) for each in waiting]

    def give_up(self) -> list[Action]:
        """The box stops: what still waits is stored as not sent."""
        waiting, self._waiting = self._waiting, []
        return [_reject(each, "the box was stopped") for each in waiting]

    def _shorten(self) -> list[Action]:
        surplus = self._waiting[:-LONGEST_QUEUE]
        self._waiting = self._waiting[-LONGEST_QUEUE:]
        return [_reject(each, "no line had service for too long") for each in surplus]

    def _name(self) -> MessageId:
        message = MessageId(f"m{self._next}")
        self._next += 1
        return message


def _reject(each: WaitingMessage, reason: str) -> RejectMessage:
    return RejectMessage(each.message, each.called, each.text, each.by, reason)
