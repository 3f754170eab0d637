"""Power of the modem slots, as stories; the same file under CPython and MicroPython."""

from firmware import actions, families
from firmware import messages as m
from tests.firmware.both.stage import Stage


def family(name):
    return {"family_0": families.number(name), "family_1": families.number(name)}


def test_a_start_is_rail_then_key_of_the_familys_length_then_status():
    stage = Stage(1, family("sim7600")).run(20000)
    assert stage.states() == ["on"]
    rail_ms = stage.modules[0].rail_ons[0]
    key = stage.of(actions.KEY)
    assert [pressed for _, _, pressed in key] == [1, 0]
    assert key[0][0] - rail_ms >= 100
    assert key[1][0] - key[0][0] >= 500
    assert key[1][0] - key[0][0] <= 540


def test_each_familys_key_press_is_as_long_as_its_row_says():
    for row in families.FAMILIES:
        stage = Stage(1, family(row.name)).run(12000)
        assert stage.states() == ["on"], row.name
        presses = stage.modules[0].presses
        assert len(presses) == (1 if row.on_pulse_ms else 0)
        for press in presses:
            assert row.on_pulse_ms <= press <= row.on_pulse_ms + 40, row.name


def test_the_second_module_starts_only_after_the_first_ones_burst():
    stage = Stage(2, dict(family("sim7600"), stagger_ms=8000)).run(30000)
    assert stage.states() == ["on", "on"]
    released_ms = stage.of(actions.KEY)[1][0]
    assert stage.modules[1].rail_ons[0] >= released_ms + 8000


def test_off_signs_off_by_key_and_drops_the_rail_after_the_status():
    stage = Stage(1, family("sim7600")).run(20000)
    stage.supervisor.switch_slot(0, 0, stage.now)
    stage.until(lambda: stage.states() == ["off"])
    module = stage.modules[0]
    assert 2600 <= module.presses[1] <= 2640
    assert module.rail_offs[-1] >= stage.of(actions.KEY)[-1][0] + module.stop_ms


def test_a_module_that_does_not_sign_off_loses_its_rail_all_the_same():
    stage = Stage(1, family("a76xx")).run(20000)
    stage.modules[0].dead = True
    stage.supervisor.switch_slot(0, 0, stage.now)
    stage.run(15000 + 2600 + 2000 + 200)
    assert stage.states() == ["off"]
    assert not stage.modules[0].rail


def test_cycle_comes_back_and_cut_drops_at_once():
    stage = Stage(1, family("ec25")).run(20000)
    stage.supervisor.switch_slot(0, 2, stage.now)
    stage.until(lambda: stage.states() == ["stopping"]).until(lambda: stage.states() == ["on"])
    before = stage.at_ms
    stage.supervisor.switch_slot(0, 3, stage.now)
    stage.run(20)
    assert stage.modules[0].rail_offs[-1] <= before + 20


def test_a_rail_stays_off_for_the_discharge_time():
    stage = Stage(1, family("sim7600")).run(20000)
    stage.supervisor.switch_slot(0, 3, stage.now)
    stage.supervisor.switch_slot(0, 1, stage.now)
    stage.until(lambda: stage.states() == ["on"])
    assert stage.modules[0].rail_ons[-1] - stage.modules[0].rail_offs[-1] >= 2000


def test_a_module_that_never_starts_is_tried_three_times_then_a_fault_until_asked_again():
    stage = Stage(1, family("sim800"))
    stage.modules[0].dead = True
    stage.until(lambda: stage.states() == ["fault"])
    assert stage.supervisor.power.slots[0].starts == 3
    assert not stage.modules[0].rail
    assert "slot fault" in stage.logged()
    stage.modules[0].dead = False
    stage.supervisor.switch_slot(0, 1, stage.now)
    stage.until(lambda: stage.states() == ["on"])


def test_vanished_and_brown_out_are_told_apart_and_both_come_back():
    stage = Stage(1, family("sim800")).run(20000)
    stage.modules[0].running = False
    stage.until(lambda: stage.states() != ["on"]).until(lambda: stage.states() == ["on"])
    slot = stage.supervisor.power.slots[0]
    assert (slot.vanished, slot.brown_outs) == (1, 0)
    stage.readings.supply_mv = 4400
    stage.modules[0].running = False
    stage.run(60)
    stage.readings.supply_mv = 5000
    stage.until(lambda: slot.brown_outs == 1)
    reasons = [m.SLOT_REASONS[values["reason"]] for values in stage.events(m.SLOT_CHANGED)]
    assert "vanished" in reasons
    assert "brown-out" in reasons
    stage.until(lambda: stage.states() == ["on"])


def test_a_glitch_of_the_status_pin_is_no_loss():
    stage = Stage(1, family("sim800")).run(20000)
    stage.modules[0].running = False
    stage.run(60)
    stage.modules[0].running = True
    stage.run(1000)
    assert stage.supervisor.power.slots[0].vanished == 0


def test_a_module_that_keeps_vanishing_is_a_fault_in_the_end():
    stage = Stage(1, dict(family("sim800"), slot_restarts_per_hour=2)).run(20000)
    for _ in range(3):
        stage.modules[0].running = False
        stage.until(lambda: stage.states() != ["on"]).until(lambda: stage.states()[0] in ("on", "fault"))
    assert stage.states() == ["fault"]


def test_a_module_that_vanishes_once_a_week_never_becomes_a_fault():
    """Seven days lie beyond half the period of the ticks: what was long ago must have been forgotten before."""
    stage = Stage(1, dict(family("sim800"), slot_restarts_per_hour=1)).run(20000, "running")
    stage.supervisor.settings.put("watchdog", 0)
    for _ in range(3):
        stage.run(7 * 86400000, "running", step_ms=3600000)
        stage.modules[0].running = False
        stage.until(lambda: stage.states() != ["on"]).until(lambda: stage.states() == ["on"])
    assert stage.supervisor.power.slots[0].vanished == 3


def test_a_restarted_supervisor_adopts_what_runs_and_touches_no_rail_of_it():
    stage = Stage(2, dict(family("sim7600"), autostart=1), running=(0,), warm=True).run(1000)
    assert stage.states()[0] == "on"
    assert stage.modules[0].rail_offs == []
    assert stage.modules[0].presses == []
    assert stage.states()[1] in ("discharging", "off")


def test_a_usb_stick_is_its_rail_and_survives_a_restart_of_the_supervisor():
    stage = Stage(1, family("huawei")).run(8000)
    assert stage.states() == ["on"]
    assert stage.of(actions.KEY) == []
    warm = Stage(1, family("huawei"), warm=True).run(1000)
    assert warm.states() == ["on"]
    assert warm.modules[0].rail_offs == []


def test_what_is_switched_off_while_it_waits_or_settles_never_starts():
    stage = Stage(2, family("sim7600")).run(2040)
    stage.supervisor.switch_slot(1, 0, stage.now)
    stage.run(30000)
    assert stage.states() == ["on", "off"]
    assert stage.modules[1].rail_ons == []


def test_a_slot_that_was_switched_off_stays_off_when_the_supervisor_restarts():
    stage = Stage(2, {"stagger_ms": 1000}).run(60000, "running")
    assert stage.states() == ["on", "on"]
    stage.supervisor.switch_slot(0, m.SLOT_ACTIONS.index("off"), stage.now)
    stage.run(60000, "running")
    assert stage.kept[2] == 1
    again = Stage(2, running=(1,), kept=stage.kept).run(60000, "running")
    assert again.states() == ["off", "on"]
    assert again.modules[0].rail_ons == []
    again.supervisor.switch_slot(0, m.SLOT_ACTIONS.index("on"), again.now)
    again.run(60000, "running")
    assert again.states() == ["on", "on"]
    assert again.kept[2] == 0


def test_one_that_runs_although_it_was_off_signs_off():
    stage = Stage(1, running=(0,), kept=(0, 0, 1)).run(60000, "running")
    assert stage.states() == ["off"]
    assert len(stage.modules[0].presses) == 1, "in order, by its key"


def test_a_faulty_slot_that_is_switched_off_is_off():
    stage = Stage(1)
    stage.modules[0].dead = True
    stage.until(lambda: stage.states() == ["fault"], beat="running")
    stage.supervisor.switch_slot(0, m.SLOT_ACTIONS.index("off"), stage.now)
    assert stage.states() == ["off"]
