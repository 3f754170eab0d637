"""A second call on a line that carries one already: offered once, whatever the module says about it how often.

+CCWA names the caller and no index, +CLCC an index and perhaps the caller; RING may come for it too (that is `Voice`'s
to ignore). Its end must not be taken for the end of the call that is up.
"""

from __future__ import annotations

from dataclasses import dataclass

from edge.calls.events import CallWaitingOffered
from edge.lines.numbers import identify
from edge.telephony import CallState, LineId, Moment, PhoneNumber, RawNumber
from hal.interfaces import CallReported

SAME_CALL_S = 10.0
"""Reports that are not further apart mean the same waiting call, unless the numbers differ."""


@dataclass(slots=True)
class _Waiting:
    caller: PhoneNumber | None
    index: int | None
    last_report: float


class WaitingCalls:
    def __init__(self, line: LineId) -> None:
        self._line = line
        self._waiting: _Waiting | None = None

    def reported(self, number: RawNumber | None, index: int | None, now: Moment) -> list[CallWaitingOffered]:
        caller, caller_id = identify(number)
        known = self._waiting
        if known is not None and self._same(known, caller, now):
            known.last_report = now.mono
            known.caller = known.caller or caller
            known.index = known.index if index is None else index
            return []
        self._waiting = _Waiting(caller, index, now.mono)
        return [CallWaitingOffered(self._line, caller, caller_id)]

    def _same(self, known: _Waiting, caller: PhoneNumber | None, now: Moment) -> bool:
        numbers_agree = None in (known.caller, caller) or known.caller == caller
        return numbers_agree and now.mono - known.last_report <= SAME_CALL_S

    def takes_end(self, report: CallReported, index_of_the_other: int | None) -> bool:
        """Does this end mean the waiting call? Then it is forgotten."""
        if self._waiting is None or report.outgoing or report.state is not CallState.ENDED:
            return False
        if report.index == self._waiting.index and report.index != index_of_the_other:
            self._waiting = None
            return True
        if self._waiting.index is None and index_of_the_other not in (None, report.index):
            self._waiting = None
            return True
        return False

    def listed(self, calls: tuple[CallReported, ...], now: Moment) -> list[CallWaitingOffered]:
        """The module's list: a waiting call that it does not hold is over, one that nobody reported is offered."""
        there = [each for each in calls if each.state is CallState.WAITING]
        if not there:
            self._waiting = None
            return []
        return self.reported(there[0].number, there[0].index, now)

    def forget(self) -> None:
        self._waiting = None
