"""What can be asked of an AT port, and how its answer is told from the lines between (V.250 §5).

A command names the information lines it expects; everything else before its final result is unsolicited.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum


class Priority(IntEnum):
    """Lower goes first. Answering must never stand behind a poll."""

    CALL = 0
    """Answer, dial, hang up, keys."""
    FOLLOW_UP = 1
    """What a call needs next: its state, its voice path, its cause."""
    NORMAL = 2
    """Bring-up, SMS."""
    POLL = 3


class AnswerShape(Enum):
    NONE = "none"
    PREFIXED = "prefixed"
    """Lines that begin with one of the prefixes."""
    BARE = "bare"
    """Any line that is no known URC: CGMI and its kin."""
    WITH_BODY = "with-body"
    """A prefixed line, then a line of hex: CMGL, CMGR."""


@dataclass(frozen=True, slots=True)
class AtCommand:
    text: str
    """Without the CR."""
    timeout_s: float = 5.0
    shape: AnswerShape = AnswerShape.NONE
    prefixes: tuple[str, ...] = ()
    """E.g. `+CLCC:`."""
    priority: Priority = Priority.NORMAL
    call_command: bool = False
    """ATD, ATA: NO CARRIER, BUSY, NO ANSWER are its final results."""
    payload: str | None = None
    """Sent with Ctrl-Z after the prompt (27.005 §3.5.1)."""


def query(name: str, timeout_s: float = 5.0, priority: Priority = Priority.NORMAL, *, test: bool = False) -> AtCommand:
    """`AT+name?` (or `=?`) with answers `+name: …`; `name` includes its sign, e.g. `+CREG`."""
    return AtCommand(f"AT{name}{'=?' if test else '?'}", timeout_s, AnswerShape.PREFIXED, (f"{name}:",), priority)


class Status(Enum):
    OK = "OK"
    ERROR = "ERROR"
    NO_CARRIER = "NO CARRIER"
    BUSY = "BUSY"
    NO_ANSWER = "NO ANSWER"
    NO_DIALTONE = "NO DIALTONE"
    TIMEOUT = "no answer in time"
    NO_PROMPT = "no prompt"
    DROPPED = "port closed"


@dataclass(frozen=True, slots=True)
class AtResult:
    status: Status
    lines: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    """The PDU line of each line, for WITH_BODY."""
    error: str = ""
    """The whole error line, e.g. `+CME ERROR: 14`."""
    code: int | None = None
    """Its number, where it has one."""

    @property
    def ok(self) -> bool:
        return self.status is Status.OK

    @property
    def first(self) -> str:
        """The first information line, or an empty one."""
        return self.lines[0] if self.lines else ""

    def describe(self) -> str:
        """For messages: `+CME ERROR: 14`, `no answer in time`."""
        return self.error or self.status.value
