"""SMS TPDUs: text → SMS-SUBMITs, SMS-DELIVER and SMS-STATUS-REPORT → values (23.040 §9.2.2).

Invariants: a text is GSM 7-bit when every character allows it, else UCS2 (Vietnamese); parts never cut a character, an
escape pair or a surrogate pair; decoding raises only `UndecodablePduError`.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from enum import Enum

from hal.at.gsm7 import from_septets, is_gsm7, pack, to_septets, unpack
from hal.errors import UndecodablePduError
from hal.interfaces import RawNumber

_MAX_SEPTETS, _MAX_PART_SEPTETS = 160, 153
_MAX_UCS2_OCTETS, _MAX_PART_UCS2_OCTETS = 140, 134
_MAX_PARTS = 255
_SUBMIT, _REPORT_BIT, _HEADER_BIT = 0x01, 0x20, 0x40  # 23.040 §9.2.2.2: MTI, SRR, UDHI
_CONCATENATION_8, _CONCATENATION_16 = 0x00, 0x08  # 23.040 §9.2.3.24.1, §9.2.3.24.8
_INTERNATIONAL, _ALPHANUMERIC = 0x91, 0x50  # 23.040 §9.1.2.5
_SEMI_OCTETS = "0123456789*#abc"


@dataclass(frozen=True, slots=True)
class SubmitPdu:
    text: str
    """Hex, service centre address first (00: the card's own)."""
    tpdu_octets: int
    """For AT+CMGS=<length> (27.005 §3.5.1)."""


@dataclass(frozen=True, slots=True)
class DeliveredPart:
    """SMS-DELIVER."""

    sender: RawNumber
    text: str
    sent_at: float
    reference: int | None
    part: int
    parts: int


class DeliveryOutcome(Enum):
    """23.040 §9.2.3.15 TP-Status."""

    DELIVERED = "delivered"
    TRYING = "trying"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StatusReport:
    """SMS-STATUS-REPORT."""

    reference: int
    recipient: RawNumber
    outcome: DeliveryOutcome
    status: int


# --- encoding


def encode_submit(number: str, text: str, reference: int, *, want_report: bool = False) -> list[SubmitPdu]:
    """One SMS-SUBMIT, or several joined by an 8-bit `reference` (23.040 §9.2.3.24.1).

    Raises `ValueError` for a number that is none or a text of more than 255 parts.
    """
    if not number.lstrip("+").isdigit():
        raise ValueError(f"cannot send an SMS to {number!r}: digits, with or without a leading +, are needed")
    coding, parts = _split(text)
    if len(parts) > _MAX_PARTS:
        raise ValueError(f"the text needs {len(parts)} messages; at most {_MAX_PARTS} can be joined")
    first_octet = _SUBMIT | (_REPORT_BIT if want_report else 0) | (_HEADER_BIT if len(parts) > 1 else 0)
    pdus = []
    for place, part in enumerate(parts, start=1):
        header = bytes((5, 0, 3, reference & 0xFF, len(parts), place)) if len(parts) > 1 else b""
        tpdu = bytes((first_octet, 0)) + _encode_address(number) + bytes((0, coding)) + _user_data(part, header)
        pdus.append(SubmitPdu("00" + tpdu.hex().upper(), len(tpdu)))
    return pdus


def count_parts(text: str) -> int:
    """How many SMS on the air a text takes; each is charged."""
    return len(_split(text)[1])


def _split(text: str) -> tuple[int, list[list[int] | bytes]]:
    """Data coding (23.038 §4) and the parts: septets, or UCS2 octets."""
    if is_gsm7(text):
        septets = to_septets(text)
        if len(septets) <= _MAX_SEPTETS:
            return 0x00, [septets]
        return 0x00, list(_chunks([to_septets(character) for character in text], _MAX_PART_SEPTETS))
    octets = text.encode("utf-16-be")
    if len(octets) <= _MAX_UCS2_OCTETS:
        return 0x08, [octets]
    units = [list(character.encode("utf-16-be")) for character in text]
    return 0x08, [bytes(chunk) for chunk in _chunks(units, _MAX_PART_UCS2_OCTETS)]


def _chunks(units: list[list[int]], size: int) -> list[list[int]]:
    """Whole units packed greedily into chunks of at most `size` values."""
    chunks: list[list[int]] = [[]]
    for unit in units:
        if len(chunks[-1]) + len(unit) > size:
            chunks.append([])
        chunks[-1] += unit
    return chunks


def _user_data(part: list[int] | bytes, header: bytes) -> bytes:
    """TP-UDL and TP-UD (23.040 §9.2.3.16, §9.2.3.24): the length counts septets, or octets with UCS2."""
    if isinstance(part, bytes):
        return bytes((len(header) + len(part),)) + header + part
    fill_bits = -8 * len(header) % 7
    header_septets = (8 * len(header) + fill_bits) // 7
    return bytes((header_septets + len(part),)) + header + pack(part, fill_bits)


def _encode_address(number: str) -> bytes:
    """Length in digits, type, semi-octets (23.040 §9.1.2.5)."""
    digits = number.lstrip("+")
    kind = _INTERNATIONAL if number.startswith("+") else 0x81
    padded = digits + "F" * (len(digits) % 2)
    swapped = "".join(padded[at + 1] + padded[at] for at in range(0, len(padded), 2))
    return bytes((len(digits), kind)) + bytes.fromhex(swapped)


# --- decoding


class _Reader:
    """Octets one after the other; beyond the end is an `UndecodablePduError`."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def octet(self) -> int:
        return self.octets(1)[0]

    def octets(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        if len(taken) < count:
            raise UndecodablePduError(f"PDU of {len(self._data)} octets ends where {count} more are due")
        self._at += count
        return taken

    def rest(self) -> bytes:
        return self._data[self._at :]


def decode(pdu: str) -> DeliveredPart | StatusReport:
    """A PDU as +CMGR, +CMGL, +CMT or +CDS give it, service centre address first (27.005 §3.1).

    Raises `UndecodablePduError` for anything but SMS-DELIVER and SMS-STATUS-REPORT.
    """
    try:
        reader = _Reader(bytes.fromhex(pdu))
    except ValueError as error:
        raise UndecodablePduError(f"PDU is not hexadecimal: {error}") from error
    reader.octets(reader.octet())  # service centre address
    first = reader.octet()
    match first & 0x03:  # 23.040 §9.2.3.1 TP-MTI
        case 0:
            return _decode_deliver(reader, has_header=bool(first & _HEADER_BIT))
        case 2:
            return _decode_report(reader)
        case kind:
            raise UndecodablePduError(f"message type {kind} is neither SMS-DELIVER nor SMS-STATUS-REPORT")


def _decode_deliver(reader: _Reader, *, has_header: bool) -> DeliveredPart:
    sender = _decode_address(reader)
    reader.octet()  # TP-PID
    coding = reader.octet()
    sent_at = _decode_stamp(reader.octets(7))
    length = reader.octet()
    data = reader.rest()
    header = data[1 : 1 + data[0]] if has_header and data else b""
    text = _decode_text(data, length, len(header) + 1 if has_header else 0, coding)
    reference, parts, part = _concatenation(header)
    return DeliveredPart(sender, text, sent_at, reference, part, parts)


def _decode_report(reader: _Reader) -> StatusReport:
    reference = reader.octet()
    recipient = _decode_address(reader)
    reader.octets(14)  # TP-SCTS, TP-DT
    status = reader.octet()
    outcome = DeliveryOutcome.FAILED
    if status <= 0x02:
        outcome = DeliveryOutcome.DELIVERED
    elif 0x20 <= status <= 0x3F:
        outcome = DeliveryOutcome.TRYING
    return StatusReport(reference, recipient, outcome, status)


def _decode_text(data: bytes, length: int, header_octets: int, coding: int) -> str:
    """TP-UD after its header, by data coding scheme (23.038 §4)."""
    alphabet = _alphabet(coding)
    if alphabet == 0:
        fill_bits = -8 * header_octets % 7
        count = max(0, length - (8 * header_octets + fill_bits) // 7)
        return from_septets(unpack(data[header_octets:], count, fill_bits))
    payload = data[header_octets:length]
    if alphabet == 2:
        return payload.decode("utf-16-be", errors="replace")
    return payload.decode("latin-1")  # 8-bit data: nothing to read, nothing lost


def _alphabet(coding: int) -> int:
    """0 GSM 7-bit, 1 octets, 2 UCS2 (23.038 §4)."""
    group = coding >> 4
    if group < 0x8:
        return min((coding >> 2) & 0x03, 2)
    if group == 0xE:
        return 2
    return 1 if group == 0xF and coding & 0x04 else 0


def _concatenation(header: bytes) -> tuple[int | None, int, int]:
    """Reference, parts, part from the user data header (23.040 §9.2.3.24.1, .8)."""
    at = 0
    while at + 1 < len(header):
        element, length = header[at], header[at + 1]
        body = header[at + 2 : at + 2 + length]
        if element == _CONCATENATION_8 and len(body) == 3 and 0 < body[2] <= body[1]:
            return body[0], body[1], body[2]
        if element == _CONCATENATION_16 and len(body) == 4 and 0 < body[3] <= body[2]:
            return body[0] << 8 | body[1], body[2], body[3]
        at += 2 + length
    return None, 1, 1


def _decode_address(reader: _Reader) -> RawNumber:
    """TP-OA / TP-RA (23.040 §9.1.2.5); an alphanumeric sender (a bank, say) keeps its letters."""
    length, kind = reader.octet(), reader.octet()
    octets = reader.octets((length + 1) // 2)
    if kind & 0x70 == _ALPHANUMERIC:
        return RawNumber(from_septets(unpack(octets, length * 4 // 7)), kind)
    digits = "".join(_semi_octets(octets))[:length]
    return RawNumber(f"+{digits}" if kind == _INTERNATIONAL else digits, kind)


def _semi_octets(octets: bytes) -> list[str]:
    nibbles = [nibble for octet in octets for nibble in (octet & 0x0F, octet >> 4)]
    return [_SEMI_OCTETS[nibble] for nibble in nibbles if nibble != 0x0F]


def _decode_stamp(octets: bytes) -> float:
    """TP-SCTS: local time in swapped BCD and its zone in quarters of an hour (23.040 §9.2.3.11) → POSIX seconds."""
    year, month, day, hour, minute, second = ((octet & 0x0F) * 10 + (octet >> 4) for octet in octets[:6])
    zone = octets[6]
    quarters = (zone & 0x07) * 10 + (zone >> 4)
    local = calendar.timegm((2000 + year, min(max(month, 1), 12), max(day, 1), hour, minute, second))
    return float(local + (quarters if zone & 0x08 else -quarters) * 900)
