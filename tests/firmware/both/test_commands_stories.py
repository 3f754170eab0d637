"""The host's requests against the supervisor, as a table; the same file under CPython and MicroPython."""

from firmware import actions, arming, civil, link, liveness, log, rsa, slots
from firmware import messages as m
from firmware.commands import Commands
from firmware.compat import ticks_add
from tests.firmware.both.stage import Stage


class NoUpdater:
    def describe(self):
        return {"state": 0, "error": 0, "next_offset": 0, "size": 0}

    def begin(self, size, digest, now):
        return size < 1000

    def data(self, offset, piece, now):
        return False

    def tick(self, now):
        pass

    def end(self):
        return False


class Desk:
    """A stage with the host's side of the counter."""

    def __init__(self):
        self.stage = Stage(2, {"autostart": 0})
        self.log = log.EventLog()
        stage = self.stage
        self.commands = Commands(stage.supervisor, stage.readings, self.log, NoUpdater())

    def ask(self, kind, agreed=1, **values):
        return self.raw(kind, m.pack_message(kind, values), agreed)

    def raw(self, kind, payload, protocol=1):
        status, answer = self.commands.handle(kind, payload, protocol, self.stage.now)
        return status, m.unpack_answer(kind, answer) if status == link.OK else {}

    def code(self, kind, argument=0):
        return self.ask_arm(kind, argument)[1]["code"]

    def ask_arm(self, kind, argument):
        return self.raw(m.ARM, bytes((kind, argument)))


def test_what_is_refused():
    desk = Desk()
    table = (
        (0x3F, b"", link.UNSUPPORTED),
        (0x7F, b"", link.UNSUPPORTED),
        (m.HEARTBEAT, b"", link.BAD_PAYLOAD),
        (m.HEARTBEAT, b"\x09", link.REFUSED),
        (m.SLOT_STATE, b"\x02", link.REFUSED),
        (m.LINE_LED, b"\x00\x63", link.REFUSED),
        (m.BOX_LED, b"\x63", link.REFUSED),
        (m.SETTING_GET, b"nonsense", link.REFUSED),
        (m.SETTING_GET, b"\x80", link.REFUSED),
        (m.SETTING_SET, b"\xff\xff\xff\x7flate_ms", link.REFUSED),
        (m.CLOCK_SET, b"\x00\x00\x00\x01", link.REFUSED),
        (m.ARM, bytes((m.STATUS, 0)), link.REFUSED),
        (m.SLOT_POWER, b"\x01\x00\x00\x01", link.NOT_ARMED),
        (m.UPDATE_RESTART, b"\x00\x00", link.NOT_ARMED),
    )
    for kind, payload, status in table:
        assert desk.raw(kind, payload)[0] == status, (kind, payload)
    assert desk.stage.supervisor.actions == []


def test_a_critical_request_needs_its_own_code_once_and_soon():
    desk = Desk()
    on = m.SLOT_ACTIONS.index("on")
    code = desk.code(m.SLOT_POWER, 1)
    assert desk.ask(m.SLOT_POWER, code=code, slot=0, action=on)[0] == link.NOT_ARMED
    assert desk.ask(m.SLOT_POWER, code=code, slot=1, action=on)[0] == link.NOT_ARMED, "a wrong try spends it"
    code = desk.code(m.SLOT_POWER, 1)
    assert desk.ask(m.HOST_POWER, code=code, action=1)[0] == link.NOT_ARMED
    code = desk.code(m.SLOT_POWER, 1)
    assert desk.ask(m.SLOT_POWER, code=code, slot=1, action=on)[0] == link.OK
    assert desk.ask(m.SLOT_POWER, code=code, slot=1, action=on)[0] == link.NOT_ARMED
    code = desk.code(m.SLOT_POWER, 1)
    desk.stage.run(arming.VALID_MS + 100)
    assert desk.ask(m.SLOT_POWER, code=code, slot=1, action=on)[0] == link.NOT_ARMED


def test_slots_are_switched_and_described():
    desk = Desk()
    desk.stage.run(5000)
    code = desk.code(m.SLOT_POWER, 1)
    status, state = desk.ask(m.SLOT_POWER, code=code, slot=1, action=1)
    assert status == link.OK
    assert m.SLOT_STATES[state["state"]] == "waiting"
    desk.stage.run(20000)
    assert m.SLOT_STATES[desk.ask(m.SLOT_STATE, slot=1)[1]["state"]] == "on"
    assert desk.stage.states() == ["off", "on"]


def test_the_host_can_switch_itself_off():
    desk = Desk()
    code = desk.code(m.HOST_POWER, 0)
    assert desk.ask(m.HOST_POWER, code=code, action=0)[0] == link.OK
    answer = desk.ask(m.HEARTBEAT, state=m.HOST_STATES.index("stopping"))[1]
    assert m.STOP_REASONS[answer["stop_reason"]] == "asked"
    assert m.WATCHDOG_STATES[answer["watchdog"]] == "stopping"


def test_settings_are_kept_and_obeyed():
    desk = Desk()
    assert desk.ask(m.SETTING_SET, value=7000, name=b"late_ms")[0] == link.OK
    assert desk.ask(m.SETTING_GET, name=b"late_ms")[1] == {"value": 7000, "minimum": 200, "maximum": 120000}
    assert desk.ask(m.SETTING_SET, value=7000, name=b"late_ms")[0] == link.OK
    codes = [code for code, _, _ in desk.stage.supervisor.actions]
    assert codes == [actions.LOG, actions.SAVE], "saved once"


def test_status_and_hello_and_clock():
    desk = Desk()
    desk.stage.readings.clock_fitted, desk.stage.readings.clock_s = True, 1795334400
    desk.stage.run(2000, "running")
    status = desk.ask(m.STATUS)[1]
    assert (status["supply_mv"], status["temperature_dc"], status["uptime_s"]) == (5000, 250, 2)
    hello = desk.ask(m.HELLO, protocol=1, protocol_min=1, boot_id=1, major=0, minor=0, patch=0)[1]
    assert (hello["slots"], hello["folder"], hello["on_trial"]) == (2, b"a", 0)
    assert desk.ask(m.CLOCK_GET)[1] == {"fitted": 1, "valid": 1, "unix_s": 1795334400}
    assert desk.ask(m.CLOCK_SET, unix_s=1795334500)[0] == link.OK
    assert (actions.CLOCK, 1795334500, None) in desk.stage.supervisor.actions


def test_a_peer_that_does_not_fit_may_only_live_and_update():
    desk = Desk()
    assert desk.ask(m.STATUS, agreed=0)[0] == link.INCOMPATIBLE
    assert desk.ask(m.LINE_LED, agreed=0, slot=0, pattern=1)[0] == link.INCOMPATIBLE
    assert desk.ask(m.HEARTBEAT, agreed=0, state=1)[0] == link.OK
    assert desk.ask(m.UPDATE_STATUS, agreed=0)[0] == link.OK


def test_no_update_begins_on_a_weak_supply_or_on_trial():
    desk = Desk()
    code = desk.code(m.UPDATE_BEGIN)
    assert desk.ask(m.UPDATE_BEGIN, code=code, size=100, sha256=bytes(32))[0] == link.OK
    desk.stage.readings.supply_mv = 4000
    desk.stage.run(100)
    code = desk.code(m.UPDATE_BEGIN)
    assert desk.ask(m.UPDATE_BEGIN, code=code, size=100, sha256=bytes(32))[0] == link.REFUSED


def test_the_log_is_read_in_pieces_and_survives():
    desk = Desk()
    stored = b""
    for number in range(40):
        stored += desk.log.append(number % 20, 1, -5, 1000 + number)
    number, records = 0, []
    while number != desk.log.next:
        answer = desk.ask(m.LOG_READ, number=number)[1]
        number = answer["next_number"]
        records += m.unpack_log(answer["records"])
    assert [record[0] for record in records] == list(range(1, 41))
    assert records[3] == (4, 1003, 3, 1, -5)
    again = log.EventLog()
    again.restore(stored + b"torn")
    assert again.next == 41
    assert again.read(40, 100)[1] == stored[-12:]


def test_the_ring_forgets_the_oldest():
    ring = log.EventLog()
    for _ in range(log.CAPACITY + 10):
        ring.append(1, 0, 0, 0)
    assert ring.first == 11
    assert m.unpack_log(ring.read(0, 24)[1])[0][0] == 11


def test_a_task_that_hangs_is_named():
    tasks = liveness.Liveness(("one", "two"), 0)
    tasks.alive(0, 1900)
    assert tasks.hung(1990) is None
    assert tasks.hung(2100) == "two"


def test_days_and_seconds():
    table = (
        (0, (1970, 1, 1, 0, 0, 0)),
        (951782399, (2000, 2, 28, 23, 59, 59)),
        (951782400, (2000, 2, 29, 0, 0, 0)),
        (1795334697, (2026, 11, 22, 8, 4, 57)),
        (4102444800, (2100, 1, 1, 0, 0, 0)),
    )
    for seconds, moment in table:
        assert civil.from_unix_s(seconds) == moment, moment
        assert civil.to_unix_s(moment) == seconds, moment


def test_which_folder_starts():
    record = slots.fresh()
    assert slots.choose(record) == "a"
    slots.try_next(record, slots.prepare(record))
    assert slots.choose(record) == "b"
    assert record["tried"]
    assert slots.choose(record) == "a", "tried once"
    assert record["fell_back"]
    slots.try_next(record, slots.prepare(record))
    assert slots.choose(record) == "b"
    slots.confirm(record, [1, 2, 3])
    assert slots.choose(record) == "b"
    assert not record["fell_back"]
    assert record["floor"] == [1, 2, 3]
    for _ in range(slots.CRASHES):
        slots.crashed(record)
    assert slots.choose(record) == "a", "the confirmed spare takes over"


def test_an_untouched_signature_block_is_known():
    assert len(rsa.padded(bytes(32))) == 256
    assert not rsa.verify(bytes(256), bytes(256), bytes(32))
    assert not rsa.verify(b"\xff" * 256, bytes(10), bytes(32))


def test_a_code_that_was_never_used_is_forgotten():
    desk = Desk()
    code = desk.code(m.SLOT_POWER, 1)
    start = desk.stage.now
    desk.commands.tick(ticks_add(start, arming.VALID_MS + 1))
    assert desk.ask(m.SLOT_POWER, code=code, slot=1, action=1)[0] == link.NOT_ARMED


def test_the_clock_takes_the_years_that_its_chip_can_count():
    desk = Desk()
    desk.stage.readings.clock_fitted = True
    table = ((946684799, link.REFUSED), (946684800, link.OK), (4102444799, link.OK), (4102444800, link.REFUSED))
    for seconds, status in table:
        assert desk.ask(m.CLOCK_SET, unix_s=seconds)[0] == status, seconds


def test_no_module_is_started_on_a_low_supply():
    desk = Desk()
    desk.stage.run(5000)
    desk.stage.readings.supply_mv = 3000
    desk.stage.run(5000)
    for action, status in (("on", link.REFUSED), ("cycle", link.REFUSED), ("off", link.OK)):
        code = desk.code(m.SLOT_POWER, 0)
        got = desk.ask(m.SLOT_POWER, code=code, slot=0, action=m.SLOT_ACTIONS.index(action))[0]
        assert got == status, action
