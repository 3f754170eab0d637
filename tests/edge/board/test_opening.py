"""The board that the machine's file names: each kind opens or says what is wrong with which key."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from edge.board.opening import open_board
from edge.board.supervisor_settings import settings_fault
from edge.config import BoardConfig, ConfigError, LineConfig, MachineConfig, read_config
from hal.errors import ConfigurationError
from tests.support.virtual_time import LoopClock, run_virtually

TWO = (LineConfig("gsm-1", "/dev/a"), LineConfig("gsm-2", "/dev/b"))
ONE_SLOT = """
[[slots]]
power_key = 4
on_pulse_s = 0.5
on_wait_s = 1
off_pulse_s = 2.5
off_wait_s = 1
"""


def opened(config: MachineConfig) -> tuple[bool, bool]:
    async def story() -> tuple[bool, bool]:
        board, supervisor = open_board(config, LoopClock(asyncio.get_running_loop()), lambda _event: None)
        return board is not None, supervisor is not None

    return run_virtually(story())


def test_each_kind() -> None:
    assert opened(MachineConfig(lines=TWO)) == (False, False)
    assert opened(MachineConfig(lines=TWO, board=BoardConfig("supervisor", port="/dev/none"))) == (True, True)


def test_a_pin_map_that_cannot_be_used_names_its_key(tmp_path: Path) -> None:
    small = tmp_path / "small.toml"
    small.write_text(ONE_SLOT)
    for pin_map, words in (("nonsense", "shipped ones"), (str(small), "1 slots for 2 lines")):
        with pytest.raises(ConfigurationError, match=r"board\.pin_map") as refused:
            opened(MachineConfig(lines=TWO, board=BoardConfig("gpio", pin_map=pin_map)))
        assert words in str(refused.value)


@pytest.mark.parametrize(
    ("settings", "named"),
    [({"dead": 1}, "board.settings.dead: no such setting"), ({"dead_ms": 3}, "board.settings.dead_ms: 3 is not")],
)
def test_settings_of_the_supervisor_are_checked_when_the_file_is_read(
    tmp_path: Path, settings: dict[str, int], named: str
) -> None:
    path = tmp_path / "tongdai.toml"
    rows = "".join(f"{name} = {value}\n" for name, value in settings.items())
    path.write_text(f'[board]\nkind = "supervisor"\nport = "/dev/none"\n[board.settings]\n{rows}')
    with pytest.raises(ConfigError) as refused:
        read_config(path)
    assert str(path) in str(refused.value)
    assert named in str(refused.value)


def test_settings_that_can_be() -> None:
    assert settings_fault({}) is None
    assert settings_fault({"dead_ms": 30000, "family_7": 1}) is None
