"""AT+CHLD: hold, swap, join, split, transfer by the rules of 22.030 §6.5.5, 22.083, 22.084 and 22.091.

One active set and one held set at most; a waiting call comes before a held one; at most five far ends in a group.
What cannot be done is +CME ERROR: 3 (not allowed) and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from sim_hardware.modem.at_syntax import Command, Op
from sim_hardware.modem.board import Board, Handler
from sim_hardware.modem.call_table import Call, Stat
from sim_hardware.modem.calling import BUSY, NORMAL, Calling
from sim_hardware.modem.events import HoldCall, ResumeCall, TransferCalls
from sim_hardware.modem.replies import DONE, CmeError, Reply, info
from sim_hardware.modem.security import Security

_LARGEST_GROUP = 5


class Holding:
    def __init__(self, board: Board, security: Security, calling: Calling) -> None:
        self._board = board
        self._security = security
        self._calling = calling

    def commands(self) -> Mapping[str, Handler]:
        return {"+CHLD": self._chld}

    def _chld(self, command: Command) -> Reply:
        if command.op is Op.TEST:
            return info("+CHLD: (0,1,1x,2,2x,3,4)")
        if command.op is Op.READ:
            raise CmeError(50)
        wanted = command.argument(0, "2") if command.op is Op.WRITE else "2"
        number = int(wanted[1:]) if wanted[1:].isdecimal() else None
        if len(wanted) > 2 or (wanted[1:] and number is None):
            raise CmeError(50)
        match wanted[:1], number:
            case "0", None:
                self._release_held_or_waiting()
            case "1", None:
                self._release_active_and_take_other()
            case "2", None:
                self._swap()
            case "1", int() as call_id:
                self._calling.release(self._call(call_id), NORMAL)
            case "2", int() as call_id:
                self._hold_all_but(self._call(call_id))
            case "3", None:
                self._join()
            case "4", None:
                self._transfer()
            case _:
                raise CmeError(50)
        return DONE

    # --- who there is ---------------------------------------------------------------------------------------------

    @property
    def _active(self) -> list[Call]:
        return self._calling.table.having(Stat.ACTIVE)

    @property
    def _held(self) -> list[Call]:
        return self._calling.table.having(Stat.HELD)

    @property
    def _offered(self) -> Call | None:
        """A call that can be taken: waiting, or ringing alone."""
        return self._calling.table.one(Stat.WAITING, Stat.INCOMING)

    def _call(self, call_id: int) -> Call:
        call = self._calling.table.by_id(call_id)
        if call is None:
            raise CmeError(3)
        return call

    # --- the moves ------------------------------------------------------------------------------------------------

    def _release_held_or_waiting(self) -> None:
        if self._offered is not None:
            self._calling.release(self._offered, BUSY)
            return
        if not self._held:
            raise CmeError(3)
        for call in self._held:
            self._calling.release(call, NORMAL)

    def _release_active_and_take_other(self) -> None:
        active = self._calling.table.having(Stat.ACTIVE, Stat.DIALING, Stat.ALERTING)
        offered, held = self._offered, self._held
        if not active and offered is None and not held:
            raise CmeError(3)
        for call in active:
            self._calling.release(call, NORMAL)
        if offered is not None:
            self._calling.accept(offered)
        else:
            self._resume(held)
            self._calling.say_moved(held)

    def _swap(self) -> None:
        active, held, offered = self._active, self._held, self._offered
        if self._calling.table.having(Stat.DIALING, Stat.ALERTING):
            raise CmeError(3)
        if offered is not None:
            if active and held:  # a third party cannot be taken (22.083 §2.2.1)
                raise CmeError(3)
            self._hold(active)
            self._calling.say_moved(active)
            self._calling.accept(offered)
        elif active or held:
            self._hold(active)
            self._resume(held)
            self._calling.say_moved([*active, *held])
        else:
            raise CmeError(3)

    def _hold_all_but(self, kept: Call) -> None:
        """Private talk with one member, or a swap named by call (SIM900 manual)."""
        active, held = self._active, self._held
        others = [call for call in active if call is not kept]
        if kept.stat is Stat.HELD and len(held) == 1:
            self._swap()
            return
        if kept.stat is not Stat.ACTIVE or (others and held):
            raise CmeError(3)
        kept.multiparty = kept.multiparty and not others
        self._hold(others)
        self._ungroup_lonely(others)
        self._calling.say_moved(others)

    def _join(self) -> None:
        active, held = self._active, self._held
        if not active or not held or len(active) + len(held) > _LARGEST_GROUP:
            raise CmeError(3)
        self._resume(held)
        for call in (*active, *held):
            call.multiparty = True
        self._calling.say_moved([*active, *held])

    def _transfer(self) -> None:
        """Join the two far ends and leave; most subscriptions refuse."""
        other = self._calling.table.one(Stat.ACTIVE, Stat.ALERTING)
        held = self._calling.table.one(Stat.HELD)
        if other is None or held is None:
            raise CmeError(3)
        if not self._security.require().transfer_allowed:
            raise CmeError(4)
        self._board.emit(TransferCalls(held.ref, other.ref))
        for call in (held, other):
            self._calling.leave(call)

    def _hold(self, calls: list[Call]) -> None:
        for call in calls:
            call.stat = Stat.HELD
            self._board.emit(HoldCall(call.ref))

    def _resume(self, calls: list[Call]) -> None:
        for call in calls:
            call.stat = Stat.ACTIVE
            self._board.emit(ResumeCall(call.ref))

    @staticmethod
    def _ungroup_lonely(calls: list[Call]) -> None:
        if len(calls) == 1:
            calls[0].multiparty = False
