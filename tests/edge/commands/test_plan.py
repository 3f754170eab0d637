"""Options of `tongdai run` that concern the emulated board."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.cli import build_parser
from edge.commands.answers import Failed
from edge.commands.plan import plan_from


def plan(tmp_path: Path, *options: str):
    return plan_from(build_parser().parse_args(["run", "--data", str(tmp_path), *options]))


def test_settings_of_the_supervisor_reach_the_core(tmp_path: Path) -> None:
    made = plan(tmp_path, "--sim", "--board-settings", "dead_ms=3000, late_ms=1000", "--board-key", "k")
    assert made.config.board.settings == {"dead_ms": 3000, "late_ms": 1000}
    assert made.config.board.power_off == (), "nobody switches a laptop off"
    assert made.board_key == Path("k").absolute()
    assert plan(tmp_path, "--sim").config.board.settings == {}


@pytest.mark.parametrize(
    "given", ["dead_ms", "dead_ms=", "=3", "dead=3000", "dead_ms=3", "dead_ms=1;x=2", "dead_ms=soon"]
)
def test_settings_that_are_none(tmp_path: Path, given: str) -> None:
    with pytest.raises(Failed, match="--board-settings") as failed:
        plan(tmp_path, "--sim", "--board-settings", given)
    assert failed.value.status == 2


def test_real_hardware_has_its_file(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="--board-settings is for --sim") as failed:
        plan(tmp_path, "--board-settings", "dead_ms=3000")
    assert failed.value.status == 2
