"""Short message TPDUs as values: SUBMIT, DELIVER, STATUS-REPORT (23.040 §9.2.2), hex as in 27.005 PDU mode.

Written for the emulated network side; shares nothing with the driver's codec, so that one mistake cannot stand in both.
Every `from_hex` raises ValueError for what is no such PDU.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from sim_hardware.modem import gsm7

_VIETNAM = timezone(timedelta(hours=7))
_DIGITS = "0123456789*#abc"
_SUBMIT, _DELIVER = 0x01, 0x00
_UDHI, _REPORT_WANTED, _NO_MORE = 0x40, 0x20, 0x04
_CONCAT_8, _CONCAT_16 = 0x00, 0x08
"""Information elements of 23.040 §9.2.3.24."""
GSM7_SINGLE, GSM7_PART, UCS2_SINGLE, UCS2_PART = 160, 153, 70, 67


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a concatenated message (23.040 §9.2.3.24.1)."""

    reference: int
    total: int
    number: int
    """From 1."""


@dataclass(frozen=True, slots=True)
class Submit:
    called: str
    text: str
    part: Part | None = None
    report_wanted: bool = False

    @classmethod
    def from_hex(cls, text: str, length: int | None = None) -> Submit:
        """`length`: TPDU octets as AT+CMGS announced; another length is refused."""
        octets = _Octets(bytes.fromhex(text.strip()))
        octets.take(octets.take(1)[0])
        if length is not None and octets.left != length:
            raise ValueError(f"{octets.left} octets where {length} were announced")
        first = octets.take(1)[0]
        if first & 0x03 != _SUBMIT:
            raise ValueError(f"first octet {first:02X} is no SUBMIT")
        octets.take(1)  # TP-MR: the modem's counter replaces it
        called = _take_address(octets)
        octets.take(1)  # TP-PID
        coding = octets.take(1)[0]
        octets.take({0x00: 0, 0x10: 1, 0x08: 7, 0x18: 7}[first & 0x18])  # TP-VP by TP-VPF
        body, part = _take_user_data(octets, coding, headed=bool(first & _UDHI))
        return cls(called, body, part, bool(first & _REPORT_WANTED))

    def to_hex(self, reference: int = 0) -> tuple[str, int]:
        """(hex with an empty service centre, TPDU octets)."""
        first = _SUBMIT | (_UDHI if self.part else 0) | (_REPORT_WANTED if self.report_wanted else 0)
        coding, data = _user_data(self.text, self.part)
        tpdu = bytes((first, reference)) + _address(self.called) + bytes((0, coding)) + data
        return "00" + tpdu.hex().upper(), len(tpdu)


@dataclass(frozen=True, slots=True)
class Deliver:
    sender: str
    text: str
    sent_at: float
    """POSIX seconds; whole seconds survive."""
    part: Part | None = None

    def to_hex(self, service_centre: str) -> tuple[str, int]:
        first = _DELIVER | _NO_MORE | (_UDHI if self.part else 0)
        coding, data = _user_data(self.text, self.part)
        tpdu = bytes((first,)) + _address(self.sender) + bytes((0, coding)) + _stamp(self.sent_at) + data
        return _service_centre(service_centre) + tpdu.hex().upper(), len(tpdu)

    @classmethod
    def from_hex(cls, text: str) -> Deliver:
        octets = _Octets(bytes.fromhex(text.strip()))
        octets.take(octets.take(1)[0])
        first = octets.take(1)[0]
        if first & 0x03 != _DELIVER:
            raise ValueError(f"first octet {first:02X} is no DELIVER")
        sender = _take_address(octets)
        octets.take(1)
        coding = octets.take(1)[0]
        sent_at = _read_stamp(octets.take(7))
        body, part = _take_user_data(octets, coding, headed=bool(first & _UDHI))
        return cls(sender, body, sent_at, part)


def status_report(
    reference: int, called: str, sent_at: float, done_at: float, status: int, service_centre: str
) -> tuple[str, int]:
    """STATUS-REPORT (23.040 §9.2.2.3): hex and TPDU octets; status 0 is "delivered"."""
    tpdu = bytes((0x06, reference)) + _address(called) + _stamp(sent_at) + _stamp(done_at) + bytes((status,))
    return _service_centre(service_centre) + tpdu.hex().upper(), len(tpdu)


def split(text: str) -> list[str]:
    """The pieces a message needs: one, or several that leave room for their header; no pair of units is torn."""
    if gsm7.fits(text):
        single, each = GSM7_SINGLE, GSM7_PART
        widths = [len(gsm7.encode(letter)) for letter in text]
    else:
        single, each = UCS2_SINGLE, UCS2_PART
        widths = [len(letter.encode("utf-16-be")) // 2 for letter in text]
    if sum(widths) <= single:
        return [text]
    pieces, used = [""], 0
    for letter, width in zip(text, widths, strict=True):
        if used + width > each:
            pieces.append("")
            used = 0
        pieces[-1] += letter
        used += width
    return pieces


class _Octets:
    """A cursor over bytes that refuses to read past the end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        if count > self.left:
            raise ValueError(f"{count} octets wanted, {self.left} left")
        self._at += count
        return self._data[self._at - count : self._at]

    def rest(self) -> bytes:
        return self.take(self.left)


def _semi_octets(digits: str) -> bytes:
    codes = [_DIGITS.index(digit) for digit in digits] + [0xF] * (len(digits) % 2)
    return bytes(low | high << 4 for low, high in zip(codes[::2], codes[1::2], strict=True))


def _address(number: str) -> bytes:
    """TP-OA/DA (23.040 §9.1.2.5): length in digits, type of number, digits — or letters in GSM 7-bit."""
    digits = number.lstrip("+").lower()
    if digits and all(digit in _DIGITS for digit in digits):
        return bytes((len(digits), 0x91 if number.startswith("+") else 0x81)) + _semi_octets(digits)
    packed = gsm7.pack(gsm7.encode("".join(letter if gsm7.fits(letter) else "?" for letter in number[:11])))
    septets = len(gsm7.encode("".join(letter if gsm7.fits(letter) else "?" for letter in number[:11])))
    return bytes(((7 * septets + 3) // 4, 0xD0)) + packed


def _take_address(octets: _Octets) -> str:
    length, kind = octets.take(2)
    packed = octets.take((length + 1) // 2)
    if kind & 0x70 == 0x50:
        return gsm7.decode(gsm7.unpack(packed, length * 4 // 7))
    digits = "".join(_digit(octet & 0xF) + _digit(octet >> 4) for octet in packed)[:length]
    return ("+" if kind & 0x70 == 0x10 else "") + digits


def _digit(code: int) -> str:
    return _DIGITS[code] if code < len(_DIGITS) else ""


def _service_centre(number: str) -> str:
    digits = _semi_octets(number.lstrip("+"))
    return (bytes((len(digits) + 1, 0x91 if number.startswith("+") else 0x81)) + digits).hex().upper()


def _stamp(posix_s: float) -> bytes:
    """TP-SCTS (23.040 §9.2.3.11) in Vietnamese local time, swapped BCD, zone in quarters."""
    local = datetime.fromtimestamp(int(posix_s), _VIETNAM)
    return _semi_octets(f"{local:%y%m%d%H%M%S}28")


def _read_stamp(octets: bytes) -> float:
    fields = [(octet & 0xF) * 10 + (octet >> 4) for octet in octets[:6]]
    zone = octets[6]
    quarters = (zone & 0x7) * 10 + (zone >> 4)
    if zone & 0x8:
        quarters = -quarters
    year, month, day, hour, minute, second = fields
    utc = datetime(2000 + year, month, day, hour, minute, second, tzinfo=UTC)
    return (utc - timedelta(minutes=15 * quarters)).timestamp()


def _header(part: Part) -> bytes:
    if part.reference > 0xFF:
        return bytes((6, _CONCAT_16, 4, part.reference >> 8, part.reference & 0xFF, part.total, part.number))
    return bytes((5, _CONCAT_8, 3, part.reference, part.total, part.number))


def _user_data(text: str, part: Part | None) -> tuple[int, bytes]:
    """(TP-DCS, TP-UDL and TP-UD)."""
    header = _header(part) if part else b""
    if gsm7.fits(text):
        fill_bits = -8 * len(header) % 7
        septets = gsm7.encode(text)
        length = (8 * len(header) + fill_bits) // 7 + len(septets)
        return 0x00, bytes((length,)) + header + gsm7.pack(septets, fill_bits)
    body = text.encode("utf-16-be")
    return 0x08, bytes((len(header) + len(body),)) + header + body


def _take_user_data(octets: _Octets, coding: int, *, headed: bool) -> tuple[str, Part | None]:
    length = octets.take(1)[0]
    data = octets.rest()
    header = b""
    if headed:
        if not data or data[0] + 1 > len(data):
            raise ValueError("the user data header is longer than the data")
        header = data[: data[0] + 1]
    body = data[len(header) :]
    if coding & 0x0C == 0x00:
        fill_bits = -8 * len(header) % 7
        count = length - (8 * len(header) + fill_bits) // 7
        if count < 0:
            raise ValueError("the user data are shorter than their header")
        return gsm7.decode(gsm7.unpack(body, count, fill_bits)), _part(header)
    if length != len(data):
        raise ValueError(f"{len(data)} octets of user data, {length} announced")
    if coding & 0x0C == 0x08:
        return body.decode("utf-16-be", "replace"), _part(header)
    return body.decode("latin-1"), _part(header)


def _part(header: bytes) -> Part | None:
    """The concatenation element among the header's elements; None without one."""
    elements = _Octets(header[1:])
    while elements.left >= 2:
        kind, length = elements.take(2)
        value = elements.take(length)
        if kind == _CONCAT_8 and length == 3:
            return Part(value[0], value[1], value[2])
        if kind == _CONCAT_16 and length == 4:
            return Part(value[0] << 8 | value[1], value[2], value[3])
    return None
