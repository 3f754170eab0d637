"""A day of random traffic through driver, emulator, lines, switchboard and engine, in virtual time."""

from __future__ import annotations

from random import Random

import pytest

from edge.calls import actions as do
from edge.calls import events as ev
from edge.telephony import Disposition
from tests.support.day import COMPANY, DAY_S, live
from tests.support.virtual_box import VirtualBox
from tests.support.virtual_time import run_virtually


async def _day(seed: int, lines: int, calls: int, length_s: float) -> VirtualBox:
    """The laws that hold for every day."""
    box = VirtualBox(lines, COMPANY, seed)
    await box.up()
    await live(box, Random(seed), calls, length_s)
    await box.quiet()
    cdrs = box.records.cdrs
    offered = box.records.count(ev.CallOffered, ev.CallWaitingOffered)
    assert len(cdrs) == offered == box.world.offered_to_lines, "one CDR per offered call"
    assert len({cdr.call for cdr in cdrs}) == offered
    assert all(leg.ended >= leg.started for cdr in cdrs for leg in cdr.legs)
    assert box.replay() is None
    assert box.engine.board.unexpected == {}
    assert box.engine.health.failed_actions == {}
    await box.close()
    return box


def test_two_busy_hours_of_eight_lines() -> None:
    box = run_virtually(_day(1, 8, 120, 7200.0))
    found = {cdr.disposition for cdr in box.records.cdrs}
    assert {Disposition.ANSWERED, Disposition.ABANDONED, Disposition.BUSY} <= found
    sent = [action for action in box.records.done if isinstance(action, do.SendMessage)]
    assert sum(map(len, box.world.messages.values())) == len(sent), "every notice has reached its employee"


def test_one_line_is_enough_to_answer() -> None:
    box = run_virtually(_day(2, 1, 20, 3600.0))
    assert not any(cdr.disposition is Disposition.ANSWERED for cdr in box.records.cdrs), "no second line to dial on"


@pytest.mark.parametrize("seed", range(3, 6))
def test_other_hours(seed: int) -> None:
    run_virtually(_day(seed, 4, 40, 3600.0))


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(100, 120))
def test_whole_days(seed: int) -> None:
    run_virtually(_day(seed, 8, 2000, DAY_S))
