"""The PDU codec: round trips, published examples, and refusal of what is no PDU."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim_hardware.modem import gsm7
from sim_hardware.modem.pdu import Deliver, Part, Submit, split, status_report

NUMBERS = st.from_regex(r"\+?[0-9]{3,15}", fullmatch=True)
LETTERS = st.characters(codec="utf-8", exclude_categories=("Cs",), exclude_characters="\x1b")
SHORT_TEXTS = st.text(LETTERS, max_size=30)
PARTS = st.none() | st.builds(Part, st.integers(0, 0xFFFF), st.just(4), st.integers(1, 4))


@given(SHORT_TEXTS, NUMBERS, PARTS, st.booleans())
def test_submit_round_trip(text, number, part, report):
    submit = Submit(number, text, part, report)
    pdu, length = submit.to_hex()
    assert Submit.from_hex(pdu, length) == submit


@given(SHORT_TEXTS, NUMBERS, PARTS, st.integers(946_684_800, 4_000_000_000))
def test_deliver_round_trip(text, number, part, sent_at):
    deliver = Deliver(number, text, float(sent_at % 3_155_673_600 if sent_at > 4_102_444_800 else sent_at), part)
    pdu, _ = deliver.to_hex("+84980200030")
    assert Deliver.from_hex(pdu) == deliver


@given(st.lists(st.integers(0, 127), max_size=40), st.integers(0, 6))
def test_packing_round_trip(septets, fill_bits):
    assert gsm7.unpack(gsm7.pack(septets, fill_bits), len(septets), fill_bits) == septets


def test_published_examples():
    """The 7-bit "hellohello" of 23.038's folklore and a SUBMIT everybody knows."""
    assert gsm7.pack(gsm7.encode("hellohello")).hex().upper() == "E8329BFD4697D9EC37"
    submit = Submit.from_hex("0011000B916407281553F80000AA0AE8329BFD4697D9EC37", 23)
    assert submit == Submit("+46708251358", "hellohello")


def test_operator_name_as_sender():
    pdu, _ = Deliver("VIETTEL", "OK", 1_700_000_000.0).to_hex("+84980200030")
    assert Deliver.from_hex(pdu).sender == "VIETTEL"


def test_report_length_matches_announcement():
    pdu, length = status_report(7, "+84912000222", 1.7e9, 1.7e9, 0, "+84980200030")
    assert len(pdu) // 2 - int(pdu[:2], 16) - 1 == length


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("{" * 80, 1),
        ("{" * 81, 2),
        ("ạ" * 70, 1),
        ("ạ" * 71, 2),
        ("ạ" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_split(text, pieces):
    parts = split(text)
    assert len(parts) == pieces
    assert "".join(parts) == text


GARBAGE = ["", "00", "zz", "0001", "07914889200030F0" + "04" * 5, "0011000B916407281553F80000AA0AE8"]


@pytest.mark.parametrize("text", GARBAGE)
def test_garbage_is_refused(text):
    with pytest.raises(ValueError, match=r"octets|hex|SUBMIT"):
        Submit.from_hex(text)


@given(st.binary(max_size=60))
def test_any_bytes_are_refused_or_read(data):
    for read in (Submit.from_hex, Deliver.from_hex):
        with suppress(ValueError):
            read(data.hex())
