"""Pin maps are data: shipped ones load, a broken one says which key is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from hal.errors import ConfigurationError
from hal.pin_map import parse_pin_map, read_pin_map, shipped_pin_maps

SLOT = """
[[slots]]
power_key = 6
on_pulse_s = 2.0
on_wait_s = 20.0
off_pulse_s = 3.0
off_wait_s = 18.0
"""


def test_the_shipped_maps_load() -> None:
    assert set(shipped_pin_maps()) >= {"generic", "waveshare-sim7600"}
    for name in shipped_pin_maps():
        assert read_pin_map(name).slots


def test_the_waveshare_key_is_pin_6() -> None:
    (slot,) = read_pin_map("waveshare-sim7600").slots
    assert (slot.power_key, slot.flight_mode, slot.on_pulse_s, slot.off_pulse_s) == (6, 4, 2.0, 3.0)


def test_a_map_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(SLOT + "lamp = 22\n[box]\nbutton = 24\n")
    assert read_pin_map(str(path)).pins == (6, 22, 24)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (SLOT.replace("6", "40"), "slots[0].power_key"),
        (SLOT.replace("power_key", "powerkey"), "slots[0].powerkey"),
        (SLOT + "lamp = 6\n", "pin 6 stands twice"),
        (SLOT.replace("3.0", "-1"), "slots[0].off_pulse_s"),
        (SLOT + "pressed = 'up'\n", "slots[0].pressed"),
        ("[box]\nlamp = true\n", "box.lamp"),
        ("slots = 3", "slots"),
        ("[[slots]]\n", "slots[0].power_key"),
        ("nonsense", "mine"),
    ],
)
def test_a_broken_map_says_where(text: str, where: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_pin_map(text, "mine")
    assert where in str(caught.value)


def test_an_absent_map_names_the_shipped_ones() -> None:
    with pytest.raises(ConfigurationError, match="waveshare-sim7600"):
        read_pin_map("no-such-map")
