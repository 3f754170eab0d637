"""The menu and its checks."""

from __future__ import annotations

import pytest

from sim_hardware.errors import RequestError
from sim_hardware.faults import FAULTS, Number, Word, menu, parse
from sim_hardware.modem.events import FaultInjected

PROMISED = (
    "restart unplug replug sim-out sim-in brown-out at-late at-lost double-cr split urc-inside echo-on cme14 "
    "pcm-refuse pcm-stuck no-clip late-clip early-active silent-end stuck-call creg-flap sms-full one-way"
)


def test_every_promised_fault_exists():
    assert set(PROMISED.split()) <= {fault.name for fault in FAULTS}
    assert [entry["name"] for entry in menu()] == [fault.name for fault in FAULTS]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_can_be_injected(fault):
    match fault.parameter:
        case Number(name, _, most):
            given = {name: str(most)}
        case Word(name, _, choices):
            given = {name: choices[0] if choices else "gsm-9"}
        case None:
            given = {}
    assert parse("gsm-1", fault.name, given).name == fault.name


@pytest.mark.parametrize(
    ("name", "parameters", "expected"),
    [
        ("at-late", {"ms": "1500"}, FaultInjected("at-late", number=1500.0)),
        ("split", {"n": 3}, FaultInjected("split", number=3.0)),
        ("double-cr", {}, FaultInjected("double-cr", number=1.0)),
        ("one-way", {"direction": "up"}, FaultInjected("one-way", text="up")),
        ("one-way", {"down": ""}, FaultInjected("one-way", text="down")),
        ("replug", {}, FaultInjected("replug")),
        ("replug", {"new_name": "gsm-7"}, FaultInjected("replug", text="gsm-7")),
        ("restart", {}, FaultInjected("restart")),
    ],
)
def test_parameters_reach_the_modem(name, parameters, expected):
    assert parse("gsm-1", name, parameters) == expected


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("melt", {}, ["melt", "gsm-1", "restart", "one-way"]),
        ("at-late", {}, ["at-late", "ms", "missing"]),
        ("at-late", {"ms": "soon"}, ["ms", "number", "'soon'"]),
        ("split", {"n": 1000}, ["n", "0 to 320"]),
        ("split", {"m": 1}, ["unknown parameter 'm'", "only n"]),
        ("restart", {"n": 1}, ["unknown parameter 'n'", "no parameter"]),
        ("one-way", {}, ["direction", "up, down, none"]),
        ("one-way", {"direction": "sideways"}, ["'sideways'", "up, down, none"]),
        ("replug", {"new_name": "../../x"}, ["new_name", "plain name"]),
    ],
)
def test_errors_name_what_and_list_what_exists(name, parameters, words):
    with pytest.raises(RequestError) as error:
        parse("gsm-1", name, parameters)
    for word in words:
        assert word in str(error.value)
