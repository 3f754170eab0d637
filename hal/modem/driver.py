"""One modem under one driver: open, bring up, serve, notice its loss, recover, begin again.

Invariants: `ModemReady` and `ModemLost` alternate; every token gets exactly one outcome, also when the modem is away;
events reach the sink on the event loop, those of a RING within the call that brought its bytes. All timers are the
loop's, all time the injected clock's, so that the driver also runs in virtual time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace

from hal.at.commands import AtCommand, Priority
from hal.at.parsers import STANDARD_URCS, UrcVocabulary
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
from hal.errors import HalError, ModemError
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
from hal.modem.sim_card import PinMemory, SimCard
from hal.modem.voice_path import VoiceHealth, VoicePath, VoicePort

_log = logging.getLogger(__name__)

_BOOT_TAIL_S = 60.0
"""SMS DONE and PB DONE may trail a bring-up by this long; later they tell of a restart whose RDY was missed."""
_CALM_LOOK_S = 0.5
_CALM_AT_MOST_S = 5.0


@dataclass(frozen=True, slots=True)
class DriverOptions:
    keep_alive_s: float = 15.0
    radio_poll_s: float = 30.0
    message_poll_s: float = 300.0
    time_poll_s: float = 3600.0


@dataclass(slots=True)
class DriverHealth:
    """For the figures of a line."""

    connections: int = 0
    losses: int = 0
    unknown_lines: int = 0
    voice: VoiceHealth = field(default_factory=VoiceHealth)


@dataclass(frozen=True, slots=True)
class _Service:
    """The parts that live from one bring-up to the next loss."""

    profile: ModemProfile
    sim: SimCard
    radio: Radio
    calling: Calling
    messages: MessageBox


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
        self._voice_port = voice_port
        self._carries_voice = carries_voice
        self._options = options or DriverOptions()
        self._pin = PinMemory(pin)
        self._at = AtPort(stream, clock, _vocabulary_of_all(), on_wire)
        self._at.on_urc = self._on_line
        self._at.on_silence = self._on_silence
        self._at.on_echo = self._on_echo
        self._at.on_lost = self._lose
        self._recovery = Recovery(name)
        self._life: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._service: _Service | None = None
        self._ready_at: float | None = None
        """Monotonic; None while commands are not welcome."""
        self._attentive = False
        """AT has answered on this connection: silence and boot lines mean a loss from now on."""
        self._booting = False
        """The module told of its start during this connection."""
        self._loss: asyncio.Future[str] | None = None
        self._lost_reported = False
        self._settling = False

    # --- the contract

    def start(self) -> None:
        """Begin; harmless when begun."""
        if self._life is None:
            self._life = asyncio.get_running_loop().create_task(self._live(), name=f"modem {self._name}")
            self._life.add_done_callback(self._complain)

    def perform(self, command: ModemCommand) -> None:
        service = self._service
        if service is None or self._ready_at is None:
            self._sink(CommandFailed(command.token, "the modem is not ready"))
        elif isinstance(command, SendSms):
            self._spawn(self._send_sms(service, command))
        else:
            service.calling.perform(command)

    async def close(self) -> None:
        """End every task, give up what was asked for, release the ports. Calls that are up stay with the modem."""
        life, self._life = self._life, None
        if life is not None:
            life.cancel()
            await asyncio.gather(life, return_exceptions=True)
        await self._end_service("the driver was closed")

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
            if was_ready or not self._lost_reported:
                self._lost_reported = True
                _log.warning("%s: lost: %s", self._name, reason)
                self._sink(ModemLost(reason))
            await asyncio.sleep(self._recovery.failed(was_ready=was_ready, booting=self._booting))

    async def _serve_once(self) -> str:
        """From opening the port to its loss; the reason of the loss."""
        self._loss = asyncio.get_running_loop().create_future()
        self._attentive = self._booting = False
        try:
            self._at.open()
        except OSError as error:
            return f"the port cannot be opened: {error}"
        self.health.connections += 1
        try:
            identity = await self._set_up()
        except HalError as error:
            return self._loss.result() if self._loss.done() else str(error)
        self._become_ready(identity)
        return await self._loss

    async def _set_up(self) -> ModemIdentity:
        known = self._configured
        boot_s = (known or PROFILES[0]).timeouts.boot_s
        await self._recovery.before_bring_up(self._at, known)
        await get_attention(self._name, self._at, self._clock, boot_s)
        self._attentive = True
        introduction = await introduce(self._name, self._at)
        profile = choose_profile(introduction, known)
        self._at.use(profile.vocabulary)
        service = self._service = self._make_service(profile)
        await service.sim.make_ready()
        await configure(self._name, self._at, profile, service.sim)
        await clear_stale_calls(self._name, self._at, profile)
        identity = await identify(self._name, self._at, introduction, profile)
        return identity if self._carries_voice else replace(identity, voice=False)

    def _make_service(self, profile: ModemProfile) -> _Service:
        dialect = profile.audio if self._carries_voice else None
        voice = VoicePath(self._name, self._at, self._clock, dialect, self._voice_port, self._sink)
        voice.health = self.health.voice
        calling = Calling(self._at, self._clock, profile, voice, self._sink)
        return _Service(
            profile=profile,
            sim=SimCard(self._name, self._at, self._clock, profile, self._pin, self._sink),
            radio=Radio(self._at, self._sink, in_call=lambda: not calling.idle),
            calling=calling,
            messages=MessageBox(self._name, self._at, profile, self._sink, self._calm),
        )

    def _become_ready(self, identity: ModemIdentity) -> None:
        service = self._service
        if service is None or (self._loss is not None and self._loss.done()):
            return
        self._ready_at = self._clock.now().mono
        self._lost_reported = False
        self._recovery.succeeded()
        _log.info("%s: ready: %s %s", self._name, identity.model, identity.revision)
        self._sink(ModemReady(identity))
        self._spawn(self._watch_radio(service))
        self._spawn(self._watch_messages(service))
        self._spawn(self._keep_alive())

    async def _end_service(self, reason: str) -> None:
        tasks, self._tasks = self._tasks, set()
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
            self._loss.set_result(reason)
            self._at.close()  # whoever waits for an answer is told at once

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

    async def _settle(self, service: _Service) -> None:
        try:
            await self._at.ask(AtCommand("ATE0"))
            await configure(self._name, self._at, service.profile, service.sim)
            service.radio.time_wanted = True
        except ModemError as error:
            self._lose(str(error))
        finally:
            self._settling = False

    def _booted(self, step: BootStep) -> None:
        trailing = self._ready_at is None or self._clock.now().mono - self._ready_at < _BOOT_TAIL_S
        match step:
            case BootStep.POWERED_DOWN:
                self._lose("the module switched itself off")
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
        vocabulary = service.profile.vocabulary if service is not None else _vocabulary_of_all()
        urc = vocabulary.parse(line, body)
        if urc is None:
            self.health.unknown_lines += 1
            _log.debug("%s: unknown line %r", self._name, line)
            return
        if isinstance(urc, Booted):
            self._booted(urc.step)
        elif service is not None:
            self._on_urc(service, urc)

    def _on_urc(self, service: _Service, urc: Urc) -> None:
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

    def _sim_told(self, service: _Service, state: SimState) -> None:
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

    async def _send_sms(self, service: _Service, command: SendSms) -> None:
        outcome: ModemEvent = CommandFailed(command.token, "the modem was lost")
        try:
            outcome = await service.messages.send(command)
        finally:
            self._sink(outcome)

    async def _calm(self) -> None:
        """Returns when no call is being decided about; a notice to a person cannot wait much longer."""
        give_up = self._clock.now().mono + _CALM_AT_MOST_S
        while self._service is not None and not self._service.calling.calm:
            if self._clock.now().mono >= give_up:
                return
            await asyncio.sleep(_CALM_LOOK_S)

    async def _watch_radio(self, service: _Service) -> None:
        radio, asked_time_at = service.radio, self._clock.now().mono
        read_at = float("-inf")
        while True:
            now = self._clock.now().mono
            if now - read_at >= self._options.radio_poll_s or not radio.registered:
                read_at = now
                await radio.read()
            if radio.operator_wanted:
                await radio.read_operator()
            if radio.time_wanted or now - asked_time_at >= self._options.time_poll_s:
                asked_time_at = now
                await radio.read_time()
            await asyncio.sleep(min(5.0, self._options.radio_poll_s))

    async def _watch_messages(self, service: _Service) -> None:
        while True:
            await service.messages.read_all()
            await asyncio.sleep(self._options.message_poll_s)

    async def _keep_alive(self) -> None:
        """A port that said nothing for a while is asked; the channel asks three times before it calls it silent."""
        while True:
            await asyncio.sleep(self._options.keep_alive_s)
            if self._clock.now().mono - self._at.last_heard_mono >= self._options.keep_alive_s:
                await self._at.ask(AtCommand("AT", priority=Priority.POLL))


def _vocabulary_of_all() -> UrcVocabulary:
    """Before the family is known: the lines of any."""
    vocabulary = STANDARD_URCS
    for profile in PROFILES:
        vocabulary = vocabulary.joined(profile.vocabulary)
    return vocabulary
