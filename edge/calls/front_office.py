"""What the calls of one switchboard share: lines, messages, clock source, the list of actions being collected.

Calls see it as `edge.calls.call.Office`; only the switchboard changes it.
"""

from __future__ import annotations

from edge.calls import cdr
from edge.calls.actions import Action, CloseCdr, RefreshOpenCdr
from edge.calls.call import REFRESH_S, Call
from edge.calls.checkpoint import Checkpoint
from edge.calls.leg import Leg
from edge.calls.lines_pool import LineInfo, LinesPool
from edge.calls.messages import Messages
from edge.calls.notices import missed_call_text, reception
from edge.dialplan.numbers import national
from edge.dialplan.settings import Extension, Settings
from edge.telephony import CallId, LineId, Moment, PhoneNumber


class FrontOffice:
    def __init__(self, start: Checkpoint) -> None:
        self.settings: Settings = start.settings
        self.revision = start.revision
        self.pool = LinesPool(start.lines)
        self.messages = Messages(start.next_message, start.waiting)
        self.next_call = start.next_call
        self.clock = start.clock
        self.recording_allowed = start.recording_allowed
        self.calls: dict[CallId, Call] = {}
        """In the order in which they were offered."""
        self._actions: list[Action] = []

    # --- actions --------------------------------------------------------------------------------------------------

    def act(self, *actions: Action) -> None:
        self._actions.extend(actions)

    def take_actions(self) -> list[Action]:
        actions, self._actions = self._actions, []
        return actions

    # --- lines and telephones -------------------------------------------------------------------------------------

    @property
    def own_numbers(self) -> tuple[PhoneNumber, ...]:
        return self.pool.own_numbers

    @property
    def busy_lines(self) -> tuple[LineId, ...]:
        return tuple(each.line for each in self._held_legs())

    def free_line(self, besides: tuple[LineId, ...]) -> tuple[LineId, PhoneNumber | None] | None:
        info = self.pool.free(self.busy_lines, besides)
        return (info.line, info.number) if info is not None else None

    def engaged(self, number: PhoneNumber) -> bool:
        return any(each.number == number for each in self._held_legs() if each.steers)

    def _held_legs(self) -> list[Leg]:
        return [leg for call in self.calls.values() for leg in call.held_legs]

    # --- CDRs -----------------------------------------------------------------------------------------------------

    def refresh(self, call: Call, now: Moment) -> None:
        call.refresh_at = now.mono + REFRESH_S
        self.act(RefreshOpenCdr(cdr.open_cdr(call, now, self.clock)))

    def close_finished_calls(self, now: Moment) -> None:
        """Each CDR exactly once: the call is forgotten in the same breath."""
        for call in [each for each in self.calls.values() if each.over]:
            del self.calls[call.call]
            self.act(CloseCdr(cdr.close_cdr(call, now, self.clock)))

    # --- messages -------------------------------------------------------------------------------------------------

    def missed(self, call: Call, extension: Extension, now: Moment) -> None:
        """Once per call and extension; nobody is told about himself."""
        if extension.number in call.missed_by or call.front.number == extension.mobile:
            return
        call.missed_by.append(extension.number)
        self._notify(call, extension, extension.number, now)

    def missed_while_busy(self, call: Call, now: Moment) -> None:
        """A caller found the line busy and could not ask for anybody: the reception is told."""
        extension = reception(call.settings)
        if extension is not None and call.front.number != extension.mobile:
            hotline = call.front.hotline
            self._notify(call, extension, "hotline" if hotline is None else national(hotline), now)

    def _notify(self, call: Call, extension: Extension, asked_for: str, now: Moment) -> None:
        if not call.settings.notices.missed_call_sms:
            return
        started_wall = now.wall - (now.mono - call.front.started.mono)
        language = call.settings.company.language
        text = missed_call_text(language, call.front.number, asked_for, started_wall, self.clock)
        self.act(*self.messages.notify(self._sms_line(), extension.mobile, text, call.call))

    def send_waiting_messages(self) -> None:
        self.act(*self.messages.flush(self._sms_line()))

    def send_message(self, called: PhoneNumber, text: str, by: str) -> None:
        self.act(*self.messages.request(self._sms_line(), called, text, by))

    def tell_of_spending(self, called: PhoneNumber, text: str) -> None:
        """At once by any line; without one it is sent by the first that comes back."""
        self.act(*self.messages.notify(self._sms_line(), called, text, None, by="spending"))

    def _sms_line(self) -> LineInfo | None:
        in_set_up = [each.line for each in self._held_legs() if each.answered is None]
        return self.pool.for_sms(self.busy_lines, in_set_up)
