"""Opens and closes a module's PCM port along with its calls (AT+CPCMREG on SIMCom).

Acceptance comes late: refusals are normal for some seconds after the call became active, so the request is repeated.
Invariants: `AudioOpened` is reported once per call and only while the call is up; the port never stays open without a
call; close commands go out before a hang-up where the order of things allows it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from enum import Enum
from typing import Protocol

from hal.at.commands import AnswerShape, AtCommand, AtResult, Priority, Status
from hal.interfaces import AudioFailed, AudioOpened, Clock, ModemSink
from hal.modem.at_port import AtPort
from hal.modem.profile import AudioDialect
from hal.modem.voice_health import VoiceHealth

_log = logging.getLogger(__name__)

_COMMAND_TIMEOUT_S = 5.0
_LEAST_REFUSALS = 4
"""A port that answers late leaves room for few tries in the window: the window alone proves nothing."""
_MEASURE_AFTER_S = 3.0
_RATE_TOLERANCE = 0.05


class VoicePort(Protocol):
    """The host's end of the PCM port, as far as the driver switches it."""

    def set_open(self, is_open: bool) -> None:
        """Starts or stops the stream, emptying every buffer. Raises `OSError` when the port cannot be had."""
        ...

    def close(self) -> None:
        """Ends the stream and releases the port; harmless when closed. `set_open` may follow."""
        ...

    @property
    def byte_rate(self) -> float | None:
        """Bytes per second received since it was opened; None while too little time has passed."""
        ...


class Phase(Enum):
    NO_CALL = "no-call"
    SETUP = "setup"
    UP = "up"


class VoicePath:
    """`follow(phase)` is all it needs to be told; `release(then)` closes before a hang-up."""

    def __init__(
        self, name: str, at: AtPort, clock: Clock, dialect: AudioDialect | None, port: VoicePort | None, sink: ModemSink
    ) -> None:
        self.health = VoiceHealth()
        self.on_stuck: Callable[[], None] = lambda: None
        """A call has shown that `health.stuck` is true."""
        self._name = name
        self._at = at
        self._clock = clock
        self._dialect = dialect
        self._port = port
        self._sink = sink
        self._phase = Phase.NO_CALL
        self._accepted = False
        self._reported = False
        self._asking = False
        self._refusals = 0
        self._window_ends = float("inf")
        self._timers: list[asyncio.TimerHandle] = []

    def follow(self, phase: Phase) -> None:
        """The calls of the modem are in this phase now."""
        if phase is self._phase:
            return
        before, self._phase = self._phase, phase
        if self._dialect is None:
            if phase is Phase.UP:  # answered all the same: who waits for its voice must not wait for ever
                self._fail("the line has no PCM port")
            return
        if phase is Phase.NO_CALL:
            self.release(lambda: None)
            return
        if phase is Phase.UP:
            self._refusals = 0
            self._window_ends = self._clock.now().mono + self._dialect.window_s
            if self._accepted:
                self._report_open()
        if before is Phase.NO_CALL or phase is Phase.UP:
            self._try_open()

    def release(self, then: Callable[[], None], *, in_any_case: bool = False) -> None:
        """Close the path where it is open, whatever the module says to that, and go on with `then`.

        `in_any_case`: the module is told also where we did not open it.
        """
        self._cancel_timers()
        was_open, self._accepted, self._reported = self._accepted, False, False
        self._phase = Phase.NO_CALL
        if self._port is not None:
            self._port.set_open(False)
        if (was_open or in_any_case) and self._dialect is not None:
            self._close(self._dialect.close, then)
        else:
            then()

    def forget(self) -> None:
        """The port of the modem is gone: nothing to ask any more."""
        self._cancel_timers()
        self._accepted = self._reported = self._asking = False
        self._phase = Phase.NO_CALL
        if self._port is not None:
            self._port.set_open(False)

    # --- opening

    def _try_open(self) -> None:
        dialect = self._dialect
        if dialect is None or self._asking or self._accepted or self._phase is Phase.NO_CALL:
            return
        self._asking = True
        self._at.submit(AtCommand(dialect.open, _COMMAND_TIMEOUT_S, priority=Priority.FOLLOW_UP), self._answered)

    def _answered(self, result: AtResult) -> None:
        self._asking = False
        dialect = self._dialect
        if dialect is None or result.status is Status.DROPPED:
            return
        if self._phase is Phase.NO_CALL:
            if result.ok:  # the call ended while we asked
                self._close(dialect.close, lambda: None)
            return
        if result.ok:
            self._open()
            return
        self._refusals += 1
        now = self._clock.now().mono
        if self._phase is Phase.UP and now >= self._window_ends and self._refusals >= _LEAST_REFUSALS:
            self._fail(f"the module refused {dialect.open} for {dialect.window_s:.0f} s ({result.describe()})")
            self.health.refused(dialect.stuck)
            self._tell_if_stuck()
            return
        pause_s = dialect.retry_s if self._phase is Phase.UP else dialect.retry_in_setup_s
        self._later(pause_s, self._try_open)

    def _open(self) -> None:
        self._accepted = True
        if self._port is not None:
            try:
                self._port.set_open(True)
            except OSError as error:
                self._fail(f"the PCM port cannot be opened: {error}")
                return
            self._later(_MEASURE_AFTER_S, self._measure)
        if self._phase is Phase.UP:
            self._report_open()
        self._confirm()

    def _report_open(self) -> None:
        if not self._reported and self._dialect is not None:
            self._reported = True
            self._sink(AudioOpened())
            self.health.opened_after(self._refusals, self._dialect.stuck)
            self._tell_if_stuck()

    def _tell_if_stuck(self) -> None:
        if self.health.stuck:
            self.on_stuck()

    def _confirm(self) -> None:
        """An OK is not always meant: the module's own word decides."""
        dialect = self._dialect
        if dialect is None:
            return
        prefix = dialect.confirmed.partition(":")[0] + ":"
        question = AtCommand(dialect.confirm, _COMMAND_TIMEOUT_S, AnswerShape.PREFIXED, (prefix,), Priority.FOLLOW_UP)
        self._at.submit(question, self._confirmed)

    def _confirmed(self, result: AtResult) -> None:
        dialect = self._dialect
        if dialect is None or not self._accepted or not result.lines or result.first.startswith(dialect.confirmed):
            return
        _log.warning("%s: the module said OK to %s and then %r; asking again", self._name, dialect.open, result.first)
        self._accepted = False
        self._later(dialect.retry_s, self._try_open)

    def _fail(self, reason: str) -> None:
        self.health.failed += 1
        _log.warning("%s: no voice: %s", self._name, reason)
        self._sink(AudioFailed(reason))

    def _measure(self) -> None:
        """A rate that is not the configured one sounds like noise: say it before somebody wonders."""
        dialect = self._dialect
        rate = self._port.byte_rate if self._port is not None else None
        if dialect is None or rate is None:
            return
        if abs(rate - dialect.rate_bytes_s) > _RATE_TOLERANCE * dialect.rate_bytes_s:
            _log.warning("%s: PCM comes at %.0f B/s instead of %d", self._name, rate, dialect.rate_bytes_s)

    # --- closing

    def _close(self, commands: tuple[str, ...], then: Callable[[], None]) -> None:
        """The first spelling the firmware accepts; failures are no news."""
        if not commands:
            then()
            return

        def next_spelling(result: AtResult) -> None:
            self._close(() if result.ok else commands[1:], then)

        self._at.submit(AtCommand(commands[0], _COMMAND_TIMEOUT_S, priority=Priority.CALL), next_spelling)

    # --- timers

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        self._timers = [timer for timer in self._timers if timer.when() > asyncio.get_running_loop().time()]
        self._timers.append(asyncio.get_running_loop().call_later(seconds, action))

    def _cancel_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
