"""Calls come and go: ATD, ATA, ATH, CHUP, RING, CLCC, and what the network says about them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from sim_hardware.modem.agenda import Timer
from sim_hardware.modem.at_syntax import Command, Op
from sim_hardware.modem.board import Answer, Board, Handler
from sim_hardware.modem.call_lines import CallWording, Ending
from sim_hardware.modem.call_table import Call, CallTable, Stat
from sim_hardware.modem.events import (
    AcceptCall,
    CallArrived,
    HoldCall,
    PlaceCall,
    ReleaseCall,
)
from sim_hardware.modem.profiles import CallLine
from sim_hardware.modem.radio import Radio
from sim_hardware.modem.replies import DONE, CmeError, Later, Refusal, Reply, info
from sim_hardware.modem.security import Security

NORMAL, BUSY, REJECTED = 16, 17, 21
_CAUSES = {
    1: "Unassigned number",
    16: "Normal call clearing",
    17: "User busy",
    18: "No user responding",
    19: "User alerting, no answer",
    20: "Subscriber absent",
    21: "Call rejected",
    27: "Destination out of order",
    28: "Invalid number format",
    31: "Normal, unspecified",
    34: "No circuit available",
    41: "Temporary failure",
}
_DIALLED = re.compile(r"\+?[0-9*#A-Da-dpPwW]+")
NO_CARRIER = Reply(final="NO CARRIER")


class Calling:
    def __init__(
        self,
        board: Board,
        security: Security,
        radio: Radio,
        wording: CallWording,
        *,
        finish: Callable[[Reply | Refusal], None],
        changed: Callable[[], None],
    ) -> None:
        """`finish` gives a pending command its result; `changed` is told after every change of the table."""
        self._board = board
        self._security = security
        self._radio = radio
        self._wording = wording
        self._finish = finish
        self._changed = changed
        self.table = CallTable(2 if board.profile.packet_bearer else 1)
        self.waiting_on = False
        """Call waiting is active in the network (AT+CCWA=…,1)."""
        self.last_cause: int | None = None
        self._refs = 0
        self._ring_timer: Timer | None = None
        self._dialing: Call | None = None
        """The call of an ATD that has not answered yet."""

    # --- the network ----------------------------------------------------------------------------------------------

    def arrived(self, event: CallArrived) -> None:
        """Ring; or beep, when in a call with call waiting; else the caller hears busy."""
        self._yield_to_incoming()
        if len(self.table) == 0:
            call = self.table.add(event.ref, event.number, Stat.INCOMING, event.presentation)
            if self._board.profile.announce_before_ring:
                self._say(self._wording.changed(call))
            self._ring(call)
        elif self.waiting_on and not self.table.full and not self.table.having(Stat.INCOMING, Stat.WAITING):
            call = self.table.add(event.ref, event.number, Stat.WAITING, event.presentation)
            if self._board.registers.number("+CCWA"):
                self._board.urc(self._wording.waiting(call))
            self._say(self._wording.changed(call))
        else:
            self._board.emit(ReleaseCall(event.ref, BUSY))
        self._changed()

    def _yield_to_incoming(self) -> None:
        """Glare: a call of ours that has not reached its far end gives way to the caller's."""
        ours = self.table.one(Stat.DIALING)
        if ours is not None and len(self.table) == 1:
            self._board.emit(ReleaseCall(ours.ref, NORMAL))
            self._drop(ours, 47, Ending.REMOTE)

    def alerted(self, ref: str) -> None:
        call = self.table.by_ref(ref)
        if call is None or call.stat is not Stat.DIALING:
            return
        call.stat = Stat.ALERTING
        if self._board.traits.early_active:
            self._activate(call)
        else:
            self._say(self._wording.changed(call))

    def connected(self, ref: str) -> None:
        call = self.table.by_ref(ref)
        if call is None or call.connected_s is not None:
            return
        call.connected_s = self._board.now_s
        if call.stat in (Stat.DIALING, Stat.ALERTING):
            self._activate(call)
        self._changed()

    def released(self, ref: str, cause: int) -> None:
        call = self.table.by_ref(ref)
        if call is None or call.stuck:
            return
        may_stick = call.stat not in (Stat.INCOMING, Stat.WAITING) and self._dialing is not call
        if self._board.traits.stuck_calls and may_stick:
            self._board.traits.stuck_calls -= 1
            call.stuck, self.last_cause = True, cause
            self._say(self._wording.ended_but_listed(call, cause))
        else:
            self._drop(call, cause, Ending.REMOTE)

    def forget_all(self) -> None:
        """Power or radio lost: the calls are gone, nobody says so."""
        self._stop_ringing()
        self._dialing = None
        self.table.clear()
        self._changed()

    def power_up(self) -> None:
        self.waiting_on = False
        self.last_cause = None

    def end_all(self, cause: int) -> None:
        """The network lets go of every call (card out, radio off)."""
        for call in list(self.table):
            self._drop(call, cause, Ending.REMOTE)

    # --- shared with AT+CHLD --------------------------------------------------------------------------------------

    def say_moved(self, calls: Iterable[Call]) -> None:
        """The host held, resumed or joined these."""
        for call in calls:
            self._say(self._wording.moved(call))
        self._changed()

    def accept(self, call: Call) -> None:
        """Answer a ringing or waiting call; it is active at once."""
        if call.stat is Stat.INCOMING:
            self._stop_ringing()
        call.stat, call.connected_s = Stat.ACTIVE, self._board.now_s
        self._board.emit(AcceptCall(call.ref))
        if self._board.profile.answer_ok_first:
            self._board.soon(lambda: self._activate(call))
        else:
            self._activate(call)

    def release(self, call: Call, cause: int) -> None:
        """The host ends a call."""
        if not call.stuck:
            self._board.emit(ReleaseCall(call.ref, cause))
        self._drop(call, cause, Ending.LOCAL)

    def leave(self, call: Call) -> None:
        """We are out of a call that goes on without us (transfer)."""
        self._drop(call, NORMAL, Ending.LOCAL)

    def _activate(self, call: Call) -> None:
        if self.table.by_id(call.id) is not call:
            return
        call.stat = Stat.ACTIVE
        if call.reported_s is None:
            call.reported_s = self._board.now_s
        pending = self._dialing is call
        if pending:
            self._dialing = None
        self._say(self._wording.changed(call))
        if pending:
            colp = f'+COLP: "{call.number}",{call.number_type}'
            self._finish(info(colp) if self._board.registers.number("+COLP") else DONE)
        self._changed()

    def _drop(self, call: Call, cause: int, ending: Ending) -> None:
        before, self.last_cause = call.stat, cause
        if before is Stat.INCOMING:
            self._stop_ringing()
        self.table.remove(call)
        lines = self._wording.ended(call, before, cause, ending)
        if ending is Ending.REMOTE and self._board.traits.silent_ends:
            self._board.traits.silent_ends -= 1
            lines = []
        if self._dialing is call:
            self._dialing = None
            self._finish(Reply(final=self._wording.final_result(cause)))
        elif ending is Ending.REMOTE or self._board.profile.local_end_before_ok:
            self._say(lines)
            if ending is Ending.REMOTE and before is Stat.HELD and self._board.registers.number("+CSSN", 1):
                self._board.urc("+CSSU: 5")  # 27.007 §7.17: held call released
        else:
            self._board.soon(lambda: self._say(lines))
        self._changed()

    def _say(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._board.urc(line)

    # --- ringing --------------------------------------------------------------------------------------------------

    def _ring(self, call: Call) -> None:
        call.rings += 1
        self._board.urc(self._wording.ring())
        with_number = self._board.traits.clip_from_ring
        if self._board.registers.number("+CLIP") and with_number is not None and call.rings >= with_number:
            self._board.urc(self._wording.clip(call))
        if call.rings == 1 and not self._board.profile.announce_before_ring:
            self._say(self._wording.changed(call))
        self._ring_timer = self._board.later(self._board.profile.ring_interval_s, lambda: self._ring(call))

    def _stop_ringing(self) -> None:
        if self._ring_timer is not None:
            self._ring_timer.cancel()
            self._ring_timer = None

    # --- the host -------------------------------------------------------------------------------------------------

    def commands(self) -> Mapping[str, Handler]:
        return {
            "D": self._dial,
            "A": self._answer,
            "H": self._hook,
            "+CHUP": self._hang_up,
            "+QHUP": self._hang_up_one,
            "+CLCC": self._clcc,
            "+CCWA": self._ccwa,
            "+QINDCFG": self._qindcfg,
            "+CEER": self._ceer,
            "+CPAS": self._cpas,
        }

    def abort_dialing(self) -> None:
        """A byte came while ATD was pending (V.250 §5.6.1)."""
        call = self._dialing
        if call is None:
            return
        self._board.emit(ReleaseCall(call.ref, NORMAL))
        self._drop(call, NORMAL, Ending.LOCAL)

    def _dial(self, command: Command) -> Answer:
        number = re.sub(r"[ ().,/-]", "", command.text.rstrip(";")).replace("!", "").rstrip("IiGg")
        if not command.text.endswith(";"):
            return NO_CARRIER  # a data call: no such service
        if not _DIALLED.fullmatch(number):
            raise Refusal
        self._security.require()
        if not self._radio.registered or self.table.having(Stat.INCOMING):
            return NO_CARRIER
        if self.table.having(Stat.DIALING, Stat.ALERTING, Stat.WAITING) or self.table.full:
            raise CmeError(3)
        active, held = self.table.having(Stat.ACTIVE), self.table.having(Stat.HELD)
        if active and held:
            raise CmeError(3)
        return self._place(number, active)

    def _place(self, number: str, active: list[Call]) -> Answer:
        for call in active:
            call.stat = Stat.HELD
            self._board.emit(HoldCall(call.ref))
        self._refs += 1
        placed = self.table.add(f"m{self._refs}", number, Stat.DIALING)
        self._board.emit(PlaceCall(placed.ref, number))
        self._board.soon(lambda: self._dialled(placed, active))
        self._changed()
        if self._board.registers.number("+COLP"):
            self._dialing = placed
            return Later(abortable=True)
        if self._board.profile.dial_answer_s:
            self._dialing = placed
            self._board.later(self._board.profile.dial_answer_s, lambda: self._dial_answered(placed))
            return Later(abortable=self._board.profile.dial_abortable)
        return DONE

    def _dial_answered(self, call: Call) -> None:
        if self._dialing is call:
            self._dialing = None
            self._finish(DONE)
            if call.stat is Stat.DIALING:
                self._say(self._wording.changed(call))

    def _dialled(self, call: Call, held: list[Call]) -> None:
        if call.stat is not Stat.DIALING or self.table.by_id(call.id) is not call:
            return
        self.say_moved(held)
        if self._dialing is not call:
            self._say(self._wording.changed(call))

    def _answer(self, _command: Command) -> Answer:
        call = self.table.one(Stat.INCOMING)
        if call is None:
            return NO_CARRIER
        self.accept(call)
        return DONE

    def _hook(self, _command: Command) -> Reply:
        if self._board.profile.ath_needs_cvhu and self._board.registers.number("+CVHU"):
            return DONE
        return self._hang_up(Command("+CHUP", Op.EXECUTE))

    def _hang_up(self, command: Command) -> Reply:
        if command.op is Op.TEST:
            return DONE
        if command.op is not Op.EXECUTE:
            raise Refusal
        for call in list(self.table):
            if call.stat is Stat.HELD and not self._board.profile.chup_ends_held:
                continue
            self.release(call, REJECTED if call.stat is Stat.INCOMING else NORMAL)
        return DONE

    def _hang_up_one(self, command: Command) -> Reply:
        """AT+QHUP=cause[,idx]; idx 0 is every call."""
        cause, number = command.argument(0), command.argument(1, "0")
        if command.op is not Op.WRITE or not cause.isdecimal() or not number.isdecimal():
            raise CmeError(50)
        for call in list(self.table):
            if int(number) in (0, call.id):
                self.release(call, int(cause))
        return DONE

    def _clcc(self, command: Command) -> Reply:
        if command.op is Op.EXECUTE:
            packet = ('+CLCC: 1,0,0,1,0,"",128',) if self._board.profile.packet_bearer else ()
            return Reply(packet + tuple(self._wording.clcc(call) for call in self.table))
        if CallLine.CLCC not in self._board.profile.changed:
            raise Refusal
        return self._board.registers.handle(command)

    def _qindcfg(self, command: Command) -> Reply:
        """Quectel's switchboard of indications; only "ccinfo" concerns calls, the rest is taken and kept silent."""
        if command.op is not Op.WRITE or not command.argument(0):
            raise Refusal
        if command.argument(0) == "ccinfo":
            if command.argument(1) not in ("0", "1"):
                return info(f'+QINDCFG: "ccinfo",{self._board.registers.number("+QINDCFG")},0')
            self._board.registers.put("+QINDCFG", 0, command.argument(1))
        return DONE

    def _ccwa(self, command: Command) -> Reply:
        if command.op is not Op.WRITE:
            return self._board.registers.handle(command)
        shown, mode = command.argument(0), command.argument(1)
        if shown not in ("", "0", "1") or mode not in ("", "0", "1", "2"):
            raise CmeError(50)
        self._security.require()
        if mode == "2":
            return info(f"+CCWA: {int(self.waiting_on)},1")
        if shown:
            self._board.registers.put("+CCWA", 0, shown)
        if mode:
            self.waiting_on = mode == "1"
        return DONE

    def _ceer(self, command: Command) -> Reply:
        if command.op is Op.TEST:
            return DONE
        if self.last_cause is None:
            return info("+CEER: 0 No cause information available")
        return info(f"+CEER: {self.last_cause} {_CAUSES.get(self.last_cause, 'Unspecified')}")

    def _cpas(self, command: Command) -> Reply:
        """27.007 §8.1: 0 ready, 3 ringing, 4 call in progress."""
        if command.op is Op.TEST:
            return info("+CPAS: (0,3,4)")
        activity = 3 if self.table.having(Stat.INCOMING) else 4 if len(self.table) else 0
        return info(f"+CPAS: {activity}")
