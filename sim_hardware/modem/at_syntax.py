"""The grammar of one AT command line (V.250 §5.2): chained commands, quoted arguments, dial strings.

`parse_line("AT+CPCMREG=0;D0912000222;")` gives two commands: `+CPCMREG` WRITE `0` and `D` DIAL `0912000222;`.
Names come out upper case; argument text is left as typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

_EXTENDED = "+^*$%#"
_NAME_END = "=?;"


class Op(Enum):
    """How a command was asked (V.250 §5.4)."""

    EXECUTE = ""
    READ = "?"
    TEST = "=?"
    WRITE = "="


@dataclass(frozen=True, slots=True)
class Command:
    name: str
    """Upper case, with its prefix character: `+CREG`, `E`, `&F`, `D`."""
    op: Op
    text: str = ""
    """What follows `=`, the digits of a basic command, or the dial string with its `;`."""

    @property
    def arguments(self) -> list[str]:
        """The arguments, quotes taken off; [] when there are none."""
        return split_arguments(self.text)

    def argument(self, index: int, default: str = "") -> str:
        """One argument; an absent or empty one is `default`."""
        arguments = self.arguments
        return arguments[index] or default if index < len(arguments) else default


def split_arguments(text: str) -> list[str]:
    """Commas outside quotes divide; surrounding quotes and blanks go."""
    if not text.strip():
        return []
    fields: list[str] = [""]
    quoted = False
    for letter in text:
        if letter == '"':
            quoted = not quoted
        if letter == "," and not quoted:
            fields.append("")
        else:
            fields[-1] += letter
    return [_unquote(field.strip()) for field in fields]


def _unquote(field: str) -> str:
    return field[1:-1] if len(field) >= 2 and field[0] == field[-1] == '"' else field.strip('"')


def parse_line(line: str) -> list[Command]:
    """All commands of a line that begins with AT; an `AT` alone gives [].

    Raises ValueError for text that is no command (the modem answers ERROR).
    """
    body = line[2:]
    commands: list[Command] = []
    at = 0
    while at < len(body):
        if body[at] in "; ":
            at += 1
            continue
        command, at = _next_command(body, at)
        commands.append(command)
    return commands


def _next_command(body: str, at: int) -> tuple[Command, int]:
    first = body[at].upper()
    if first in _EXTENDED:
        return _extended(body, at)
    if first == "D":
        return _dial(body, at)
    if first == "&" or (first.isascii() and first.isalpha()):
        return _basic(body, at)
    raise ValueError(f"no command begins with {body[at]!r}")


def _extended(body: str, at: int) -> tuple[Command, int]:
    end = at + 1
    while end < len(body) and body[end] not in _NAME_END:
        end += 1
    name = body[at:end].strip().upper()
    tail_end = _end_of_text(body, end)
    tail = body[end:tail_end].strip()
    if tail == "":
        return Command(name, Op.EXECUTE), tail_end
    if tail == "?":
        return Command(name, Op.READ), tail_end
    if tail == "=?":
        return Command(name, Op.TEST), tail_end
    if tail.startswith("="):
        return Command(name, Op.WRITE, tail[1:]), tail_end
    raise ValueError(f"{name} is followed by {tail!r}")


def _end_of_text(body: str, at: int) -> int:
    """Where the command ends: at the next `;` outside quotes, or the end of the line."""
    quoted = False
    while at < len(body):
        if body[at] == '"':
            quoted = not quoted
        elif body[at] == ";" and not quoted:
            return at
        at += 1
    return at


def _dial(body: str, at: int) -> tuple[Command, int]:
    end = body.find(";", at)
    end = len(body) if end < 0 else end + 1
    text = body[at + 1 : end].strip()
    if text[:1].upper() in ("T", "P"):  # tone or pulse (V.250 §6.3.1.2): a GSM module takes and ignores it
        text = text[1:]
    return Command("D", Op.EXECUTE, text), end


def _basic(body: str, at: int) -> tuple[Command, int]:
    name_length = 2 if body[at] == "&" else 1
    name = body[at : at + name_length].upper()
    end = at + name_length
    while end < len(body) and body[end].isdecimal():
        end += 1
    digits = body[at + name_length : end]
    if name == "S":  # S-registers: S3? and S3=13 (V.250 §5.3.2)
        stop = _end_of_text(body, end)
        tail, name = body[end:stop], f"S{digits}"
        op = {"?": Op.READ, "=?": Op.TEST}.get(tail, Op.WRITE)
        return Command(name, op, tail[1:] if op is Op.WRITE else ""), stop
    if body[end : end + 1] == "?":
        return Command(name, Op.READ, digits), end + 1
    return Command(name, Op.EXECUTE, digits), end
