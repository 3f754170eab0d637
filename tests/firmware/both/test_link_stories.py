"""The wire between two peers, as stories; the same file under CPython and MicroPython."""

from firmware import link
from firmware import messages as m


class Wire:
    """Two peers, and what each was told to execute. `spoil(data, index)` is the line's mood."""

    def __init__(self, spoil=None):
        self.host, self.mcu = link.Peer(111), link.Peer(222)
        self.executed = []
        self.heard = []
        self.got = []
        self.now = 0
        self.spoil = spoil or (lambda data, index: data)
        self.chunks = 0

    def run(self, ms=1000):
        end = self.now + ms
        while self.now < end:
            self.now += 10
            self._turn(self.host, self.mcu, self._at_mcu)
            self._turn(self.mcu, self.host, self._at_host)
        return self

    def greet(self):
        self.host.send(m.HELLO, hello(self.host.boot_id))
        return self.run(200)

    def _turn(self, sender, receiver, take):
        take(receiver, receiver.poll(self.now))
        data = sender.take_output()
        if data:
            self.chunks += 1
            data = self.spoil(data, self.chunks)
        take(receiver, receiver.receive(data, self.now))

    def _at_mcu(self, peer, found):
        for inbound in found:
            if inbound.what == link.RECEIVED:
                if inbound.kind == m.HELLO:
                    peer.answer(inbound.token, link.OK, hello(peer.boot_id))
                    continue
                self.executed.append((inbound.kind, inbound.payload))
                peer.answer(inbound.token, link.OK, inbound.payload)

    def _at_host(self, peer, found):
        for inbound in found:
            if inbound.what == link.RECEIVED:
                self.heard.append(inbound.payload)
                peer.answer(inbound.token, link.OK)
            else:
                self.got.append(inbound)


def hello(boot_id, protocol=1, protocol_min=1):
    return bytes((protocol, protocol_min)) + boot_id.to_bytes(4, "little") + bytes(3)


def test_the_crc_is_the_known_one():
    assert link.crc16(b"123456789") == 0x29B1


def test_a_frame_as_it_stands_on_the_wire():
    assert link.encode(5, 0x02, b"\x01") == bytes((0x7E, 1, 5, 2, 1)) + link.crc16(bytes((1, 5, 2, 1))).to_bytes(
        2, "little"
    )


def test_frames_come_out_of_single_bytes_and_out_of_noise():
    decoder = link.Decoder()
    frames = []
    for byte in b"\x7e\x00noise\x7e" + link.encode(1, 2, b"\x7e\x7e") + b"zz" + link.encode(2, 3, b"") + bytes(3):
        frames += decoder.feed(bytes((byte,)))
    for _ in range(20):
        if decoder.waiting:
            frames += decoder.slide()
    assert [(frame.sequence, frame.kind, frame.payload) for frame in frames] == [(1, 2, b"\x7e\x7e"), (2, 3, b"")]


def test_a_request_is_executed_once_and_answered():
    wire = Wire().greet()
    token = wire.host.send(m.STATUS, b"x")
    wire.run()
    assert wire.executed == [(m.STATUS, b"x")]
    assert [(got.token, got.status, got.payload) for got in wire.got[1:]] == [(token, link.OK, b"x")]


def test_a_lost_answer_is_repeated_without_executing_again():
    wire = Wire().greet()
    drop = [wire.chunks + 2]
    wire.spoil = lambda data, index: b"" if index in drop else data
    wire.host.send(m.STATUS, b"once")
    wire.run(2000)
    assert wire.executed == [(m.STATUS, b"once")]
    assert wire.got[-1].payload == b"once"
    assert wire.host.repeated == 1


def test_a_noise_start_that_swallows_a_frame_is_given_up_after_the_gap():
    wire = Wire().greet()
    wire.spoil = lambda data, index: b"\x7e\xf0" + data
    wire.host.send(m.STATUS, b"through")
    wire.run(3000)
    assert wire.executed == [(m.STATUS, b"through")]


def test_nothing_is_executed_before_hello():
    wire = Wire()
    wire.host.greeted = True  # it believes so; the supervisor restarted since
    token = wire.host.send(m.SLOT_POWER, b"old")
    wire.run()
    assert wire.executed == []
    failed = wire.got[0]
    assert (failed.what, failed.token, failed.status) == (link.FAILED, token, link.NOT_GREETED)
    assert not wire.host.greeted


def test_a_reset_between_execution_and_answer_executes_nothing_twice():
    wire = Wire().greet()
    wire.spoil = lambda data, index: data if data[3:4] == bytes((m.SLOT_POWER,)) else b""
    wire.host.send(m.SLOT_POWER, b"once")
    wire.run(100)
    assert wire.executed == [(m.SLOT_POWER, b"once")]
    wire.mcu = link.Peer(333)
    wire.spoil = lambda data, index: data
    wire.run(2000)
    assert wire.executed == [(m.SLOT_POWER, b"once")]
    assert (wire.got[-1].what, wire.got[-1].status) == (link.FAILED, link.NO_ANSWER), "nobody knows whether it was"
    wire.greet()
    assert wire.host.peer_boot_id == 333
    assert wire.host.greeted


def test_a_silent_peer_is_given_up_and_the_next_request_goes_on():
    wire = Wire().greet()
    wire.spoil = lambda data, index: b""
    wire.host.send(m.STATUS)
    wire.run(3000)
    assert wire.got[-1].what == link.FAILED
    assert wire.got[-1].status == link.NO_ANSWER
    wire.spoil = lambda data, index: data
    wire.host.send(m.STATUS, b"2")
    wire.run()
    assert wire.got[-1].payload == b"2"


def test_events_wait_for_a_host_and_for_its_return():
    wire = Wire()
    wire.mcu.send(m.SLOT_CHANGED, b"1")
    wire.run(5000)
    assert wire.heard == []
    wire.greet().run()
    assert wire.heard == [b"1"]
    wire.host = link.Peer(444)  # the host's process started anew
    wire.mcu.send(m.SLOT_CHANGED, b"2")
    wire.run(3000)
    assert wire.heard == [b"1"]
    wire.greet().run(3000)
    assert wire.heard == [b"1", b"2"]


def test_old_events_give_way_when_nobody_listens():
    peer = link.Peer(1)
    for number in range(link.QUEUE_LENGTH + 5):
        peer.send(m.BUTTON, bytes((number,)))
    assert peer.events_dropped == 5


def test_versions_meet_in_the_middle_or_not_at_all():
    table = ((1, 1, 1), (9, 1, 1), (9, 2, 0), (0, 0, 0))
    for protocol, protocol_min, agreed in table:
        assert link.agreed_protocol(protocol, protocol_min) == agreed
        peer = link.Peer(1)
        found = peer.receive(link.encode(1, m.HELLO, hello(9, protocol, protocol_min) + b"and more"), 0)
        assert found[0].kind == m.HELLO
        assert peer.protocol == agreed


def test_every_message_packs_and_unpacks_and_knows_older_and_newer_peers():
    for kind in m.MESSAGES:
        for fields in m.MESSAGES[kind][1:]:
            values = {}
            for name, code in fields:
                values[name] = b"" if code == "*" else bytes(int(code[:-1])) if code.endswith("s") else 1
            packed = m.pack(fields, values)
            assert m.unpack(fields, packed) == values
            if not fields or fields[-1][1] != "*":
                assert m.unpack(fields, packed + b"of a newer peer") == values
            if packed:
                try:
                    m.unpack(fields, packed[:-1])
                    raise AssertionError("a payload cut short was taken")
                except m.Malformed:
                    pass
    newer = (("state", "B"), ("added", "+H"))
    assert m.unpack(newer, b"\x07") == {"state": 7, "added": 0}
    assert m.unpack(newer, b"\x07\x02\x01") == {"state": 7, "added": 0x102}


def test_events_of_the_moment_are_not_told_to_the_next_start_of_the_host():
    wire = Wire().greet()
    wire.spoil = lambda data, index: b""  # the host hangs
    for kind in (m.SUPPLY_CHANGED, m.HOST_LATE, m.SHUTDOWN_ASKED, m.BUTTON, m.SLOT_CHANGED):
        wire.mcu.send(kind, bytes((kind,)))
    wire.run(3000)
    wire.spoil = lambda data, index: data
    wire.host = link.Peer(112)
    wire.greet().run(5000)
    assert wire.heard == [bytes((m.SUPPLY_CHANGED,)), bytes((m.SLOT_CHANGED,))]


def test_an_event_of_the_moment_on_its_way_is_forgotten_too():
    wire = Wire().greet()
    wire.spoil = lambda data, index: b""
    wire.mcu.send(m.SHUTDOWN_ASKED, b"old")
    wire.run(3000)
    wire.spoil = lambda data, index: data
    wire.greet().run(5000)
    assert wire.heard == [b"old"], "the same start of the host is told"
    wire.spoil = lambda data, index: b""
    wire.mcu.send(m.SHUTDOWN_ASKED, b"older")
    wire.run(3000)
    wire.spoil = lambda data, index: data
    wire.host = link.Peer(113)
    wire.greet().run(5000)
    assert wire.heard == [b"old"]


def test_what_nobody_waits_for_any_more_is_not_sent():
    wire = Wire()
    token = wire.host.send(m.SLOT_POWER, b"stale")
    wire.host.withdraw(token)
    wire.greet().run(1000)
    assert wire.executed == []
