"""The card in the slot: its lock, its tries, and whether commands may use it now (27.007 §8.3, §9.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sim_hardware.modem.at_syntax import Command, Op
from sim_hardware.modem.board import Board, Handler
from sim_hardware.modem.replies import DONE, CmeError, CmsError, Refusal, Reply, info
from sim_hardware.modem.sim_card import SimCard, SimLock

_BUSY_AFTER_PIN_S = 0.8
"""The card answers "busy" this long after its PIN."""


class Security:
    def __init__(self, board: Board, sim: SimCard | None, unlocked: Callable[[], None]) -> None:
        """`unlocked` is called when a PIN or PUK has opened the card."""
        self._board = board
        self._unlocked = unlocked
        self.card = sim
        """What lies in the slot, with or without contact."""
        self.inserted = sim is not None
        self.read = True
        """False early in the boot: every use of the card fails."""
        self.busy_until_s = 0.0
        self.messages_from_s = 0.0
        """SMS commands fail before this moment (boot)."""

    @property
    def sim(self) -> SimCard | None:
        """The card, if it makes contact."""
        return self.card if self.inserted else None

    @property
    def ready(self) -> bool:
        return self.sim is not None and self.sim.lock is SimLock.NONE

    def power_up(self) -> None:
        if self.card is not None:
            self.card.unlocked = False
        self.read = False
        self.busy_until_s = 0.0

    def require(self) -> SimCard:
        """The card, ready for use; raises CmeError 10, 11, 12, 13 or 14."""
        if not self.read:
            raise CmeError(13)
        sim = self.sim
        if sim is None:
            raise CmeError(10)
        if sim.lock is SimLock.PIN:
            raise CmeError(11)
        if sim.lock is SimLock.PUK:
            raise CmeError(12)
        if self._board.now_s < self.busy_until_s:
            raise CmeError(14)
        return sim

    def require_messages(self) -> SimCard:
        """As `require`, for the commands of 27.005: raises CmsError 310 to 314."""
        try:
            sim = self.require()
        except CmeError as error:
            raise CmsError(300 + error.code) from error
        if self._board.now_s < self.messages_from_s:
            raise CmsError(314)
        return sim

    @property
    def state_text(self) -> str:
        """As after `+CPIN: `."""
        return self.sim.lock.value if self.sim is not None else "NOT INSERTED"

    def commands(self) -> Mapping[str, Handler]:
        profile = self._board.profile
        return {
            "+CPIN": self._cpin,
            "+CLCK": self._clck,
            "+CPWD": self._cpwd,
            "+SPIC": self._tries,
            "+QPINC": self._tries,
            "+CIMI": self._imsi,
            "+CCID": self._iccid,
            "+CICCID": self._iccid,
            "+QCCID": self._iccid,
            profile.iccid_command: self._iccid,
            "+CNUM": self._own_number,
        }

    def _cpin(self, command: Command) -> Reply:
        if command.op is Op.TEST:
            return DONE
        sim = self.sim
        if not self.read:
            raise CmeError(13)
        if sim is None:
            if self._board.profile.no_sim_answer and command.op is Op.READ:
                return info(f"+CPIN: {self._board.profile.no_sim_answer}")
            raise CmeError(10)
        if command.op is Op.READ:
            if self._board.now_s < self.busy_until_s and sim.pin is None:
                raise CmeError(14)
            return info(f"+CPIN: {sim.lock.value}")
        return self._enter_code(sim, command)

    def _enter_code(self, sim: SimCard, command: Command) -> Reply:
        if command.op is not Op.WRITE:
            raise Refusal
        match sim.lock:
            case SimLock.NONE:
                raise CmeError(3)
            case SimLock.PIN:
                right = sim.try_pin(command.argument(0))
            case SimLock.PUK:
                right = sim.try_puk(command.argument(0), command.argument(1))
        if not right:
            raise CmeError(12 if sim.lock is SimLock.PUK and sim.pin_tries == 0 and sim.puk_tries == 10 else 16)
        self.busy_until_s = self._board.now_s + _BUSY_AFTER_PIN_S
        self._board.soon(self._unlocked)
        return DONE

    def _clck(self, command: Command) -> Reply:
        if command.op is Op.TEST:
            return info('+CLCK: ("SC","AO","OI","OX","AI","IR","AB","AG","AC","FD","PN")')
        sim = self.require()
        if command.argument(1) == "2":
            locked = command.argument(0).upper() == "SC" and sim.pin is not None
            return info(f"+CLCK: {int(locked)}")
        if command.argument(0).upper() != "SC":
            raise CmeError(4)
        return self._switch_lock(sim, command)

    @staticmethod
    def _switch_lock(sim: SimCard, command: Command) -> Reply:
        """Turning the PIN question on or off takes the PIN."""
        wanted, code = command.argument(1), command.argument(2)
        if wanted not in ("0", "1") or not code:
            raise CmeError(50)
        if wanted == "1" and sim.pin is None:
            sim.pin, sim.unlocked = code, True
        elif wanted == "0" and sim.pin is not None:
            if not sim.try_pin(code):
                raise CmeError(16)
            sim.pin = None
        return DONE

    def _cpwd(self, command: Command) -> Reply:
        sim = self.require()
        if command.argument(0).upper() != "SC" or sim.pin is None:
            raise CmeError(3)
        if not sim.try_pin(command.argument(1)):
            raise CmeError(16)
        sim.pin = command.argument(2)
        return DONE

    def _tries(self, command: Command) -> Reply:
        if self.sim is None:
            raise CmeError(10)
        pin, puk = self.sim.pin_tries, self.sim.puk_tries
        if command.name == "+QPINC":
            return info(f'+QPINC: "SC",{pin},{puk}')
        return info(f"+SPIC: {pin},{puk},0,10")

    def _imsi(self, command: Command) -> Reply:
        return DONE if command.op is Op.TEST else info(self.require().imsi)

    def _iccid(self, command: Command) -> Reply:
        if command.op is Op.TEST:
            return DONE
        if self.sim is None:
            raise CmeError(10)
        return info(self._board.profile.iccid_line.format(iccid=self.sim.iccid))

    def _own_number(self, command: Command) -> Reply:
        sim = self.require()
        if command.op is Op.TEST or not sim.number:
            return DONE
        number = sim.number
        if self._board.registers.word("+CSCS") == "UCS2":
            number = number.encode("utf-16-be").hex().upper()
        return info(f'+CNUM: "","{number}",{145 if sim.number.startswith("+") else 129}')
