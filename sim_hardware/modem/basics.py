"""Who the modem is, and the small commands of V.250 every client sends first."""

from __future__ import annotations

from collections.abc import Mapping

from sim_hardware.modem.at_syntax import Command, Op
from sim_hardware.modem.board import Board, Handler
from sim_hardware.modem.replies import DONE, CmeError, Refusal, Reply, info
from sim_hardware.modem.security import Security
from sim_hardware.modem.wire import LineSettings

_IGNORED = ("L", "M", "O", "P", "T", "X", "&C", "&D", "&W", "&V", "&K", "&S")
_S_REGISTERS = {"S0": "0", "S3": "13", "S4": "10", "S5": "8", "S6": "2", "S7": "60", "S8": "2", "S10": "15"}


class Basics:
    def __init__(self, board: Board, security: Security) -> None:
        self._board = board
        self._security = security
        self._s_registers = dict(_S_REGISTERS)

    def power_up(self) -> None:
        self._s_registers = dict(_S_REGISTERS)
        self._board.registers.reset()
        fresh, settings = LineSettings(), self._board.wire.settings
        settings.echo, settings.verbose = fresh.echo, fresh.verbose
        settings.quiet, settings.terminator = fresh.quiet, fresh.terminator

    def commands(self) -> Mapping[str, Handler]:
        handlers: dict[str, Handler] = {
            "E": self._switch,
            "V": self._switch,
            "Q": self._switch,
            "Z": self._restore,
            "&F": self._restore,
            "I": self._identify,
            "+SIMCOMATI": self._identify,
            "+CGMI": self._manufacturer,
            "+GMI": self._manufacturer,
            "+CGMM": self._model,
            "+GMM": self._model,
            "+CGMR": self._revision,
            "+GMR": self._revision,
            "+CSUB": self._sub_version,
            "+CGSN": self._serial,
            "+GSN": self._serial,
            "+GCAP": self._capabilities,
            "+CBC": self._battery,
            "+CPBS": self._phone_book,
            "+CPBR": self._phone_book_read,
            "+CIND": self._indicators,
            "+QCFG": self._quectel_setting,
            "+QURCCFG": self._quectel_setting,
        }
        handlers.update(dict.fromkeys(_IGNORED, self._ignore))
        handlers.update(dict.fromkeys(_S_REGISTERS, self._s_register))
        handlers.update(dict.fromkeys(self._board.registers.names - handlers.keys(), self._board.registers.handle))
        return handlers

    def _switch(self, command: Command) -> Reply:
        if command.text not in ("", "0", "1"):
            raise Refusal
        settings, on = self._board.wire.settings, command.text == "1"
        match command.name:
            case "E":
                settings.echo = on
            case "V":
                settings.verbose = on
            case "Q":
                settings.quiet = on
        return DONE

    def _restore(self, _command: Command) -> Reply:
        """ATZ and AT&F: settings as after power-up; calls and network stay."""
        self.power_up()
        return DONE

    @staticmethod
    def _ignore(_command: Command) -> Reply:
        return DONE

    def _s_register(self, command: Command) -> Reply:
        if command.op is Op.READ:
            return info(self._s_registers[command.name].rjust(3, "0"))
        if command.op is Op.WRITE and command.text.isdecimal() and int(command.text) <= 255:
            self._s_registers[command.name] = command.text
            if command.name == "S3":
                self._board.wire.settings.terminator = int(command.text)
            return DONE
        raise Refusal

    def _identify(self, _command: Command) -> Reply:
        profile = self._board.profile
        return info(
            *(
                line.format(
                    manufacturer=profile.manufacturer, model=profile.model, revision=profile.revision, imei=profile.imei
                )
                for line in profile.ati
            )
        )

    def _manufacturer(self, command: Command) -> Reply:
        return self._told(command, self._board.profile.manufacturer)

    def _model(self, command: Command) -> Reply:
        return self._told(command, self._board.profile.model)

    def _revision(self, command: Command) -> Reply:
        return self._told(command, self._board.profile.revision_prefix + self._board.profile.revision)

    def _serial(self, command: Command) -> Reply:
        return self._told(command, self._board.profile.imei)

    def _sub_version(self, command: Command) -> Reply:
        return self._told(command, f"+CSUB: {self._board.profile.revision}-B01")

    @staticmethod
    def _told(command: Command, text: str) -> Reply:
        match command.op:
            case Op.TEST:
                return DONE
            case Op.EXECUTE:
                return info(text)
        raise Refusal

    @staticmethod
    def _capabilities(_command: Command) -> Reply:
        return info("+GCAP: +CGSM,+FCLASS,+DS")

    def _battery(self, command: Command) -> Reply:
        if command.op is Op.TEST:
            return DONE
        return info("+CBC: 0,84")

    def _phone_book(self, command: Command) -> Reply:
        match command.op:
            case Op.TEST:
                return info('+CPBS: ("SM","ON")')
            case Op.READ:
                return info('+CPBS: "SM",0,250')
            case Op.WRITE if command.argument(0).upper() in ("SM", "ON"):
                return DONE
        raise CmeError(3)

    def _phone_book_read(self, command: Command) -> Reply:
        """An empty phone book."""
        self._security.require()
        return info("+CPBR: (1-250),40,14") if command.op is Op.TEST else DONE

    def _indicators(self, command: Command) -> Reply:
        if command.op is Op.TEST:
            return info('+CIND: ("signal",(0-5)),("service",(0,1)),("call",(0,1))')
        return info("+CIND: 4,1,0")

    @staticmethod
    def _quectel_setting(command: Command) -> Reply:
        if command.op is not Op.WRITE or not command.argument(0):
            raise Refusal
        if command.argument(0).lower() == "ims" and not command.argument(1):
            return info('+QCFG: "ims",1,1')
        return DONE
