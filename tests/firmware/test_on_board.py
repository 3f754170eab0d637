"""The whole unmodified `main.py` under native MicroPython with a 192 kB heap, on the simulated board, over a pty."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from typing import Any

import pytest

from firmware import families, link
from firmware import messages as m
from sim_hardware.board import events as e
from tests.firmware.client import RequestFailed
from tests.firmware.rig import Rig, rig
from tests.support import micropython

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not micropython.available(), reason=micropython.WHY_NOT),
]

SIM800 = {f"family_{slot}": families.number("sim800") for slot in range(2)}


def run(story: Any) -> None:
    asyncio.run(asyncio.wait_for(story, 120))


async def slot_state(rig: Rig, slot: int) -> str:
    return m.SLOT_STATES[(await rig.client.request(m.SLOT_STATE, slot=slot))["state"]]


async def until_slot(rig: Rig, slot: int, state: str) -> None:
    async def there() -> bool:
        return await slot_state(rig, slot) == state

    await rig.client.until_async(there, 20)


async def until_status(rig: Rig, name: str, value: int) -> None:
    async def there() -> bool:
        return bool((await rig.client.request(m.STATUS))[name] == value)

    await rig.client.until_async(there, 20)


def test_two_modules_start_one_after_the_other_and_sign_off(tmp_path: Path) -> None:
    async def story() -> None:
        async with rig(tmp_path, settings=SIM800) as made:
            made.happened.clear()
            await made.client.power(0, "on")
            await made.client.power(1, "on")
            await until_slot(made, 0, "on")
            await until_slot(made, 1, "on")
            await made.client.power(0, "off")
            await until_slot(made, 0, "off")
            order = [event for event in made.of(object) if isinstance(event, e.RailSwitched | e.KeySwitched)]
            assert order[:6] == [
                e.RailSwitched(0, True),
                e.KeySwitched(0, True),
                e.KeySwitched(0, False),
                e.RailSwitched(1, True),
                e.KeySwitched(1, True),
                e.KeySwitched(1, False),
            ]
            assert order[6:] == [e.KeySwitched(0, True), e.KeySwitched(0, False), e.RailSwitched(0, False)]
            pressed = made.modules[0].presses
            assert pressed[0] >= 1.15, "as long as a SIM800 wants it"
            assert pressed[1] >= 1.45
            states = [
                m.SLOT_STATES[values["state"]] for values in made.client.of(m.SLOT_CHANGED) if values["slot"] == 0
            ]
            assert states[-9:] == [
                "waiting",
                "settling",
                "key",
                "starting",
                "on",
                "off-key",
                "stopping",
                "discharging",
                "off",
            ]

    run(story())


def test_a_module_that_crashes_is_started_again_and_told(tmp_path: Path) -> None:
    async def story() -> None:
        async with rig(tmp_path, slots=1, settings=SIM800) as made:
            await made.client.power(0, "on")
            await until_slot(made, 0, "on")
            made.modules[0].crash()
            await made.until(lambda: any(values["vanished"] == 1 for values in made.client.of(m.SLOT_CHANGED)))
            await until_slot(made, 0, "on")
            assert (await made.client.request(m.SLOT_STATE, slot=0))["starts"] == 2

    run(story())


def test_noise_and_lost_bytes_on_the_wire(tmp_path: Path) -> None:
    """A tenth of all chunks suffers, both ways; every request is answered or refused, nothing happens twice."""

    async def story() -> None:
        chance = Random(4)

        def spoil(data: bytes) -> bytes:
            if chance.random() > 0.1:
                return data
            at = chance.randrange(len(data))
            return chance.choice(
                [b"", data[:at], data[:at] + b"\x7e\xf0" + data[at:], data[:at] + b"\0" + data[at + 1 :]]
            )

        async with rig(tmp_path, slots=1, settings=SIM800) as made:
            made.board.on_noise_to_firmware = made.board.on_noise_to_host = spoil
            answered = 0
            for number in range(40):
                try:
                    await made.client.request(m.SETTING_SET, value=1000 + number, name=b"late_ms")
                    answered += 1
                except RequestFailed:
                    continue
            made.board.on_noise_to_firmware = made.board.on_noise_to_host = None
            assert answered >= 38
            assert made.client.peer.repeated > 0
            assert (await made.client.request(m.SETTING_GET, name=b"late_ms"))["value"] == 1039
            records = await read_log(made)
            values = [record[4] for record in records if m.LOG_CODES[record[2]] == "setting"]
            assert len(values) >= 38
            assert values == sorted(set(values)), "each at most once, in order"

    run(story())


async def read_log(rig: Rig) -> list[tuple[int, ...]]:
    number, records = 0, []
    while True:
        answer = await rig.client.request(m.LOG_READ, number=number)
        if not answer["records"]:
            return records
        number = answer["next_number"]
        records += m.unpack_log(answer["records"])


def test_a_reset_in_the_middle_executes_nothing_twice(tmp_path: Path) -> None:
    async def story() -> None:
        async with rig(tmp_path, slots=1, settings=SIM800) as made:
            before = made.client.identity["boot_id"]
            made.board.on_noise_to_host = lambda data: b""  # the answer is lost with the reset
            task = asyncio.ensure_future(made.client.request(m.ARM, kind=m.SLOT_POWER, argument=0))
            await asyncio.sleep(0.05)
            await made.board.kill()
            made.board.on_noise_to_host = None
            with pytest.raises(RequestFailed):
                await task
            assert not made.client.peer.greeted
            with pytest.raises(RequestFailed, match="not armed"):
                await asyncio.gather(made.client.hello(), made.client.request(m.SLOT_POWER, code=1, slot=0, action=1))
            assert made.client.identity["boot_id"] != before
            assert m.RESET_CAUSES[made.client.identity["reset_cause"]] == "watchdog"
            assert await slot_state(made, 0) in ("off", "discharging")

    run(story())


def test_a_hung_firmware_is_reset_by_its_watchdog_and_the_modules_stay_on(tmp_path: Path) -> None:
    async def story() -> None:
        async with rig(tmp_path, slots=1, settings=SIM800) as made:
            await made.client.power(0, "on")
            await until_slot(made, 0, "on")
            made.happened.clear()
            made.board.hang()
            await made.until(lambda: made.starts() == ["watchdog"])
            made.client.peer.greeted = False
            identity = await made.client.hello()
            assert m.RESET_CAUSES[identity["reset_cause"]] == "watchdog"
            assert await slot_state(made, 0) == "on"
            assert e.RailSwitched(0, False) not in made.of(e.RailSwitched)
            codes = [m.LOG_CODES[record[2]] for record in await read_log(made)]
            assert codes.count("supervisor started") == 2, "the log outlived the reset"

    run(story())


def test_a_hung_host_is_warned_of_asked_cut_and_told_why(tmp_path: Path) -> None:
    quick = {"late_ms": 400, "dead_ms": 1200, "grace_ms": 600, "boot_ms": 20000}

    async def story() -> None:
        async with rig(tmp_path, slots=1, settings=quick) as made:
            made.client.beating = "running"
            await until_status(made, "watchdog", m.WATCHDOG_STATES.index("good"))
            made.happened.clear()
            made.client.beating = None
            await made.until(lambda: e.HostRailSwitched(True) in made.of(e.HostRailSwitched))
            order = [event for event in made.of(object) if isinstance(event, e.HostRailSwitched | e.HostButtonSwitched)]
            assert order == [
                e.HostButtonSwitched(True),
                e.HostButtonSwitched(False),
                e.HostRailSwitched(False),
                e.HostRailSwitched(True),
            ]
            await made.until(lambda: made.client.of(m.SHUTDOWN_ASKED))
            kinds = [kind for kind, _ in made.client.events if kind in (m.HOST_LATE, m.SHUTDOWN_ASKED)]
            assert kinds == [m.HOST_LATE, m.SHUTDOWN_ASKED]
            await made.reconnect()
            identity = await made.client.hello()
            assert m.STOP_REASONS[identity["host_stop_reason"]] == "watchdog"
            assert identity["host_resets"] == 1
            made.client.beating = "running"
            await until_status(made, "stop_reason", 0)  # told and heard: forgotten
            assert "host cut" in [m.LOG_CODES[record[2]] for record in await read_log(made)]

    run(story())


def test_settings_reasons_and_log_survive_a_power_cycle(tmp_path: Path) -> None:
    async def story() -> None:
        async with rig(tmp_path, slots=1) as made:
            await made.client.request(m.SETTING_SET, value=7777, name=b"late_ms")
            numbers = [record[0] for record in await read_log(made)]
            await made.board.power_cycle()
            made.client.peer.greeted = False
            identity = await made.client.hello()
            assert m.RESET_CAUSES[identity["reset_cause"]] == "power on"
            assert (await made.client.request(m.SETTING_GET, name=b"late_ms"))["value"] == 7777
            again = [record[0] for record in await read_log(made)]
            assert again[: len(numbers)] == numbers
            assert again == list(range(1, len(again) + 1))

    run(story())


def test_button_supply_heat_lights_and_clock_are_seen(tmp_path: Path) -> None:
    async def story() -> None:
        async with rig(tmp_path, slots=1) as made:
            made.client.beating = "running"
            board, client = made.board, made.client
            await made.until(lambda: board.leds[:2] == ((0, 24, 0), (0, 24, 0)))
            clock = await client.request(m.CLOCK_GET)
            assert (clock["fitted"], clock["valid"]) == (1, 1)
            await client.request(m.CLOCK_SET, unix_s=clock["unix_s"] - 86400)

            async def a_day_earlier() -> bool:
                return (await client.request(m.CLOCK_GET))["unix_s"] < clock["unix_s"] - 86000

            await client.until_async(a_day_earlier)
            board.set_temperature(72.0)
            await made.until(lambda: client.of(m.TEMPERATURE_CHANGED))
            assert abs(client.of(m.TEMPERATURE_CHANGED)[0]["temperature_dc"] - 720) <= 3
            board.set_button(True)
            await asyncio.sleep(0.3)
            board.set_button(False)
            await made.until(lambda: client.of(m.BUTTON))
            assert m.BUTTON_GESTURES[client.of(m.BUTTON)[0]["gesture"]] == "short"
            board.set_supply(4000, 3000)
            await made.until(lambda: client.of(m.SHUTDOWN_ASKED))
            assert m.STOP_REASONS[client.of(m.SHUTDOWN_ASKED)[0]["reason"]] == "supply"
            board.set_halted(True)
            await made.until(lambda: not board.host_powered)
            board.set_supply(5000, 5000)
            await made.until(lambda: board.host_powered)

    run(story())


def test_older_and_newer_hosts(tmp_path: Path) -> None:
    async def story() -> None:
        async with rig(tmp_path, slots=1) as made:
            client = made.client
            with pytest.raises(RequestFailed, match="unsupported"):
                await client.send_raw(0x3E, b"of the future")
            newer = m.pack_message(m.LINE_LED, {"slot": 0, "pattern": 1}) + b"fields of the future"
            await client.send(m.LINE_LED, newer)
            identity = await client.hello(protocol=0)
            assert identity["protocol"] == link.PROTOCOL
            with pytest.raises(RequestFailed, match="incompatible"):
                await client.request(m.STATUS)
            await client.request(m.HEARTBEAT, state=1)
            await client.request(m.UPDATE_STATUS)
            await client.hello()
            await client.request(m.STATUS)

    run(story())


def test_the_heap_holds(tmp_path: Path) -> None:
    """After hundreds of requests as much is free as after the first, within what one collection leaves."""

    async def story() -> None:
        async with rig(tmp_path, slots=2) as made:
            free = []
            for _ in range(4):
                for _ in range(120):
                    await made.client.request(m.SLOT_STATE, slot=0)
                await asyncio.sleep(1.2)
                free.append((await made.client.request(m.STATUS))["heap_free"])
            assert min(free) >= 40_000, free
            assert free[-1] >= free[0] - 2_000, free

    run(story())


def test_what_was_off_is_off_again_after_a_reset_of_the_supervisor(tmp_path: Path) -> None:
    """A host that the button switched off, and a slot that somebody switched off: neither comes back by a reset."""

    async def story() -> None:
        async with rig(tmp_path, slots=1, settings=SIM800 | {"autostart": 1, "long_press_ms": 400}) as made:
            made.client.beating = "running"
            await until_slot(made, 0, "on")
            await made.client.power(0, "off")
            await until_slot(made, 0, "off")
            await made.board.kill()
            made.client.peer.greeted = False
            await made.client.hello()
            await until_slot(made, 0, "off")
            made.board.set_button(True)
            await made.until(lambda: made.client.of(m.SHUTDOWN_ASKED))
            made.board.set_button(False)
            made.board.set_halted(True)
            await made.until(lambda: not made.board.host_powered)
            made.board.set_halted(False)
            starts = len(made.starts())
            await made.board.kill()
            await made.until(lambda: len(made.starts()) > starts and not made.board.host_powered)
            assert not made.board.rail(0)
            made.client.peer.greeted = False
            assert m.STOP_REASONS[(await made.client.hello())["host_stop_reason"]] == "button"
            await made.board.power_cycle()
            made.client.peer.greeted = False
            await made.client.hello()
            assert made.board.host_powered, "whoever puts the plug in wants it on"

    run(story())
