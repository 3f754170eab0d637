"""Settings that are only stored and read back: one table, validated against what `=?` answers.

A parameter's fields are kept as text, quotes off. All of them are lost at a restart, as on the modules.
What a setting *does* stands in the unit that reads it: `registers.number("+CLIP")`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sim_hardware.modem.at_syntax import Command, Op
from sim_hardware.modem.replies import DONE, CmeError, Refusal, Reply, info


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    default: str
    """Its fields after power-up, comma separated, without quotes."""
    choices: str = ""
    """As AT+NAME=? answers, e.g. `(0,1),(0-255)`; empty: anything is taken."""
    provision: str = ""
    """What the read answer adds that the network knows, e.g. `,1`."""
    quoted: bool = False
    bare: str | None = None
    """What `AT+NAME` alone sets; None: it is an ERROR."""


PARAMETERS: tuple[Parameter, ...] = (
    # 27.007 and V.250
    Parameter("+CMEE", "0", "(0-2)"),
    Parameter("+CRC", "0", "(0,1)"),
    Parameter("+CLIP", "0", "(0,1)", ",1"),
    Parameter("+CLIR", "0", "(0-2)", ",4"),
    Parameter("+COLP", "0", "(0,1)", ",1"),
    Parameter("+CDIP", "0", "(0,1)", ",1"),
    Parameter("+CNAP", "0", "(0,1)", ",1"),
    Parameter("+CSSN", "0,0", "(0,1),(0,1)"),
    Parameter("+CLCC", "0", "(0,1)"),
    Parameter("+CCWA", "0", "(0,1)"),
    Parameter("+CVHU", "1", "(0,1)"),
    Parameter("+CMOD", "0", "(0)"),
    Parameter("+CSTA", "129", "(129,145,161)"),
    Parameter("+CR", "0", "(0,1)"),
    Parameter("+CSCS", "IRA", "(IRA,GSM,UCS2)", quoted=True),
    Parameter("+CTZU", "0", "(0,1)"),
    Parameter("+CTZR", "0", "(0-2)"),
    Parameter("+CMER", "0,0,0,0", "(0-3),(0),(0),(0-2)"),
    Parameter("+CGEREP", "0,0", "(0-2),(0,1)"),
    Parameter("+CLVL", "2", "(0-8)"),
    Parameter("+CMUT", "0", "(0,1)"),
    Parameter("+CRSL", "3", "(0-5)"),
    Parameter("+IPR", "115200"),
    Parameter("+ICF", "3,3"),
    Parameter("+IFC", "0,0", "(0-2),(0-2)"),
    # 27.005
    Parameter("+CMGF", "0", "(0)"),
    Parameter("+CNMI", "2,1,0,0,0", "(0-2),(0-3),(0,2,3),(0-2),(0,1)"),
    Parameter("+CSMP", "17,167,0,0"),
    Parameter("+CSDH", "0", "(0,1)"),
    Parameter("+CMMS", "0", "(0-2)"),
    # SIMCom
    Parameter("+DDET", "0,0,0,0", "(0,1),(0-10000),(0,1),(0,1)"),
    Parameter("+CPCMFRM", "0", "(0,1)"),
    Parameter("+CPCMBANDWIDTH", "0,0", "(0,1),(0,1)"),
    Parameter("+CLTS", "0", "(0,1)"),
    Parameter("+CATR", "0,0", "(0-9),(0,1)"),
    Parameter("+CNMP", "2", "(2,13,14,38,48,51,54,71)"),
    Parameter("+COUTGAIN", "4", "(0-8)"),
    Parameter("+CMICGAIN", "4", "(0-8)"),
    Parameter("+CTXVOL", "30000", "(0-65535)"),
    Parameter("+CRXVOL", "100", "(0-65535)"),
    Parameter("+CTXGAIN", "30000", "(0-65535)"),
    Parameter("+CRXGAIN", "100", "(0-65535)"),
    Parameter("+CECM", "1", "(0-8)"),
    Parameter("+CSDVC", "1", "(1-4)"),
    Parameter("+UIMHOTSWAPON", "1", "(0,1)"),
    Parameter("+UIMHOTSWAPLEVEL", "0", "(0,1)"),
    Parameter("+VOLTESETTING", "1", "(0,1)"),
    Parameter("+CUSBPIDSWITCH", "9001,1,1"),
    Parameter("+MORING", "0", "(0,1)"),
    Parameter("+CAVIMS", "1", "(0,1)"),
    Parameter("+CEVDP", "3", "(1-4)"),
    Parameter("+CSCLK", "0", "(0-2)"),
    # Quectel (also ^DSCI on SIM7600)
    Parameter("^DSCI", "0", "(0,1)"),
    Parameter("+QINDCFG", "0"),
    Parameter("+QTONEDET", "0", "(0,1)"),
    Parameter("+QSIMSTAT", "0", "(0,1)"),
    Parameter("+QSIMDET", "0,0", "(0,1),(0,1)"),
    Parameter("+QRXGAIN", "20577", "(0-65535)"),
    Parameter("+QMIC", "4096,4096", "(0-65535),(0-65535)"),
    Parameter("+QAUDMOD", "0", "(0-4)"),
    Parameter("+QEEC", "0"),
    # Huawei
    Parameter("^CURC", "1", "(0-2)"),
    Parameter("^U2DIAG", "0", "(0-255)"),
    Parameter("^PORTSEL", "0", "(0,1)"),
    Parameter("^USSDMODE", "0", "(0,1)"),
    Parameter("^CVOICE", "0", "(0,1)"),
)


def _allowed(choices: str) -> list[list[tuple[str, str]]]:
    """`(0,1),(0-255)` as one list of (first, last) per field."""
    groups = re.findall(r"\(([^)]*)\)", choices)
    return [[_span(item) for item in group.split(",")] for group in groups]


def _span(item: str) -> tuple[str, str]:
    first, dash, last = item.partition("-")
    return (first, last) if dash else (item, item)


def _fits(value: str, spans: list[tuple[str, str]]) -> bool:
    for first, last in spans:
        if value == first:
            return True
        if value.isdecimal() and first.isdecimal() and int(first) <= int(value) <= int(last):
            return True
    return False


class Registers:
    """The stored settings of one modem between two restarts."""

    def __init__(self, installed: frozenset[str], defaults: dict[str, str]) -> None:
        """`installed`: parameter names this family has; `defaults`: where it differs from the table."""
        self._parameters = {p.name: p for p in PARAMETERS if p.name in installed}
        self._defaults = defaults
        self._values: dict[str, list[str]] = {}
        self.reset()

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._parameters)

    def reset(self) -> None:
        """Power-up values."""
        self._values = {
            name: self._defaults.get(name, parameter.default).split(",") for name, parameter in self._parameters.items()
        }

    def word(self, name: str, index: int = 0) -> str:
        """One field as text; empty for a parameter this family lacks."""
        fields = self._values.get(name, [])
        return fields[index] if index < len(fields) else ""

    def number(self, name: str, index: int = 0) -> int:
        """One field as a number; 0 when absent."""
        word = self.word(name, index)
        return int(word) if word.isdecimal() else 0

    def put(self, name: str, index: int, value: str) -> None:
        """Change one field from inside (the modem's own doing)."""
        self._values[name][index] = value

    def handle(self, command: Command) -> Reply:
        """Answer `?`, `=?`, `=…` or the bare form of a stored parameter."""
        parameter = self._parameters[command.name]
        match command.op:
            case Op.TEST:
                return info(f"{parameter.name}: {self._quote_choices(parameter)}") if parameter.choices else DONE
            case Op.READ:
                return info(f"{parameter.name}: {self._shown(parameter)}{parameter.provision}")
            case Op.WRITE:
                self._write(parameter, command.arguments)
            case Op.EXECUTE:
                if parameter.bare is None:
                    raise Refusal
                self._write(parameter, parameter.bare.split(","))
        return DONE

    def _write(self, parameter: Parameter, arguments: list[str]) -> None:
        allowed = _allowed(parameter.choices)
        if not arguments or (allowed and len(arguments) > len(allowed)):
            raise CmeError(50)
        for value, spans in zip(arguments, allowed, strict=False):
            if value and not _fits(value.upper() if parameter.quoted else value, spans):
                raise CmeError(50)
        fields = self._values[parameter.name]
        for index, value in enumerate(arguments):
            if index >= len(fields):
                fields.append(value)
            elif value:
                fields[index] = value.upper() if parameter.quoted else value

    def _shown(self, parameter: Parameter) -> str:
        fields = self._values[parameter.name]
        return ",".join(f'"{field}"' for field in fields) if parameter.quoted else ",".join(fields)

    @staticmethod
    def _quote_choices(parameter: Parameter) -> str:
        return re.sub(r"(\w+)", r'"\1"', parameter.choices) if parameter.quoted else parameter.choices
