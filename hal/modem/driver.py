"""One modem under one driver: open, bring up, serve, notice its loss, recover, begin again.

Invariants: `ModemReady` and `ModemLost` alternate (but that a module has no profile is told also after its port was
absent); every token gets exactly one outcome, also when the modem is away; events reach the sink on the event loop,
those of a RING within the call that brought its bytes. All timers are the loop's, all time the injected clock's, so
that the driver also runs in virtual time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import replace
from functools import partial

from hal.at.commands import AtCommand, Priority
from hal.at.values import (
    Booted,
    BootStep,
    MessageArrived,
    MessageStored,
    ReportArrived,
    SimTold,
    StorageFull,
    SupplyWarned,
    Urc,
)
from hal.errors import AmbiguousHardwareError, ConfigurationError, HalError, ModemError
from hal.interfaces import (
    ByteStream,
    Clock,
    CommandFailed,
    ModemCommand,
    ModemEvent,
    ModemIdentity,
    ModemLost,
    ModemReady,
    ModemSink,
    SendSms,
    SimState,
)
from hal.modem.at_port import AtPort, OnWire
from hal.modem.bring_up import choose_profile, clear_stale_calls, configure, get_attention, identify, introduce
from hal.modem.calling import Calling
from hal.modem.messages import MessageBox
from hal.modem.profile import ModemProfile
from hal.modem.profiles import PROFILES
from hal.modem.radio import Radio
from hal.modem.recovery import Recovery
from hal.modem.registry import vocabulary_of_all
from hal.modem.service import Service
from hal.modem.sim_card import PinMemory, SimCard
from hal.modem.upkeep import (
    DriverHealth,
    DriverOptions,
    keep_alive,
    wait_for_calm,
    wait_to_cure,
    watch_for_stale_calls,
    watch_messages,
    watch_radio,
)
from hal.modem.voice_path import VoicePath, VoicePort

_log = logging.getLogger(__name__)

_BOOT_TAIL_S = 60.0
"""SMS DONE and PB DONE may trail a bring-up by this long; later they tell of a restart whose RDY was missed."""
_RESET_TIMEOUT_S = 10.0


class ModemDriver:
    """`hal.interfaces.Modem` for every family with a profile. `profile` None: found by AT+CGMI and AT+CGMM.
    `carries_voice` False: its PCM port is not connected to us, so that it takes no calls."""

    def __init__(
        self,
        name: str,
        stream: ByteStream,
        clock: Clock,
        sink: ModemSink,
        *,
        profile: ModemProfile | None = None,
        pin: str | None = None,
        voice_port: VoicePort | None = None,
        carries_voice: bool = True,
        options: DriverOptions | None = None,
        on_wire: OnWire | None = None,
    ) -> None:
        self.health = DriverHealth()
        self._name = name
        self._clock = clock
        self._sink = sink
        self._configured = profile
        self._found: ModemProfile | None = None  # what it was when it last told
        self._voice_port = voice_port
        self._carries_voice = carries_voice
        self._options = options or DriverOptions()
        self._pin = PinMemory(pin)
        self._at = AtPort(stream, clock, vocabulary_of_all(), on_wire)
        self._at.on_urc = self._on_line
        self._at.on_silence = self._on_silence
        self._at.on_echo = self._on_echo
        self._at.on_lost = self._lose
        self._recovery = Recovery(name)
        self._life: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._service: Service | None = None
        self._ready_at: float | None = None
        """Monotonic; None while commands are not welcome."""
        self._attentive = False
        """AT has answered on this connection: silence and boot lines mean a loss from now on."""
        self._booting = False
        """The module told of its start during this connection."""
        self._loss: asyncio.Future[str] | None = None
        self._reset_reason: str | None = None
        """The module is being reset by us: whatever it says now, this is why it was lost."""
        self._lost_reason: str | None = None  # as last reported; None while it is ready
        self._curing = False
        self._unsupported = False  # it answers well, and we have no profile for it
        self._settling = False

    # --- the contract

    def start(self) -> None:
        """Begin; harmless when begun."""
        if self._life is None:
            self._life = asyncio.get_running_loop().create_task(self._live(), name=f"modem {self._name}")
            self._life.add_done_callback(self._complain)

    def perform(self, command: ModemCommand) -> None:
        service = self._service
        if service is None or self._ready_at is None or self._reset_reason is not None:
            self._sink(CommandFailed(command.token, "the modem is not ready"))
        elif isinstance(command, SendSms):
            self._spawn(self._send_sms(service, command))
        else:
            service.calling.perform(command)

    def signs_off(self, reason: str) -> None:
        self._recovery.signs_off()
        self._lose(reason)

    async def close(self) -> None:
        """End every task, give up what was asked for, release the ports. Calls that are up stay with the modem."""
        life, self._life = self._life, None
        if life is not None:
            life.cancel()
            await asyncio.gather(life, return_exceptions=True)
        await self._end_service("the driver was closed")
        if self._voice_port is not None:
            self._voice_port.close()

    # --- one life: connection after connection

    async def _live(self) -> None:
        while True:
            try:
                reason = await self._serve_once()
            except Exception as error:  # noqa: BLE001 - logged with its trace; the next connection begins afresh
                reason = f"fault in the driver: {error!r}"
                _log.exception("%s: %s", self._name, reason)
            self.health.losses += self._ready_at is not None
            was_ready, self._ready_at = self._ready_at is not None, None
            await self._end_service(reason)
            if self._lost_reason is None or (self._unsupported and reason != self._lost_reason):
                self._lost_reason = reason
                _log.warning("%s: lost: %s", self._name, reason)
                self._sink(ModemLost(reason))
            await asyncio.sleep(self._recovery.failed(was_ready=was_ready, booting=self._booting))

    async def _serve_once(self) -> str:
        """From opening the port to its loss; the reason of the loss."""
        self._loss = asyncio.get_running_loop().create_future()
        self._attentive = self._booting = self._unsupported = False
        self._reset_reason = None
        try:
            self._at.open()
        except OSError as error:
            return f"the port cannot be opened: {error}; is the modem plugged in?"
        self.health.connections += 1
        try:
            identity = await self._set_up()
        except (ConfigurationError, AmbiguousHardwareError) as error:
            self._unsupported = True
            self._recovery.is_unsupported()
            return str(error)
        except HalError as error:
            return self._loss.result() if self._loss.done() else str(error)
        self._become_ready(identity)
        return await self._loss

    async def _set_up(self) -> ModemIdentity:
        known = self._configured or self._found
        boot_s = (known or PROFILES[0]).timeouts.boot_s
        await self._recovery.before_bring_up(self._at, known)
        await get_attention(self._name, self._at, self._clock, boot_s)
        self._attentive = True
        introduction = await introduce(self._name, self._at)
        profile = self._found = choose_profile(introduction, self._configured)
        self._at.use(profile.vocabulary)
        service = self._service = self._make_service(profile)
        await service.sim.make_ready()
        await configure(self._name, self._at, profile, service.sim)
        await clear_stale_calls(self._name, self._at, profile)
        identity = await identify(self._name, self._at, introduction, profile)
        return identity if self._carries_voice else replace(identity, voice=False)

    def _make_service(self, profile: ModemProfile) -> Service:
        dialect = profile.audio if self._carries_voice else None
        voice = VoicePath(self._name, self._at, self._clock, dialect, self._voice_port, self._sink)
        voice.health = self.health.voice
        voice.on_stuck = self._voice_stuck
        calling = Calling(self._at, self._clock, profile, voice, self._sink)
        calling.on_stuck = lambda: self._reset_module("a call stays in the module's list after its end; resetting it")
        calm = partial(wait_for_calm, calling, self._clock)
        return Service(
            profile=profile,
            sim=SimCard(self._name, self._at, self._clock, profile, self._pin, self._sink),
            radio=Radio(self._at, self._sink, in_call=lambda: not calling.idle),
            calling=calling,
            messages=MessageBox(self._name, self._at, profile, self._sink, calm),
        )

    def _become_ready(self, identity: ModemIdentity) -> None:
        service = self._service
        if service is None or (self._loss is not None and self._loss.done()):
            return
        self._ready_at = self._clock.now().mono
        self._lost_reason = None
        self._recovery.succeeded()
        _log.info("%s: ready: %s %s", self._name, identity.model, identity.revision)
        self._sink(ModemReady(identity))
        self._spawn(watch_radio(service.radio, self._clock, self._options))
        self._spawn(watch_messages(service.messages, self._options))
        self._spawn(watch_for_stale_calls(service.calling, self._options))
        self._spawn(keep_alive(self._at, self._clock, self._options))
        if self.health.voice.stuck:  # found out before the connection was lost
            self._voice_stuck()

    async def _end_service(self, reason: str) -> None:
        tasks, self._tasks = self._tasks, set()
        self._curing = False
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._at.close()
        if self._service is not None:
            self._service.calling.close(reason)
            self._service = None

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work, name=f"modem {self._name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(self._complain)

    def _complain(self, task: asyncio.Task[None]) -> None:
        """A fault of ours ends this connection, loudly; the next begins afresh."""
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.critical("%s: fault in the driver", self._name, exc_info=error)
            self._lose(f"fault in the driver: {error!r}")

    # --- losses

    def _lose(self, reason: str) -> None:
        """This connection is over; `_live` goes on with the next."""
        if self._loss is not None and not self._loss.done():
            self._loss.set_result(self._reset_reason or reason)
            self._at.close()  # whoever waits for an answer is told at once

    def _voice_stuck(self) -> None:
        service = self._service
        if service is not None and not self._curing:
            self._curing = True
            self._spawn(self._cure_voice(service))

    async def _cure_voice(self, service: Service) -> None:
        """Reset the module when no call and no message is under way."""
        audio = service.profile.audio
        _log.warning("%s: the voice path of the module is stuck; it is reset when idle", self._name)
        rule = audio.stuck if audio is not None else None
        due = await wait_to_cure(self.health.voice, rule, self._clock, service.is_idle)
        self._curing = False
        if due:
            self.health.voice.was_reset(self._clock.now().mono)
            self._reset_module("the voice path of the module is stuck; resetting it")

    def _reset_module(self, reason: str) -> None:
        """Asked for by us: the modem is lost from now on and comes back by the usual bring-up."""
        service = self._service
        if service is None or self._reset_reason is not None or self._ready_at is None:
            return
        self._reset_reason = reason
        self.health.resets += 1
        self._recovery.was_reset()
        command = AtCommand(service.profile.hard_reset, _RESET_TIMEOUT_S, priority=Priority.CALL)
        self._at.submit(command, lambda _result: self._lose(reason))

    def _on_silence(self) -> None:
        if self._attentive:
            self._lose("the module does not answer AT")

    def _on_echo(self) -> None:
        """Settings were lost without a word, or another program spoke to the port: make them again, calls go on."""
        service = self._service
        if self._ready_at is not None and service is not None and not self._settling:
            _log.warning("%s: the module echoes; making its settings again", self._name)
            self._settling = True
            self._spawn(self._settle(service))

    async def _settle(self, service: Service) -> None:
        try:
            await self._at.ask(AtCommand("ATE0"))
            await configure(self._name, self._at, service.profile, service.sim)
            service.radio.time_wanted = True
        except ModemError as error:
            self._lose(str(error))
        finally:
            self._settling = False

    def _booted(self, step: BootStep) -> None:
        if step is BootStep.STARTED:
            self.health.voice.restarted()
        trailing = self._ready_at is None or self._clock.now().mono - self._ready_at < _BOOT_TAIL_S
        match step:
            case BootStep.POWERED_DOWN:
                self.signs_off("the module switched itself off")
            case BootStep.STARTED if self._attentive:
                self._booting = True
                self._lose("the module restarted")
            case BootStep.PROGRESSED if self._attentive and not trailing:
                self._lose("the module restarted")
            case _:
                pass

    # --- what the modem says unasked

    def _on_line(self, line: str, body: str | None) -> None:
        service = self._service
        vocabulary = service.profile.vocabulary if service is not None else vocabulary_of_all()
        urc = vocabulary.parse(line, body)
        if urc is None:
            self.health.unknown_lines += 1
            _log.debug("%s: unknown line %r", self._name, line)
            return
        if isinstance(urc, Booted):
            self._booted(urc.step)
        elif service is not None:
            self._on_urc(service, urc)

    def _on_urc(self, service: Service, urc: Urc) -> None:
        match urc:
            case SimTold(state):
                self._sim_told(service, state)
            case MessageStored(memory, index):
                self._when_ready(service.messages.read_one(memory, index))
            case MessageArrived(pdu):
                service.messages.take_direct(pdu)
            case ReportArrived(pdu):
                service.messages.take_report(pdu)
            case StorageFull():
                self._when_ready(service.messages.read_all())
            case SupplyWarned(text):
                _log.warning("%s: the module says %s: its supply is too weak", self._name, text)
            case _:
                service.radio.on_urc(urc)
                if self._ready_at is not None:
                    service.calling.on_urc(urc)

    def _sim_told(self, service: Service, state: SimState) -> None:
        service.sim.told(state)
        if state is SimState.READY and self._ready_at is not None and not self._settling:
            self._settling = True
            self._spawn(self._settle(service))

    def _when_ready(self, work: Coroutine[None, None, None]) -> None:
        """Before that, bring-up reads the whole store anyway."""
        if self._ready_at is not None:
            self._spawn(work)
        else:
            work.close()

    # --- what goes on while it is ready

    async def _send_sms(self, service: Service, command: SendSms) -> None:
        outcome: ModemEvent = CommandFailed(command.token, "the modem was lost")
        try:
            outcome = await service.messages.send(command)
        finally:
            self._sink(outcome)
