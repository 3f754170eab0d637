"""The asyncio shell of an `AtChannel`: a byte stream, one timer, and futures for those who wait for an answer.

Everything runs on the event loop's thread. URCs go to `on_urc` at once, within the call that brought the bytes, so that
an answer can be written before anything else happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hal.at.channel import (
    AtChannel,
    BytesReceived,
    ChannelAction,
    ChannelEvent,
    CommandSubmitted,
    DeliverUrc,
    FinishCommand,
    PortClosed,
    QuietAsked,
    ReportEcho,
    ReportSilence,
    TimePassed,
    WriteBytes,
)
from hal.at.commands import AtCommand, AtResult, Status
from hal.at.parsers import UrcVocabulary
from hal.interfaces import ByteStream, Clock, Moment

OnResult = Callable[[AtResult], None]
OnWire = Callable[[str, bytes, Moment], None]
"""Direction `<` (from the modem) or `>`, the bytes, when."""

_WRITE_AGAIN_S = 0.01
_MAX_UNWRITTEN_BYTES = 4096
"""A port that takes nothing is dead; the silence of its answers says so."""


class AtPort:
    """Opens and closes the stream any number of times; a fresh channel state each time.

    `on_urc(line, body)`, `on_silence()`, `on_echo()` and `on_lost(reason)` are set by the owner before `open`.
    """

    def __init__(
        self, stream: ByteStream, clock: Clock, vocabulary: UrcVocabulary, on_wire: OnWire | None = None
    ) -> None:
        self.on_urc: Callable[[str, str | None], None] = lambda _line, _body: None
        self.on_silence: Callable[[], None] = lambda: None
        self.on_echo: Callable[[], None] = lambda: None
        self.on_lost: Callable[[str], None] = lambda _reason: None
        self.last_heard_mono = float("-inf")
        """When the modem last said anything."""
        self._stream = stream
        self._clock = clock
        self._channel = AtChannel(vocabulary)
        self._on_wire = on_wire
        self._callbacks: dict[int, OnResult] = {}
        self._tokens = 0
        self._timer: asyncio.TimerHandle | None = None
        self._unwritten = b""
        self._write_timer: asyncio.TimerHandle | None = None
        self._is_open = False

    @property
    def is_open(self) -> bool:
        return self._is_open

    def use(self, vocabulary: UrcVocabulary) -> None:
        """The family is known now."""
        self._channel.vocabulary = vocabulary

    def open(self) -> None:
        """Raises `OSError` when the port cannot be had."""
        self._stream.open(self._heard, self._lost)
        self._is_open = True

    def close(self) -> None:
        """Ends everything under way with `Status.DROPPED`; harmless when closed."""
        if self._is_open:
            self._is_open = False
            self._stream.close()
        for timer in (self._timer, self._write_timer):
            if timer is not None:
                timer.cancel()
        self._timer = self._write_timer = None
        self._unwritten = b""
        self._handle(PortClosed())

    def submit(self, command: AtCommand, on_result: OnResult) -> None:
        """Queue a command; `on_result` is called exactly once, at the latest when the port closes."""
        if not self._is_open:
            on_result(AtResult(Status.DROPPED))
            return
        self._tokens += 1
        self._callbacks[self._tokens] = on_result
        self._handle(CommandSubmitted(self._tokens, command))

    async def ask(self, command: AtCommand) -> AtResult:
        """Queue a command and wait for its result, whatever it is."""
        answer: asyncio.Future[AtResult] = asyncio.get_running_loop().create_future()

        def resolve(result: AtResult) -> None:
            if not answer.done():
                answer.set_result(result)

        self.submit(command, resolve)
        return await answer

    def keep_polls_away(self, seconds: float) -> None:
        """No poll starts within this time: a ring is being decided about."""
        self._handle(QuietAsked(self._clock.now().mono + seconds))

    # --- the stream's callbacks

    def _heard(self, data: bytes) -> None:
        now = self._clock.now()
        self.last_heard_mono = now.mono
        if self._on_wire is not None:
            self._on_wire("<", data, now)
        self._handle(BytesReceived(data), now)

    def _lost(self, reason: str) -> None:
        self.close()
        self.on_lost(reason)

    # --- the channel

    def _handle(self, event: ChannelEvent, now: Moment | None = None) -> None:
        now = now or self._clock.now()
        for action in self._channel.handle(event, now):
            self._perform(action)
        self._arm()

    def _perform(self, action: ChannelAction) -> None:
        match action:
            case WriteBytes(data):
                self._write(data)
            case FinishCommand(token, result):
                self._callbacks.pop(token)(result)
            case DeliverUrc(line, body):
                self.on_urc(line, body)
            case ReportEcho():
                self.on_echo()
            case ReportSilence():
                self.on_silence()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._channel.next_deadline
        if deadline is None or not self._is_open:
            return
        delay_s = delay_until(deadline, self._clock.now())
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._handle(TimePassed())

    def _write(self, data: bytes) -> None:
        if self._on_wire is not None:
            self._on_wire(">", data, self._clock.now())
        if len(self._unwritten) + len(data) > _MAX_UNWRITTEN_BYTES:
            return
        self._unwritten += data
        if self._write_timer is None:
            self._drain()

    def _drain(self) -> None:
        self._write_timer = None
        if not self._is_open:
            return
        taken = self._stream.write(self._unwritten)
        self._unwritten = self._unwritten[taken:]
        if self._unwritten:
            self._write_timer = asyncio.get_running_loop().call_later(_WRITE_AGAIN_S, self._drain)


def delay_until(deadline: float, now: Moment) -> float:
    """Seconds for `call_later`. A deadline still ahead is never less than 0.1 ms away: a timer that fires a rounding
    error early must not find its deadline just ahead for ever."""
    return 0.0 if deadline <= now.mono else max(deadline - now.mono, 1e-4)
