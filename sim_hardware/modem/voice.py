"""The voice path to the host and keys in both directions.

Invariant: `AudioOpened` and `AudioClosed` alternate, and the path is never open without a call.
"""

from __future__ import annotations

from collections.abc import Mapping

from sim_hardware.modem.at_syntax import Command, Op
from sim_hardware.modem.board import Board, Handler
from sim_hardware.modem.call_table import CallTable, Stat
from sim_hardware.modem.events import AudioClosed, AudioOpened, PressKey
from sim_hardware.modem.profiles import Audio
from sim_hardware.modem.replies import DONE, CmeError, Refusal, Reply, info

_KEYS = frozenset("0123456789*#ABCD")
_DEFAULT_TONE_MS, _GAP_MS = 120, 120
_MOST_KEYS = 31


class Voice:
    def __init__(self, board: Board, calls: CallTable) -> None:
        self._board = board
        self._calls = calls
        self.open = False
        self._wanted = False
        """QPCMV and DDSETEX may be set before the call."""
        self._mode = "0"
        self._tone_ms = 0
        """AT+VTD; 0: the network's default."""

    def power_up(self) -> None:
        self._wanted, self._mode, self._tone_ms = False, "0", 0

    def calls_changed(self) -> None:
        """Close with the last call; open for those who asked early."""
        if len(self._calls) == 0:
            self._close()
            if self._board.profile.audio is not Audio.QPCMV:
                self._wanted = False
        elif self._wanted and self._calls.having(Stat.ACTIVE):
            self._open()

    def heard(self, ref: str, key: str) -> None:
        """A key of the far end, as the module's own detector reports it."""
        profile = self._board.profile
        call = self._calls.by_ref(ref)
        if call is None or call.stat is not Stat.ACTIVE or not profile.key_line:
            return
        if profile.key_switch and not self._board.registers.number(profile.key_switch):
            return
        line = profile.key_line.format(key=ord(key) if profile.key_as_code else key)
        if self._board.registers.number("+DDET", 2):  # SIM800: with the key's length
            line += f",{_DEFAULT_TONE_MS}"
        self._board.urc(line)

    def commands(self) -> Mapping[str, Handler]:
        return {
            "+CPCMREG": self._cpcmreg,
            "+QPCMV": self._qpcmv,
            "^DDSETEX": self._ddsetex,
            "+VTS": self._vts,
            "+VTD": self._vtd,
            "^DTMF": self._huawei_key,
        }

    # --- the PCM port ---------------------------------------------------------------------------------------------

    def _open(self) -> None:
        if not self.open:
            self.open = True
            self._board.emit(AudioOpened(16000 if self._board.registers.number("+CPCMFRM") else 8000))

    def _close(self) -> None:
        if self.open:
            self.open = False
            self._board.emit(AudioClosed())

    def _cpcmreg(self, command: Command) -> Reply:
        match command.op:
            case Op.TEST:
                return info("+CPCMREG: (0-1)")
            case Op.READ:
                return info(f"+CPCMREG: {int(self.open)}")
            case Op.WRITE if command.argument(0) == "1":
                self._register()
            case Op.WRITE if command.argument(0) == "0":
                self._close()
            case _:
                raise Refusal
        return DONE

    def _register(self) -> None:
        """Only in a call, and not at its very beginning."""
        traits = self._board.traits
        ready_s = self._board.profile.pcm_ready_s
        talking = any(
            call.reported_s is not None and self._board.now_s - call.reported_s >= ready_s
            for call in self._calls.having(Stat.ACTIVE)
        )
        if not talking:
            raise Refusal
        if traits.pcm_stuck:
            raise Refusal
        if traits.pcm_refusals:
            traits.pcm_refusals -= 1
            raise Refusal
        self._open()

    def _qpcmv(self, command: Command) -> Reply:
        match command.op:
            case Op.TEST:
                return info("+QPCMV: (0,1),(0-2)")
            case Op.READ:
                return info(f"+QPCMV: {int(self._wanted)},{self._mode}")
            case Op.WRITE if command.argument(0) in ("0", "1") and command.argument(1, "0") in ("0", "1", "2"):
                self._wanted = command.argument(0) == "1"
                self._mode = command.argument(1, self._mode)
                self._follow_wish()
                return DONE
        raise Refusal

    def _ddsetex(self, command: Command) -> Reply:
        if command.op is not Op.WRITE:
            return info("^DDSETEX: (0-2)") if command.op is Op.TEST else DONE
        if len(self._calls) == 0 and command.argument(0) == "2":
            raise Refusal
        self._wanted = command.argument(0) == "2"
        self._follow_wish()
        return DONE

    def _follow_wish(self) -> None:
        if not self._wanted:
            self._close()
        else:
            self.calls_changed()

    # --- keys -----------------------------------------------------------------------------------------------------

    def _vts(self, command: Command) -> Reply:
        if command.op is Op.TEST:
            return info("+VTS: (0-9,*,#,A,B,C,D),(0-255)")
        if command.op is not Op.WRITE:
            raise Refusal
        keys, duration_ms = self._keys_and_length(command)
        self._press(keys, duration_ms)
        return DONE

    def _keys_and_length(self, command: Command) -> tuple[str, int]:
        """`5` · `"5"` · `5,20` (tenths of a second) · `"1,3,5"` · `"1357"`."""
        arguments = command.arguments
        keys = arguments[0].replace(",", "").upper() if arguments else ""
        tenths = arguments[1] if len(arguments) > 1 else ""
        if not keys or len(keys) > _MOST_KEYS or not set(keys) <= _KEYS:
            raise CmeError(50)
        if tenths and not (tenths.isdecimal() and int(tenths) <= 255):
            raise CmeError(50)
        return keys, 100 * int(tenths) if tenths else self._tone_ms

    def _press(self, keys: str, duration_ms: int) -> None:
        active = self._calls.having(Stat.ACTIVE)
        if not active:
            raise CmeError(3)
        tone_ms = duration_ms or _DEFAULT_TONE_MS
        for position, key in enumerate(keys):
            for call in active:
                press = PressKey(call.ref, key, tone_ms)
                if position == 0:
                    self._board.emit(press)
                else:
                    self._press_later(position * (tone_ms + _GAP_MS) / 1000, press)

    def _press_later(self, delay_s: float, press: PressKey) -> None:
        def press_if_still_talking() -> None:
            call = self._calls.by_ref(press.ref)
            if call is not None and call.stat is Stat.ACTIVE:
                self._board.emit(press)

        self._board.later(delay_s, press_if_still_talking)

    def _vtd(self, command: Command) -> Reply:
        match command.op:
            case Op.TEST:
                return info("+VTD: (0-255)")
            case Op.READ:
                return info(f"+VTD: {self._tone_ms // 100}")
            case Op.WRITE if command.argument(0).isdecimal() and int(command.argument(0)) <= 255:
                self._tone_ms = 100 * int(command.argument(0))
                return DONE
        raise CmeError(50)

    def _huawei_key(self, command: Command) -> Reply:
        """AT^DTMF=callid,digit."""
        if command.op is not Op.WRITE:
            return info('^DTMF: (1-7),("0"-"9","*","#","A"-"D")') if command.op is Op.TEST else DONE
        key = command.argument(1).upper()
        if len(key) != 1 or key not in _KEYS:
            raise CmeError(50)
        self._press(key, self._tone_ms)
        return DONE
