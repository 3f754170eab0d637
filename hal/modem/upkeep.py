"""What goes on while a modem is ready, and what is waited for: all of it is cancelled with the connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from hal.at.commands import AtCommand, Priority
from hal.interfaces import Clock
from hal.modem.at_port import AtPort
from hal.modem.calling import Calling
from hal.modem.messages import MessageBox
from hal.modem.profile import StuckVoice
from hal.modem.radio import Radio
from hal.modem.voice_health import VoiceHealth

_LONGEST_RADIO_PAUSE_S = 5.0
_IDLE_LOOK_S = 0.25
_CALM_LOOK_S = 0.5
_CALM_AT_MOST_S = 5.0


@dataclass(slots=True)
class DriverHealth:
    """For the figures of a line."""

    connections: int = 0
    losses: int = 0
    unknown_lines: int = 0
    resets: int = 0
    """Of the module, because a call or the voice path was stuck; those for the voice alone: `voice.resets`."""
    voice: VoiceHealth = field(default_factory=VoiceHealth)


@dataclass(frozen=True, slots=True)
class DriverOptions:
    keep_alive_s: float = 15.0
    radio_poll_s: float = 30.0
    message_poll_s: float = 300.0
    time_poll_s: float = 3600.0
    stale_call_poll_s: float = 60.0
    """How often an idle module is asked whether it thinks so too."""


async def watch_radio(radio: Radio, clock: Clock, options: DriverOptions) -> None:
    asked_time_at, read_at = clock.now().mono, float("-inf")
    while True:
        now = clock.now().mono
        if now - read_at >= options.radio_poll_s or not radio.registered:
            read_at = now
            await radio.read()
        if radio.operator_wanted:
            await radio.read_operator()
        if radio.time_wanted or now - asked_time_at >= options.time_poll_s:
            asked_time_at = now
            await radio.read_time()
        await asyncio.sleep(min(_LONGEST_RADIO_PAUSE_S, options.radio_poll_s))


async def watch_messages(messages: MessageBox, options: DriverOptions) -> None:
    while True:
        await messages.read_all()
        await asyncio.sleep(options.message_poll_s)


async def keep_alive(at: AtPort, clock: Clock, options: DriverOptions) -> None:
    """A port that said nothing for a while is asked; the channel asks three times before it calls it silent."""
    while True:
        await asyncio.sleep(options.keep_alive_s)
        if clock.now().mono - at.last_heard_mono >= options.keep_alive_s:
            await at.ask(AtCommand("AT", priority=Priority.POLL))


async def watch_for_stale_calls(calling: Calling, options: DriverOptions) -> None:
    while True:
        await asyncio.sleep(options.stale_call_poll_s)
        calling.look()


async def wait_for_calm(calling: Calling, clock: Clock) -> None:
    """Returns when no call is being decided about; a notice to a person cannot wait much longer."""
    give_up = clock.now().mono + _CALM_AT_MOST_S
    while not calling.calm:
        if clock.now().mono >= give_up:
            return
        await asyncio.sleep(_CALM_LOOK_S)


async def wait_to_cure(
    health: VoiceHealth, rule: StuckVoice | None, clock: Clock, is_idle: Callable[[], bool]
) -> bool:  # fmt: skip
    """Returns when the module may be reset for its voice path (True), or has come right meanwhile (False)."""
    while True:
        due_at = health.reset_due_at(rule)
        if due_at is None:
            return False
        wait_s = due_at - clock.now().mono
        if wait_s <= 0 and is_idle():
            return True
        await asyncio.sleep(max(_IDLE_LOOK_S, wait_s))
