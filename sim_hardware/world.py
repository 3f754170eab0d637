"""`python -m sim_hardware.world`: the world outside the box as one process.

Wires emulated modems on ptys, the board they hang on, the mobile network, the people and the control socket together;
prints one READY line on stdout when every line is registered and the socket accepts; ends cleanly on SIGTERM or SIGINT.
After READY stdout says what the board does to the box's computer, and nothing else: `HOST {"on": false}` (it has no
power: whoever runs its processes kills them), `HOST {"on": true}`, `HOST {"button": true}` (its system is to go down).
The only place that constructs these things.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import msgspec

from sim_hardware.board_wiring import TEST_KEY, BoardWiring, chosen_vm
from sim_hardware.emulated_line import LineSettings
from sim_hardware.errors import SimError, WorldError
from sim_hardware.modem import PROFILES, EmulatedModem, SimCard
from sim_hardware.numbering import LINE_NUMBERS, national, operator_of, require
from sim_hardware.requests import Desk
from sim_hardware.server import ControlServer
from sim_hardware.simulation import Simulation
from sim_hardware.traffic import Life

REGISTERED_WITHIN_S = 10.0
DRIFT_PPM = 100.0
"""Crystals of this class are within ±100 ppm; each modem draws its own."""


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sim_hardware.world", description="The world outside the box, emulated.")
    parser.add_argument("--lines", type=int, default=2, choices=range(1, len(LINE_NUMBERS) + 1), metavar="1-8")
    parser.add_argument("--dir", type=Path, required=True, help="where the links of the ports and the socket stand")
    parser.add_argument("--family", default="sim7600", choices=sorted(PROFILES))
    parser.add_argument("--drift-ppm", type=float, help="of every modem's clock; default: each its own, within ±100")
    parser.add_argument("--seed", type=int, default=1, help="of all that is random in the world")
    parser.add_argument("--odd-chunks", action="store_true", help="audio comes in odd numbers of bytes")
    parser.add_argument("--board-key", type=Path, default=TEST_KEY, help="whose firmware the board takes (a modulus)")
    parser.add_argument("--traffic", action="store_true", help="customers call the first line from the start")
    return parser.parse_args(arguments)


def build_lines(simulation: Simulation, options: argparse.Namespace) -> None:
    """The modems, warm, on their ports. Raises `WorldError`."""
    directory: Path = options.dir.absolute()
    directory.mkdir(parents=True, exist_ok=True)
    for index, number in enumerate(LINE_NUMBERS[: options.lines]):
        rng = Random(f"{options.seed}/{index}")
        e164 = require(number, "line")
        operator = operator_of(e164)
        card = SimCard(number=number, operator=operator.name, plmn=operator.plmn)
        drift_ppm = rng.uniform(-DRIFT_PPM, DRIFT_PPM) if options.drift_ppm is None else options.drift_ppm
        settings = LineSettings(
            f"gsm-{index + 1}", e164, options.family, directory, drift_ppm, odd_chunks=options.odd_chunks
        )
        # Each its own IMEI: a modem is known by it (the last digits count the lines).
        profile = replace(PROFILES[options.family], imei=PROFILES[options.family].imei[:-2] + f"{index + 1:02}")
        simulation.add_line(settings, EmulatedModem(profile, card, Random(rng.random())), rng)


async def all_registered(simulation: Simulation) -> None:
    """Raises `WorldError` naming the line that finds no network."""
    give_up_s = time.monotonic() + REGISTERED_WITHIN_S
    while missing := [ln for ln in simulation.lines if not simulation.network.switched_on(ln.number)]:
        if time.monotonic() > give_up_s:
            raise WorldError(f"{missing[0].settings.line} did not register within {REGISTERED_WITHIN_S:g} s")
        await asyncio.sleep(0.01)
    simulation.started()


def ready_line(simulation: Simulation, board: BoardWiring, control: Path) -> str:
    lines = [
        {
            "line": line.settings.line,
            "number": national(line.number),
            "family": line.settings.family,
            "at": str(line.settings.at_by_path),
            "audio": str(line.settings.audio_by_path),
        }
        for line in simulation.lines
    ]
    ready = {"control": str(control), "board": board.ready(), "lines": lines}
    return "READY " + msgspec.json.encode(ready).decode()


def tell_host(said: dict[str, bool]) -> None:
    sys.stdout.write(f"HOST {msgspec.json.encode(said).decode()}\n")
    sys.stdout.flush()


def complain(words: str) -> None:
    sys.stderr.write(f"world: {words}\n")


async def run(options: argparse.Namespace) -> None:
    """Until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    numbers = [require(number, "line") for number in LINE_NUMBERS[: options.lines]]
    simulation = Simulation(loop, numbers, complain)
    life = Life(simulation, Random(f"{options.seed}/life"))
    try:
        build_lines(simulation, options)
        directory = options.dir.absolute()
        board = BoardWiring(simulation.lines, directory, tell_host, vm=chosen_vm(), key=options.board_key)
        server = ControlServer(Desk(simulation, life, board), directory)
        try:
            await asyncio.gather(server.start(), board.start(), all_registered(simulation))
            if options.traffic:
                life.start(numbers[0], [], [])
            sys.stdout.write(ready_line(simulation, board, server.path) + "\n")
            sys.stdout.flush()
            await stopping.wait()
        finally:
            await life.stop()
            await board.close()
            await server.stop()
    finally:
        await simulation.stop()


def main() -> int:
    options = parse_arguments()
    try:
        asyncio.run(run(options))
    except SimError as error:
        complain(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
