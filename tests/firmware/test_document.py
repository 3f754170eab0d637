"""docs/firmware.md says what the code says."""

from __future__ import annotations

from pathlib import Path

from cogapp import Cog

from firmware import messages as m
from tests.firmware import document


def test_the_generated_tables_are_up_to_date(checkout: Path) -> None:
    path = checkout / "docs" / "firmware.md"
    assert Cog().main(["cog", "-I", str(checkout), "--check", str(path)]) == 0, "run `make docs`"


def test_every_message_light_and_pin_is_in_it(checkout: Path) -> None:
    text = (checkout / "docs" / "firmware.md").read_text(encoding="utf-8")
    for name, _, _ in m.MESSAGES.values():
        assert f"`{name}`" in text
    assert document.lights() in text
    assert document.pin_map() in text
    assert "not proven" in text.lower()


def test_the_simulated_board_is_wired_as_the_firmware_believes() -> None:
    """Two descriptions made apart: pin numbers of the docstring against those of the board."""
    from sim_hardware.board import pins

    told = document.pin_map()
    for first, last, word in (
        (pins.STATUS[0], pins.STATUS[-1], "STATUS"),
        (pins.RAILS[0], pins.RAILS[-1], "RAIL"),
        (pins.KEY_DATA, pins.KEY_LATCH, "shift register"),
    ):
        assert any(line.startswith(f"{first}..{last}") and word in line for line in told.splitlines()), word
    for pin, word in ((pins.BUTTON, "button"), (pins.HOST_RAIL, "host rail"), (pins.HOST_HALTED, "host halted")):
        assert any(line.startswith(f"{pin} ") and word in line for line in told.splitlines()), word
