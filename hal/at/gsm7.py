"""The GSM 7-bit default alphabet and its packing (23.038 §6.1.2.1, §6.2.1). No national shift tables."""

from __future__ import annotations

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE = 0x1B
_EXTENSION = {"\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40}
_EXTENSION |= {"€": 0x65}
_CODES = {character: code for code, character in enumerate(_BASIC) if code != _ESCAPE}
_EXTENDED_CHARACTERS = {code: character for character, code in _EXTENSION.items()}


def is_gsm7(text: str) -> bool:
    """Whether every character is in the default alphabet or its extension table."""
    return all(character in _CODES or character in _EXTENSION for character in text)


def to_septets(text: str) -> list[int]:
    """One or two septets a character; the caller has checked `is_gsm7`."""
    septets: list[int] = []
    for character in text:
        if character in _EXTENSION:
            septets += [_ESCAPE, _EXTENSION[character]]
        else:
            septets.append(_CODES[character])
    return septets


def from_septets(septets: list[int]) -> str:
    """An unknown extension shows the basic character; a lone escape at the end is a blank (23.038 §6.2.1.1)."""
    characters: list[str] = []
    escaped = False
    for septet in septets:
        if septet == _ESCAPE and not escaped:
            escaped = True
            continue
        characters.append(_EXTENDED_CHARACTERS.get(septet, _BASIC[septet]) if escaped else _BASIC[septet])
        escaped = False
    return "".join(characters) + (" " if escaped else "")


def pack(septets: list[int], fill_bits: int = 0) -> bytes:
    """Septets into octets, low bits first, after `fill_bits` zero bits (23.040 §9.2.3.24)."""
    value = 0
    for place, septet in enumerate(septets):
        value |= septet << (7 * place)
    bits = 7 * len(septets) + fill_bits
    return (value << fill_bits).to_bytes((bits + 7) // 8, "little")


def unpack(data: bytes, count: int, fill_bits: int = 0) -> list[int]:
    """`count` septets out of octets; fewer where the octets end early."""
    value = int.from_bytes(data, "little") >> fill_bits
    available = (8 * len(data) - fill_bits) // 7
    return [(value >> (7 * place)) & 0x7F for place in range(min(count, available))]
