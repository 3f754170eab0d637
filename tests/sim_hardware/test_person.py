"""What a person does, second by second."""

from __future__ import annotations

import pytest

from sim_hardware import person as p
from sim_hardware.errors import RequestError
from sim_hardware.signals import EndedBy

ENDED = p.Released(16, EndedBy.CALLED)


def play(call: p.PersonCall, until_s: float, *given: tuple[float, p.Event]) -> list[tuple[float, p.Action]]:
    """Feed timed events and deadlines in order; what he did, and when."""
    did: list[tuple[float, p.Action]] = []
    events = sorted(given, key=lambda pair: pair[0])
    while True:
        due = call.next_deadline
        if events and (due is None or events[0][0] <= due):
            now, event = events.pop(0)
        elif due is not None and due <= until_s:
            now, event = due, p.TimePassed()
        else:
            return did
        did += [(round(now, 3), action) for action in call.handle(event, now)]


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (p.Behaviour.ANSWER, [(3.0, p.Accept())]),
        (p.Behaviour.REJECT, [(3.0, p.HangUp(21))]),
        (p.Behaviour.NO_ANSWER, []),
    ],
)
def test_called_he_behaves_after_letting_it_ring(behaviour, expected):
    call = p.PersonCall(p.Script(behaviour, after_s=2.0), calling=False, started_s=1.0)
    assert play(call, 100, (1.0, p.Rang())) == expected


def test_all_seconds_count_from_his_connection():
    script = p.Script(keys=p.parse_keys("3:51,9:#"), hang_up_after_s=12)
    call = p.PersonCall(script, calling=True, started_s=100.0)
    did = play(call, 200, (101.0, p.Rang()), (105.5, p.Connected()))
    assert did == [
        (108.5, p.PressKey("5")),
        (108.74, p.PressKey("1")),
        (114.5, p.PressKey("#")),
        (117.5, p.HangUp(16)),
    ]
    call.handle(p.Released(16, EndedBy.CALLER), 117.5)
    assert call.next_deadline is None
    assert call.connected_for_s == 12.0
    assert [(e.ms, e.event, e.key) for e in call.events] == [
        (0, "dialled", None),
        (1000, "ringing", None),
        (5500, "connected", None),
        (8500, "key", "5"),
        (8740, "key", "1"),
        (14500, "key", "#"),
        (17500, "ended", None),
    ]


def test_patience_ends_with_hanging_up():
    call = p.PersonCall(p.Script(patience_s=15), calling=True, started_s=0.0)
    assert play(call, 100, (0.5, p.Rang())) == [(15.0, p.HangUp(16))]


def test_without_hang_up_he_stays_until_the_other_side_ends():
    call = p.PersonCall(p.Script(), calling=True, started_s=0.0)
    assert play(call, 1000, (1.0, p.Connected()), (500.0, ENDED)) == []
    assert call.connected_for_s == 499.0


def test_an_answer_after_the_caller_left_does_not_happen():
    call = p.PersonCall(p.Script(p.Behaviour.ANSWER, after_s=5), calling=False, started_s=0.0)
    assert play(call, 100, (0.0, p.Rang()), (4.0, ENDED)) == []
    assert call.handle(p.Connected(), 6.0) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("2.5:512", [(2.5, "5"), (2.74, "1"), (2.98, "2")]),
        ("1:*a", [(1.0, "*"), (1.24, "A")]),
        ("1:11,1.1:2", [(1.0, "1"), (1.24, "1"), (1.48, "2")]),
    ],
)
def test_keys_are_pressed_one_after_the_other(text, expected):
    assert [(k.at_s, k.key) for k in p.parse_keys(text)] == expected


@pytest.mark.parametrize("text", ["512", "x:1", "-1:1", "1:", "1:5x", "nan:1"])
def test_keys_that_cannot_be_pressed_are_named(text):
    with pytest.raises(RequestError, match="is not SECONDS:KEYS"):
        p.parse_keys(text)
