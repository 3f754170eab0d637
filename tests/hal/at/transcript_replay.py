"""Plays a wire transcript of `tests/transcripts` into an `AtChannel`: what it makes of it, one line per event.

`python tests/hal/at/transcript_replay.py` prints every transcript's events, to be read before they become expectations.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from hal.at import channel as c
from hal.at.commands import AnswerShape, AtCommand, Status
from hal.at.parsers import SIMCOM_URCS, STANDARD_URCS
from hal.interfaces import Moment

FOLDER = Path(__file__).parents[2] / "transcripts"
VOCABULARY = STANDARD_URCS.joined(SIMCOM_URCS)
_BARE = ("ATI", "AT+CGMI", "AT+CGMM", "AT+CGMR", "AT+CGSN")


@dataclass
class Step:
    """One host command (None at the start) and the bytes the modem wrote until the next."""

    command: str | None
    data: bytes


def steps(path: Path) -> list[Step]:
    found = [Step(None, b"")]
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("> "):
            if line.endswith("<1A>"):  # the PDU after a prompt belongs to the command before
                continue
            found.append(Step(line[2:], b""))
        elif line.startswith("< "):
            found[-1].data += b"\r\n" + line[2:].encode("latin-1") + b"\r\n"
        elif line.startswith("<raw "):
            found[-1].data += ast.literal_eval(line[5:])
    return found


def command_of(text: str) -> AtCommand:
    upper = text.upper()
    if upper.startswith(_BARE):
        return AtCommand(text, shape=AnswerShape.BARE)
    if upper.startswith(("ATD", "ATA")):
        return AtCommand(text, call_command=True)
    prefix = upper.removeprefix("AT").partition("=")[0].rstrip("?") + ":"
    if upper.startswith(("AT+CMGR", "AT+CMGL")):
        return AtCommand(text, shape=AnswerShape.WITH_BODY, prefixes=(prefix,))
    if upper.startswith("AT+CMGS"):
        return AtCommand(text, shape=AnswerShape.PREFIXED, prefixes=(prefix,), payload="00")
    shape = AnswerShape.PREFIXED if len(prefix) > 2 and not upper.startswith("AT+CUSD=") else AnswerShape.NONE
    return AtCommand(text, shape=shape, prefixes=(prefix,))


def replay(script: list[Step], cuts: list[int] | None = None) -> list[str]:
    """The events of a script; `cuts`: where its bytes are split, modulo the length of each piece."""
    channel, now, told = c.AtChannel(VOCABULARY), Moment(0.0, 0.0), []
    for token, step in enumerate(script):
        if step.command is not None:
            told += _events(channel.handle(c.PortClosed(), now), script)
            told += _events(channel.handle(c.CommandSubmitted(token, command_of(step.command)), now), script)
        places = sorted({cut % (len(step.data) + 1) for cut in cuts or []})
        for start, end in zip([0, *places], [*places, len(step.data)], strict=True):
            told += _events(channel.handle(c.BytesReceived(step.data[start:end]), now), script)
    return told


def _events(actions: list[c.ChannelAction], script: list[Step]) -> list[str]:
    told = []
    for action in actions:
        match action:
            case c.DeliverUrc(line, body):
                meaning = VOCABULARY.parse(line, body)
                told.append(f"urc {meaning}" if meaning is not None else f"unknown {line}")
            case c.FinishCommand(token, result):
                word = "unanswered" if result.status is Status.DROPPED else result.describe()
                pieces = [script[token].command or "", word, *result.lines, *result.bodies]
                told.append("answer " + " | ".join(pieces))
            case _:
                pass
    return told


if __name__ == "__main__":
    for path in sorted(FOLDER.glob("*.txt")):
        print(f"=== {path.name}", *replay(steps(path)), sep="\n")
