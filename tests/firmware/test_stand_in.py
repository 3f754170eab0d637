"""Where MicroPython has no package the same program runs under CPython, and the board says so."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from firmware import messages as m
from sim_hardware.board import flash, virtual_machine
from sim_hardware.board.module import BRISK, SIM7600, STICK, PoweredModule
from sim_hardware.board.pins import KEY_DATA, KEY_LATCH, KEY_SHIFT, ShiftRegister, sensor_raw, supply_raw
from sim_hardware.errors import WorldError
from tests.firmware.rig import rig
from tests.support import micropython


@pytest.mark.system
def test_the_whole_program_under_cpython(tmp_path: Path) -> None:
    async def story() -> None:
        async with rig(tmp_path, slots=1, vm="cpython", settings={"late_ms": 400}) as made:
            assert made.board.state()["vm"] == "cpython"
            await made.client.power(0, "on")
            await made.until(lambda: made.modules[0].presses)
            made.board.hang()
            await made.until(lambda: "watchdog" in made.starts())
            made.client.peer.greeted = False
            identity = await made.client.hello()
            assert m.RESET_CAUSES[identity["reset_cause"]] == "watchdog"

    asyncio.run(asyncio.wait_for(story(), 60))


def test_the_board_says_which_machine_it_has() -> None:
    assert virtual_machine.available() == ("micropython" if micropython.available() else "cpython")


def test_flash_keeps_settings_until_other_firmware_comes(tmp_path: Path) -> None:
    flash.prepare(tmp_path, slots=2, target="source")
    flash.put_settings(tmp_path, {"late_ms": 1234})
    (tmp_path / "slots.json").write_text("{}")
    flash.prepare(tmp_path, slots=2, target="source")
    assert (tmp_path / "slots.json").exists()
    flash.prepare(tmp_path, slots=2, target="source", files={"firmware/__init__.py": b"# another"})
    assert not (tmp_path / "slots.json").exists()
    assert "1234" in (tmp_path / "state.json").read_text()


def test_keys_come_out_of_the_shift_register_in_order() -> None:
    register = ShiftRegister()
    for bit in (1, 0, 0, 0, 0, 1, 0, 1):
        register.drive(KEY_DATA, bit)
        register.drive(KEY_SHIFT, 1)
        register.drive(KEY_SHIFT, 0)
    assert register.outputs == 0
    assert register.drive(KEY_LATCH, 1)
    assert register.outputs == 0b10000101


def test_what_the_adcs_read_is_what_the_firmware_understands() -> None:
    """firmware/board.py needs `machine`; its two formulas are repeated here with the datasheet's numbers."""
    assert supply_raw(5000) * 3300 * 2 // 65535 in (4999, 5000)
    assert supply_raw(99_999) == 65535
    for celsius in (-20.0, 27.0, 85.0):
        volts = sensor_raw(celsius) / 65535 * 3.3
        assert abs(27 - (volts - 0.706) / 0.001721 - celsius) < 0.1


def test_a_module_obeys_its_key() -> None:
    module = PoweredModule(SIM7600)
    module.key(True, 0.0)
    module.key(False, 1.0)
    assert not module.status(100.0), "no rail"
    module.rail(True, 100.0)
    module.key(True, 101.0)
    module.key(False, 101.1)
    assert not module.status(150.0), "too short"
    module.key(True, 150.0)
    module.key(False, 150.5)
    assert not module.status(151.0)
    assert module.status(167.0)
    module.key(True, 170.0)
    module.key(False, 172.6)
    assert module.status(173.0)
    assert not module.status(179.0)
    assert [round(held_s, 1) for held_s in module.presses] == [1.0, 0.1, 0.5, 2.6]


def test_a_stick_follows_its_rail_and_a_crash_is_a_crash() -> None:
    stick = PoweredModule(STICK)
    stick.rail(True, 0.0)
    assert stick.status(1.0)
    stick.rail(False, 2.0)
    assert not stick.status(2.0)
    module = PoweredModule(BRISK)
    module.rail(True, 0.0)
    module.key(True, 0.0)
    module.key(False, 0.1)
    assert module.status(1.0)
    module.crash()
    assert not module.status(1.1)


def test_a_real_board_gets_bytecode_and_a_stand_in_sources(tmp_path: Path) -> None:
    flash.prepare(tmp_path / "real", slots=1, target=flash.COMPILED_TARGET)
    flash.prepare(tmp_path / "other", slots=1, target=flash.SOURCE_TARGET)
    assert {path.suffix for path in (tmp_path / "real/a/firmware").iterdir()} == {".mpy"}
    assert {path.suffix for path in (tmp_path / "other/a/firmware").iterdir()} == {".py"}
    with pytest.raises(WorldError, match=r"firmware/x\.py"):
        flash.compiled({"firmware/x.py": b"def f(:\n"})
