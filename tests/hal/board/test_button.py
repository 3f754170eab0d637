"""Debounce and gestures: bounces are no presses, a long press is told while it is held."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.button import DEBOUNCE_S, FACTORY_RESET_S, LONG_S, Button
from hal.interfaces import ButtonGesture

SHORT, LONG, RESET = ButtonGesture.SHORT, ButtonGesture.LONG, ButtonGesture.FACTORY_RESET


def play(edges: list[tuple[float, bool]], until: float) -> list[tuple[float, ButtonGesture]]:
    """Edges and every deadline between them, in order; gestures with their instants."""
    button, found = Button(), []
    for at, pressed in [*edges, (until, None)]:
        while (due := button.next_deadline) is not None and due <= at:
            found += [(due, gesture) for gesture in button.time_passed(due)]
        if pressed is not None:
            found += [(at, gesture) for gesture in button.edge(at, pressed=pressed)]
    return found


@pytest.mark.parametrize(
    ("held_s", "gestures"),
    [
        (0.5, [SHORT]),
        (LONG_S - 0.1, [SHORT]),
        (LONG_S + 0.1, [LONG]),
        (FACTORY_RESET_S + 0.1, [LONG, RESET]),
        (60.0, [LONG, RESET]),
    ],
)
def test_how_long_it_is_held_makes_the_gesture(held_s: float, gestures: list[ButtonGesture]) -> None:
    found = play([(1.0, True), (1.0 + held_s, False)], 100.0)
    assert [gesture for _, gesture in found] == gestures


def test_a_long_press_is_told_while_it_is_held() -> None:
    assert play([(1.0, True)], 5.0) == [(1.0 + LONG_S, LONG)]


def test_bounces_at_both_ends_are_one_press() -> None:
    edges = [(1.0 + 0.002 * n, n % 2 == 0) for n in range(5)] + [(1.5 + 0.002 * n, n % 2 == 1) for n in range(5)]
    assert [gesture for _, gesture in play(edges, 10.0)] == [SHORT]


@given(st.lists(st.floats(0.0005, DEBOUNCE_S * 0.9), max_size=40))
def test_chatter_shorter_than_the_debounce_is_nothing(gaps: list[float]) -> None:
    edges, at = [], 1.0
    for index, gap in enumerate(gaps):
        edges.append((at, index % 2 == 0))
        at += gap
    edges.append((at, False))
    assert play(edges, at + 20.0) == []


@given(st.lists(st.floats(0.1, 2.5), min_size=1, max_size=20))
def test_every_clean_short_press_is_told_once(lengths: list[float]) -> None:
    edges, at = [], 1.0
    for length in lengths:
        edges += [(at, True), (at + length, False)]
        at += length + 0.5
    assert [gesture for _, gesture in play(edges, at + 20.0)] == [SHORT] * len(lengths)
