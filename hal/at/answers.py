"""What the answers to our questions say: identity, operator, cause, stored messages. Pure; never raises on any line."""

from __future__ import annotations

import re

from hal.at.fields import FieldText, after_prefix, field_at, split_fields
from hal.at.parsers import is_hex_line
from hal.at.values import StoredMessage


def parse_identity(line: str) -> str:
    """The bare line of CGMI, CGMM, CGMR, CGSN; some firmware writes a prefix or quotes."""
    return re.sub(r"^\+C(GMI|GMM|GMR|GSN):\s*", "", line).strip().strip('"')


def parse_imei(line: str) -> str:
    """15 digits, or empty (23.003 §6.2.1)."""
    digits = parse_identity(line)
    return digits if len(digits) == 15 and digits.isdigit() else ""


def parse_cops(line: str) -> str:
    """The operator's name of `+COPS: mode[,format,oper[,act]]`; empty without service (27.007 §7.3)."""
    return field_at(split_fields(after_prefix(line, "+COPS:")), 2).text


def parse_cnum(line: str) -> str | None:
    """The number of `+CNUM: [alpha],number,type` (27.007 §7.1)."""
    return field_at(split_fields(after_prefix(line, "+CNUM:")), 1).text or None


def parse_spic(line: str) -> int | None:
    """PIN tries left: `+SPIC: pin,puk,pin2,puk2` (SIMCom)."""
    return field_at(split_fields(after_prefix(line, "+SPIC:")), 0).number()


_CAUSE_WORDS = {
    "user busy": 17,
    "no user responding": 18,
    "no answer": 19,
    "user alerting": 19,
    "call rejected": 21,
    "normal call clearing": 16,
    "normal clearing": 16,
    "unassigned": 1,
    "number changed": 22,
    "destination out of order": 27,
    "invalid number": 28,
    "no circuit": 34,
    "network out of order": 38,
    "temporary failure": 41,
    "congestion": 42,
}


def parse_ceer(line: str) -> int | None:
    """The Q.850 number in `+CEER: …` (27.007 §6.10 leaves the text open: a number, or words, or both)."""
    text = after_prefix(line, "+CEER:")
    found = re.search(r"\b(\d{1,3})\b", text)
    if found:
        return int(found.group(1))
    lowered = text.lower()
    return next((cause for words, cause in _CAUSE_WORDS.items() if words in lowered), None)


def parse_stored(line: str, pdu: str) -> StoredMessage | None:
    """`+CMGL: index,stat,[alpha],length` or `+CMGR: stat,[alpha],length`, with its PDU (27.005 §4.1, §4.2)."""
    if not is_hex_line(pdu):
        return None
    if line.startswith("+CMGL:"):
        return StoredMessage(field_at(split_fields(after_prefix(line, "+CMGL:")), 0).number(), pdu)
    return StoredMessage(None, pdu)


def parse_error_code(line: str) -> int | None:
    """The number of +CME ERROR / +CMS ERROR, None in words mode (27.007 §9.2, 27.005 §3.2.5)."""
    return FieldText(line.partition(":")[2].strip()).number()
