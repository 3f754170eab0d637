"""Message memories and the commands that only read or tidy them: CPMS, CMGL, CMGR, CMGD (27.005 §3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sim_hardware.modem.at_syntax import Command, Op
from sim_hardware.modem.board import Board, Handler
from sim_hardware.modem.replies import DONE, CmsError, Refusal, Reply, info
from sim_hardware.modem.security import Security
from sim_hardware.modem.sim_card import StoredMessage

UNREAD, READ = 0, 1
_ALL = 4


class MessageStore:
    """Memories "SM" (on the card) and "ME" (in the modem, kept over a restart). Indices count from 0, as on SIMCom."""

    def __init__(self, board: Board, security: Security, freed: Callable[[], None]) -> None:
        """`freed` is called when a full memory has room again."""
        self._board = board
        self._security = security
        self._freed = freed
        self._module_messages: dict[int, StoredMessage] = {}
        self._memories = ["SM", "SM", "SM"]
        """27.005 §3.2.2: <mem1> read and delete, <mem2> write, <mem3> received."""

    def power_up(self) -> None:
        self._memories = ["SM", "SM", "SM"]

    @property
    def names(self) -> tuple[str, ...]:
        return ("SM", "ME") if self._board.profile.me_slots else ("SM",)

    @property
    def receiving(self) -> str:
        return self._memories[2]

    def _messages(self, memory: str) -> dict[int, StoredMessage]:
        if memory == "ME":
            return self._module_messages
        return self._security.sim.messages if self._security.sim is not None else {}

    def _slots(self, memory: str) -> int:
        if memory == "ME":
            return self._board.profile.me_slots
        return self._security.sim.slots if self._security.sim is not None else 0

    def used(self, memory: str) -> int:
        return len(self._messages(memory))

    def full(self, memory: str) -> bool:
        return self.used(memory) >= self._slots(memory)

    def put(self, pdu: str, length: int, status: int = UNREAD) -> int | None:
        """Store a received message; its index, or None when the memory is full."""
        memory = self.receiving
        messages = self._messages(memory)
        index = next((slot for slot in range(self._slots(memory)) if slot not in messages), None)
        if index is not None:
            messages[index] = StoredMessage(status, pdu, length)
        return index

    def fill(self, pdu: str, length: int) -> None:
        """Occupy every free slot with read messages."""
        while not self.full(self.receiving):
            self.put(pdu, length, READ)

    # --- commands -------------------------------------------------------------------------------------------------

    def commands(self) -> Mapping[str, Handler]:
        return {"+CPMS": self._cpms, "+CMGL": self._cmgl, "+CMGR": self._cmgr, "+CMGD": self._cmgd}

    def _cpms(self, command: Command) -> Reply:
        if command.op is Op.TEST:
            group = "(" + ",".join(f'"{name}"' for name in self.names) + ")"
            return info(f"+CPMS: {group},{group},{group}")
        self._security.require_messages()
        match command.op:
            case Op.READ:
                return info("+CPMS: " + ",".join(f'"{name}",{self._figures(name)}' for name in self._memories))
            case Op.WRITE:
                self._choose(command.arguments)
                return info("+CPMS: " + ",".join(self._figures(name) for name in self._memories))
        raise Refusal

    def _choose(self, arguments: list[str]) -> None:
        wanted = [self._memory(word) for word in arguments if word]
        if not 1 <= len(wanted) <= 3:
            raise CmsError(302)
        self._memories[: len(wanted)] = wanted

    def _memory(self, word: str) -> str:
        """ "MT" is both memories together; here it is the one that receives."""
        name = word.upper()
        if name == "MT":
            return self.names[-1]
        if name not in self.names:
            raise CmsError(302)
        return name

    def _figures(self, memory: str) -> str:
        return f"{self.used(memory)},{self._slots(memory)}"

    def _cmgl(self, command: Command) -> Reply:
        if command.op is Op.TEST:
            return info("+CMGL: (0-4)")
        self._security.require_messages()
        wanted = command.argument(0, "0")
        if wanted not in ("0", "1", "2", "3", "4"):
            raise CmsError(304)
        lines: list[str] = []
        for index, message in sorted(self._messages(self._memories[0]).items()):
            if int(wanted) in (_ALL, message.status):
                lines += [f"+CMGL: {index},{message.status},,{message.length}", message.pdu]
                message.status = READ if message.status == UNREAD else message.status
        return info(*lines)

    def _cmgr(self, command: Command) -> Reply:
        if command.op is Op.TEST:
            return DONE
        self._security.require_messages()
        message = self._messages(self._memories[0]).get(self._index(command))
        if message is None:
            raise CmsError(321)
        status, message.status = message.status, READ if message.status == UNREAD else message.status
        return info(f"+CMGR: {status},,{message.length}", message.pdu)

    def _cmgd(self, command: Command) -> Reply:
        memory = self._memories[0]
        if command.op is Op.TEST:
            return info(f"+CMGD: ({','.join(str(i) for i in sorted(self._messages(memory)))}),(0-4)")
        self._security.require_messages()
        index, flag = self._index(command), command.argument(1, "0")
        if flag not in ("0", "1", "2", "3", "4"):
            raise CmsError(304)
        messages = self._messages(memory)
        doomed = [slot for slot, message in messages.items() if _deleted(slot, message.status, index, int(flag))]
        for slot in doomed:
            del messages[slot]
        if doomed:
            self._board.soon(self._freed)
        return DONE

    def _index(self, command: Command) -> int:
        word = command.argument(0)
        if command.op is not Op.WRITE or not word.isdecimal() or int(word) >= self._slots(self._memories[0]):
            raise CmsError(321)
        return int(word)


def _deleted(slot: int, status: int, index: int, flag: int) -> bool:
    """27.005 §3.5.4 <delflag>: 0 the index, 1 all read, 2 and sent, 3 and unsent, 4 everything."""
    if flag == 0:
        return slot == index
    return status in {1: (1,), 2: (1, 3), 3: (1, 2, 3), 4: (0, 1, 2, 3)}[flag]
