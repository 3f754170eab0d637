"""The GSM 7-bit default alphabet with its extension table, and its packing (23.038 §6.1.2, §6.2.1)."""

from __future__ import annotations

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE = 0x1B
_EXTENSION = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|",
              0x65: "€"}  # fmt: skip
_CODE_OF: dict[str, tuple[int, ...]] = {letter: (code,) for code, letter in enumerate(_BASIC) if code != _ESCAPE}
_CODE_OF |= {letter: (_ESCAPE, code) for code, letter in _EXTENSION.items()}


def fits(text: str) -> bool:
    """Whether every character stands in the alphabet or its extension."""
    return all(letter in _CODE_OF for letter in text)


def encode(text: str) -> list[int]:
    """Septets, one per character, two for the extension; raises KeyError for what does not fit."""
    return [code for letter in text for code in _CODE_OF[letter]]


def decode(septets: list[int]) -> str:
    """An unknown extension reads as the basic character behind it (23.038 §6.2.1.1)."""
    letters: list[str] = []
    escaped = False
    for septet in septets:
        if escaped:
            letters.append(_EXTENSION.get(septet, _BASIC[septet] if septet != _ESCAPE else " "))
            escaped = False
        elif septet == _ESCAPE:
            escaped = True
        else:
            letters.append(_BASIC[septet])
    return "".join(letters)


def pack(septets: list[int], fill_bits: int = 0) -> bytes:
    """Septets into octets, least significant bit first, after `fill_bits` zero bits."""
    bits, length = 0, fill_bits
    for septet in septets:
        bits |= septet << length
        length += 7
    return bits.to_bytes((length + 7) // 8, "little")


def unpack(octets: bytes, count: int, fill_bits: int = 0) -> list[int]:
    """`count` septets out of octets; raises ValueError when there are not so many."""
    if fill_bits + 7 * count > 8 * len(octets):
        raise ValueError(f"{count} septets do not fit in {len(octets)} octets")
    bits = int.from_bytes(octets, "little") >> fill_bits
    return [bits >> 7 * position & 0x7F for position in range(count)]
