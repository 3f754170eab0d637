"""A little life: an emulated customer calls the hotline now and then, the demo company's employees answer.

Runs on its own seeded randomness; every call is an ordinary call of ordinary people.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from random import Random

from sim_hardware.errors import RequestError
from sim_hardware.numbering import require
from sim_hardware.people import Profile
from sim_hardware.person import Behaviour, Script, parse_keys
from sim_hardware.simulation import Simulation
from sim_hardware.sounds import murmur

PAUSE_S = (30.0, 90.0)
FIRST_PAUSE_S = (3.0, 8.0)
TALK_S = (10.0, 40.0)
LISTENS_S = (4.0, 7.0)
"""The greeting, before a customer keys the extension."""
EMPLOYEES = {Behaviour.ANSWER: 0.76, Behaviour.NO_ANSWER: 0.12, Behaviour.BUSY: 0.08, Behaviour.REJECT: 0.04}
CUSTOMERS = tuple(
    f"0{prefix}{rest}" for prefix in ("912", "983", "903", "779", "356") for rest in ("000222", "415263", "778899")
)
CUSTOMERS_FIXED = ("02838221234", "02439345678")
VOICES = 4


class Life:
    """`start` and `stop` may be called at any time."""

    def __init__(self, simulation: Simulation, rng: Random) -> None:
        self._simulation = simulation
        self._rng = rng
        self._task: asyncio.Task[None] | None = None
        self._described: dict[str, Profile] = {}

    def start(self, hotline: str, extensions: list[str], mobiles: list[str]) -> None:
        """Customers call `hotline` and key one of `extensions`; the people at `mobiles` answer, mostly."""
        self._task = asyncio.get_running_loop().create_task(self._live(hotline, extensions, mobiles))

    async def stop(self) -> None:
        """No further customer calls; the one in a call hangs up by himself."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _live(self, hotline: str, extensions: list[str], mobiles: list[str]) -> None:
        for seed in range(2 * VOICES):
            await asyncio.to_thread(murmur, seed)  # made once; not on the loop that paces everybody's audio
        await asyncio.sleep(self._rng.uniform(*FIRST_PAUSE_S))
        while True:
            for mobile in mobiles:
                self._employee(mobile)
            with suppress(RequestError):  # this customer still talks: another one, next time
                self._simulation.place_call(self._customer(), hotline, self._errand(extensions))
            await asyncio.sleep(self._rng.uniform(*PAUSE_S))

    def _customer(self) -> str:
        return require(self._rng.choice(CUSTOMERS + CUSTOMERS_FIXED), "customer")

    def _errand(self, extensions: list[str]) -> Profile:
        keys_s = self._rng.uniform(*LISTENS_S)
        keys = parse_keys(f"{keys_s:.2f}:{self._rng.choice(extensions)}") if extensions else ()
        hang_up_s = keys_s + self._rng.uniform(*TALK_S)
        return Profile(Script(keys=keys, hang_up_after_s=hang_up_s), say=murmur(self._rng.randrange(VOICES)))

    def _employee(self, mobile: str) -> None:
        """A new mood for each call; who was described by somebody else stays as he was described."""
        if self._simulation.people.described().get(mobile) is not self._described.get(mobile):
            return
        script = Script(
            behaviour=self._rng.choices(list(EMPLOYEES), list(EMPLOYEES.values()))[0],
            after_s=self._rng.uniform(2.0, 7.0),
        )
        voice = murmur(VOICES + self._rng.randrange(VOICES))
        self._described[mobile] = Profile(script, say=voice)
        self._simulation.describe(mobile, self._described[mobile], None)
