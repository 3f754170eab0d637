"""From command lines to answers: one line at a time, its commands in order, one final result.

A command may answer later (`Later`) or ask for text (`Prompt`); the rest of its chain waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from sim_hardware.modem.at_syntax import Command, parse_line
from sim_hardware.modem.board import Answer, Board, Handler, Prompt
from sim_hardware.modem.replies import DONE, Later, Refusal, Reply


class Dispatcher:
    def __init__(self, board: Board, handlers: Mapping[str, Handler]) -> None:
        self._board = board
        self._handlers = handlers
        self._chain: list[Command] = []
        self._lines: list[str] = []
        self._pending: Later | Prompt | None = None

    @property
    def busy(self) -> bool:
        """A command has not given its final result yet."""
        return self._pending is not None

    @property
    def abortable(self) -> bool:
        return isinstance(self._pending, Later) and self._pending.abortable

    @property
    def prompting(self) -> bool:
        return isinstance(self._pending, Prompt)

    def execute(self, line: str) -> None:
        """Run one command line that begins with AT."""
        self._lines = []
        try:
            self._chain = parse_line(line)
        except ValueError:
            self._conclude("ERROR")
            return
        self._run()

    def reset(self) -> None:
        """Power lost: nothing is under way."""
        self._chain, self._lines, self._pending = [], [], None

    def finish(self, answer: Reply | Refusal) -> None:
        """The pending command's answer has come."""
        if self._pending is None:
            return
        self._pending = None
        self._take(answer)

    def take_text(self, text: str) -> None:
        """The text typed at the prompt, closed by Ctrl-Z."""
        if not isinstance(self._pending, Prompt):
            return
        take = self._pending.take
        self._pending = None
        self._take(self._guarded(partial(take, text)))

    def cancel_text(self) -> None:
        """ESC at the prompt: OK, nothing sent."""
        self._pending = None
        self._take(DONE)

    def _take(self, answer: Answer | Refusal) -> None:
        if self._settled(answer):
            self._run()

    def _run(self) -> None:
        """The chain's commands, until one waits or fails."""
        while self._chain:
            command = self._chain.pop(0)
            if not self._settled(self._guarded(partial(self._handle, command))):
                return
        self._conclude("OK")

    def _settled(self, answer: Answer | Refusal) -> bool:
        """True when the command is done with OK and the chain goes on."""
        match answer:
            case Later() | Prompt():
                self._pending = answer
                if isinstance(answer, Prompt):
                    self._board.wire.prompt()
                return False
            case Refusal():
                self._conclude(answer.result(self._board.registers.number("+CMEE")))
                return False
            case Reply():
                self._lines.extend(answer.lines)
                if answer.final != "OK":
                    self._conclude(answer.final)
                return answer.final == "OK"

    def _handle(self, command: Command) -> Answer:
        handler = self._handlers.get(command.name)
        if handler is None:
            raise Refusal
        return handler(command)

    @staticmethod
    def _guarded(action: Callable[[], Answer]) -> Answer | Refusal:
        try:
            return action()
        except Refusal as refusal:
            return refusal

    def _conclude(self, final: str) -> None:
        lines, self._lines, self._chain = tuple(self._lines), [], []
        self._board.wire.respond(lines, final)
