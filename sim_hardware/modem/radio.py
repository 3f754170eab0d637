"""Registration, signal and operator as the host sees them (27.007 §7.2, §7.3, §8.5 and the vendors' own queries)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from sim_hardware.modem.at_syntax import Command, Op
from sim_hardware.modem.board import Board, Handler
from sim_hardware.modem.events import Registration, RegistrationChanged
from sim_hardware.modem.replies import DONE, CmeError, Refusal, Reply, info
from sim_hardware.modem.security import Security

_REGISTERED = (Registration.HOME, Registration.ROAMING)
_LAC, _CELL, _E_UTRAN = "4202", "018EC5DD", 7


class Radio:
    def __init__(self, board: Board, security: Security) -> None:
        self._board = board
        self._security = security
        self.registration = Registration.IDLE
        self.operator = ""
        self.plmn = ""
        self.rssi = 99
        self._report_modes = {"+CREG": 0, "+CGREG": 0, "+CEREG": 0}
        self._name_format = 0
        self._signal_reports = False
        self._mode_reports = False

    @property
    def registered(self) -> bool:
        return self.registration in _REGISTERED

    def power_up(self) -> None:
        """Forget the network and every report the host asked for."""
        self.registration, self.operator, self.plmn, self.rssi = Registration.IDLE, "", "", 99
        self._report_modes = dict.fromkeys(self._report_modes, 0)
        self._name_format, self._signal_reports, self._mode_reports = 0, False, False

    def change(self, event: RegistrationChanged) -> None:
        """The network's word; indications go out for what the host asked to hear."""
        signal_changed = event.signal_rssi != self.rssi
        self.operator, self.plmn, self.rssi = event.operator, event.plmn, event.signal_rssi
        if event.registration is not self.registration:
            self.registration = event.registration
            self._report(event.registration)
        if signal_changed and self._signal_reports:
            self._board.urc(self._signal_line())

    def lose(self, registration: Registration = Registration.IDLE) -> None:
        """No network any more (radio off, card out) or searching."""
        self.change(RegistrationChanged(registration, signal_rssi=99))

    def flap(self, away_s: float) -> None:
        """Searching, then back where it was, as around a fall-back to another radio."""
        before = self.registration
        if before is Registration.SEARCHING:
            return
        self.registration = Registration.SEARCHING
        self._report(self.registration)
        self._board.later(away_s, partial(self._found_again, before))

    def _found_again(self, before: Registration) -> None:
        if self.registration is Registration.SEARCHING:
            self.registration = before
            self._report(before)

    def _report(self, registration: Registration) -> None:
        for name, mode in self._report_modes.items():
            if mode:
                self._board.urc(f"{name}: {registration.value}{self._place(name, registration)}")
        if self._mode_reports:
            self._board.urc(f"+CNSMOD: {self._system_mode(registration)}")

    def _place(self, name: str, registration: Registration) -> str:
        """Area, cell and access technology in mode 2."""
        if self._report_modes[name] < 2 or registration not in _REGISTERED:
            return ""
        return f',"{_LAC}","{_CELL}",{_E_UTRAN}'

    def commands(self) -> Mapping[str, Handler]:
        return {
            "+CREG": self._creg,
            "+CGREG": self._creg,
            "+CEREG": self._creg,
            "+COPS": self._cops,
            "+CSQ": self._csq,
            "+CGATT": self._cgatt,
            "+CPSI": self._cpsi,
            "+CNSMOD": self._cnsmod,
            "+AUTOCSQ": self._autocsq,
            "+EXUNSOL": self._exunsol,
            "+QNWINFO": self._qnwinfo,
            "+QSPN": self._qspn,
            "+CIREG": self._cireg,
            "^SYSINFO": self._sysinfo,
            "+CGDCONT": partial(self._contexts, line='+CGDCONT: {id},"IPV4V6","{apn}","",0,0,0,0'),
            "+CGACT": partial(self._contexts, line="+CGACT: {id},1"),
        }

    def _creg(self, command: Command) -> Reply:
        name = command.name
        match command.op:
            case Op.TEST:
                return info(f"{name}: (0-2)")
            case Op.READ:
                place = self._place(name, self.registration)
                return info(f"{name}: {self._report_modes[name]},{self.registration.value}{place}")
            case _:
                self._report_modes[name] = _one_of(command, ("0", "1", "2"))
                return DONE

    def _cops(self, command: Command) -> Reply:
        match command.op:
            case Op.TEST:
                self._security.require()
                return info(
                    '+COPS: (2,"MobiFone","MobiFone","45201",7),(1,"Vinaphone","Vinaphone","45202",7),'
                    '(1,"Viettel","Viettel","45204",7),,(0-4),(0-2)'
                )
            case Op.READ:
                if not self.registered:
                    return info("+COPS: 0")
                return info(f'+COPS: 0,{self._name_format},"{self._operator_shown()}",{_E_UTRAN}')
            case _:
                if command.argument(0) not in ("0", "1", "2", "3", "4"):
                    raise CmeError(50)
                if command.argument(1):
                    self._name_format = _choice(command.argument(1), ("0", "1", "2"))
                return DONE

    def _operator_shown(self) -> str:
        name = self.plmn if self._name_format == 2 else self.operator
        return name.encode("utf-16-be").hex().upper() if self._board.registers.word("+CSCS") == "UCS2" else name

    def _csq(self, command: Command) -> Reply:
        return info("+CSQ: (0-31,99),(0-7,99)") if command.op is Op.TEST else info(self._signal_line())

    def _signal_line(self) -> str:
        return f"+CSQ: {self.rssi},99"

    def _cgatt(self, command: Command) -> Reply:
        match command.op:
            case Op.TEST:
                return info("+CGATT: (0,1)")
            case Op.READ:
                return info(f"+CGATT: {int(self.registered)}")
            case _:
                return DONE

    def _cpsi(self, command: Command) -> Reply:
        if command.op is not Op.READ:
            return info("+CPSI: (0-255)") if command.op is Op.TEST else DONE
        if not self.registered:
            return info("+CPSI: NO SERVICE,Online")
        network = f"{self.plmn[:3]}-{self.plmn[3:]}"
        rsrp_tenths = -1130 + 20 * min(self.rssi, 31) - 200
        return info(
            f"+CPSI: LTE,Online,{network},0x{_LAC},{int(_CELL, 16)},449,EUTRAN-BAND3,1501,5,5,-122,{rsrp_tenths},"
            f"{rsrp_tenths + 300},9"
        )

    def _system_mode(self, registration: Registration) -> int:
        return 8 if registration in _REGISTERED else 0

    def _cnsmod(self, command: Command) -> Reply:
        match command.op:
            case Op.TEST:
                return info("+CNSMOD: (0,1)")
            case Op.READ:
                return info(f"+CNSMOD: {int(self._mode_reports)},{self._system_mode(self.registration)}")
            case _:
                self._mode_reports = bool(_one_of(command, ("0", "1")))
                return DONE

    def _autocsq(self, command: Command) -> Reply:
        match command.op:
            case Op.TEST:
                return info("+AUTOCSQ: (0,1),(0,1)")
            case Op.READ:
                return info(f"+AUTOCSQ: {int(self._signal_reports)},1")
            case _:
                self._signal_reports = bool(_one_of(command, ("0", "1")))
                if self._signal_reports:
                    self._board.soon(lambda: self._board.urc(self._signal_line()))
                return DONE

    def _exunsol(self, command: Command) -> Reply:
        if command.op is not Op.WRITE or command.argument(0).upper() != "SQ":
            raise Refusal
        return DONE

    def _qnwinfo(self, _command: Command) -> Reply:
        if not self.registered:
            return info("+QNWINFO: No Service")
        return info(f'+QNWINFO: "FDD LTE","{self.plmn}","LTE BAND 3",1501')

    def _qspn(self, _command: Command) -> Reply:
        return info(f'+QSPN: "{self.operator}","{self.operator}","",0,"{self.plmn}"')

    def _cireg(self, command: Command) -> Reply:
        return info(f"+CIREG: 0,{int(self.registered)}") if command.op is Op.READ else DONE

    def _sysinfo(self, _command: Command) -> Reply:
        return info(f"^SYSINFO:{2 if self.registered else 0},3,0,5,{int(self._security.ready)},,4")

    def _contexts(self, command: Command, line: str) -> Reply:
        """The data bearers: fixed, this product makes no data calls over AT."""
        match command.op:
            case Op.TEST:
                return info(f"{command.name}: (1-16)")
            case Op.READ:
                return info(*(line.format(id=number, apn=apn) for number, apn in ((1, "internet"), (2, "ims"))))
            case _:
                return DONE


def _choice(word: str, allowed: tuple[str, ...]) -> int:
    if word not in allowed:
        raise CmeError(50)
    return int(word)


def _one_of(command: Command, allowed: tuple[str, ...]) -> int:
    """The first argument as a number; raises CmeError 50 for any other."""
    if command.op is not Op.WRITE:
        raise Refusal
    return _choice(command.argument(0), allowed)
