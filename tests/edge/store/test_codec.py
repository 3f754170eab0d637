"""Every event and action there is, out of its types: the journal gives back exactly what it took."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.calls.actions import Action, SetHearing
from edge.calls.events import Event, KeyPressed, SmsReceived, TimePassed
from edge.store.codec import (
    ACTIONS,
    EVENTS,
    UnknownEntry,
    decode_actions,
    decode_event,
    encode_actions,
    encode_event,
)
from edge.telephony import LegId, LineId

st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(str, st.text())


@pytest.mark.parametrize("kind", EVENTS.values(), ids=EVENTS)
@settings(max_examples=15)
@given(data=st.data())
def test_every_event_comes_back(kind: type[Event], data: st.DataObject) -> None:
    event = data.draw(st.from_type(kind))
    again = decode_event(encode_event(event))
    assert again == event
    assert type(again) is kind


@pytest.mark.parametrize("kind", ACTIONS.values(), ids=ACTIONS)
@settings(max_examples=15)
@given(data=st.data())
def test_every_action_comes_back(kind: type[Action], data: st.DataObject) -> None:
    actions = (data.draw(st.from_type(kind)), data.draw(st.from_type(kind)))
    assert decode_actions(encode_actions(actions)) == actions


def test_the_form_is_readable() -> None:
    assert encode_event(KeyPressed(LegId("c1.1"), "5")) == '{"type":"KeyPressed","leg":"c1.1","key":"5"}'
    assert encode_event(TimePassed()) == '{"type":"TimePassed"}'
    assert encode_actions(()) == "[]"


def test_a_message_cut_inside_a_character_is_written_all_the_same() -> None:
    event = SmsReceived(LineId("gsm-1"), None, "\ud83d", "cut \ud83d", 0.0)
    assert decode_event(encode_event(event)) == SmsReceived(LineId("gsm-1"), None, "\ufffd", "cut \ufffd", 0.0)


def test_floats_are_exact() -> None:
    gain = math.nextafter(0.1, 1)
    (again,) = decode_actions(encode_actions((SetHearing(LegId("a"), LegId("b"), gain),)))
    assert again == SetHearing(LegId("a"), LegId("b"), gain)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"type":"Exploded"}', id="unknown type"),
        pytest.param('{"type":"KeyPressed","leg":"c1.1"}', id="missing field"),
        pytest.param('{"leg":"c1.1"}', id="no type"),
        pytest.param("{", id="torn"),
        pytest.param('{"type":"KeyPressed","leg":1,"key":"5"}', id="wrong type"),
    ],
)
def test_what_other_code_wrote_is_refused(text: str) -> None:
    with pytest.raises(UnknownEntry):
        decode_event(text)
