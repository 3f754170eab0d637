"""Supplementary service strings (27.007 §7.15): AT+CUSD, the network's answer some seconds later."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from sim_hardware.modem.agenda import Timer
from sim_hardware.modem.at_syntax import Command, Op
from sim_hardware.modem.board import Board, Handler
from sim_hardware.modem.radio import Radio
from sim_hardware.modem.replies import DONE, CmeError, Reply, info
from sim_hardware.modem.security import Security

_ANSWER_S = 1.5
_FINAL, _NOT_SUPPORTED = 0, 4
"""27.007 §7.15 <m>."""
_DCS_GSM7, _DCS_UCS2 = 15, 72


class Ussd:
    def __init__(self, board: Board, security: Security, radio: Radio) -> None:
        self._board = board
        self._security = security
        self._radio = radio
        self._shown = False
        self._answer: Timer | None = None

    def power_up(self) -> None:
        self._shown, self._answer = False, None

    def commands(self) -> Mapping[str, Handler]:
        return {"+CUSD": self._cusd}

    def _cusd(self, command: Command) -> Reply:
        match command.op:
            case Op.TEST:
                return info("+CUSD: (0-2)")
            case Op.READ:
                return info(f"+CUSD: {int(self._shown)}")
        mode = command.argument(0, "1")
        if command.op is not Op.WRITE or mode not in ("0", "1", "2"):
            raise CmeError(50)
        if mode == "2":
            self._cancel()
            return DONE
        self._shown = mode == "1"
        if command.argument(1):
            self._ask(self._decoded(command.argument(1)))
        return DONE

    def _ask(self, code: str) -> None:
        sim = self._security.require()
        if not self._radio.registered:
            raise CmeError(30)
        self._cancel()
        answer = sim.ussd.get(code)
        self._answer = self._board.later(self._board.jitter(_ANSWER_S), partial(self._tell, answer))

    def _cancel(self) -> None:
        if self._answer is not None:
            self._answer.cancel()
            self._answer = None

    def _tell(self, answer: str | None) -> None:
        self._answer = None
        if not self._shown:
            return
        if answer is None:
            self._board.urc(f"+CUSD: {_NOT_SUPPORTED}")
            return
        text, coding = self._encoded(answer)
        self._board.urc(f'+CUSD: {_FINAL},"{text}",{coding}')

    @property
    def _ucs2(self) -> bool:
        return self._board.registers.word("+CSCS") == "UCS2"

    def _decoded(self, text: str) -> str:
        if not self._ucs2:
            return text
        try:
            return bytes.fromhex(text).decode("utf-16-be")
        except ValueError as error:
            raise CmeError(25) from error

    def _encoded(self, text: str) -> tuple[str, int]:
        """In the host's character set; what Latin-1 cannot carry goes as UCS2 hex whatever the set."""
        if self._ucs2 or not text.isascii():
            return text.encode("utf-16-be").hex().upper(), _DCS_UCS2
        return text, _DCS_GSM7
