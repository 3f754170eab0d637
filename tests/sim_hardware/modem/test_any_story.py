"""Hosts, networks and faults in any order: the modem's laws hold and it comes back."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sim_hardware.faults import FAULTS as MENU
from sim_hardware.modem import PROFILES, SimCard
from sim_hardware.modem.events import (
    AudioClosed,
    AudioOpened,
    CallAlerted,
    CallArrived,
    CallConnected,
    CallReleased,
    ClockTold,
    FaultInjected,
    KeyHeard,
    MessageAccepted,
    MessageArrived,
    MessageRefused,
    PlaceCall,
    Registration,
    RegistrationChanged,
    ReleaseCall,
)

COMMANDS = st.sampled_from(
    [
        *(
            "AT",
            "ATE1",
            "ATZ",
            "ATA",
            "ATH",
            "ATD0912000222;",
            "ATD112;",
            "AT+CHUP",
            "AT+CLCC",
            "AT+CLCC=1",
            "AT+CLIP=1",
        ),
        *("AT+CPCMREG=1", "AT+CPCMREG=0", "AT+QPCMV=1,0", "AT^DDSETEX=2", "AT+CHLD=1", "AT+CHLD=2", "AT+CHLD=3"),
        *("AT+CHLD=12", "AT+CHLD=4", "AT+CCWA=1,1", "AT+COLP=1", "AT+DDET=1", 'AT+VTS="12"', "AT+CFUN=0", "AT+CFUN=1"),
        *("AT+CRESET", "AT+CFUN=1,1", "AT+CPOF", 'AT+CPIN="1234"', "AT+CREG=2", "AT+CMGL=4", "AT+CMGS=23", "AT+CSMS=1"),
        *("AT+CNMI=2,2,0,1,0", "AT+CNMA", "AT+CMGD=0,4", 'AT+CUSD=1,"*101#",15', "\x1b", "0011\x1a"),
    ]
)
REFS = st.sampled_from(["m1", "m2", "n1", "n2"])
EVENTS = st.one_of(
    st.builds(CallArrived, st.sampled_from(["n1", "n2"]), st.just("0913000333")),
    st.builds(CallAlerted, REFS),
    st.builds(CallConnected, REFS),
    st.builds(CallReleased, REFS, st.sampled_from([16, 17])),
    st.builds(KeyHeard, REFS, st.just("5")),
    st.just(MessageArrived("+84912000222", "Chào bạn", 1.7e9)),
    st.just(MessageAccepted(1)),
    st.just(MessageRefused(1, 38)),
    st.builds(RegistrationChanged, st.sampled_from(Registration), st.just("MobiFone"), st.just("45201")),
    st.just(ClockTold(1.7e9)),
)
FAULTS = st.builds(
    FaultInjected,
    st.sampled_from([fault.name for fault in MENU if fault.name != "one-way"]),
    st.sampled_from([0.0, 1.0, 3.0]),
)
STEPS = st.lists(COMMANDS | EVENTS | FAULTS | st.sampled_from([0.1, 1.0, 5.0, 30.0]), max_size=30)


@given(STEPS, st.sampled_from(sorted(PROFILES)), st.sampled_from([None, "1234"]))
@settings(max_examples=200)
def test_any_story(make_bench, steps, family, pin):
    bench = make_bench(family, SimCard(pin=pin, slots=3, transfer_allowed=True))
    arrived: set[str] = set()
    for step in steps:
        match step:
            case str():
                bench.at(step)
            case float():
                bench.wait(step)
            case CallArrived(ref) if ref in arrived:
                pass  # the network's names of calls are unique
            case _:
                arrived |= {step.ref} if isinstance(step, CallArrived) else set()
                bench.tell(step)
        check_laws(bench)
    comes_back(bench)


def check_laws(bench):
    deadline_s = bench.modem.next_deadline
    assert deadline_s is None or deadline_s >= bench.now_s
    path = [type(output) for output in bench.outputs if isinstance(output, (AudioOpened, AudioClosed))]
    assert path == [AudioOpened, AudioClosed] * (len(path) // 2) + [AudioOpened] * (len(path) % 2)
    assert bench.modem.state.audio_open == bool(len(path) % 2)
    assert not bench.modem.state.audio_open or bench.modem.state.calls
    placed = [output.ref for output in bench.did(PlaceCall)]
    released = [output.ref for output in bench.did(ReleaseCall)]
    assert len(placed) == len(set(placed))
    assert len(released) == len(set(released))


def comes_back(bench):
    """Whatever happened: plugged in again, faults off and time to boot, it answers."""
    for fault in ("split", "double-cr", "urc-inside", "at-late", "at-lost"):
        bench.tell(FaultInjected(fault, 0.0))
    bench.tell(FaultInjected("replug"))
    bench.wait(100.0)
    assert bench.at("AT")[-1] == "OK"
