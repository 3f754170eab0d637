"""Laws of the wire, whatever the noise: nothing twice, nothing out of order, everything in the end."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware import link
from firmware import messages as m
from tests.firmware.both.test_link_stories import Wire

payloads = st.binary(max_size=40)
moods = st.lists(st.sampled_from(["good", "good", "lost", "cut", "flipped", "noise", "doubled"]), max_size=60)


def spoiled(mood: str, data: bytes) -> bytes:
    match mood:
        case "lost":
            return b""
        case "cut":
            return data[: len(data) // 2]
        case "flipped":
            return data[:3] + bytes([data[3] ^ 0x10]) + data[4:]
        case "noise":
            return b"\x7e\x20\x00" + data + b"\x7e"
        case "doubled":
            return data + data
    return data


@given(st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255), payloads), max_size=8), st.data())
def test_frames_survive_any_cutting_into_pieces(frames: list[tuple[int, int, bytes]], data: st.DataObject) -> None:
    stream = b"".join(link.encode(*frame) for frame in frames)
    decoder = link.Decoder()
    found = []
    while stream:
        size = data.draw(st.integers(1, max(1, len(stream))))
        found += decoder.feed(stream[:size])
        stream = stream[size:]
    assert [tuple(frame) for frame in found] == frames


@given(st.binary(max_size=300), st.integers(0, 255), payloads)
def test_a_frame_behind_any_noise_comes_out_in_the_end(noise: bytes, sequence: int, payload: bytes) -> None:
    decoder = link.Decoder()
    found = decoder.feed(noise + link.encode(sequence, 0x42, payload))
    for _ in range(600):
        if not decoder.waiting:
            break
        found += decoder.slide()
    assert (sequence, 0x42, payload) in [tuple(frame) for frame in found]


@settings(max_examples=40)
@given(moods, st.lists(payloads, min_size=1, max_size=8), st.lists(payloads, max_size=6))
def test_nothing_is_executed_twice_or_out_of_order(mood: list[str], asked: list[bytes], told: list[bytes]) -> None:
    """A bad spell of any kind, then a good line: every request is executed at most once, in order, and its outcome is
    known; every event arrives exactly once, in order."""
    wire = Wire().greet()
    start = wire.chunks
    requests = [bytes([number]) + payload for number, payload in enumerate(asked)]
    events = [bytes([number]) + payload for number, payload in enumerate(told)]
    wire.spoil = lambda data, index: spoiled(mood[index - start - 1], data) if index - start <= len(mood) else data
    for payload in requests:
        wire.host.send(m.LINE_LED, payload)
    for payload in events:
        wire.mcu.send(m.BUTTON, payload)
    wire.run(40_000)
    executed = [payload for kind, payload in wire.executed]
    assert executed == [payload for payload in requests if payload in executed], "at most once, in order"
    assert wire.heard == events
    outcomes = [got for got in wire.got if got.kind == m.LINE_LED]
    assert len(outcomes) == len(requests)
    answered = [got.payload for got in outcomes if got.what == link.ANSWERED]
    assert set(answered) <= set(executed)


@given(st.binary(max_size=600))
def test_no_bytes_make_a_peer_raise(data: bytes) -> None:
    peer = link.Peer(1)
    for at in range(0, len(data), 7):
        for inbound in peer.receive(data[at : at + 7], at * 50):
            if inbound.what == link.RECEIVED:
                peer.answer(inbound.token, link.OK)
        peer.poll(at * 50 + 25)


@given(st.sampled_from(sorted(m.MESSAGES)), st.data())
def test_any_payload_is_unpacked_or_malformed(kind: int, data: st.DataObject) -> None:
    for unpack in (m.unpack_message, m.unpack_answer):
        try:
            unpack(kind, data.draw(st.binary(max_size=80)))
        except m.Malformed:
            continue
