"""The last digit decides."""

from __future__ import annotations

import pytest

from sim_hardware.modem import events as e
from sim_hardware.modem.lone_network import LoneNetwork


def story(network, until_s):
    """(second, event) up to a moment."""
    told = []
    while (due_s := network.next_deadline) is not None and due_s <= until_s:
        told += [(due_s, event) for event in network.take_due(due_s)]
    return told


@pytest.mark.parametrize(
    ("number", "ending"),
    [
        ("0912000221", [(0.5, e.CallAlerted("m1")), (1.0, e.CallConnected("m1"))]),
        ("0912000222", [(0.5, e.CallReleased("m1", 17))]),
        ("0912000223", [(0.5, e.CallAlerted("m1")), (60.0, e.CallReleased("m1", 19))]),
        ("0912000224", [(0.5, e.CallAlerted("m1")), (2.0, e.CallReleased("m1", 21))]),
        ("0912000225", [(1.0, e.CallReleased("m1", 20))]),
        ("0912000220", [(0.5, e.CallAlerted("m1")), (3.0, e.CallConnected("m1"))]),
    ],
)
def test_called_numbers(number, ending):
    network = LoneNetwork("MobiFone", "45201")
    network.hear(e.PlaceCall("m1", number), 0.0, 0.0)
    assert story(network, 100.0) == ending


def test_a_caller_gives_up_after_a_minute_unless_answered():
    network = LoneNetwork("MobiFone", "45201")
    network.ring("0912000222", 0.0)
    assert network.take_due(0.0) == [e.CallArrived("n1", "0912000222")]
    network.hear(e.AcceptCall("n1"), 2.0, 0.0)
    assert network.talking
    assert story(network, 100.0) == []
    network.hang_up("0912000222")
    assert network.take_due(100.0) == [e.CallReleased("n1", 16)]
    with pytest.raises(ValueError, match="no call"):
        network.hang_up("0912000222")


def test_held_callers_hear_nothing_and_are_not_heard():
    network = LoneNetwork("MobiFone", "45201")
    network.hear(e.PlaceCall("m1", "0912000221"), 0.0, 0.0)
    story(network, 5.0)
    network.hear(e.HoldCall("m1"), 5.0, 0.0)
    assert not network.talking
    network.hear(e.Detached(), 6.0, 0.0)
    assert network.next_deadline is None


def test_messages_and_registration():
    network = LoneNetwork("MobiFone", "45201")
    network.hear(e.SubmitMessage(7, "0912000222", "x", 1), 0.0, 0.0)
    network.hear(e.Attached(), 0.0, 1000.0)
    assert story(network, 5.0) == [
        (1.0, e.MessageAccepted(7)),
        (2.0, e.RegistrationChanged(e.Registration.HOME, "MobiFone", "45201")),
        (2.0, e.ClockTold(1002.0)),
    ]
