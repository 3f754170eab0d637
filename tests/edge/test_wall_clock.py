"""Which clock the box believes (architecture §2.6)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from edge.telephony import ClockSource
from edge.wall_clock import BoxClock

NOW = 1_795_000_000.0
"""November 2026."""


@dataclass
class Machine:
    mono: float = 100.0
    wall: float = NOW
    ntp: bool = False
    chip: bool = False

    def clock(self) -> BoxClock:
        return BoxClock(lambda: self.mono, lambda: self.wall, lambda: self.ntp, lambda: self.chip)


@pytest.mark.parametrize(
    ("machine", "source"),
    [
        (Machine(ntp=True, chip=True), ClockSource.NTP),
        (Machine(chip=True), ClockSource.RTC),
        (Machine(), ClockSource.NONE),
        (Machine(wall=0.0, chip=True), ClockSource.NONE),
    ],
    ids=["ntp", "chip", "nothing to rest on", "a chip that was never set"],
)
def test_source_at_start(machine: Machine, source: ClockSource) -> None:
    assert machine.clock().source is source


def test_the_network_moves_our_wall_clock_and_never_the_monotonic_one() -> None:
    machine = Machine(wall=0.0)
    clock = machine.clock()
    assert clock.network_told(NOW)
    assert clock.source is ClockSource.NETWORK
    assert clock.now().wall == NOW
    assert clock.now().mono == 100.0


def test_whole_seconds_of_the_network_do_not_make_it_jump() -> None:
    machine = Machine(wall=NOW)
    clock = machine.clock()
    assert clock.network_told(NOW - 1.0)
    assert clock.now().wall == NOW
    assert not clock.network_told(NOW + 1.0)
    assert clock.now().wall == NOW


def test_a_network_that_says_1980_is_not_believed() -> None:
    clock = Machine(wall=0.0).clock()
    assert not clock.network_told(315_532_800.0)
    assert clock.source is ClockSource.NONE


def test_ntp_wins_over_the_network_and_its_offset_goes() -> None:
    machine = Machine(wall=0.0)
    clock = machine.clock()
    clock.network_told(NOW)
    machine.wall, machine.ntp = NOW + 5, True
    assert clock.refresh()
    assert clock.source is ClockSource.NTP
    assert clock.now().wall == NOW + 5
    assert not clock.network_told(NOW)


def test_a_lost_ntp_server_does_not_unset_the_clock() -> None:
    machine = Machine(ntp=True)
    clock = machine.clock()
    machine.ntp = False
    assert not clock.refresh()
    assert clock.source is ClockSource.NTP


def test_a_machine_clock_that_jumps_takes_ours_along_only_with_its_source() -> None:
    """NTP sets the machine some seconds before we look: until then the network's time goes on."""
    machine = Machine(wall=0.0)
    clock = machine.clock()
    clock.network_told(NOW)
    machine.mono, machine.wall, machine.ntp = 103.0, NOW + 3.2, True
    assert clock.now().wall == NOW + 3.0
    assert clock.refresh()
    assert clock.now().wall == pytest.approx(NOW + 3.2)


def test_without_any_clock_a_jump_is_not_seen_before_it_has_a_source() -> None:
    machine = Machine(wall=0.0)
    clock = machine.clock()
    machine.mono, machine.wall = 101.0, NOW
    assert clock.now().wall == 1.0
