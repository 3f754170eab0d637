"""How each family words what happened to a call. Everything here is text: no state is changed."""

from __future__ import annotations

from enum import Enum

from sim_hardware.modem.board import Board
from sim_hardware.modem.call_table import Call, Stat
from sim_hardware.modem.profiles import CallLine
from sim_hardware.modem.wall_clock import WallClock

_DSCI_STATES = {  # Quectel's own coding, not 27.007's
    Stat.HELD: 1,
    Stat.DIALING: 2,
    Stat.ACTIVE: 3,
    Stat.INCOMING: 4,
    Stat.WAITING: 5,
    Stat.ENDED: 6,
    Stat.ALERTING: 7,
}
_BUSY, _NO_ANSWER = (17,), (18, 19)
_HUAWEI_END_STATUS = 104


class Ending(Enum):
    LOCAL = "the host hung up"
    REMOTE = "the far end or the network"


class CallWording:
    """The lines of one modem about its calls, by profile and by what the host switched on."""

    def __init__(self, board: Board, clock: WallClock) -> None:
        self._board = board
        self._clock = clock

    def changed(self, call: Call) -> list[str]:
        """The call is now in `call.stat` (not ENDED)."""
        profile = self._board.profile
        kinds = profile.connected if call.stat is Stat.ACTIVE else profile.changed
        return [line for kind in kinds if (line := self._change_line(kind, call))]

    def moved(self, call: Call) -> list[str]:
        """The host held, resumed or joined the call: state lists only, nobody begins a call again."""
        kinds = (kind for kind in self._board.profile.changed if kind is not CallLine.HUAWEI)
        return [line for kind in kinds if (line := self._change_line(kind, call))]

    def ended(self, call: Call, before: Stat, cause: int, ending: Ending) -> list[str]:
        """The call, `before` in that state, is over."""
        lines = (self._end_line(kind, call, before, cause, ending) for kind in self._board.profile.ended)
        return [line for line in lines if line]

    def ended_but_listed(self, call: Call, cause: int) -> list[str]:
        """The far end has left and the call list does not know: all is said but the state line of the list."""
        kinds = (kind for kind in self._board.profile.ended if kind is not CallLine.CLCC)
        lines = (self._end_line(kind, call, call.stat, cause, Ending.REMOTE) for kind in kinds)
        return [line for line in lines if line]

    def clcc(self, call: Call, stat: Stat | None = None) -> str:
        """27.007 §7.18, seven fields."""
        state = (call.stat if stat is None else stat).value
        return (
            f"+CLCC: {call.id},{int(call.incoming)},{state},0,{int(call.multiparty)},"
            f'"{call.shown_number}",{call.number_type}'
        )

    def ring(self) -> str:
        return "+CRING: VOICE" if self._board.registers.number("+CRC") else "RING"

    def clip(self, call: Call) -> str:
        tail = self._board.profile.clip_tail.format(validity=call.presentation.value)
        return f'+CLIP: "{call.shown_number}",{call.number_type}{tail}'

    def waiting(self, call: Call) -> str:
        return f'+CCWA: "{call.shown_number}",{call.number_type},1'

    def _change_line(self, kind: CallLine, call: Call) -> str:
        registers = self._board.registers
        match kind:
            case CallLine.VOICE:
                return "VOICE CALL: BEGIN"
            case CallLine.COLP:
                return "" if call.incoming else f'+COLP: "{call.shown_number}",161'
            case CallLine.CLCC:
                return self.clcc(call) if registers.number("+CLCC") else ""
            case CallLine.DSCI:
                return self._dsci(call, call.stat) if registers.number("^DSCI") else ""
            case CallLine.CCINFO:
                return self._ccinfo(call, call.stat.value) if registers.number("+QINDCFG") else ""
            case CallLine.HUAWEI:
                return self._huawei(call)
            case _:
                return ""

    def _end_line(self, kind: CallLine, call: Call, before: Stat, cause: int, ending: Ending) -> str:
        registers, profile = self._board.registers, self._board.profile
        missed = before is Stat.INCOMING and ending is Ending.REMOTE
        match kind:
            case CallLine.VOICE:
                return "" if missed and CallLine.MISSED in profile.ended else self._voice_end(call)
            case CallLine.MISSED:
                return f"MISSED_CALL: {self._clock.short_time()} {call.shown_number}".rstrip() if missed else ""
            case CallLine.WORD:
                return self._word(cause) if ending is Ending.REMOTE or profile.local_word else ""
            case CallLine.CLCC:
                return self.clcc(call, Stat.ENDED) if registers.number("+CLCC") else ""
            case CallLine.DSCI:
                return self._dsci(call, Stat.ENDED) if registers.number("^DSCI") else ""
            case CallLine.CCINFO:
                return self._ccinfo(call, -1) if registers.number("+QINDCFG") else ""
            case CallLine.HUAWEI:
                return f"^CEND:{call.id},{self._talk_s(call)},{_HUAWEI_END_STATUS},{cause}"
            case _:
                return ""

    def _voice_end(self, call: Call) -> str:
        """`hhmmss` of talk; no figure for a call that never connected."""
        if call.reported_s is None:
            return "VOICE CALL: END"
        minutes, seconds = divmod(self._talk_s(call), 60)
        return f"VOICE CALL: END: {minutes // 60:02d}{minutes % 60:02d}{seconds:02d}"

    def _talk_s(self, call: Call) -> int:
        return 0 if call.reported_s is None else int(self._board.now_s - call.reported_s)

    def final_result(self, cause: int) -> str:
        """How an ATD that waits for the answer is told of the call's end."""
        return self._word(cause) if CallLine.WORD in self._board.profile.ended else "NO CARRIER"

    def _word(self, cause: int) -> str:
        if self._board.profile.remote_words and cause in _BUSY:
            return "BUSY"
        if self._board.profile.remote_words and cause in _NO_ANSWER:
            return "NO ANSWER"
        return "NO CARRIER"

    def _dsci(self, call: Call, stat: Stat) -> str:
        state = _DSCI_STATES[stat]
        return f"^DSCI: {call.id},{int(call.incoming)},{state},0,{call.shown_number},{call.number_type},0"

    def _ccinfo(self, call: Call, state: int) -> str:
        return (
            f'+QIND: "ccinfo",{call.id},{int(call.incoming)},{state},0,{int(call.multiparty)},'
            f'"{call.shown_number}",{call.number_type}'
        )

    @staticmethod
    def _huawei(call: Call) -> str:
        match call.stat:
            case Stat.DIALING:
                return f"^ORIG:{call.id},0"
            case Stat.ALERTING:
                return f"^CONF:{call.id}"
            case Stat.ACTIVE:
                return f"^CONN:{call.id},0"
            case _:
                return ""
