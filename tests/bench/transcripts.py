"""Times of the AT lines of a box, from the transcripts its core keeps (`hal.transcript`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class WireLine:
    at_s: float
    """Monotonic: when the core read or wrote it."""
    from_modem: bool
    text: str


def read(path: Path) -> Iterator[WireLine]:
    """Lines in order, without their line ends and without empty ones."""
    for row in path.read_text(encoding="utf-8").splitlines():
        at, direction, text = row.split(" ", 2)
        text = text.strip("␍␤ ")
        if text:
            yield WireLine(float(at), direction == "<", text)


def offer_to_answer(lines: list[WireLine]) -> list[float]:
    """Seconds from the first +CLIP of each incoming call to its ATA."""
    found: list[float] = []
    clip_s: float | None = None
    for line in lines:
        if line.from_modem and line.text.startswith("+CLIP:"):
            clip_s = line.at_s if clip_s is None else clip_s
        elif not line.from_modem and line.text == "ATA" and clip_s is not None:
            found.append(line.at_s - clip_s)
            clip_s = None
    return found


def key_to_dial(keyed: list[WireLine], dialling: list[WireLine], number: str) -> list[float]:
    """Seconds from the last +RXDTMF of one line to each ATD of `number` on any line."""
    keys_s = [line.at_s for line in keyed if line.from_modem and line.text.startswith("+RXDTMF")]
    found: list[float] = []
    for line in dialling:
        if not line.from_modem and line.text.startswith(f"ATD{number}"):
            before = [key_s for key_s in keys_s if key_s <= line.at_s]
            if before:
                found.append(line.at_s - before[-1])
    return found
