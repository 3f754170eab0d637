"""The two questions about calls: which are there (AT+CLCC), and why the last one ended (AT+CEER)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hal.at.answers import parse_ceer
from hal.at.commands import AnswerShape, AtCommand, AtResult, Priority, Status
from hal.at.fields import after_prefix
from hal.at.parsers import parse_clcc
from hal.at.values import CallEntry
from hal.interfaces import Cause, Clock
from hal.modem.at_port import AtPort
from hal.modem.causes import cause_of_number
from hal.modem.profile import Timeouts

_ENTRIES = "+CLCC:"


@dataclass(frozen=True, slots=True)
class CallList:
    """A complete list, packet bearers and all."""

    entries: tuple[CallEntry, ...]
    asked_at: float
    """Monotonic: it is not older than this."""


class CallQueries:
    """Nobody is called back once the port has closed."""

    def __init__(self, at: AtPort, clock: Clock, timeouts: Timeouts) -> None:
        self._at = at
        self._clock = clock
        self._timeouts = timeouts

    def read_calls(self, priority: Priority, then: Callable[[CallList | None], None]) -> None:
        """`then` gets None when the list could not be read."""
        asked_at = self._clock.now().mono
        command = AtCommand("AT+CLCC", self._timeouts.call_list_s, AnswerShape.PREFIXED, (_ENTRIES,), priority)

        def answered(result: AtResult) -> None:
            if result.status is not Status.DROPPED:
                then(CallList(parse_entries(result), asked_at) if result.ok else None)

        self._at.submit(command, answered)

    def ask_cause(self, then: Callable[[Cause | None], None]) -> None:
        command = AtCommand(
            "AT+CEER", self._timeouts.cause_s, AnswerShape.PREFIXED, ("+CEER:",), Priority.FOLLOW_UP
        )  # fmt: skip

        def answered(result: AtResult) -> None:
            if result.status is not Status.DROPPED:
                then(cause_of_number(parse_ceer(result.first)) if result.lines else None)

        self._at.submit(command, answered)


def parse_entries(result: AtResult) -> tuple[CallEntry, ...]:
    """The +CLCC lines of a list; broken ones are left out, a call named twice counts as last named."""
    entries = (parse_clcc(after_prefix(line, _ENTRIES)) for line in result.lines)
    return tuple({entry.index: entry for entry in entries if entry is not None}.values())
