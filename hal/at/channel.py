"""One AT port: a command at a time, unsolicited lines between, whatever the firmware's manners.

Invariants: a command is written only when the former one is finished and no late answer can still be mistaken for its
own; every submitted command finishes exactly once; nothing received is ever thrown away unread. After a command that
got no answer, plain `AT` is asked (three times at most) until the port is quiet, so that a late OK finishes nothing; an
answer that looks prompt is proven by one `AT` more.
Commands start in order of priority; while `QuietAsked` holds, polls wait.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace
from enum import Enum

from hal.at.answers import parse_error_code
from hal.at.commands import AnswerShape, AtCommand, AtResult, Priority, Status
from hal.at.framing import PROMPT, LineFramer
from hal.at.parsers import UrcVocabulary, is_hex_line, is_registration_answer
from hal.interfaces import Moment

PROMPT_TIMEOUT_S = 5.0
FLUSH_TIMEOUT_S = 2.0
FLUSH_TRIES = 3
FLUSH_QUIET_S = 0.3
LATE_QUIET_S = 5.0
"""A port that answers late is waited for this long: as many OKs may follow as commands went out."""
QUOTED_TEXT_TIMEOUT_S = 2.0
_ESCAPE, _CTRL_Z, _END = b"\x1b", "\x1a", "\r"

_PLAIN_FINALS = {
    "OK": Status.OK,
    "ERROR": Status.ERROR,
    "COMMAND NOT SUPPORT": Status.ERROR,
    "TOO MANY PARAMETERS": Status.ERROR,
}
_CALL_FINALS = {
    "NO CARRIER": Status.NO_CARRIER,
    "BUSY": Status.BUSY,
    "NO ANSWER": Status.NO_ANSWER,
    "NO DIALTONE": Status.NO_DIALTONE,
}
_ERROR_PREFIXES = ("+CME ERROR:", "+CMS ERROR:")
_REGISTRATION_PREFIXES = ("+CREG:", "+CEREG:", "+CGREG:")


# --- events


@dataclass(frozen=True, slots=True)
class BytesReceived:
    data: bytes


@dataclass(frozen=True, slots=True)
class CommandSubmitted:
    token: int
    command: AtCommand


@dataclass(frozen=True, slots=True)
class QuietAsked:
    """No poll starts before this moment: a decision about a ring is being taken."""

    until_mono: float


@dataclass(frozen=True, slots=True)
class TimePassed:
    """`next_deadline` has come."""


@dataclass(frozen=True, slots=True)
class PortClosed:
    """Everything begun is over; the channel is as new."""


ChannelEvent = BytesReceived | CommandSubmitted | QuietAsked | TimePassed | PortClosed

# --- actions


@dataclass(frozen=True, slots=True)
class WriteBytes:
    data: bytes


@dataclass(frozen=True, slots=True)
class FinishCommand:
    token: int
    result: AtResult


@dataclass(frozen=True, slots=True)
class DeliverUrc:
    line: str
    body: str | None = None


@dataclass(frozen=True, slots=True)
class ReportEcho:
    """The module echoes: it has started again, or another program changed it."""


@dataclass(frozen=True, slots=True)
class ReportSilence:
    """No answer to anything, three times: the port is to be opened anew."""


ChannelAction = WriteBytes | FinishCommand | DeliverUrc | ReportEcho | ReportSilence


class ChannelState(Enum):
    IDLE = "idle"
    ANSWER_PENDING = "answer-pending"
    PROMPT_PENDING = "prompt-pending"
    FLUSHING = "flushing"


@dataclass(slots=True)
class _Exchange:
    """The command under way."""

    token: int
    command: AtCommand
    deadline: float
    lines: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Flush:
    """Waiting for the port to be quiet after an unanswered command."""

    asked: int
    asked_at: float
    deadline: float
    answered: int = 0
    proving: bool = False
    """What looked like a prompt answer may be the late one of an earlier `AT`: one more tells."""


class AtChannel:
    """`handle` gives the actions in the order in which they are due. `vocabulary` may be replaced at any time."""

    def __init__(self, vocabulary: UrcVocabulary) -> None:
        self.vocabulary = vocabulary
        self._framer = LineFramer()
        self._queue: list[tuple[Priority, int, int, AtCommand]] = []
        self._submitted = 0
        self._exchange: _Exchange | None = None
        self._flush: _Flush | None = None
        self._quiet_until = float("-inf")
        self._two_line_head: str | None = None
        self._quoted_deadline: float | None = None
        self._prompt_pending = False
        self._actions: list[ChannelAction] = []

    # --- read-only state ----------------------------------------------------------------------------------------------

    @property
    def state(self) -> ChannelState:
        if self._flush is not None:
            return ChannelState.FLUSHING
        if self._exchange is None:
            return ChannelState.IDLE
        return ChannelState.PROMPT_PENDING if self._prompt_pending else ChannelState.ANSWER_PENDING

    @property
    def waiting(self) -> int:
        """Commands not yet written."""
        return len(self._queue)

    @property
    def next_deadline(self) -> float | None:
        """When `TimePassed` is due, monotonic; in the past when a command can start at once."""
        deadlines = [self._quoted_deadline]
        if self._flush is not None:
            deadlines.append(self._flush.deadline)
        elif self._exchange is not None:
            deadlines.append(self._exchange.deadline)
        elif self._queue:
            deadlines.append(self._quiet_until if self._queue[0][0] is Priority.POLL else float("-inf"))
        return min((moment for moment in deadlines if moment is not None), default=None)

    # --- events -------------------------------------------------------------------------------------------------------

    def handle(self, event: ChannelEvent, now: Moment) -> list[ChannelAction]:
        self._actions = []
        match event:
            case BytesReceived(data):
                self._receive(self._framer.feed(data), now.mono)
            case CommandSubmitted(token, command):
                self._submitted += 1
                heapq.heappush(self._queue, (command.priority, self._submitted, token, command))
                self._start_next(now.mono)
            case QuietAsked(until_mono):
                self._quiet_until = max(self._quiet_until, until_mono)
            case TimePassed():
                self._check_time(now.mono)
            case PortClosed():
                self._drop_all()
        return self._actions

    def _start_next(self, now: float) -> None:
        if self._exchange is not None or self._flush is not None or not self._queue:
            return
        if self._queue[0][0] is Priority.POLL and now < self._quiet_until:
            return
        _, _, token, command = heapq.heappop(self._queue)
        self._prompt_pending = command.payload is not None
        wait_s = PROMPT_TIMEOUT_S if self._prompt_pending else command.timeout_s
        self._exchange = _Exchange(token, command, now + wait_s)
        self._actions.append(WriteBytes((command.text + _END).encode("latin-1")))

    def _check_time(self, now: float) -> None:
        if self._quoted_deadline is not None and now >= self._quoted_deadline:
            self._quoted_deadline = None
            self._receive(self._framer.flush(), now)
        if self._flush is not None and now >= self._flush.deadline:
            self._continue_flush(self._flush, now)
        elif self._exchange is not None and now >= self._exchange.deadline:
            self._give_up(now)
        self._start_next(now)

    def _drop_all(self) -> None:
        if self._exchange is not None:
            self._finish(AtResult(Status.DROPPED))
        for _, _, token, _ in sorted(self._queue):
            self._actions.append(FinishCommand(token, AtResult(Status.DROPPED)))
        self._queue.clear()
        self._framer.reset()
        self._flush = self._two_line_head = self._quoted_deadline = None
        self._quiet_until = float("-inf")

    # --- lines --------------------------------------------------------------------------------------------------------

    def _receive(self, lines: list[str], now: float) -> None:
        for line in lines:
            for piece in _unglued(line):
                self._take_line(piece, now)
        if not self._framer.inside_quoted_text:
            self._quoted_deadline = None
        elif self._quoted_deadline is None:
            self._quoted_deadline = now + QUOTED_TEXT_TIMEOUT_S

    def _take_line(self, line: str, now: float) -> None:
        if self._take_two_line_body(line):
            return
        if line == PROMPT:
            self._take_prompt(now)
        elif self._flush is not None:
            self._take_while_flushing(self._flush, line, now)
        elif self._exchange is None or not self._take_answer(self._exchange, line):
            self._take_unasked(line)

    def _take_two_line_body(self, line: str) -> bool:
        """+CMT and +CDS: the next line of hex is theirs, even in the midst of an answer."""
        if self._two_line_head is None or not is_hex_line(line):
            return False
        self._actions.append(DeliverUrc(self._two_line_head, line))
        self._two_line_head = None
        return True

    def _take_unasked(self, line: str) -> None:
        if line in _PLAIN_FINALS or line.startswith(_ERROR_PREFIXES):
            return  # a second OK, or the end of what was given up: it finishes nothing
        if self.vocabulary.opens_two_lines(line):
            self._two_line_head = line
            return
        self._actions.append(DeliverUrc(line))

    def _take_prompt(self, now: float) -> None:
        exchange = self._exchange
        if exchange is None or not self._prompt_pending or exchange.command.payload is None:
            return
        self._prompt_pending = False
        exchange.deadline = now + exchange.command.timeout_s
        self._actions.append(WriteBytes((exchange.command.payload + _CTRL_Z).encode("latin-1")))

    def _take_answer(self, exchange: _Exchange, line: str) -> bool:
        """Whether the line belongs to the command under way."""
        command = exchange.command
        if self._is_echo(command, line):
            self._actions.append(ReportEcho())
            return True
        result = _final(line, command)
        if result is not None:
            self._finish(replace(result, lines=tuple(exchange.lines), bodies=tuple(exchange.bodies)))
            return True
        return _collect(exchange, line, self.vocabulary)

    def _is_echo(self, command: AtCommand, line: str) -> bool:
        if line.upper() == command.text.upper():
            return True
        return command.payload is not None and line.startswith(command.payload)

    def _finish(self, result: AtResult) -> None:
        if self._exchange is None:
            return
        token, self._exchange = self._exchange.token, None
        self._prompt_pending = False
        self._actions.append(FinishCommand(token, result))

    # --- no answer ----------------------------------------------------------------------------------------------------

    def _give_up(self, now: float) -> None:
        if self._prompt_pending:
            self._actions.append(WriteBytes(_ESCAPE))
            self._finish(AtResult(Status.NO_PROMPT))
        else:
            self._finish(AtResult(Status.TIMEOUT))
        self._flush = _Flush(asked=0, asked_at=now, deadline=now)
        self._ask_again(self._flush, now)

    def _ask_again(self, flush: _Flush, now: float) -> None:
        flush.asked += 1
        flush.asked_at = now
        flush.deadline = now + FLUSH_TIMEOUT_S
        self._actions.append(WriteBytes(b"AT\r"))

    def _continue_flush(self, flush: _Flush, now: float) -> None:
        if flush.proving:
            flush.proving = False
            flush.deadline = now + LATE_QUIET_S
        elif flush.answered:
            self._flush = None
        elif flush.asked < FLUSH_TRIES:
            self._ask_again(flush, now)
        else:
            self._flush = None
            self._actions.append(ReportSilence())

    def _take_while_flushing(self, flush: _Flush, line: str, now: float) -> None:
        if line in _PLAIN_FINALS or line.startswith(_ERROR_PREFIXES):
            prompt_answer = (flush.answered == 0 or flush.proving) and now - flush.asked_at <= FLUSH_QUIET_S
            flush.answered += 1
            owed = flush.asked + 1 - flush.answered
            if prompt_answer and not flush.proving:
                self._ask_again(flush, now)
                flush.proving = True
            else:
                flush.proving = False
            quiet = flush.proving or prompt_answer or owed <= 0
            flush.deadline = now + (FLUSH_QUIET_S if quiet else LATE_QUIET_S)
        elif line.upper() != "AT":
            self._take_unasked(line)


def _collect(exchange: _Exchange, line: str, vocabulary: UrcVocabulary) -> bool:
    """Takes an information line or its body; False when the line is nobody's answer."""
    command = exchange.command
    match command.shape:
        case AnswerShape.NONE:
            return False
        case AnswerShape.BARE:
            if vocabulary.knows(line) or line.upper().startswith("AT+"):
                return False
            exchange.lines.append(line)
            return True
        case AnswerShape.WITH_BODY if len(exchange.bodies) < len(exchange.lines) and is_hex_line(line):
            exchange.bodies.append(line)
            return True
    if not line.startswith(command.prefixes) or _is_urc_form(line):
        return False
    exchange.lines.append(line)
    return True


def _is_urc_form(line: str) -> bool:
    """A line that has an answer's prefix and yet cannot be one."""
    prefix, _, text = line.partition(":")
    if f"{prefix}:" in _REGISTRATION_PREFIXES:
        return not is_registration_answer(text.strip())
    if prefix == "+CLCC":  # 27.007 §7.18 lists no ended call: state 6 is SIMCom's URC
        fields = text.split(",")
        return len(fields) > 2 and fields[2].strip() == "6"
    return False


def _final(line: str, command: AtCommand) -> AtResult | None:
    """The final result in this line, if it is one for this command (V.250 §5.7.1)."""
    if line in _PLAIN_FINALS:
        status = _PLAIN_FINALS[line]
        return AtResult(status, error="" if status is Status.OK else line)
    if line.startswith(_ERROR_PREFIXES):
        return AtResult(Status.ERROR, error=line, code=parse_error_code(line))
    if command.call_command and line in _CALL_FINALS:
        return AtResult(_CALL_FINALS[line], error=line)
    return None


def _unglued(line: str) -> list[str]:
    """`ERROR+CNUM: …` → two lines; some firmware forgets the line end between them."""
    for word in ("OK", "ERROR"):
        if line.startswith((f"{word}+", f"{word}^")):
            return [word, line[len(word) :]]
    return [line]
