from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.at.gsm7 import from_septets, is_gsm7, pack, to_septets, unpack
from hal.at.sms_pdu import DeliveredPart, DeliveryOutcome, StatusReport, decode, encode_submit
from hal.errors import UndecodablePduError
from hal.interfaces import RawNumber


def as_delivered(submit: str, number: str = "+84912000222") -> str:
    """The SMS-DELIVER a network would make of our SMS-SUBMIT: written here anew, octet by octet (23.040 §9.2.2)."""
    tpdu = bytes.fromhex(submit)[1:]
    address_octets = 2 + (tpdu[2] + 1) // 2
    rest = tpdu[2 + address_octets :]
    deliver = bytes((0x00 | (tpdu[0] & 0x40),)) + tpdu[2 : 2 + address_octets] + rest[:2]
    deliver += bytes.fromhex("62112241423282") + rest[2:]
    return "07911356049938F0" + deliver.hex()


def test_known_submit():
    (pdu,) = encode_submit("+46708251358", "hellohello", 0)
    assert pdu.text == "0001000B916407281553F800000AE8329BFD4697D9EC37"
    assert pdu.tpdu_octets == 22


def test_known_deliver():
    assert decode("0791198904100161240C911900000000100000511090718303220BC8B4421174CFD175D014") == DeliveredPart(
        RawNumber("+910000000001", 145), "Hi\n\nAnshu S", 1420805310.0, None, 1, 1
    )


def test_known_report():
    report = decode("079119890400202306400C91190000000010511090718384225110907183252200")
    assert report == StatusReport(64, RawNumber("+910000000001", 145), DeliveryOutcome.DELIVERED, 0)


def test_alphanumeric_sender():
    name = pack(to_septets("MobiFone")).hex()
    message = decode("07911326040000F0040ED0" + name + "0000" + "62112241423282" + "05E8329BFD06")
    assert isinstance(message, DeliveredPart)
    assert message.sender.digits == "MobiFone"
    assert message.text == "hello"


def test_sixteen_bit_reference():
    head = "00400B914819020022F20008" + "62112241423282"
    message = decode(head + "0B" + "060804123402010041" + "0042")
    assert (message.reference, message.parts, message.part, message.text) == (0x1234, 2, 1, "AB")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2),
        ("ế" * 70, 1), ("ế" * 71, 2), ("ế" * 134, 2), ("ế" * 135, 3), ("", 1), ("😀" * 34, 1), ("😀" * 36, 2),
    ],
)  # fmt: skip
def test_parts(text, parts):
    assert len(encode_submit("0912000222", text, 9)) == parts


@given(st.one_of(st.text(max_size=400), st.text("aáàảãạêếềểễệđĐơờ €[]{}", max_size=400)), st.integers(0, 255))
def test_round_trip_through_a_network(text, reference):
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    pdus = encode_submit("+84912000222", text, reference)
    parts = [decode(as_delivered(pdu.text)) for pdu in pdus]
    assert "".join(part.text for part in parts) == text
    assert all(part.sender == RawNumber("+84912000222", 145) for part in parts)
    assert all(pdu.tpdu_octets == len(bytes.fromhex(pdu.text)) - 1 for pdu in pdus)
    if len(parts) > 1:
        assert [(part.reference, part.part, part.parts) for part in parts] == [
            (reference, place, len(parts)) for place in range(1, len(parts) + 1)
        ]


@given(st.lists(st.integers(0, 127), max_size=180), st.integers(0, 6))
def test_septets(septets, fill_bits):
    assert unpack(pack(septets, fill_bits), len(septets), fill_bits) == septets


def test_gsm7_alphabet():
    for text in ("@£$¥èéùìòÇ", "^{}\\[~]|€", "Hello 123"):
        assert is_gsm7(text)
        assert from_septets(to_septets(text)) == text
    assert not is_gsm7("Xin chào ạ")


@given(st.binary(max_size=60))
def test_any_bytes_decode_or_are_refused_by_name(data):
    with contextlib.suppress(UndecodablePduError):
        decode(data.hex())


@pytest.mark.parametrize("number", ["", "09x", "+", "09 12"])
def test_a_number_that_is_none(number):
    with pytest.raises(ValueError, match="cannot send"):
        encode_submit(number, "hi", 1)


def test_a_request_for_a_report_sets_its_bit():
    (pdu,) = encode_submit("0912000222", "hi", 1, want_report=True)
    assert int(pdu.text[2:4], 16) & 0x20
