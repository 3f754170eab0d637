"""From an open port to a modem that takes calls: attention, identity, PIN, settings, stale calls.

Every step repeats safely; the whole is run again after each restart of the module, because none of the settings is
kept. Raises `ModemError` when the module does not follow; the driver then recovers and starts over.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from hal.at.answers import parse_cnum, parse_identity, parse_imei
from hal.at.commands import AnswerShape, AtCommand, AtResult, Status
from hal.errors import ModemError, ModemSilentError
from hal.interfaces import CallState, Clock, ModemIdentity
from hal.modem.at_port import AtPort
from hal.modem.call_queries import parse_entries
from hal.modem.profile import ModemProfile
from hal.modem.registry import profile_of
from hal.modem.sim_card import SimCard

_log = logging.getLogger(__name__)

_ATTENTION_TIMEOUT_S = 1.0
_SLOW_ATTENTION_TIMEOUT_S = 5.0
"""A module that just swallows bytes is asked again soon, one that answers late is waited for."""
_STALE_TRIES = 5
_STALE_PAUSE_S = 1.0
_LIVE_STATES = (CallState.ACTIVE, CallState.HELD, CallState.DIALING, CallState.ALERTING)


@dataclass(frozen=True, slots=True)
class Introduction:
    """What the module says of itself."""

    manufacturer: str
    model: str
    revision: str
    imei: str


async def get_attention(name: str, at: AtPort, clock: Clock, patience_s: float) -> None:
    """Ask `AT` until it answers: bytes are swallowed in early boot. Then no echo, and errors as numbers."""
    give_up = clock.now().mono + patience_s
    timeout_s = _ATTENTION_TIMEOUT_S
    while True:
        result = await at.ask(AtCommand("AT", timeout_s))
        _raise_if_dropped(name, result)
        if result.ok:
            break
        timeout_s = min(2 * timeout_s, _SLOW_ATTENTION_TIMEOUT_S)
        if clock.now().mono >= give_up:
            raise ModemSilentError(f"{name}: no answer to AT in {patience_s:.0f} s; power or port is wrong")
    await _must(name, at, AtCommand("ATE0"))
    await _must(name, at, AtCommand("AT+CMEE=1"))  # 27.007 §9.1: words differ by firmware, numbers do not


async def introduce(name: str, at: AtPort) -> Introduction:
    """CGMI, CGMM, CGMR, CGSN (27.007 §5). A module that does not tell what it is, is sick, not unknown."""
    answers = []
    for text in ("AT+CGMI", "AT+CGMM", "AT+CGMR", "AT+CGSN"):
        result = await at.ask(AtCommand(text, shape=AnswerShape.BARE))
        _raise_if_dropped(name, result)
        answers.append(result.first)
    manufacturer, model, revision, imei = answers
    if not manufacturer or not model:
        raise ModemError(f"{name}: the module does not tell its maker and model; starting over")
    return Introduction(parse_identity(manufacturer), parse_identity(model), parse_identity(revision), parse_imei(imei))


def choose_profile(introduction: Introduction, configured: ModemProfile | None) -> ModemProfile:
    """The configured family, else the one the module names; `HalError` when that is not exactly one."""
    return configured or profile_of(introduction.manufacturer, introduction.model)


async def configure(name: str, at: AtPort, profile: ModemProfile, sim: SimCard) -> None:
    """The settings of the family, in its order."""
    for setting in profile.init:
        command = AtCommand(setting.text, profile.timeouts.supplementary_s)
        result = await (sim.ask(command, insist=not setting.optional) if setting.needs_sim else at.ask(command))
        _raise_if_dropped(name, result)
        if not result.ok and not setting.optional:
            raise ModemError(f"{name}: {setting.text} was answered {result.describe()}; starting over")


async def clear_stale_calls(name: str, at: AtPort, profile: ModemProfile) -> None:
    """A call that outlived its driver is ended before the line takes calls; one that only rings may go on ringing."""
    for _ in range(_STALE_TRIES):
        result = await at.ask(AtCommand("AT+CLCC", profile.timeouts.call_list_s, AnswerShape.PREFIXED, ("+CLCC:",)))
        _raise_if_dropped(name, result)
        if not result.ok:
            raise ModemError(f"{name}: AT+CLCC was answered {result.describe()}; starting over")
        if not any(entry.is_voice and entry.state in _LIVE_STATES for entry in parse_entries(result)):
            return
        _log.warning("%s: a call of a former life is still up; hanging up", name)
        if profile.audio is not None:
            for text in profile.audio.close:
                if (await at.ask(AtCommand(text))).ok:
                    break
        await at.ask(AtCommand("AT+CHUP", profile.timeouts.hang_up_s))
        await asyncio.sleep(_STALE_PAUSE_S)
    raise ModemError(f"{name}: a stale call survives AT+CHUP; resetting the module")


async def identify(name: str, at: AtPort, introduction: Introduction, profile: ModemProfile) -> ModemIdentity:
    """The identity for the contract: own number and voice ability are asked now."""
    own = await at.ask(AtCommand("AT+CNUM", profile.timeouts.query_s, AnswerShape.PREFIXED, ("+CNUM:",)))
    voice = False
    if profile.audio is not None:
        prefix = profile.audio.confirmed.partition(":")[0] + ":"
        voice = (await at.ask(AtCommand(profile.audio.probe, shape=AnswerShape.PREFIXED, prefixes=(prefix,)))).ok
    if not voice:
        _log.warning("%s: %s has no PCM port: SMS and USSD only", name, introduction.model)
    return ModemIdentity(
        family=profile.family,
        manufacturer=introduction.manufacturer,
        model=introduction.model,
        revision=introduction.revision,
        imei=introduction.imei,
        own_number=parse_cnum(own.first) if own.lines else None,
        voice=voice,
    )


async def _must(name: str, at: AtPort, command: AtCommand) -> None:
    result = await at.ask(command)
    _raise_if_dropped(name, result)
    if not result.ok:
        raise ModemError(f"{name}: {command.text} was answered {result.describe()}; starting over")


def _raise_if_dropped(name: str, result: AtResult) -> None:
    if result.status is Status.DROPPED:
        raise ModemSilentError(f"{name}: the port was lost while the module was being set up")
