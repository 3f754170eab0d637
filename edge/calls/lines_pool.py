"""Our lines as the switchboard knows them, and which of them is free.

What is *busy* is not stored: it follows from the live legs of the calls, so no line can stay claimed by mistake.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from edge.telephony import LineId, LineState, PhoneNumber


@dataclass(frozen=True, slots=True)
class LineInfo:
    line: LineId
    state: LineState
    number: PhoneNumber | None = None


class LinesPool:
    def __init__(self, lines: tuple[LineInfo, ...] = ()) -> None:
        self._lines = {each.line: each for each in lines}

    @property
    def lines(self) -> tuple[LineInfo, ...]:
        """In the order of their names, gsm-2 before gsm-10."""
        return tuple(sorted(self._lines.values(), key=lambda each: (len(each.line), each.line)))

    @property
    def own_numbers(self) -> tuple[PhoneNumber, ...]:
        return tuple(each.number for each in self.lines if each.number is not None)

    def change(self, line: LineId, state: LineState, number: PhoneNumber | None) -> None:
        self._lines[line] = LineInfo(line, state, number)

    def number_of(self, line: LineId) -> PhoneNumber | None:
        info = self._lines.get(line)
        return info.number if info is not None else None

    def free(self, busy: Collection[LineId], besides: Collection[LineId] = ()) -> LineInfo | None:
        """The first line that can dial now."""
        return next((each for each in self._up() if each.line not in busy and each.line not in besides), None)

    def for_sms(self, busy: Collection[LineId], in_set_up: Collection[LineId] = ()) -> LineInfo | None:
        """A free line if there is one; an SMS also goes out beside a call, at once when nobody waits for its answer.

        `in_set_up`: lines with a call that rings or is being dialled; their modems put an SMS off for some seconds.
        """
        return self.free(busy) or self.free(in_set_up) or next(iter(self._up()), None)

    def _up(self) -> tuple[LineInfo, ...]:
        return tuple(each for each in self.lines if each.state is LineState.UP)
