"""One line of a modem → its meaning. Pure tables: a prefix or a word, and the function that reads the rest.

Invariants: a parser never raises on what a modem may write, it gives None (an unknown or broken line is harmless);
quotes, blanks and missing trailing fields are all survived. Vendor lines are tables of their own; a profile says which
it uses by building a `UrcVocabulary`.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hal.at.fields import after_prefix, field_at, split_fields
from hal.at.values import (
    Booted,
    BootStep,
    CallCleared,
    CallEntry,
    CallerShown,
    CallMissed,
    CallWaits,
    ClockTold,
    EndWord,
    KeyPressed,
    MessageArrived,
    MessageStored,
    Noise,
    Rang,
    RegistrationTold,
    ReportArrived,
    ReportStored,
    SignalTold,
    SimTold,
    StorageFull,
    SupplyWarned,
    Urc,
    UssdTold,
    VoiceBegan,
    VoiceEnded,
    ZoneChanged,
)
from hal.interfaces import CallerIdState, CallState, RawNumber, RegistrationState, SimState

Parser = Callable[[str], Urc | None]
"""Gets what follows the colon, stripped."""

_CALL_STATES = {
    0: CallState.ACTIVE,
    1: CallState.HELD,
    2: CallState.DIALING,
    3: CallState.ALERTING,
    4: CallState.INCOMING,
    5: CallState.WAITING,
    6: CallState.ENDED,  # SIMCom's URC only
}  # 27.007 §7.18 <stat>
_REGISTRATIONS = {
    0: RegistrationState.IDLE,
    1: RegistrationState.HOME,
    2: RegistrationState.SEARCHING,
    3: RegistrationState.DENIED,
    4: RegistrationState.UNKNOWN,
    5: RegistrationState.ROAMING,
    6: RegistrationState.DENIED,  # SMS only, home
    7: RegistrationState.DENIED,  # SMS only, roaming
    8: RegistrationState.DENIED,  # emergency calls only
    9: RegistrationState.HOME,  # CSFB not preferred
    10: RegistrationState.ROAMING,  # CSFB not preferred
}  # 27.007 §7.2 <stat>
_VALIDITIES = {0: CallerIdState.VALID, 1: CallerIdState.WITHHELD, 2: CallerIdState.UNAVAILABLE}  # 27.007 §7.6
_KEYS = frozenset("0123456789*#ABCD")
_HEX_DIGITS = re.compile(r"(?:[0-9A-Fa-f]{2})+\Z")
_OLDEST_BELIEVED_YEAR = 2024
"""A module without network time counts from 1970 or 1980."""


@dataclass(frozen=True, slots=True)
class UrcVocabulary:
    """The unsolicited lines one family may write."""

    prefixes: Mapping[str, Parser]
    """By the text before the first colon, e.g. `+CLIP`."""
    words: Mapping[str, Urc]
    """Whole lines, e.g. `RING`."""
    two_line: Mapping[str, Callable[[str], Urc]] = field(default_factory=dict)
    """Prefixes whose next line is a PDU (27.005 §3.4.1)."""

    def knows(self, line: str) -> bool:
        return line in self.words or self._prefix(line) in self.prefixes or self.opens_two_lines(line)

    def opens_two_lines(self, line: str) -> bool:
        return self._prefix(line) in self.two_line

    def parse(self, line: str, body: str | None = None) -> Urc | None:
        """The meaning, or None when the line is unknown or broken. `body`: the PDU line of a two-line URC."""
        prefix = self._prefix(line)
        if body is not None and prefix in self.two_line:
            return self.two_line[prefix](body)
        if line in self.words:
            return self.words[line]
        parser = self.prefixes.get(prefix)
        return parser(line.partition(":")[2].strip()) if parser else None

    def joined(self, other: UrcVocabulary) -> UrcVocabulary:
        """Both; `other` wins where they differ."""
        return UrcVocabulary(
            {**self.prefixes, **other.prefixes}, {**self.words, **other.words}, {**self.two_line, **other.two_line}
        )

    @staticmethod
    def _prefix(line: str) -> str:
        return line.partition(":")[0].rstrip() if ":" in line else ""


def is_hex_line(line: str) -> bool:
    """Whether a line can be a PDU (27.005 §3.1: two characters per octet)."""
    return _HEX_DIGITS.match(line) is not None


def raw_number(digits: str, address_type: int | None, validity: CallerIdState = CallerIdState.VALID) -> RawNumber:
    """A number as written; type 129 where none was given (27.007 §6.1 <type>)."""
    return RawNumber(digits, 129 if address_type is None else address_type, validity)


# --- unsolicited lines


def parse_clip(text: str) -> CallerShown:
    """+CLIP: number,type[,subaddr,satype[,alpha[,validity]]] (27.007 §7.6)."""
    fields = split_fields(text)
    validity = _VALIDITIES.get(field_at(fields, 5).number() or 0, CallerIdState.UNAVAILABLE)
    digits = field_at(fields, 0).text
    if not digits and validity is CallerIdState.VALID:
        validity = CallerIdState.UNAVAILABLE
    return CallerShown(raw_number(digits, field_at(fields, 1).number(), validity))


def parse_ccwa(text: str) -> CallWaits | None:
    """+CCWA: number,type,class[,alpha[,validity]] (27.007 §7.12); the answer to a query has two numbers only."""
    fields = split_fields(text)
    if not fields[0].quoted and len(fields) < 3:  # <status>,<class>
        return None
    digits = fields[0].text
    validity = _VALIDITIES.get(field_at(fields, 4).number() or 0, CallerIdState.UNAVAILABLE)
    if not digits and validity is CallerIdState.VALID:
        validity = CallerIdState.UNAVAILABLE
    return CallWaits(raw_number(digits, field_at(fields, 1).number(), validity))


def parse_clcc(text: str) -> CallEntry | None:
    """+CLCC: id,dir,stat,mode,mpty[,number,type[,alpha]] (27.007 §7.18)."""
    fields = split_fields(after_prefix(text, "+CLCC:"))
    numbers = [item.number() for item in fields[:5]]
    state = _CALL_STATES.get(numbers[2]) if len(numbers) == 5 and numbers[2] is not None else None
    if state is None or numbers[0] is None or numbers[1] not in (0, 1):
        return None
    digits = field_at(fields, 5).text
    return CallEntry(
        index=numbers[0],
        outgoing=numbers[1] == 0,
        state=state,
        is_voice=numbers[3] == 0,
        multiparty=numbers[4] == 1,
        number=raw_number(digits, field_at(fields, 6).number()) if digits else None,
    )


def _registration_parser(domain: str) -> Parser:
    def parse(text: str) -> RegistrationTold | None:
        return parse_registration(domain, text)

    return parse


def parse_registration(domain: str, text: str) -> RegistrationTold | None:
    """`stat[,lac,ci[,act]]` as a URC, `n,stat[,lac,ci[,act]]` as an answer (27.007 §7.2)."""
    fields = split_fields(text)
    if is_registration_answer(text):
        fields = fields[1:]
    state = _REGISTRATIONS.get(field_at(fields, 0).number() or 0)
    if state is None or fields[0].number() is None:
        return None
    return RegistrationTold(domain, state, field_at(fields, 3).number())


def is_registration_answer(text: str) -> bool:
    """Whether the first field is the mode <n> of a query's answer: a second, unquoted one-figure number follows.

    A URC's second field is the area code: quoted, or longer than a state can be (Huawei: `1, E006B, ABE0016`).
    """
    fields = split_fields(text)
    if len(fields) < 2 or fields[1].quoted or fields[0].number() not in range(6):
        return False
    return fields[1].text.isdigit() and len(fields[1].text) <= 2


_SIM_STATES = {
    "READY": SimState.READY,
    "SIM PIN": SimState.PIN_REQUIRED,
    "SIM PUK": SimState.PUK_REQUIRED,
    "NOT INSERTED": SimState.ABSENT,
    "NOT READY": SimState.ABSENT,
    "SIM REMOVED": SimState.ABSENT,
}  # 27.007 §8.3 <code>, and SIMCom's own two


def parse_cpin(text: str) -> SimTold | None:
    """+CPIN: READY | SIM PIN | SIM PUK | NOT INSERTED… PIN2 and PUK2 do not keep calls away; PH-… locks do."""
    word = text.strip().strip('"')
    if word in ("SIM PIN2", "SIM PUK2"):
        return SimTold(SimState.READY)
    if word.startswith("PH-"):
        return SimTold(SimState.FAILURE)
    state = _SIM_STATES.get(word)
    return SimTold(state) if state else None


def parse_csq(text: str) -> SignalTold | None:
    """+CSQ: rssi,ber: 0–31 → −113 + 2n dBm, 99 unknown (27.007 §8.5); 100–191 on TD networks → n − 216 dBm."""
    rssi = field_at(split_fields(text), 0).number()
    if rssi is None:
        return None
    if 0 <= rssi <= 31:
        return SignalTold(2 * rssi - 113)
    return SignalTold(rssi - 216 if 100 <= rssi <= 191 else None)


_CLOCK = re.compile(r"(\d{2,4})/(\d{1,2})/(\d{1,2}),(\d{1,2}):(\d{2}):(\d{2})([+-]\d{1,2})?")


def parse_cclk(text: str) -> ClockTold | None:
    """+CCLK: "yy/MM/dd,hh:mm:ss±zz", local time with its zone in quarters of an hour (27.007 §8.15)."""
    found = _CLOCK.search(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    year += 2000 if year < 70 else 1900 if year < 100 else 0
    in_range = year >= _OLDEST_BELIEVED_YEAR and 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60
    if not in_range:
        return None
    quarters = int(found.group(7) or 0)
    return ClockTold(float(calendar.timegm((year, month, day, hour, minute, second)) - quarters * 900))


def _stored_at(text: str) -> tuple[str, int] | None:
    fields = split_fields(text)
    index = field_at(fields, 1).number()
    return (fields[0].text, index) if index is not None and index >= 0 else None


def parse_cmti(text: str) -> MessageStored | None:
    """+CMTI: mem,index; Huawei's −1 says nothing (27.005 §3.4.1)."""
    place = _stored_at(text)
    return MessageStored(*place) if place else None


def parse_cdsi(text: str) -> ReportStored | None:
    place = _stored_at(text)
    return ReportStored(*place) if place else None


_CUSD = re.compile(r'(\d+)\s*(?:,\s*"(.*)"\s*(?:,\s*(\d+))?)?\s*$', re.DOTALL)


def parse_cusd(text: str) -> UssdTold | None:
    """+CUSD: m[,"text"[,dcs]]; the text may hold quotes and line feeds (27.007 §7.15)."""
    found = _CUSD.match(text)
    if found is None:
        return None
    mode, words, coding = found.groups()
    return UssdTold(int(mode), words, int(coding) if coding else None)


def parse_key(text: str) -> KeyPressed | None:
    """+RXDTMF: 5 (SIMCom) and +DTMF: 5[,duration] (SIM800)."""
    key = field_at(split_fields(text), 0).text.strip().upper()
    return KeyPressed(key) if key in _KEYS else None


def parse_key_code(text: str) -> KeyPressed | None:
    """+QTONEDET: 53, the key as its ASCII number (Quectel)."""
    code = field_at(split_fields(text), 0).number()
    return KeyPressed(chr(code)) if code is not None and 0 < code < 128 and chr(code) in _KEYS else None


def parse_voice_call(text: str) -> VoiceBegan | VoiceEnded | None:
    """`BEGIN`, `END`, `END: 000017`, `END:000017`: hhmmss of talk, none when it never connected."""
    word, _, talked = text.partition(":")
    match word.strip():
        case "BEGIN":
            return VoiceBegan()
        case "END":
            digits = talked.strip()
            if len(digits) == 6 and digits.isdigit():
                return VoiceEnded(int(digits[:2]) * 3600 + int(digits[2:4]) * 60 + int(digits[4:]))
            return VoiceEnded(None)
        case _:
            return None


def _ignored(_text: str) -> Noise:
    return Noise()


def _missed(_text: str) -> CallMissed:
    return CallMissed()


def _zone_changed(_text: str) -> ZoneChanged:
    return ZoneChanged()


def _sim_removed(_text: str) -> SimTold:
    return SimTold(SimState.ABSENT)


def _rang(text: str) -> Rang | None:
    return Rang() if text.startswith("VOICE") else None


STANDARD_URCS = UrcVocabulary(
    prefixes={
        "+CRING": _rang,
        "+CLIP": parse_clip,
        "+CCWA": parse_ccwa,
        "+CREG": _registration_parser("CREG"),
        "+CEREG": _registration_parser("CEREG"),
        "+CGREG": _registration_parser("CGREG"),
        "+CPIN": parse_cpin,
        "+CTZV": _zone_changed,
        "+CTZE": _zone_changed,
        "+CMTI": parse_cmti,
        "+CDSI": parse_cdsi,
        "+CUSD": parse_cusd,
        "+CGEV": _ignored,
        "+CIEV": _ignored,
        "+COLP": _ignored,
        "+CSSI": _ignored,
        "+CSSU": _ignored,
    },
    words={"RING": Rang()} | {word.value: CallCleared(word) for word in EndWord},
    two_line={"+CMT": MessageArrived, "+CDS": ReportArrived},
)

SIMCOM_URCS = UrcVocabulary(
    prefixes={
        "+CLCC": parse_clcc,
        "VOICE CALL": parse_voice_call,
        "MISSED_CALL": _missed,
        "+RXDTMF": parse_key,
        "+DTMF": parse_key,
        "+CSQ": parse_csq,
        "+CSQN": parse_csq,
        "*PSUTTZ": _zone_changed,
        "*PSNWID": _ignored,
        "DST": _ignored,
        "+CNSMOD": _ignored,
        "+CPSI": _ignored,
        "+SIMCARD": _sim_removed,
        "+SIM REMOVED": _sim_removed,
        "*ATREADY": lambda _text: Booted(BootStep.STARTED),
        "+SMS FULL": lambda _text: StorageFull(),
    },
    words={
        "RDY": Booted(BootStep.STARTED),
        "START": Booted(BootStep.STARTED),
        "SMS DONE": Booted(BootStep.PROGRESSED),
        "PB DONE": Booted(BootStep.PROGRESSED),
        "+SMS FULL": StorageFull(),
        "+SIM REMOVED": SimTold(SimState.ABSENT),
        "NORMAL POWER DOWN": Booted(BootStep.POWERED_DOWN),
        "POWERED DOWN": Booted(BootStep.POWERED_DOWN),
        "UNDER-VOLTAGE POWER DOWN": Booted(BootStep.POWERED_DOWN),
        "UNDER-VOLTAGE WARNNING POWER DOWN": Booted(BootStep.POWERED_DOWN),
        "OVER-VOLTAGE POWER DOWN": Booted(BootStep.POWERED_DOWN),
        "UNDER-VOLTAGE WARNNING": SupplyWarned("UNDER-VOLTAGE WARNNING"),
        "OVER-VOLTAGE WARNNING": SupplyWarned("OVER-VOLTAGE WARNNING"),
    },
)
