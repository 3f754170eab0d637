"""The emulator against recorded modems: each host command gets the same kinds of line, in order, from its state.

A scenario plays the world around a transcript: what the network or a hand did after the n-th command (0: before the
first). Runs of one kind count once (how many contexts or calls is the scenario's business). Where the emulator differs
on purpose, the exception stands beside the command with its reason; a file that is not played stands in `NOT_PLAYED`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import pytest

from sim_hardware.modem import SimCard
from sim_hardware.modem.events import (
    CallAlerted,
    CallArrived,
    CallConnected,
    CallReleased,
    FaultInjected,
    KeyHeard,
    MessageAccepted,
    MessageArrived,
    Registration,
    RegistrationChanged,
)

TRANSCRIPTS = Path(__file__).parents[2] / "transcripts"
WORDS = {
    "OK", "ERROR", "NO CARRIER", "BUSY", "NO ANSWER", "RING", "RDY", "SMS DONE", "PB DONE", "VOICE CALL: BEGIN",
}  # fmt: skip
HOME = RegistrationChanged(Registration.HOME, "MobiFone", "45201")

NOT_PLAYED = {
    "cusd_multiline.txt": "a Sony Ericsson phone, no family of ours; +CUSD before the OK is its own order",
    "sim5360_undervoltage.txt": "a SIM5360, no family of ours; its brown-out words are the SIM7600's fault brown-out",
    "ec25_manual_volte_conference.txt": "the VoLTE conference object (sip:mmtel, AT+QCHLDIPMPTY) is not emulated",
}


@dataclass(frozen=True)
class Scenario:
    family: str
    before: str = ""
    """Commands of an earlier sitting, separated by blanks."""
    world: Mapping[int, Callable] = field(default_factory=dict)
    """After which command what happens."""
    lead: Mapping[int, float] = field(default_factory=dict)
    """Seconds that pass just before a command is typed."""
    exceptions: Mapping[int, tuple[str, list[str]]] = field(default_factory=dict)
    """Command → (reason, the kinds the emulator gives instead)."""
    options: Mapping[str, object] = field(default_factory=dict)


def after(*steps):
    """Events and waits (seconds) one after the other."""

    def play(bench):
        for step in steps:
            if isinstance(step, float):
                bench.pass_time(step)
            else:
                bench.tell(step)

    return play


def text_in():
    return MessageArrived("+84912000222", "Chao", 1.7e9)


SCENARIOS = {
    "a7670g_boot_interleaved.txt": Scenario(
        "a76xx",
        options={"warm": False, "echo": True},
        world={3: after(6.7), 5: after(4.2)},
        lead={6: 1.0},
    ),
    "a7682e_outgoing_answered_and_refused.txt": Scenario(
        "a76xx",
        before="AT+CLCC=1",
        world={
            1: after(CallAlerted("m1"), 5.0, CallConnected("m1"), 6.2, CallReleased("m1", 16)),
            2: after(1.0, CallReleased("m2", 21), 1.0, CallArrived("n1", "+380901234567")),
        },
    ),
    "cme14_sim_busy_after_pin.txt": Scenario(
        "sim7600",
        options={"sim": SimCard(pin="0000"), "echo": True},
        world={4: after(FaultInjected("cme14", 20.0))},
        exceptions={1: ("the stick refuses ATZ before it has its PIN", ["echo", "OK"])},
    ),
    "ec25_manual_dsci.txt": Scenario(
        "ec25",
        world={
            2: after(CallAlerted("m1"), 1.0, CallConnected("m1"), 1.0),
            3: after(CallArrived("n1", "13022100000"), 4.0, CallReleased("n1", 16)),
        },
    ),
    "huawei_e1550_two_calls.txt": Scenario(
        "huawei",
        world={
            1: after(0.1, CallAlerted("m1"), CallConnected("m1")),
            3: after(0.1, CallAlerted("m2"), CallConnected("m2")),
        },
    ),
    "huawei_incoming_crc1.txt": Scenario(
        "huawei",
        before="AT+CRC=1 AT+CLIP=1",
        world={0: after(CallArrived("n1", "+1234567890"), 4.0, CallReleased("n1", 16))},
    ),
    "quectel_manual_call_waiting_hold.txt": Scenario(
        "ec25", world={2: after(CallConnected("m1"), 1.0, CallArrived("n1", "02150000293"))}
    ),
    "sim7600_boot_at_minicom.txt": Scenario(
        "sim7600",
        options={"warm": False},
        # the log shows no echo: switched off before it begins
        world={0: after(FaultInjected("echo-on", 0.0), 11.8, HOME, 3.0, text_in(), 1.5)},
        exceptions={
            0: (
                "RDY went out before the log's port was opened, and the message came right after PB DONE",
                ["RDY", "+CPIN", "SMS DONE", "+CMTI", "PB DONE"],
            ),
            2: ("the log has lost this answer", ["OK"]),
            7: ("the log has lost this OK", ["+CGACT", "OK"]),
            8: ("the log has lost this OK", ["+CGACT", "OK"]),
        },
    ),
    "sim7600_cold_boot.txt": Scenario("sim7600", options={"warm": False, "echo": True}, world={3: after(20.0)}),
    "sim7600_outgoing.txt": Scenario(
        "sim7600",
        before="AT+CLCC=1",
        world={1: after(2.0, CallConnected("m1"), 3.1, CallReleased("m1", 16), 1.0, text_in())},
        exceptions={
            1: (
                "the log lacks the OK of ATD",
                ["OK", "+CLCC", "VOICE CALL: BEGIN", "+CLCC", "VOICE CALL: END", "+CMTI"],
            )
        },
    ),
    "sim800_dtmf_received.txt": Scenario(
        "sim800",
        before="ATD0912000222;",
        options={"talking": True},
        world={1: after(*(KeyHeard("m1", key) for key in "1236*0#"))},
    ),
    "sim800l_ring_clip.txt": Scenario(
        "sim800", before="AT+CLIP=1", world={0: after(CallArrived("n1", "+84901234567"), 1.0)}
    ),
    "sms_in_out_report_cds.txt": Scenario(
        "sim7600",
        before="AT+CNMI=2,1,0,1,0",
        options={"slot": 7},
        world={1: after(text_in()), 6: after(14.4, MessageAccepted(1), 6.0)},
    ),
}


def segments(path: Path) -> list[tuple[str, list[str]]]:
    """(host's text, lines until the next), the first with an empty text."""
    found: list[tuple[str, list[str]]] = [("", [])]
    for line in path.read_text().splitlines():
        if line.startswith("> "):
            found.append((line[2:], []))
        elif line.startswith("<raw "):
            raw = ast.literal_eval(line[5:]).decode("latin-1")
            found[-1][1].extend(part for part in raw.replace("\r", "\n").split("\n") if part)
        elif line.startswith("< "):
            found[-1][1].append(line[2:])
    return found


def kind(line: str) -> str:
    if line == "> ":
        return "prompt"
    if line.upper().startswith("AT"):
        return "echo"
    if line in WORDS:
        return line
    if line.startswith("VOICE CALL: END"):
        return "VOICE CALL: END"
    if match := re.match(r"([+^*]\w[\w ]*):", line):
        return match[1]
    return "pdu" if re.fullmatch("[0-9A-F]{20,}", line) else "text"


def kinds(lines: list[str]) -> list[str]:
    return [name for name, _ in groupby(map(kind, lines))]


def wire(text: str) -> bytes:
    return text.removesuffix("<1A>").encode() + (b"\x1a" if text.endswith("<1A>") else b"\r")


def prepared(make_bench, scenario):
    options = dict(scenario.options)
    talking, slot = options.pop("talking", False), options.pop("slot", 0)
    bench = make_bench(scenario.family, **options)
    for _ in range(slot):
        bench.tell(text_in())
    for command in scenario.before.split():
        bench.at(command)
    if talking:
        bench.tell(CallConnected("m1"))
    bench.lines()
    return bench


def test_every_transcript_has_its_place():
    names = {path.name for path in TRANSCRIPTS.glob("*.txt")}
    assert names == SCENARIOS.keys() | NOT_PLAYED.keys()


@pytest.mark.parametrize("name", SCENARIOS)
def test_same_kinds_of_line_in_the_same_order(name, make_bench):
    scenario = SCENARIOS[name]
    bench = prepared(make_bench, scenario)
    for number, (text, lines) in enumerate(segments(TRANSCRIPTS / name)):
        if text:
            bench.pass_time(scenario.lead.get(number, 0.0))
            bench.type_silently(wire(text))
        scenario.world.get(number, after())(bench)
        wanted = scenario.exceptions[number][1] if number in scenario.exceptions else kinds(lines)
        assert kinds(bench.lines()) == wanted, f"{name}: command {number} {text!r}"
