"""Bytes of the host: any split, any garbage, any chain."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim_hardware.modem import PROFILES
from sim_hardware.modem.at_syntax import Command, Op, parse_line
from sim_hardware.modem.events import CallArrived, HostWrote, WriteHost

DIALOGUE = (
    b'AT\rATE1\rat+csq;+creg?\rAT+CMEE=1\rAT+CLIP=1;+CLCC=1\rAT+CUSD=1,"*101#",15\rAT+CMGS=20\r'
    b"0011000B916407281553F80000AA0AE8329BFD4697D9EC37\x1aAT+NOSUCH\rATD0912000222;\rAT+CLCC\rAT+CHUP\rA/\r"
)


def cut(data, places):
    edges = [0, *sorted(places), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def effects(bench):
    """Bytes as one stream, everything else in order."""
    stream = b"".join(output.data for output in bench.outputs if isinstance(output, WriteHost))
    return stream, [output for output in bench.outputs if not isinstance(output, WriteHost)]


@given(st.lists(st.integers(0, len(DIALOGUE)), max_size=40))
@settings(max_examples=40)
def test_split_anywhere_gives_the_same(make_bench, places):
    whole, pieces = make_bench(echo=True), make_bench(echo=True)
    whole.tell(HostWrote(DIALOGUE))
    for piece in cut(DIALOGUE, places):
        pieces.tell(HostWrote(piece))
    assert effects(pieces) == effects(whole)


ALPHABET = st.sampled_from([*b'ATDEHZ+CMGSLCHDVX=?;,"0123*#\r\n\x1a\x1b\x08 \xb2\xff', 0])
GARBAGE = st.binary(max_size=80) | st.lists(ALPHABET, max_size=80).map(bytes)
COMMANDS = st.sampled_from(
    ["CHLD", "CMGS", "CMGR", "CMGD", "CPMS", "VTS", "CUSD", "CPIN", "COPS", "CCLK", "CNMI", "CPCMREG", "CFUN", "CSCA"]
)


@given(st.lists(GARBAGE, max_size=6), st.sampled_from(sorted(PROFILES)))
@settings(max_examples=80)
def test_garbage_never_hurts(make_bench, pieces, family):
    bench = make_bench(family)
    bench.tell(CallArrived("n1", "0912000222"))
    for piece in pieces:
        bench.tell(HostWrote(piece))
    recovered(bench)


@given(COMMANDS, st.text(st.characters(codec="latin-1"), max_size=30))
@settings(max_examples=150)
def test_any_argument_is_answered(make_bench, name, text):
    bench = make_bench()
    bench.tell(HostWrote(f"AT+{name}={text}\r".encode("latin-1")))
    recovered(bench)


def recovered(bench):
    """After ESC and time for what is pending (a restart among it) the modem answers AT."""
    bench.tell(HostWrote(b"\x1b\r"))
    bench.wait(75.0)
    bench.tell(HostWrote(b"\x1b\rATV1Q0\r"))
    assert bench.at("AT")[-1] == "OK"


@pytest.mark.parametrize(
    ("line", "commands"),
    [
        ("AT", []),
        ("at+cpcmreg=0;d0912000222;", [("+CPCMREG", Op.WRITE, "0"), ("D", Op.EXECUTE, "0912000222;")]),
        ("AT+CPCMREG=0;A", [("+CPCMREG", Op.WRITE, "0"), ("A", Op.EXECUTE, "")]),
        ("ATDT0912;", [("D", Op.EXECUTE, "0912;")]),
        (
            "ATE0V1Q0&F",
            [("E", Op.EXECUTE, "0"), ("V", Op.EXECUTE, "1"), ("Q", Op.EXECUTE, "0"), ("&F", Op.EXECUTE, "")],
        ),
        ('AT+CUSD=1,"a;b?=",15;+CSQ', [("+CUSD", Op.WRITE, '1,"a;b?=",15'), ("+CSQ", Op.EXECUTE, "")]),
        ("AT+CREG=?", [("+CREG", Op.TEST, "")]),
        ("ATS3?", [("S3", Op.READ, "")]),
        ("AT$TSSPCSW=?", [("$TSSPCSW", Op.TEST, "")]),
    ],
)
def test_grammar(line, commands):
    assert parse_line(line) == [Command(*fields) for fields in commands]


@pytest.mark.parametrize("line", ["AT?", "AT=", "AT1", "AT,", "AT+CREG?x"])
def test_no_grammar(line, bench):
    assert bench.at(line) == ["ERROR"]


def test_framing_and_echo(make_bench):
    bench = make_bench(echo=True)
    bench.tell(HostWrote(b"AT+CSQ\r"))
    assert bench.read == b"AT+CSQ\r\r\n+CSQ: 20,99\r\n\r\nOK\r\n"


def test_chain_stops_at_the_first_error(bench):
    assert bench.at("AT+CSQ;+NOSUCH;+CREG?") == ["+CSQ: 20,99", "ERROR"]


def test_verbose_quiet_and_error_words(bench):
    assert bench.at("AT+CMEE=0;+CHLD=2") == ["ERROR"]
    assert bench.at("AT+CMEE=1;+CHLD=2") == ["+CME ERROR: 3"]
    assert bench.at("AT+CMEE=2;+CHLD=2") == ["+CME ERROR: operation not allowed"]
    assert bench.at("ATV0") == ["0"]
    assert bench.at("AT+NOSUCH") == ["4"]
    assert bench.at("ATQ1") == []


def test_prompt_and_escape(bench):
    bench.tell(HostWrote(b"AT+CMGS=20\r"))
    assert bench.read == b"\r\n> "
    bench.lines()
    assert bench.type(b"00\x1b") == ["OK"]
    assert bench.at("AT") == ["OK"]


def test_noise_without_at_gets_no_answer(bench):
    assert bench.at("hello") == []
    assert bench.at("~~AT") == ["OK"]


def test_a_long_chain_is_no_problem(bench):
    assert bench.at("AT" + "E0" * 1000) == ["OK"]
    assert bench.at("AT" + "X" * 5000)[-1] in ("OK", "ERROR")


def test_other_vendors_commands_are_unknown(make_bench):
    assert make_bench("ec25").at("AT+CPCMREG=?") == ["ERROR"]
    assert make_bench("sim800").at("AT+CLCC=1;+CLCC=?") == ["+CLCC: (0,1)", "OK"]
    assert make_bench("huawei").at("AT+CLCC=1") == ["ERROR"]


RECOMMENDED = {
    "sim7600": "E0 V1 Q0 +CMEE=1 +CGMI +CGMM +CGMR +CGSN +CPIN? +CLCC=1 +DDET=1 +CVHU=0 +CPCMREG? +CRC=0 +CLIP=1 "
    "+CCWA=1,1 +CSSN=1,1 +COLP=0 +CREG=2 +CEREG=2 +CMGF=0 +CSMS=0 +CPMS? +CNMI=2,1,0,1,0 +CMGL=4 +CLCC +COPS=3,0 "
    "+COPS? +CNUM +CSCA? +CICCID +CNSMOD=1 +AUTOCSQ=1,1 +CLTS=1 +CPSI? +CSQ +CSUB +SPIC +CATR=1 +CPCMFRM=0 I +CTZU=1 "
    "+CCLK? +CHLD=? +CPCMREG=? +CFUN? +CEER +VTD=1 +CLVL=3 +COUTGAIN=5 +CMICGAIN=5",
    "a76xx": "E0 +CMEE=1 +CGMI +CGMM +CGMR +CLCC=1 +DDET=1 +CVHU=0 +CRC=0 +CLIP=1 +CREG=2 +CEREG=2 +CPSI? "
    "+CNMI=2,1,0,1,0",
    "ec25": '+CMEE=1 +CGMI +QINDCFG="ccinfo",1,0 ^DSCI=1 +QTONEDET=1 +QPCMV? +QCCID +QINDCFG="csq",1,0 +QNWINFO +QSPN '
    '+QPINC="SC" +CLIP=1 +CCWA=1,1 +CREG=2 +CEREG=2 +CPMS="ME","ME","ME" +CNMI=2,1,0,1,0 +QCFG="ims"',
    "sim800": "E0 +CMEE=1 +CGMI +CLCC=1 +DDET=1 +CRC=0 +CLIP=1 +CREG=2 +CMGF=0 +CNMI=2,1,0,1,0 +CCID",
    "huawei": '^U2DIAG=0 +CGMI +CMEE=0 ^CVOICE? +CSSN=1,1 +CSCS="UCS2" +CPMS="SM","SM","SM" +CNMI=2,1,0,2,0 ^CURC=1 '
    "+CSQ",
}


@pytest.mark.parametrize("family", RECOMMENDED)
def test_what_drivers_send_at_start_is_taken(family, make_bench):
    bench = make_bench(family)
    for command in RECOMMENDED[family].split():
        assert "OK" in bench.at(f"AT{command}"), command


@pytest.mark.parametrize("family", PROFILES)
def test_ids(family, make_bench):
    bench = make_bench(family)
    assert bench.at("AT+CGMI") == [PROFILES[family].manufacturer, "OK"]
    assert bench.at("AT+CGSN")[0].isdigit()
    assert bench.at("AT+CLAC") == ["ERROR"]


def test_s3_ends_the_line(bench):
    assert bench.at("ATS3?") == ["013", "OK"]
    bench.at("ATS3=33")
    assert bench.type(b"AT\r") == []
    assert bench.type(b"!ATS3=13!") == ["OK", "OK"]
    assert bench.at("AT") == ["OK"]
