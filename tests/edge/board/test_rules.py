"""Lamps by the state of the lines, and when a module that stays away is power-cycled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.board.rules import RESCUE_AFTER_S, RESCUES_PER_HOUR, LineGlance, Rescue, box_lamp, line_lamp
from edge.telephony import LineState
from hal.interfaces import BoxLamp, LineLamp


@pytest.mark.parametrize(
    ("state", "busy", "lamp"),
    [
        (LineState.STARTING, False, LineLamp.SEARCHING),
        (LineState.UP, False, LineLamp.REGISTERED),
        (LineState.UP, True, LineLamp.IN_CALL),
        (LineState.NO_SERVICE, False, LineLamp.SEARCHING),
        (LineState.DOWN, False, LineLamp.FAULT),
        (LineState.NO_SERVICE, True, LineLamp.IN_CALL),
    ],
)
def test_the_lamp_of_a_line(state: LineState, busy: bool, lamp: LineLamp) -> None:
    assert line_lamp(LineGlance(0, state, busy)) is lamp


@pytest.mark.parametrize(
    ("ready", "alarms", "lamp"),
    [(False, False, BoxLamp.BOOTING), (True, False, BoxLamp.READY), (True, True, BoxLamp.ATTENTION)],
)
def test_the_lamp_of_the_box(ready: bool, alarms: bool, lamp: BoxLamp) -> None:
    assert box_lamp(ready=ready, alarms=alarms) is lamp


def down(slot: int) -> LineGlance:
    return LineGlance(slot, LineState.DOWN, busy=False)


def up(slot: int) -> LineGlance:
    return LineGlance(slot, LineState.UP, busy=False)


def test_a_module_that_stays_away_is_cycled_three_times_an_hour_and_then_given_up() -> None:
    rescue, cycled = Rescue(), []
    for second in range(3000):
        cycled += [(slot, second) for slot in rescue.look([down(0), up(1)], float(second))]
    assert [slot for slot, _ in cycled] == [0] * RESCUES_PER_HOUR
    assert cycled[0][1] == RESCUE_AFTER_S
    assert rescue.given_up(3000.0) == [0]


def test_a_module_that_comes_back_is_left_alone() -> None:
    rescue = Rescue()
    assert rescue.look([down(0)], 0.0) == []
    assert rescue.look([up(0)], RESCUE_AFTER_S - 1) == []
    assert rescue.look([down(0)], RESCUE_AFTER_S + 1) == []
    assert rescue.given_up(RESCUE_AFTER_S + 1) == []


@given(st.lists(st.tuples(st.floats(0.1, 600.0), st.booleans()), max_size=200))
def test_never_more_than_the_budget_in_any_hour(steps: list[tuple[float, bool]]) -> None:
    rescue, now, cycled = Rescue(), 0.0, []
    for gap_s, away in steps:
        now += gap_s
        cycled += [now for _ in rescue.look([down(0) if away else up(0)], now)]
    for at in cycled:
        assert sum(at - 3600.0 < other <= at for other in cycled) <= RESCUES_PER_HOUR
