"""What the world can be asked, one JSON object per line on its control socket, and what it answers.

    {"do": "subscriber", "number", "operator"?, "behaviour"?, "after"?, "say"?, "listen"?, "keys"?, "hang_up_after"?}
    {"do": "call", "caller", "called", "say"?, "listen"?, "keys"?, "hang_up_after"?, "patience"?, "withheld"?}
        answers when the call is over: {"connected", "duration_s", "ended_by", "cause", "events", "heard"}
    {"do": "sms", "sender", "recipient", "text"}
    {"do": "messages", "number"}          [{"sender", "text", "received"}], oldest first; null: phone is off
    {"do": "faults"}                      the menu
    {"do": "fault", "line", "name", "parameters"?: {…}}
    {"do": "state"}                       lines, calls in progress, people
    {"do": "board", "what", …}            the board under the modems (`board_requests`)
    {"do": "life", "hotline", "extensions", "mobiles"}   or   {"do": "life", "off": true}

Each answer is one line, in the order of the requests of that connection: `{"ok": true, "result": …}` or
`{"ok": false, "error": "…", "status": 2}` (2: what was asked cannot be; 1: the world could not). Paths are absolute.
A connection that ends while its call is up hangs that call up.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import msgspec

from sim_hardware import faults
from sim_hardware.board_requests import BoardRequest, act
from sim_hardware.board_wiring import BoardWiring
from sim_hardware.errors import RequestError
from sim_hardware.numbering import operator_named, require
from sim_hardware.people import Profile
from sim_hardware.person import DEFAULT_AFTER_S, DEFAULT_PATIENCE_S, Behaviour, PersonCall, Script, parse_keys
from sim_hardware.simulation import Simulation
from sim_hardware.sounds import read_wav, writable_wav
from sim_hardware.traffic import Life

DIALLED = re.compile(r"\+?[0-9*#]{1,32}")
LONGEST_S = 86_400.0


class _Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do"):
    pass


class Subscriber(_Request, frozen=True, tag="subscriber"):
    number: str
    operator: str | None = None
    behaviour: str | None = None
    after: float | None = None
    say: str | None = None
    listen: str | None = None
    keys: str | None = None
    hang_up_after: float | None = None


class Call(_Request, frozen=True, tag="call"):
    caller: str
    called: str
    say: str | None = None
    listen: str | None = None
    keys: str | None = None
    hang_up_after: float | None = None
    patience: float | None = None
    withheld: bool = False


class Sms(_Request, frozen=True, tag="sms"):
    sender: str
    recipient: str
    text: str


class Messages(_Request, frozen=True, tag="messages"):
    number: str


class Faults(_Request, frozen=True, tag="faults"):
    pass


class Fault(_Request, frozen=True, tag="fault"):
    line: str
    name: str
    parameters: dict[str, Any] = {}


class State(_Request, frozen=True, tag="state"):
    pass


class LifeWanted(_Request, frozen=True, tag="life"):
    hotline: str | None = None
    extensions: list[str] = []
    mobiles: list[str] = []
    off: bool = False


AnyRequest = Subscriber | Call | Sms | Messages | Faults | Fault | State | LifeWanted | BoardRequest


class Desk:
    """Answers requests on behalf of one simulation; `board` is None where its modems hang on none."""

    def __init__(self, simulation: Simulation, life: Life, board: BoardWiring | None = None) -> None:
        self._simulation = simulation
        self._life = life
        self._board = board
        self._decoder = msgspec.json.Decoder(AnyRequest)

    async def answer(self, line: bytes) -> Any:
        """The result of one request; raises `SimError`."""
        try:
            request = self._decoder.decode(line)
        except msgspec.DecodeError as error:
            raise RequestError(f"request: {error}") from error
        match request:
            case Subscriber():
                return await self._subscriber(request)
            case Call():
                return await self._call(request)
            case Sms(sender, recipient, text):
                recipient = require(recipient, "recipient")
                self._simulation.send_message(require(sender, "sender"), recipient, text)
                return {"sent": True}
            case Messages(number):
                return self._simulation.messages(require(number, "number"))
            case Faults():
                return faults.menu()
            case Fault(line_name, name, parameters):
                self._simulation.inject(line_name, name, parameters)
                return {"line": line_name, "fault": name}
            case State():
                return describe(self._simulation)
            case LifeWanted():
                return await self._life_wanted(request)
            case BoardRequest():
                if self._board is None:
                    raise RequestError("board: these modems hang on none")
                return await act(self._board, request)

    async def _subscriber(self, request: Subscriber) -> dict[str, Any]:
        number = require(request.number, "number")
        operator = None if request.operator is None else operator_named(request.operator)
        behaviour = _behaviour(request.behaviour)
        script = Script(
            behaviour=behaviour,
            after_s=_seconds(request.after, "after", DEFAULT_AFTER_S),
            keys=parse_keys(request.keys or ""),
            hang_up_after_s=_optional_seconds(request.hang_up_after),
        )
        profile = await _profile(script, request.say, request.listen)
        self._simulation.describe(number, profile, operator)
        named = self._simulation.network.operator(number).name
        return {"number": number, "operator": named, "behaviour": behaviour.value}

    async def _call(self, request: Call) -> dict[str, Any]:
        dialled = re.sub(r"[ .()-]", "", request.called)
        if not DIALLED.fullmatch(dialled):
            raise RequestError(f"called: {request.called!r} cannot be dialled (digits, * and #, a + first)")
        script = Script(
            keys=parse_keys(request.keys or ""),
            hang_up_after_s=_optional_seconds(request.hang_up_after),
            patience_s=_seconds(request.patience, "patience", DEFAULT_PATIENCE_S),
        )
        profile = await _profile(script, request.say, request.listen)
        caller = require(request.caller, "caller")
        run = self._simulation.place_call(caller, dialled, profile, withheld=request.withheld)
        try:
            machine = await asyncio.shield(run.finished)
        except asyncio.CancelledError:
            self._simulation.people.hang_up(run)
            raise
        return report(machine, profile)

    async def _life_wanted(self, request: LifeWanted) -> dict[str, Any]:
        await self._life.stop()
        if request.off:
            return {"life": False}
        if request.hotline is None:
            raise RequestError('life: hotline is missing (or {"off": true} to stop it)')
        mobiles = [require(mobile, "mobiles") for mobile in request.mobiles]
        self._life.start(require(request.hotline, "hotline"), request.extensions, mobiles)
        return {"life": True}


def report(machine: PersonCall, profile: Profile) -> dict[str, Any]:
    """What `tongdai sim call` prints."""
    connected = machine.connected_s is not None
    return {
        "connected": connected,
        "duration_s": round(machine.connected_for_s, 3),
        "ended_by": None if machine.ended_by is None else machine.ended_by.value,
        "cause": machine.cause,
        "events": [
            {"ms": e.ms, "event": e.event} if e.key is None else {"ms": e.ms, "event": e.event, "key": e.key}
            for e in machine.events
        ],
        "heard": str(profile.listen) if connected and profile.listen is not None else None,
    }


def describe(simulation: Simulation) -> dict[str, Any]:
    """What `tongdai sim state` prints."""
    lines = [
        {
            "line": line.settings.line,
            "number": line.number,
            "family": line.settings.family,
            "at": str(line.at.path),
            "audio": str(line.audio.path),
            "plugged_in": line.plugged_in,
            "registered": simulation.network.switched_on(line.number),
            "voice_path": line.pacer.is_open,
            "drift_ppm": round(line.settings.drift_ppm, 1),
            "uplink_underruns": line.pacer.underruns,
            "uplink_overflow_bytes": line.pacer.overflow_bytes,
        }
        for line in simulation.lines
    ]
    calls = [
        {
            "caller": link.caller.terminal,
            "called": None if link.called is None else link.called.terminal,
            "stage": link.stage.name.lower(),
            "talking": link.talking,
        }
        for link in simulation.network.links
    ]
    people = [
        {"number": number, "behaviour": p.script.behaviour.value, "operator": simulation.network.operator(number).name}
        for number, p in sorted(simulation.people.described().items())
    ]
    return {"lines": lines, "calls": calls, "people": people}


def _behaviour(name: str | None) -> Behaviour:
    """Whoever is described at all answers unless it says otherwise."""
    try:
        return Behaviour(name or "answer")
    except ValueError:
        raise RequestError(
            f"behaviour: {name!r} is not known; there are {', '.join(b.value for b in Behaviour)}"
        ) from None


async def _profile(script: Script, say: str | None, listen: str | None) -> Profile:
    samples = None if say is None else await asyncio.to_thread(read_wav, _absolute(say, "say"), "say")
    path = None if listen is None else writable_wav(_absolute(listen, "listen"), "listen")
    return Profile(script, samples, path)


def _absolute(path: str, what: str) -> Path:
    """The world has a working directory of its own: only the asker knows what a relative path means."""
    if not path.startswith("/"):
        raise RequestError(f"{what}: {path!r} must be an absolute path")
    return Path(path)


def _seconds(value: float | None, what: str, default: float) -> float:
    if value is None:
        return default
    if not 0 <= value <= LONGEST_S:
        raise RequestError(f"{what}: {value:g} is not between 0 and {LONGEST_S:g} seconds")
    return value


def _optional_seconds(value: float | None) -> float | None:
    return None if value is None else _seconds(value, "hang_up_after", 0.0)
