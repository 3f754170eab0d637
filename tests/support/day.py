"""A day of random traffic for a `VirtualBox`: customers, employees, wrong keys, impatience; seeded."""

from __future__ import annotations

import asyncio
from random import Random

from edge.dialplan.settings import Company, Extension, RecordMode, Settings
from edge.telephony import PhoneNumber
from sim_hardware.person import Behaviour, Script, parse_keys
from tests.support.virtual_box import VirtualBox

DAY_S = 86_400.0
BY_HOUR = (1, 1, 1, 1, 1, 2, 4, 8, 11, 12, 12, 10, 8, 10, 12, 12, 11, 10, 8, 6, 5, 4, 2, 1)
"""How many calls come in each hour of the day, relatively."""
EMPLOYEES = {f"51{digit}": f"+8490300051{digit}" for digit in range(1, 7)}
MOODS = {Behaviour.ANSWER: 76, Behaviour.NO_ANSWER: 12, Behaviour.BUSY: 7, Behaviour.REJECT: 3, Behaviour.OFF: 2}
COMPANY = Settings(
    company=Company("Công ty Minh Hoạ"),
    extensions=tuple(
        Extension(
            number, f"Phòng {number}", PhoneNumber(mobile), RecordMode.BOTH if number == "512" else RecordMode.OFF
        )
        for number, mobile in EMPLOYEES.items()
    ),
)


def call_times(rng: Random, calls: int, length_s: float) -> list[float]:
    """Seconds from the beginning of the stretch, sorted; a whole day has its busy hours."""
    if length_s < DAY_S:
        return sorted(rng.uniform(0, length_s) for _ in range(calls))
    hours = rng.choices(range(24), BY_HOUR, k=calls)
    return sorted(3600 * hour + rng.uniform(0, 3600) for hour in hours)


async def live(box: VirtualBox, rng: Random, calls: int, length_s: float = DAY_S) -> int:
    """Lets `calls` people call within `length_s`; returns how many really did (some are in a call already)."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    placed = 0
    for at in call_times(rng, calls, length_s):
        await asyncio.sleep(max(0.0, began + at - loop.time()))
        for mobile in EMPLOYEES.values():
            box.world.describe(mobile, _mood(rng))
        hotline = rng.choice(box.hotlines)
        employee = rng.random() < 0.08
        caller = rng.choice(list(EMPLOYEES.values())) if employee else f"+8491{rng.randrange(10**7):07}"
        script = _outside_call(rng, box) if employee else _customer(rng)
        placed += box.world.place_call(caller, hotline, script)
    await asyncio.sleep(max(0.0, began + length_s - loop.time()))
    return placed


def _mood(rng: Random) -> Script:
    behaviour = rng.choices(list(MOODS), list(MOODS.values()))[0]
    hang_up_s = rng.uniform(5, 120) if rng.random() < 0.4 else None
    return Script(behaviour, rng.uniform(1.0, 9.0), hang_up_after_s=hang_up_s)


def _customer(rng: Random) -> Script:
    chance = rng.random()
    begins_s = rng.uniform(0.5, 9.0)
    leaves_s = begins_s + 5 + rng.expovariate(1 / 40)
    if chance < 0.05:
        return Script(hang_up_after_s=rng.uniform(0.2, 8.0))
    if chance < 0.10:
        return Script()
    extension = rng.choice(list(EMPLOYEES))
    keys = f"{begins_s:.2f}:333,{begins_s + 9:.2f}:{extension}" if chance < 0.16 else f"{begins_s:.2f}:{extension}"
    return Script(keys=parse_keys(keys), hang_up_after_s=leaves_s)


def _outside_call(rng: Random, box: VirtualBox) -> Script:
    number = f"098{rng.randrange(10**7):07}"
    box.world.describe(f"+84{number[1:]}", _mood(rng))
    keys = rng.choice((f"9{number}#", number, f"9{number}"))
    return Script(keys=parse_keys(f"{rng.uniform(1, 5):.2f}:{keys}"), hang_up_after_s=rng.uniform(20, 120))
