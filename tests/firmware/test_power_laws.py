"""Laws of the supervisor, whatever happens: bursts never coincide, rails rest, a host is asked before it is cut."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware import actions, families, host, link, power
from firmware import messages as m
from tests.firmware.both.stage import Stage
from tests.firmware.both.test_commands_stories import Desk

SLOTS = 3
STAGGER_MS = 4000

power_steps = st.lists(
    st.one_of(
        st.tuples(st.just("switch"), st.integers(0, SLOTS - 1), st.integers(0, 3)),
        st.tuples(st.just("crash"), st.integers(0, SLOTS - 1), st.booleans()),
        st.tuples(st.just("dead"), st.integers(0, SLOTS - 1), st.booleans()),
        st.tuples(st.just("wait"), st.sampled_from([20, 200, 1000, 5000, 20000]), st.none()),
    ),
    max_size=25,
)
family_numbers = st.lists(st.integers(0, families.LAST), min_size=SLOTS, max_size=SLOTS)


def play(stage: Stage, steps: list) -> None:
    for what, first, second in steps:
        match what:
            case "switch":
                stage.supervisor.switch_slot(first, second, stage.now)
            case "crash":
                stage.modules[first].running = False
                stage.readings.supply_mv = 4000 if second else 5000
                stage.run(20)
                stage.readings.supply_mv = 5000
            case "dead":
                stage.modules[first].dead = second
            case "wait":
                stage.run(first, "running")


@settings(max_examples=60)
@given(family_numbers, power_steps)
def test_bursts_never_coincide_and_rails_rest(numbers: list[int], steps: list) -> None:
    changes = {f"family_{slot}": number for slot, number in enumerate(numbers)} | {"stagger_ms": STAGGER_MS}
    stage = Stage(SLOTS, changes).run(3000, "running")
    play(stage, steps)
    stage.run(3000, "running")
    ons: list[tuple[int, int]] = []
    off_since: dict[int, int] = {}
    rails = dict.fromkeys(range(SLOTS), False)
    keyed: dict[int, int] = {}
    for at_ms, code, first, second in stage.done:
        if code == actions.RAIL and second and not rails[first]:
            rails[first] = True
            assert at_ms - off_since.get(first, -(10**9)) >= families.FAMILIES[numbers[first]].discharge_ms
            for other, burst_ms in ons:
                assert at_ms >= burst_ms, f"slot {first} starts into the burst of slot {other}"
            ons.append((first, at_ms))
        elif code == actions.RAIL and not second and rails[first]:
            rails[first], off_since[first] = False, at_ms
            ons = [(other, burst_ms) for other, burst_ms in ons if other != first]
        elif code == actions.KEY and second:
            assert rails[first]
            keyed[first] = at_ms
        elif code == actions.KEY:
            ons = [(other, at_ms + STAGGER_MS if other == first else burst) for other, burst in ons]


@settings(max_examples=25)
@given(family_numbers, power_steps)
def test_every_slot_comes_to_rest_where_it_is_wanted(numbers: list[int], steps: list) -> None:
    stage = Stage(SLOTS, {f"family_{slot}": number for slot, number in enumerate(numbers)})
    play(stage, steps)
    for module in stage.modules:
        module.dead = False
    stage.run(200_000, "running", step_ms=100)
    for slot, module in zip(stage.supervisor.power.slots, stage.modules, strict=True):
        assert slot.state in (power.ON, power.OFF, power.FAULT)
        assert (slot.state == power.ON) == slot.wanted
        assert module.rail == (slot.state == power.ON)


host_steps = st.lists(
    st.one_of(
        st.tuples(st.just("beat"), st.sampled_from(m.HOST_STATES), st.sampled_from([1000, 8000, 40000])),
        st.tuples(st.just("silent"), st.none(), st.sampled_from([4000, 12000, 40000, 200000])),
        st.tuples(st.just("press"), st.none(), st.sampled_from([200, 4000])),
        st.tuples(st.just("supply"), st.sampled_from([3000, 4700, 5000]), st.sampled_from([500, 5000, 30000])),
        st.tuples(st.just("heat"), st.sampled_from([300, 750, 900]), st.sampled_from([1000, 20000])),
        st.tuples(st.just("halted"), st.booleans(), st.just(500)),
    ),
    max_size=20,
)


@settings(max_examples=60)
@given(host_steps)
def test_the_host_is_asked_before_it_is_cut_and_resets_have_a_budget(steps: list) -> None:
    stage = Stage(1, {"autostart": 0, "boot_ms": 60000, "resets_per_hour": 2}).run(2000, "running")
    for what, how, ms in steps:
        match what:
            case "beat":
                stage.run(ms, how, step_ms=100)
            case "press":
                stage.press(ms)
            case "supply":
                stage.readings.supply_mv = how
                stage.run(ms, "running", step_ms=100)
            case "heat":
                stage.readings.temperature_dc = how
                stage.run(ms, "running", step_ms=100)
            case "halted":
                stage.readings.halted = how
                stage.run(ms, "running", step_ms=100)
            case _:
                stage.run(ms, step_ms=100)
    check_host(stage)


def check_host(stage: Stage) -> None:
    asked_ms = None
    powered = True
    watchdog_cuts = []
    for at_ms, code, first, second in stage.done:
        if code == actions.EVENT and first == m.SHUTDOWN_ASKED:
            asked_ms = at_ms
            reason = m.unpack_message(first, second)["reason"]
        elif code == actions.HOST_RAIL:
            if not first:
                assert powered
                assert asked_ms is not None, "cut without having been asked"
                if reason == host.WATCHDOG:
                    watchdog_cuts.append(at_ms)
            asked_ms = None
            powered = bool(first)
    for at_ms in watchdog_cuts:
        assert len([other for other in watchdog_cuts if 0 <= at_ms - other < 3_600_000]) <= 3
    assert powered == (stage.supervisor.host.state in (host.RUNNING, host.STOPPING, host.GIVEN_UP))


@settings(max_examples=60)
@given(st.lists(st.integers(100, 4900), min_size=1, max_size=80))
def test_a_host_that_speaks_in_time_is_never_reset(gaps_ms: list[int]) -> None:
    stage = Stage(1, {"autostart": 0})
    for gap_ms in gaps_ms:
        stage.run(gap_ms // 20 * 20)
        stage.supervisor.heartbeat(stage.now, 1)
    assert stage.events(m.SHUTDOWN_ASKED) == []
    assert stage.events(m.HOST_LATE) == []


@given(st.binary(max_size=30), st.integers(1, 0x3F), st.integers(0, 1))
def test_no_request_makes_the_supervisor_raise(payload: bytes, kind: int, protocol: int) -> None:
    desk = Desk()
    status, _ = desk.commands.handle(kind, payload, protocol, desk.stage.now)
    assert status in link.STATUS_NAMES
