from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.at.framing import PROMPT, LineFramer

STREAMS = {
    "plain": (b"\r\nOK\r\n", ["OK"]),
    "doubled CR": (b"\r\r\n+CSQ: 20,99\r\r\n\r\r\nOK\r\r\n", ["+CSQ: 20,99", "OK"]),
    "no leading CR LF": (b"RING\r\n", ["RING"]),
    "lone LF": (b"\nOK\n", ["OK"]),
    "echo": (b"AT+CSQ\r\r\n+CSQ: 3,99\r\n\r\nOK\r\n", ["AT+CSQ", "+CSQ: 3,99", "OK"]),
    "prompt": (b"\r\n> ", [PROMPT]),
    "prompt then echo": (b"\r\n> 0001\r\n+CMGS: 4\r\n", [PROMPT, "0001", "+CMGS: 4"]),
    "bare prompt": (b"\r\n>\r\n", [PROMPT]),
    "text over two lines": (
        b'+CUSD: 0,"balance\r\n5 d",15\r\n\r\nOK\r\n',
        ['+CUSD: 0,"balance\n5 d",15', "OK"],
    ),
    "text that begins with a line end": (b'+CUSD: 0,"\nhello"\r\n', ['+CUSD: 0,"\nhello"']),
    "quotes in the text": (b'+CUSD: 0,"say "1"\nnow",15\r\n', ['+CUSD: 0,"say "1"\nnow",15']),
    "empty text": (b'+CUSD: 2,"",15\r\nRING\r\n', ['+CUSD: 2,"",15', "RING"]),
    "no text": (b"+CUSD: 4\r\nRING\r\n", ["+CUSD: 4", "RING"]),
}


@pytest.mark.parametrize(("stream", "lines"), STREAMS.values(), ids=STREAMS.keys())
def test_lines_of_a_stream(stream, lines):
    assert LineFramer().feed(stream) == lines


@pytest.mark.parametrize(("stream", "lines"), STREAMS.values(), ids=STREAMS.keys())
def test_one_byte_at_a_time_gives_the_same(stream, lines):
    framer = LineFramer()
    assert [line for byte in stream for line in framer.feed(bytes((byte,)))] == lines


@given(st.sampled_from(list(STREAMS.values())), st.lists(st.integers(0, 80), max_size=8))
def test_cuts_change_nothing(case, cuts):
    stream, lines = case
    framer, got, at = LineFramer(), [], 0
    for cut in [*sorted(cuts), len(stream)]:
        got += framer.feed(stream[at:cut])
        at = max(at, cut)
    assert got == lines


def test_a_text_that_never_closes_is_given_up_line_by_line():
    framer = LineFramer()
    assert framer.feed(b'+CUSD: 0,"never\r\nRING\r\n') == []
    assert framer.inside_quoted_text
    assert framer.flush() == ['+CUSD: 0,"never', "RING"]
    assert not framer.inside_quoted_text


def test_garbage_without_line_ends_is_bounded():
    assert sum(len(line) for line in LineFramer().feed(b"x" * 10_000)) >= 8192


@given(st.binary(max_size=400))
def test_no_bytes_break_it(data):
    for line in LineFramer().feed(data):
        assert "\r" not in line
