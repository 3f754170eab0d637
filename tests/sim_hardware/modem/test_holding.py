"""AT+CHLD by the rules of 22.030, as a table, and its laws under any order of moves."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim_hardware.modem import SimCard
from sim_hardware.modem.call_table import Stat
from sim_hardware.modem.events import (
    CallArrived,
    CallConnected,
    CallReleased,
    HoldCall,
    ReleaseCall,
    ResumeCall,
    TransferCalls,
)


def dial(bench, ref, number="0912000222"):
    bench.at(f"ATD{number};")
    bench.tell(CallConnected(ref))
    bench.lines()


def stats(bench):
    return {call.ref: (call.stat.name.lower(), call.multiparty) for call in bench.modem.state.calls}


@pytest.fixture
def two(bench):
    """m1 held, m2 active."""
    bench.at("AT+CMEE=1;+CCWA=1,1")
    dial(bench, "m1")
    dial(bench, "m2")
    assert stats(bench) == {"m1": ("held", False), "m2": ("active", False)}
    bench.outputs.clear()
    return bench


REFUSED = ["+CME ERROR: 3"]


@pytest.mark.parametrize(
    ("move", "left", "told"),
    [
        ("0", {"m2": "active"}, [ReleaseCall("m1", 16)]),
        ("1", {"m1": "active"}, [ReleaseCall("m2", 16), ResumeCall("m1")]),
        ("11", {"m2": "active"}, [ReleaseCall("m1", 16)]),
        ("12", {"m1": "held"}, [ReleaseCall("m2", 16)]),
        ("2", {"m1": "active", "m2": "held"}, [HoldCall("m2"), ResumeCall("m1")]),
        ("21", {"m1": "active", "m2": "held"}, [HoldCall("m2"), ResumeCall("m1")]),
        ("22", {"m1": "held", "m2": "active"}, []),
        ("3", {"m1": "active", "m2": "active"}, [ResumeCall("m1")]),
    ],
)
def test_moves_with_one_active_and_one_held(two, move, left, told):
    assert two.at(f"AT+CHLD={move}")[-1] == "OK"
    assert {ref: stat for ref, (stat, _) in stats(two).items()} == left
    assert [o for o in two.outputs if isinstance(o, (HoldCall, ResumeCall, ReleaseCall))] == told


def test_bare_chld_swaps(two):
    assert two.at("AT+CHLD") == ["OK"]
    assert stats(two)["m1"] == ("active", False)


@pytest.mark.parametrize("move", ["17", "29", "5", "x", "111", ""])
def test_moves_that_cannot_be(two, move):
    before = stats(two)
    two.at(f"AT+CHLD={move}")
    assert len(stats(two)) == len(before)


@pytest.mark.parametrize("move", ["0", "1", "2", "3", "4", "11"])
def test_nothing_to_do_is_refused(bench, move):
    bench.at("AT+CMEE=1")
    assert bench.at(f"AT+CHLD={move}") == REFUSED


def test_waiting_call_goes_before_the_held_one(two):
    two.tell(CallArrived("n1", "0913000333"))
    assert two.at("AT+CHLD=2") == REFUSED  # a third party cannot be taken
    assert two.at("AT+CHLD=1")[-1] != REFUSED
    assert stats(two) == {"m1": ("held", False), "n1": ("active", False)}


def test_waiting_call_is_refused_as_busy(two):
    two.tell(CallArrived("n1", "0913000333"))
    two.at("AT+CHLD=0")
    assert two.did(ReleaseCall) == [ReleaseCall("n1", 17)]


def test_accepting_a_waiting_call_holds_the_active_one(bench):
    bench.at("AT+CCWA=1,1;+CLCC=1")
    dial(bench, "m1")
    bench.tell(CallArrived("n1", "0913000333"))
    bench.lines()
    lines = bench.at("AT+CHLD=2")
    assert lines[-1].startswith("+CLCC: 2,1,0")
    assert stats(bench) == {"m1": ("held", False), "n1": ("active", False)}


def test_the_held_call_stays_held_when_the_active_one_ends(two):
    two.tell(CallReleased("m2", 16))
    assert stats(two) == {"m1": ("held", False)}


def test_conference_of_five_and_no_more(bench):
    bench.at("AT+CMEE=1;+CCWA=1,1")
    dial(bench, "m1")
    for number in range(2, 6):
        dial(bench, f"m{number}")
        assert bench.at("AT+CHLD=3")[-1] == "OK"
    assert all(multiparty for _, multiparty in stats(bench).values())
    dial(bench, "m6")
    assert bench.at("AT+CHLD=3") == REFUSED
    assert bench.at("AT+CHLD=2")[-1] == "OK"
    assert stats(bench)["m6"] == ("held", False)
    assert bench.at("AT+CHLD=13")[-1] == "OK"
    assert len(stats(bench)) == 5


def test_private_talk_with_one_member(two):
    two.at("AT+CHLD=3")
    assert two.at("AT+CHLD=21")[-1] == "OK"
    assert stats(two) == {"m1": ("active", False), "m2": ("held", False)}


def test_a_group_of_one_is_no_group(two):
    two.at("AT+CHLD=3")
    two.tell(CallReleased("m1", 16))
    assert stats(two) == {"m2": ("active", False)}


def test_transfer_needs_the_subscription(make_bench):
    for allowed, answer in ((False, "+CME ERROR: 4"), (True, "OK")):
        bench = make_bench(sim=SimCard(transfer_allowed=allowed))
        bench.at("AT+CMEE=1")
        dial(bench, "m1")
        dial(bench, "m2")
        assert bench.at("AT+CHLD=4")[-1] == answer
        assert bench.did(TransferCalls) == ([TransferCalls("m1", "m2")] if allowed else [])
        assert len(bench.modem.state.calls) == (0 if allowed else 2)


def test_hang_up_drops_all(two):
    assert two.at("AT+CHUP") == ["VOICE CALL: END: 000000", "VOICE CALL: END: 000000", "OK"]
    assert two.did(ReleaseCall) == [ReleaseCall("m1", 16), ReleaseCall("m2", 16)]


MOVES = st.sampled_from(
    [
        "ATD0912000222;",
        "ATA",
        "AT+CHUP",
        *(f"AT+CHLD={m}" for m in ("0", "1", "11", "12", "2", "21", "22", "23", "3", "4")),
    ]
)
NETWORK = st.sampled_from(["arrive", "connect", "release"])


@given(st.lists(MOVES | NETWORK, max_size=30))
@settings(max_examples=100)
def test_laws_of_held_and_active(make_bench, steps):
    """At most one active and one held set; at most seven calls; every call ends once; ids are unique."""
    bench = make_bench(sim=SimCard(transfer_allowed=True))
    bench.at("AT+CCWA=1,1")
    offered = 0
    for step in steps:
        calls = bench.modem.state.calls
        match step:
            case "arrive":
                offered += 1
                bench.tell(CallArrived(f"n{offered}", "0913000333"))
            case "connect":
                for call in calls:
                    if call.stat is Stat.DIALING:
                        bench.tell(CallConnected(call.ref))
            case "release":
                if calls:
                    bench.tell(CallReleased(calls[0].ref, 16))
            case _:
                bench.at(step)
        check_laws(bench)
    bench.at("AT+CHUP")
    assert bench.modem.state.calls == ()
    assert bench.modem.next_deadline is None


def check_laws(bench):
    calls = bench.modem.state.calls
    for stat in (Stat.ACTIVE, Stat.HELD):
        together = [call for call in calls if call.stat is stat]
        assert len(together) <= 1 or all(call.multiparty for call in together)
        assert len(together) <= 5
    assert len({call.id for call in calls}) == len(calls) <= 7
    released = [output.ref for output in bench.did(ReleaseCall)]
    assert len(released) == len(set(released))
    assert not set(released) & {call.ref for call in calls}


def test_notice_that_a_held_call_is_gone(two):
    two.at("AT+CSSN=1,1")
    two.tell(CallReleased("m1", 16))
    assert two.lines() == ["VOICE CALL: END: 000000", "+CSSU: 5"]
