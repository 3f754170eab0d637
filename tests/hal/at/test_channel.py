from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.at import channel as c
from hal.at.commands import AnswerShape, AtCommand, Priority, Status, query
from hal.at.parsers import SIMCOM_URCS, STANDARD_URCS
from hal.interfaces import Moment

VOCABULARY = STANDARD_URCS.joined(SIMCOM_URCS)
CLCC = AtCommand("AT+CLCC", shape=AnswerShape.PREFIXED, prefixes=("+CLCC:",))


def at(mono: float) -> Moment:
    return Moment(mono, 0.0)


class Bench:
    """A channel with a clock that goes where the test says."""

    def __init__(self) -> None:
        self.channel = c.AtChannel(VOCABULARY)
        self.now = 0.0
        self.actions: list[c.ChannelAction] = []
        self.tokens = 0

    def tell(self, event: c.ChannelEvent) -> None:
        self.actions += self.channel.handle(event, at(self.now))
        for _ in range(20):
            deadline = self.channel.next_deadline
            if deadline is None or deadline > self.now:
                return
            self.actions += self.channel.handle(c.TimePassed(), at(self.now))

    def ask(self, command: AtCommand) -> int:
        self.tokens += 1
        self.tell(c.CommandSubmitted(self.tokens, command))
        return self.tokens

    def hear(self, data: bytes) -> None:
        self.tell(c.BytesReceived(data))

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while (deadline := self.channel.next_deadline) is not None and deadline <= end:
            self.now = max(self.now, deadline)
            self.tell(c.TimePassed())
        self.now = end

    @property
    def written(self) -> bytes:
        return b"".join(action.data for action in self.actions if isinstance(action, c.WriteBytes))

    @property
    def urcs(self) -> list[str]:
        return [action.line for action in self.actions if isinstance(action, c.DeliverUrc)]

    def result(self, token: int):
        (found,) = [a.result for a in self.actions if isinstance(a, c.FinishCommand) and a.token == token]
        return found


def test_one_command_at_a_time_in_order_of_priority():
    bench = Bench()
    bench.ask(AtCommand("AT+CSQ", priority=Priority.POLL))
    bench.ask(AtCommand("AT+CREG?", priority=Priority.POLL))
    bench.ask(AtCommand("ATA", priority=Priority.CALL))
    assert bench.written == b"AT+CSQ\r"
    bench.hear(b"\r\nOK\r\n")
    assert bench.written == b"AT+CSQ\rATA\r"
    bench.hear(b"\r\nOK\r\n")
    assert bench.written == b"AT+CSQ\rATA\rAT+CREG?\r"


def test_polls_wait_while_a_ring_is_fresh_and_an_answer_does_not():
    bench = Bench()
    bench.tell(c.QuietAsked(1.0))
    bench.ask(AtCommand("AT+CSQ", priority=Priority.POLL))
    assert bench.written == b""
    bench.ask(AtCommand("ATA", priority=Priority.CALL))
    assert bench.written == b"ATA\r"
    bench.hear(b"\r\nOK\r\n")
    bench.wait(0.9)
    assert bench.written == b"ATA\r"
    bench.wait(0.2)
    assert bench.written == b"ATA\rAT+CSQ\r"


ANSWER = b'\r\n+CLCC: 1,0,0,0,0,"0901",129\r\n\r\n+CLCC: 2,1,5,0,0,"0902",129\r\n\r\nOK\r\n'
URCS = [b"\r\nRING\r\n", b'\r\n+CLIP: "0903",129,,,,0\r\n', b'\r\n+CMTI: "SM",3\r\n', b"\r\nNO CARRIER\r\n"]


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(URCS)), max_size=6), st.lists(st.integers(0, 300)))
def test_urcs_between_the_lines_and_bytes_split_anywhere(inserted, cuts):
    lines = [b'\r\n+CLCC: 1,0,0,0,0,"0901",129\r\n', b'\r\n+CLCC: 2,1,5,0,0,"0902",129\r\n', b"\r\nOK\r\n"]
    stream = b""
    for place in range(4):
        stream += b"".join(urc for where, urc in inserted if where == place)
        stream += lines[place] if place < 3 else b""
    bench = Bench()
    token = bench.ask(CLCC)
    at_byte = 0
    for cut in [*sorted(cut for cut in cuts if cut < len(stream)), len(stream)]:
        bench.hear(stream[at_byte:cut])
        at_byte = cut
    assert bench.result(token).status is Status.OK
    assert len(bench.result(token).lines) == 2
    assert len(bench.urcs) == len(inserted)


@pytest.mark.parametrize(
    ("command", "line", "is_answer"),
    [
        (query("+CREG"), "+CREG: 2,1", True), (query("+CREG"), "+CREG: 1", False),
        (query("+CREG"), '+CREG: 1,"4202","018E",7', False), (CLCC, '+CLCC: 1,0,6,0,0,"0901",129', False),
        (CLCC, '+CLCC: 1,0,3,0,0,"0901",129', True), (AtCommand("AT+CUSD=1"), '+CUSD: 0,"x",15', False),
        (AtCommand("AT+CGMI", shape=AnswerShape.BARE), "SIMCOM INCORPORATED", True),
        (AtCommand("AT+CGMI", shape=AnswerShape.BARE), "PB DONE", False),
    ],
)  # fmt: skip
def test_answer_or_urc(command, line, is_answer):
    bench = Bench()
    token = bench.ask(command)
    bench.hear(f"\r\n{line}\r\n\r\nOK\r\n".encode())
    assert (line in bench.result(token).lines) is is_answer
    assert (line in bench.urcs) is not is_answer


@pytest.mark.parametrize("word", ["NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE"])
def test_call_words_are_final_for_call_commands_only(word):
    bench = Bench()
    dial = bench.ask(AtCommand("ATD1;", call_command=True))
    bench.hear(f"\r\n{word}\r\n".encode())
    assert bench.result(dial).status.value == word
    poll = bench.ask(AtCommand("AT"))
    bench.hear(f"\r\n{word}\r\n\r\nOK\r\n".encode())
    assert bench.result(poll).ok
    assert bench.urcs == [word]


@pytest.mark.parametrize(
    ("line", "code"),
    [("+CME ERROR: 14", 14), ("+CMS ERROR: 321", 321), ("ERROR", None), ("+CME ERROR: SIM busy", None),
     ("COMMAND NOT SUPPORT", None), ("ERROR+CNUM: x", None)],
)  # fmt: skip
def test_errors(line, code):
    bench = Bench()
    token = bench.ask(AtCommand("AT+X"))
    bench.hear(f"\r\n{line}\r\n".encode())
    assert bench.result(token).status is Status.ERROR
    assert bench.result(token).code == code


def test_a_late_ok_finishes_nothing():
    bench = Bench()
    lost = bench.ask(AtCommand("AT+A", timeout_s=5.0))
    bench.wait(5.1)
    assert bench.result(lost).status is Status.TIMEOUT
    assert bench.written == b"AT+A\rAT\r"
    later = bench.ask(query("+CSQ"))
    bench.wait(1.0)
    bench.hear(b"\r\nOK\r\n")  # of AT+A, late
    bench.hear(b"\r\nOK\r\n")  # of AT
    bench.wait(0.5)
    assert bench.written.endswith(b"AT+CSQ?\r")
    bench.hear(b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n")
    assert bench.result(later).lines == ("+CSQ: 20,99",)


def test_three_unanswered_at_are_silence():
    bench = Bench()
    bench.ask(AtCommand("AT+A"))
    bench.wait(30)
    assert bench.written == b"AT+A\r" + b"AT\r" * 3
    assert sum(isinstance(action, c.ReportSilence) for action in bench.actions) == 1


def test_a_second_ok_in_the_same_breath_finishes_nothing():
    bench = Bench()
    bench.ask(AtCommand("AT+A"))
    second = bench.ask(query("+CSQ"))
    bench.hear(b"\r\nOK\r\n\r\nOK\r\n")
    bench.hear(b"\r\n+CSQ: 1,99\r\n\r\nOK\r\n")
    assert bench.result(second).lines == ("+CSQ: 1,99",)


def test_prompt_payload_and_a_message_in_between():
    bench = Bench()
    token = bench.ask(AtCommand("AT+CMGS=5", 60.0, AnswerShape.PREFIXED, ("+CMGS:",), payload="0011"))
    bench.hear(b"\r\n> ")
    assert bench.written == b"AT+CMGS=5\r0011\x1a"
    bench.hear(b'\r\n+CMTI: "SM",3\r\n')
    bench.wait(20)
    bench.hear(b"\r\n+CMGS: 64\r\n\r\nOK\r\n")
    assert bench.result(token).lines == ("+CMGS: 64",)
    assert bench.urcs == ['+CMTI: "SM",3']


def test_no_prompt_is_escaped():
    bench = Bench()
    token = bench.ask(AtCommand("AT+CMGS=5", 60.0, payload="0011"))
    bench.wait(5.1)
    assert bench.result(token).status is Status.NO_PROMPT
    assert bench.written == b"AT+CMGS=5\r\x1bAT\r"


def test_a_two_line_urc_in_the_midst_of_a_list():
    bench = Bench()
    token = bench.ask(AtCommand("AT+CMGL=4", shape=AnswerShape.WITH_BODY, prefixes=("+CMGL:",)))
    bench.hear(b"\r\n+CMGL: 1,0,,5\r\nAA01\r\n\r\n+CMT: ,7\r\nBB02\r\n+CMGL: 2,0,,5\r\nRING\r\nCC03\r\n\r\nOK\r\n")
    result = bench.result(token)
    assert result.lines == ("+CMGL: 1,0,,5", "+CMGL: 2,0,,5")
    assert result.bodies == ("AA01", "CC03")
    assert [(a.line, a.body) for a in bench.actions if isinstance(a, c.DeliverUrc)] == [
        ("+CMT: ,7", "BB02"), ("RING", None),
    ]  # fmt: skip


def test_echo_is_noticed_and_no_answer():
    bench = Bench()
    token = bench.ask(AtCommand("AT+CGMI", shape=AnswerShape.BARE))
    bench.hear(b"AT+CGMI\r\r\nSIMCOM\r\n\r\nOK\r\n")
    assert bench.result(token).lines == ("SIMCOM",)
    assert any(isinstance(action, c.ReportEcho) for action in bench.actions)


def test_a_closed_port_drops_everything_once():
    bench = Bench()
    tokens = [bench.ask(AtCommand(f"AT+{place}")) for place in range(3)]
    bench.tell(c.PortClosed())
    assert [bench.result(token).status for token in tokens] == [Status.DROPPED] * 3
    assert bench.channel.next_deadline is None
    assert bench.channel.state is c.ChannelState.IDLE


def test_a_quoted_text_that_never_closes_does_not_swallow_the_port():
    bench = Bench()
    token = bench.ask(AtCommand("AT+X"))
    bench.hear(b'\r\n+CUSD: 0,"broken\r\nOK\r\n')
    bench.wait(2.1)
    assert bench.result(token).ok


@given(st.lists(st.binary(max_size=40), max_size=10))
def test_no_bytes_break_it(chunks):
    bench = Bench()
    bench.ask(CLCC)
    for chunk in chunks:
        bench.hear(chunk)
