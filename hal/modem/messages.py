"""SMS of one modem: what is stored is read, deleted and reported; texts are sent part by part (27.005).

Invariants: a message is reported once, after the module was told to delete it (a full store takes no more messages);
one that cannot be deleted is remembered and not reported again; one text is sent at a time, and rather not begun while
a call is being decided about: nothing else can be said to the module between the prompt and its answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from hal.at.answers import parse_stored
from hal.at.commands import AnswerShape, AtCommand, AtResult, Priority, Status
from hal.at.sms_pdu import DeliveredPart, StatusReport, SubmitPdu, decode, encode_submit
from hal.errors import UndecodablePduError
from hal.interfaces import CommandDone, CommandFailed, ModemSink, SendSms, SmsPartReceived
from hal.modem.at_port import AtPort
from hal.modem.causes import cause_of_result
from hal.modem.profile import ModemProfile

_log = logging.getLogger(__name__)

_ALL_MESSAGES = 4  # 27.005 §3.1 <stat> in PDU mode


class MessageBox:
    """`calm` returns when no call is being decided about."""

    def __init__(
        self, name: str, at: AtPort, profile: ModemProfile, sink: ModemSink, calm: Callable[[], Awaitable[None]]
    ) -> None:
        self._name = name
        self._at = at
        self._profile = profile
        self._sink = sink
        self._calm = calm
        self._sending = asyncio.Lock()
        self._reading = asyncio.Lock()
        self._memory = profile.message_memory
        self._undeletable: set[tuple[int, str]] = set()
        self._reference = 0

    @property
    def sending(self) -> bool:
        """A message is on its way out, in one part or several."""
        return self._sending.locked()

    # --- received

    async def read_all(self) -> None:
        """Everything in the store: at start, and from time to time for a lost +CMTI."""
        async with self._reading:
            await self._choose_memory(self._profile.message_memory)
            question = AtCommand(
                f"AT+CMGL={_ALL_MESSAGES}", self._profile.timeouts.supplementary_s, AnswerShape.WITH_BODY, ("+CMGL:",),
                Priority.POLL,
            )  # fmt: skip
            await self._take_stored(await self._at.ask(question), None)

    async def read_one(self, memory: str, index: int) -> None:
        """After +CMTI. An empty place is normal: the indication may be doubled, or `read_all` was faster."""
        async with self._reading:
            await self._choose_memory(memory)
            question = AtCommand(
                f"AT+CMGR={index}", self._profile.timeouts.query_s, AnswerShape.WITH_BODY, ("+CMGR:",), Priority.POLL
            )
            await self._take_stored(await self._at.ask(question), index)

    def take_direct(self, pdu: str) -> None:
        """+CMT: nothing to delete."""
        self._report(pdu)

    def take_report(self, pdu: str) -> None:
        """+CDS: we ask for no reports; another program's are noted."""
        try:
            report = decode(pdu)
        except UndecodablePduError as error:
            _log.warning("%s: delivery report not understood: %s", self._name, error)
            return
        if isinstance(report, StatusReport):
            _log.info("%s: message %d: %s", self._name, report.reference, report.outcome.value)

    async def _choose_memory(self, memory: str) -> None:
        if memory == self._memory:
            return
        result = await self._at.ask(AtCommand(f'AT+CPMS="{memory}"', priority=Priority.POLL))
        if result.ok:
            self._memory = memory

    async def _take_stored(self, result: AtResult, asked_index: int | None) -> None:
        for line, body in zip(result.lines, result.bodies, strict=False):
            stored = parse_stored(line, body)
            index = asked_index if stored is None or stored.index is None else stored.index
            if stored is None or index is None or (index, stored.pdu) in self._undeletable:
                continue
            deleted = await self._at.ask(AtCommand(f"AT+CMGD={index}", priority=Priority.POLL))
            if deleted.status is Status.DROPPED:
                return  # still stored, most likely: it is read again after the next bring-up
            if not deleted.ok:
                _log.warning("%s: message %d cannot be deleted: %s", self._name, index, deleted.describe())
                self._undeletable.add((index, stored.pdu))
            self._report(stored.pdu)

    def _report(self, pdu: str) -> None:
        try:
            message = decode(pdu)
        except UndecodablePduError as error:
            _log.warning("%s: a message was not understood and is gone: %s", self._name, error)
            return
        if isinstance(message, DeliveredPart):
            self._sink(
                SmsPartReceived(
                    message.sender, message.text, message.sent_at, message.reference, message.part, message.parts
                )
            )

    # --- sent

    async def send(self, command: SendSms) -> CommandDone | CommandFailed:
        """All parts in order; the first refusal ends it."""
        self._reference = self._reference % 255 + 1
        try:
            pdus = encode_submit(command.number, command.text, self._reference)
        except ValueError as error:
            return CommandFailed(command.token, str(error))
        async with self._sending:
            for place, pdu in enumerate(pdus, start=1):
                await self._calm()
                result = await self._submit(pdu)
                if not result.ok:
                    reason = f"part {place} of {len(pdus)} was refused: {result.describe()}"
                    return CommandFailed(command.token, reason, cause_of_result(result))
        return CommandDone(command.token)

    async def _submit(self, pdu: SubmitPdu) -> AtResult:
        command = AtCommand(
            f"AT+CMGS={pdu.tpdu_octets}",
            self._profile.timeouts.message_s,
            AnswerShape.PREFIXED,
            ("+CMGS:",),
            Priority.POLL,
            payload=pdu.text,
        )
        return await self._at.ask(command)
