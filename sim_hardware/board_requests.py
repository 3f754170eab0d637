"""What the world can be asked about the board: `{"do": "board", "what": …}` on the control socket.

state                                   what its pins, lights and starts are
press       seconds?                    the button is held so long
factory-reset                           the button's gesture: three short presses, then a long one
voltage     supply_mv, supercap_mv?     what the supply gives from now on
temperature celsius
hang                                    the firmware does nothing any more: its own watchdog must notice
reset                                   the supervisor alone is reset, whatever it was doing
power-cycle                             the plug is pulled and put in again
halted      halted?                     the host's system is down (said by whoever runs its processes)
"""

from __future__ import annotations

from typing import Any

import msgspec

from sim_hardware.board_wiring import BoardWiring
from sim_hardware.errors import RequestError

SHORT_S = 0.2
LONGEST_PRESS_S = 60.0
HIGHEST_MV = 30_000
COLDEST_C, HOTTEST_C = -40.0, 125.0


class BoardRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="board"):
    what: str
    seconds: float = SHORT_S
    supply_mv: int | None = None
    supercap_mv: int | None = None
    celsius: float | None = None
    halted: bool = True


async def act(wiring: BoardWiring, asked: BoardRequest) -> dict[str, Any]:
    """Does it and answers with the board's state. Raises `RequestError`."""
    board = wiring.board
    match asked.what:
        case "state":
            pass
        case "press":
            if not 0 < asked.seconds <= LONGEST_PRESS_S:
                raise RequestError(f"seconds: {asked.seconds:g} is not between 0 and {LONGEST_PRESS_S:g}")
            await wiring.press(asked.seconds)
        case "factory-reset":
            await wiring.ask_factory_reset()
        case "voltage":
            board.set_supply(_millivolts(asked.supply_mv, "supply_mv"), _optional(asked.supercap_mv))
        case "temperature":
            board.set_temperature(_celsius(asked.celsius))
        case "hang":
            board.hang()
        case "reset":
            await board.kill()
        case "power-cycle":
            await wiring.power_cycle()
        case "halted":
            board.set_halted(asked.halted)
        case other:
            raise RequestError(f"board: {other!r} is nothing that can be done to it")
    return wiring.state()


def _millivolts(value: int | None, name: str) -> int:
    if value is None or not 0 <= value <= HIGHEST_MV:
        raise RequestError(f"{name}: {value} is not between 0 and {HIGHEST_MV}")
    return value


def _optional(value: int | None) -> int | None:
    return None if value is None else _millivolts(value, "supercap_mv")


def _celsius(value: float | None) -> float:
    if value is None or not COLDEST_C <= value <= HOTTEST_C:
        raise RequestError(f"celsius: {value} is not between {COLDEST_C:g} and {HOTTEST_C:g}")
    return value
