"""`python -m sim_hardware.modem`: one emulated modem alone on a pty, in real time, for foreign clients.

First and only line on stdout: READY {"link", "audio", "control", "family", "number"}. Ends on SIGTERM or Ctrl-C.
The control socket takes one JSON object a line and gives one back: `{"ok": true}` or `{"ok": false, "error": "…"}`.
This is the shell: nothing else in this package touches a loop, a clock or a file.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import signal
import struct
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

from sim_hardware.emulated_line import EmulatedLine, LineSettings
from sim_hardware.errors import RequestError, WorldError
from sim_hardware.faults import parse as parse_fault
from sim_hardware.modem import events as e
from sim_hardware.modem.lone_network import LoneNetwork
from sim_hardware.modem.modem import EmulatedModem
from sim_hardware.modem.profiles import PROFILES
from sim_hardware.modem.sim_card import SimCard

_TONE_HZ, _TONE_LEVEL = 440, 8000
_RATES_HZ = {320: 8000, 640: 16000}
"""Bytes of a 20 ms frame → samples a second."""


@dataclass(frozen=True, slots=True)
class LonePorts(LineSettings):
    """Ports whose links stand exactly where the command line says; after a replug, beside there under the new name."""

    link: Path = Path()
    audio: Path = Path()

    def at_link(self, name: str) -> Path:
        return self.link if name == self.line else self.link.with_name(name)

    def audio_link(self, name: str) -> Path:
        return self.audio if name == self.line else self.audio.with_name(f"{name}-audio")


class Tone:
    """An endless 440 Hz, in frames of signed 16-bit little-endian mono."""

    def __init__(self) -> None:
        self._tables = {size: _tone_second(rate_hz) for size, rate_hz in _RATES_HZ.items()}
        self._at = 0

    def frame(self, size: int) -> bytes:
        """The next 20 ms; one second holds whole periods and whole frames, so it repeats without a click."""
        self._at = (self._at + 1) % 50
        return self._tables[size][self._at * size : (self._at + 1) * size]


def _tone_second(rate_hz: int) -> bytes:
    step = 2 * math.pi * _TONE_HZ / rate_hz
    return struct.pack(f"<{rate_hz}h", *(int(_TONE_LEVEL * math.sin(step * i)) for i in range(rate_hz)))


class LoneModem:
    """Owns the line, its network and both timers. `close` is harmless twice."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, ports: LonePorts, modem: EmulatedModem, network: LoneNetwork, rng: Random
    ) -> None:
        self._loop = loop
        self._network = network
        self._timer: asyncio.TimerHandle | None = None
        self._tone = Tone()
        self.line = EmulatedLine(loop, ports, modem, self._hear, self._exchange_frame, rng)
        self.line.tell(e.ClockTold(time.time()))

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self.line.close()

    def request(self, message: object) -> None:
        """One command of the control socket; raises RequestError or ValueError that says what is wrong."""
        match message:
            case {"ring": str(number)}:
                self._network.ring(number, self._loop.time())
            case {"hangup": str(number)}:
                self._network.hang_up(number)
            case {"sms": {"from": str(sender), "text": str(text)}}:
                self._network.message(sender, text, time.time())
            case {"fault": str(name), **parameters}:
                self._network.fault(parse_fault("modem", name, {str(key): value for key, value in parameters.items()}))
            case _:
                raise RequestError(f"{message!r}: expected ring, hangup, sms or fault")
        self._pump()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client of the control socket."""
        try:
            while line := await reader.readline():
                writer.write(json.dumps(self._answer(line)).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def _answer(self, line: bytes) -> dict[str, object]:
        try:
            self.request(json.loads(line))
        except (RequestError, ValueError) as error:
            return {"ok": False, "error": str(error)}
        return {"ok": True}

    def _hear(self, _line: EmulatedLine, outputs: list[e.Output]) -> None:
        for output in outputs:
            self._network.hear(output, self._loop.time(), time.time())
        self._loop.call_soon(self._pump)

    def _pump(self) -> None:
        """Tell the modem what the network says by now, and come back for the rest."""
        for event in self._network.take_due(self._loop.time()):
            self.line.tell(event)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due_s = self._network.next_deadline
        if due_s is not None:
            self._timer = self._loop.call_at(due_s, self._pump)

    def _exchange_frame(self, uplink: bytes) -> bytes:
        audible = self._network.talking and self.line.impaired != "down"
        return self._tone.frame(len(uplink)) if audible and len(uplink) in _RATES_HZ else bytes(len(uplink) or 320)


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sim_hardware.modem", description=__doc__)
    parser.add_argument("--family", required=True, choices=sorted(PROFILES))
    parser.add_argument("--link", required=True, type=Path, help="where the link to the AT port shall stand")
    parser.add_argument("--audio-link", type=Path, help="the same for the PCM port")
    parser.add_argument("--control", type=Path, help="Unix socket that takes one JSON command a line")
    parser.add_argument("--number", default="0901234567", help="the number of its card (default %(default)s)")
    parser.add_argument("--pin", help="the card asks for this PIN")
    parser.add_argument("--boot", action="store_true", help="show a real boot instead of starting warm")
    parser.add_argument("--drift-ppm", type=float, default=0.0, help="error of the modem's own clock")
    parser.add_argument("--seed", type=int, default=1, help="of all jitter (default %(default)s)")
    return parser.parse_args(argv)


def _assemble(arguments: argparse.Namespace, stack: ExitStack) -> tuple[LoneModem, dict[str, str | None]]:
    """The modem on its ports, and what READY says of it."""
    link = arguments.link.absolute()
    audio = arguments.audio_link.absolute() if arguments.audio_link else None
    hidden = audio or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="modem-"))) / "audio"
    ports = LonePorts(
        link.name, arguments.number, arguments.family, link.parent, arguments.drift_ppm, link=link, audio=hidden
    )
    card = SimCard(number=arguments.number, pin=arguments.pin)
    modem = EmulatedModem(PROFILES[arguments.family], card, Random(arguments.seed), warm=not arguments.boot)
    network = LoneNetwork(card.operator, card.plmn)
    lone = LoneModem(asyncio.get_running_loop(), ports, modem, network, Random(arguments.seed))
    stack.callback(lone.close)
    ready = {
        "link": str(link),
        "audio": str(audio) if audio else None,
        "control": str(arguments.control.absolute()) if arguments.control else None,
        "family": arguments.family,
        "number": arguments.number,
    }
    return lone, ready


async def _run(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with ExitStack() as stack:
        lone, ready = _assemble(arguments, stack)
        if ready["control"] is not None:
            control = Path(ready["control"])
            server = await asyncio.start_unix_server(lone.serve, control)
            stack.callback(control.unlink, missing_ok=True)
            stack.callback(server.close)
        sys.stdout.write(f"READY {json.dumps(ready)}\n")
        sys.stdout.flush()
        await stop.wait()


def main(argv: list[str] | None = None) -> int:
    """Run until told to stop; 1 when a port or the socket cannot be made."""
    arguments = _arguments(sys.argv[1:] if argv is None else argv)
    try:
        asyncio.run(_run(arguments))
    except (WorldError, OSError) as error:
        sys.stderr.write(f"sim_hardware.modem: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
