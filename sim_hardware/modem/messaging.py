"""Short messages in and out: CMGS in PDU mode, delivery by CNMI, status reports (27.005 §3.4, §3.5).

Nothing received is ever lost: what finds no memory, no card or no network waits at the network's side (`_undelivered`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from sim_hardware.modem.agenda import Timer
from sim_hardware.modem.at_syntax import Command, Op
from sim_hardware.modem.board import Answer, Board, Handler, Prompt
from sim_hardware.modem.events import MessageAccepted, MessageArrived, MessageRefused, SubmitMessage
from sim_hardware.modem.message_store import MessageStore
from sim_hardware.modem.pdu import Deliver, Part, Submit, split, status_report
from sim_hardware.modem.radio import Radio
from sim_hardware.modem.replies import DONE, CmeError, CmsError, Later, Refusal, Reply, info
from sim_hardware.modem.security import Security
from sim_hardware.modem.wall_clock import WallClock

_NETWORK_TIMEOUT_S = 60.0
_PART_TAKEN_S = 0.3
"""What the network needs for a part that is not the last."""
_REPORT_S = 2.0
"""From the network's yes to the far end's delivery report."""
_ACKNOWLEDGE_S = 20.0
"""27.005 §3.4.4: an unacknowledged +CMT is stored and direct delivery switched off."""
_TO_HOST, _STORED = 2, 1
"""27.005 §3.4.1 <mt>."""


@dataclass(slots=True)
class _Sending:
    """The message behind a pending AT+CMGS."""

    reference: int
    submit: Submit
    timeout: Timer


@dataclass(slots=True)
class _Assembly:
    """Parts of one long message that are in so far."""

    texts: dict[int, str] = field(default_factory=dict)


class Messaging:
    def __init__(
        self,
        board: Board,
        security: Security,
        radio: Radio,
        clock: WallClock,
        finish: Callable[[Reply | Refusal], None],
    ) -> None:
        self._board = board
        self._security = security
        self._radio = radio
        self._clock = clock
        self._finish = finish
        self.store = MessageStore(board, security, self.deliver_waiting)
        self._service_centre = ""
        self._service = 0
        """AT+CSMS; 1: the host acknowledges +CMT by AT+CNMA."""
        self._message_reference = 0
        self._tokens = 0
        self._sending: dict[int, _Sending] = {}
        self._assemblies: dict[tuple[str, int, int], _Assembly] = {}
        self._long_reference = 0
        self._undelivered: deque[tuple[str, int]] = deque()
        self._unacknowledged: tuple[str, int] | None = None
        self._full_said = False

    def power_up(self) -> None:
        self.store.power_up()
        self._service = 0
        self._service_centre = ""
        self._sending.clear()
        self._assemblies.clear()
        if self._unacknowledged is not None:
            self._undelivered.appendleft(self._unacknowledged)
            self._unacknowledged = None

    # --- towards the host -----------------------------------------------------------------------------------------

    def arrived(self, event: MessageArrived) -> None:
        """One message of the network, in as many parts as it needs."""
        pieces = split(event.text)
        self._long_reference = self._long_reference % 255 + 1
        for number, piece in enumerate(pieces, start=1):
            part = Part(self._long_reference, len(pieces), number) if len(pieces) > 1 else None
            deliver = Deliver(event.sender, piece, event.sent_at, part)
            self._undelivered.append(deliver.to_hex(self._centre()))
        self.deliver_waiting()

    def deliver_waiting(self) -> None:
        """Hand over what waits, as long as the modem takes it."""
        while self._undelivered and self._reachable():
            if not self._delivered(*self._undelivered[0]):
                return
            self._undelivered.popleft()

    def _reachable(self) -> bool:
        return (
            self._security.ready
            and self._board.now_s >= max(self._security.messages_from_s, self._security.busy_until_s)
            and self._radio.registered
            and self._unacknowledged is None
        )

    def _delivered(self, pdu: str, length: int) -> bool:
        """Direct, or stored with an indication; False when the memory is full."""
        if self._board.registers.number("+CNMI", 1) == _TO_HOST:
            self._board.urc(f"+CMT: ,{length}", pdu)
            if self._service == 1:
                message = (pdu, length)
                self._unacknowledged = message
                self._board.later(_ACKNOWLEDGE_S, partial(self._give_up_direct, message))
            return True
        index = self.store.put(pdu, length)
        if index is None:
            self._say_full()
            return False
        self._full_said = False
        if self._board.registers.number("+CNMI", 1) == _STORED:
            self._board.urc(f'+CMTI: "{self.store.receiving}",{index}')
        return True

    def _say_full(self) -> None:
        if not self._full_said:
            self._full_said = True
            self._board.urc(self._board.profile.sms_full_line)

    def _give_up_direct(self, message: tuple[str, int]) -> None:
        if self._unacknowledged is message:
            self._unacknowledged = None
            self._board.registers.put("+CNMI", 1, "0")
            self._undelivered.appendleft(message)
            self.deliver_waiting()

    def fill_store(self) -> None:
        """Every slot taken, by old messages of the operator."""
        deliver = Deliver("+84901000000", "Thong bao cu", self._clock.wall_s)
        self.store.fill(*deliver.to_hex(self._centre()))
        self._say_full()

    # --- towards the network --------------------------------------------------------------------------------------

    def accepted(self, event: MessageAccepted) -> None:
        sending = self._sending.pop(event.token, None)
        if sending is not None:
            self._sent(sending)

    def refused(self, event: MessageRefused) -> None:
        sending = self._sending.pop(event.token, None)
        if sending is not None:
            sending.timeout.cancel()
            self._finish(CmsError(event.cause))

    def _sent(self, sending: _Sending) -> None:
        sending.timeout.cancel()
        if sending.submit.report_wanted:
            sent_at = self._clock.wall_s
            self._board.later(_REPORT_S, partial(self._report, sending.reference, sending.submit.called, sent_at))
        self._finish(info(f"+CMGS: {sending.reference}"))

    def _report(self, reference: int, called: str, sent_at: float) -> None:
        """27.005 §3.4.1 <ds>: 1 direct, 2 stored, 0 not at all."""
        pdu, length = status_report(reference, called, sent_at, self._clock.wall_s, 0, self._centre())
        match self._board.registers.number("+CNMI", 3):
            case 1:
                self._board.urc(f"+CDS: {length}", pdu)
            case 2:
                index = self.store.put(pdu, length)
                if index is not None:
                    self._board.urc(f'+CDSI: "{self.store.receiving}",{index}')

    def _centre(self) -> str:
        card = self._security.card
        return self._service_centre or (card.service_centre if card is not None else "")

    # --- commands -------------------------------------------------------------------------------------------------

    def commands(self) -> Mapping[str, Handler]:
        return {
            **self.store.commands(),
            "+CMGS": self._cmgs,
            "+CSMS": self._csms,
            "+CNMA": self._cnma,
            "+CSCA": self._csca,
            "+CNMI": self._cnmi,
        }

    def _cmgs(self, command: Command) -> Answer:
        if command.op is Op.TEST:
            return DONE
        self._security.require_messages()
        length = command.argument(0)
        if command.op is not Op.WRITE or not length.isdecimal() or not 7 <= int(length) <= 232:
            raise CmsError(304)
        return Prompt(partial(self._submit, int(length)))

    def _submit(self, length: int, text: str) -> Later:
        try:
            submit = Submit.from_hex(text, length)
        except ValueError as error:
            raise CmsError(304) from error
        if not self._radio.registered:
            raise CmsError(331)
        self._message_reference = (self._message_reference + 1) % 256
        self._tokens += 1
        token = self._tokens
        timeout = self._board.later(_NETWORK_TIMEOUT_S, lambda: self.refused(MessageRefused(token, 332)))
        self._sending[token] = _Sending(self._message_reference, submit, timeout)
        whole = self._assembled(submit)
        if whole is None:
            self._board.later(_PART_TAKEN_S, lambda: self.accepted(MessageAccepted(token)))
        else:
            parts = submit.part.total if submit.part else 1
            self._board.emit(SubmitMessage(token, submit.called, whole, parts))
        return Later()

    def _assembled(self, submit: Submit) -> str | None:
        """The whole text once every part is in."""
        part = submit.part
        if part is None:
            return submit.text
        key = (submit.called, part.reference, part.total)
        texts = self._assemblies.setdefault(key, _Assembly()).texts
        texts[part.number] = submit.text
        if len(texts) < part.total:
            return None
        del self._assemblies[key]
        return "".join(texts[number] for number in sorted(texts))

    def _csms(self, command: Command) -> Reply:
        match command.op:
            case Op.TEST:
                return info("+CSMS: (0,1)")
            case Op.READ:
                return info(f"+CSMS: {self._service},1,1,1")
            case Op.WRITE if command.argument(0) in ("0", "1"):
                self._service = int(command.argument(0))
                return info("+CSMS: 1,1,1")
        raise CmsError(302)

    def _cnma(self, command: Command) -> Reply:
        if command.op is Op.TEST:
            return info("+CNMA: (0-2)")
        if self._unacknowledged is None:
            raise CmsError(340)  # 27.005 §3.2.5: no +CNMA acknowledgement expected
        self._unacknowledged = None
        self._board.soon(self.deliver_waiting)
        return DONE

    def _csca(self, command: Command) -> Reply:
        if command.op is Op.TEST:
            return DONE
        self._security.require()
        if command.op is Op.READ:
            number = self._centre()
            kind = 145 if number.startswith("+") else 129
            if self._board.registers.word("+CSCS") == "UCS2":
                number = number.encode("utf-16-be").hex().upper()
            return info(f'+CSCA: "{number}",{kind}')
        number = command.argument(0)
        if command.op is not Op.WRITE or not number.lstrip("+").isdecimal():
            raise CmeError(50)
        self._service_centre = number
        return DONE

    def _cnmi(self, command: Command) -> Reply:
        if command.op is Op.WRITE:
            self._security.require_messages()
        return self._board.registers.handle(command)
