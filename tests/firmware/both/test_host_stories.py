"""The host's watchdog, its power, button, supply and heat, as stories; the same file on both interpreters."""

from firmware import actions, host, leds, watchdog
from firmware import messages as m
from tests.firmware.both.stage import Stage

QUICK = {"late_ms": 5000, "dead_ms": 30000, "grace_ms": 20000, "host_off_ms": 5000, "boot_ms": 180000, "autostart": 0}


def stage_with(**changes):
    return Stage(1, dict(QUICK, **changes))


def rails(stage):
    return [(at_ms, on) for at_ms, on, _ in stage.of(actions.HOST_RAIL)][1:]


def test_a_host_that_speaks_is_left_alone():
    stage = stage_with().run(600000, "running", step_ms=500)
    assert rails(stage) == []
    assert stage.events(m.HOST_LATE) == []


def test_silence_warns_then_asks_then_cuts_then_gives_power_back():
    stage = stage_with().run(60000, "running").run(90000)
    late = stage.events(m.HOST_LATE)
    assert len(late) == 1
    assert 5000 <= late[0]["silent_ms"] <= 5100
    asked = stage.of(actions.HOST_BUTTON)
    assert 90000 <= asked[0][0] <= 90100
    assert asked[0][1] == 1
    assert asked[1][1] == 0
    assert m.STOP_REASONS[stage.events(m.SHUTDOWN_ASKED)[0]["reason"]] == "watchdog"
    cut, back = rails(stage)
    assert cut[1] == 0
    assert 110000 <= cut[0] <= 110100
    assert back[1] == 1
    assert 5000 <= back[0] - cut[0] <= 5100


def test_a_halted_host_is_cut_at_once():
    stage = stage_with().run(60000, "running").run(31000)
    stage.readings.halted = True
    stage.run(100)
    assert rails(stage)[0][1] == 0
    assert rails(stage)[0][0] <= 91200


def test_late_recovers():
    stage = stage_with().run(60000, "running").run(10000).run(10000, "running")
    assert [values["late"] for values in stage.events(m.HOST_LATE)] == [1, 0]
    assert rails(stage) == []


def test_the_host_is_told_why_until_it_speaks_again():
    stage = stage_with().run(60000, "running").run(60000)
    assert stage.supervisor.host.stop_reason == host.WATCHDOG
    assert stage.supervisor.host.resets == 1
    stage.supervisor.host.greeted()
    stage.run(2000, "running")
    assert stage.supervisor.host.stop_reason == host.NONE


def test_a_host_that_never_boots_is_reset_after_the_boot_leash_within_the_budget():
    stage = stage_with(boot_ms=60000, resets_per_hour=2).run(1800000, step_ms=500)
    assert [on for _, on in rails(stage)] == [0, 1, 0, 1]
    assert stage.supervisor.host.state == host.GIVEN_UP
    assert "host given up" in stage.logged()
    stage.run(2400000, step_ms=500)
    assert len(rails(stage)) > 4, "an hour later there is a place again"


def test_a_given_up_host_that_speaks_is_good_again():
    stage = stage_with(boot_ms=60000, resets_per_hour=0).run(70000)
    assert stage.supervisor.host.watchdog_state == watchdog.GIVEN_UP
    stage.run(2000, "running")
    assert stage.supervisor.host.watchdog_state == watchdog.GOOD


def test_an_update_has_the_longer_leash():
    stage = stage_with(update_ms=600000).run(10000, "updating").run(500000, step_ms=500)
    assert rails(stage) == []
    stage.run(200000)
    assert rails(stage) != []


def test_a_host_that_restarts_itself_has_the_time_of_a_boot():
    stage = stage_with(boot_ms=180000).run(60000, "running").run(1000, "stopping").run(150000)
    assert rails(stage) == []
    stage.run(80000)
    assert rails(stage)[0][1] == 0


def test_a_switched_off_watchdog_never_resets():
    stage = stage_with(watchdog=0).run(10000, "running").run(3600000, step_ms=500)
    assert rails(stage) == []


def test_what_was_asked_for_is_finished_even_if_the_host_speaks_again():
    stage = stage_with().run(60000, "running").run(31000).run(30000, "running")
    assert [on for _, on in rails(stage)] == [0, 1]


def test_a_long_press_stops_and_a_short_one_starts():
    stage = stage_with().run(60000, "running")
    stage.press(4000)
    assert m.STOP_REASONS[stage.events(m.SHUTDOWN_ASKED)[0]["reason"]] == "button"
    stage.run(60000)
    assert stage.supervisor.host.state == host.OFF
    stage.run(600000, step_ms=500)
    assert [on for _, on in rails(stage)] == [0], "off stays off"
    stage.press(200)
    assert [on for _, on in rails(stage)] == [0, 1]


def test_the_gestures():
    stage = stage_with().run(1000, "running")
    stage.press(200)
    stage.run(2000)
    for _ in range(3):
        stage.press(200)
    stage.press(6000)
    names = [m.BUTTON_GESTURES[values["gesture"]] for values in stage.events(m.BUTTON)]
    assert names == ["short", "short", "short", "short", "factory reset"]
    assert stage.events(m.SHUTDOWN_ASKED) == []


def test_a_bouncing_button_is_one_press():
    stage = stage_with()
    for _ in range(3):
        stage.readings.button = True
        stage.run(20)
        stage.readings.button = False
        stage.run(20)
    assert stage.events(m.BUTTON) == []


def test_a_failing_supply_warns_a_low_one_stops_the_host_and_drops_the_modules():
    stage = Stage(1, {"autostart": 1}).run(30000, "running")
    assert stage.states() == ["on"]
    stage.readings.supply_mv = 4000
    stage.run(2000, "running")
    assert [m.SUPPLY_LEVELS[values["level"]] for values in stage.events(m.SUPPLY_CHANGED)] == ["failing"]
    assert stage.modules[0].rail
    stage.run(2000, "running")
    assert not stage.modules[0].rail
    assert m.STOP_REASONS[stage.events(m.SHUTDOWN_ASKED)[0]["reason"]] == "supply"
    stage.run(60000)
    assert stage.supervisor.host.state == host.OFF
    stage.readings.supply_mv = 5000
    stage.run(60000)
    assert stage.supervisor.host.state == host.RUNNING
    assert stage.states() == ["on"]


def test_an_empty_supercap_does_not_wait():
    stage = stage_with().run(5000, "running")
    stage.readings.supply_mv, stage.readings.supercap_mv = 3000, 3500
    stage.run(100)
    assert [values["level"] for values in stage.events(m.SUPPLY_CHANGED)] == [1, 2]


def test_a_short_dip_is_counted_and_stops_nobody():
    stage = stage_with().run(5000, "running")
    stage.readings.supply_mv = 4000
    stage.run(200)
    stage.readings.supply_mv = 5000
    stage.run(10000, "running")
    assert stage.supervisor.supply.brown_outs == 1
    assert stage.events(m.SHUTDOWN_ASKED) == []
    assert [values["level"] for values in stage.events(m.SUPPLY_CHANGED)] == [1, 0]


def test_no_press_starts_a_host_on_a_low_supply():
    stage = stage_with().run(5000, "running")
    stage.readings.supply_mv = 3000
    stage.run(60000)
    stage.press(200)
    assert stage.supervisor.host.state == host.OFF


def test_a_reason_to_stay_off_outranks_one_to_come_back_and_the_first_stays():
    stage = stage_with().run(60000, "running").run(31000)  # stopping for its silence
    stage.readings.supply_mv = 3000
    stage.run(30000)
    assert stage.supervisor.host.state == host.OFF
    assert stage.supervisor.host.stop_reason == host.SUPPLY
    stage.readings.supply_mv = 5000
    stage.run(6000)
    assert stage.supervisor.host.state == host.RUNNING
    stage.run(5000, "running")
    stage.press(4000)
    stage.supervisor.host.stop(stage.now, host.ASKED, True)
    stage.readings.supply_mv = 3000
    stage.run(60000)
    stage.readings.supply_mv = 5000
    stage.run(60000)
    assert stage.supervisor.host.state == host.OFF, "a person switched it off"


def test_heat_warns_then_stops_and_cold_starts_again():
    stage = stage_with().run(5000, "running")
    stage.readings.temperature_dc = 720
    stage.run(1000, "running")
    stage.readings.temperature_dc = 880
    stage.run(9000, "running")
    assert [values["level"] for values in stage.events(m.TEMPERATURE_CHANGED)] == [1]
    stage.run(60000)
    assert [values["level"] for values in stage.events(m.TEMPERATURE_CHANGED)] == [1, 2]
    assert stage.supervisor.host.state == host.OFF
    assert stage.supervisor.host.stop_reason == host.TEMPERATURE
    stage.readings.temperature_dc = 600
    stage.run(1000)
    assert stage.supervisor.host.state == host.RUNNING


def test_firmware_on_trial_restarts_unless_confirmed():
    stage = Stage(1, dict(QUICK, trial_ms=10000), on_trial=True).run(11000, "running")
    assert len(stage.of(actions.RESTART)) == 1
    stage = Stage(1, dict(QUICK, trial_ms=10000), on_trial=True).run(5000, "running")
    stage.supervisor.confirm()
    stage.run(20000, "running")
    assert stage.of(actions.RESTART) == []
    assert len(stage.of(actions.CONFIRM)) == 1


def shown(stage, light):
    """The colours a light showed, in order."""
    return [leds.COLOURS[colour] for _, index, colour in stage.of(actions.LED) if index == light]


def test_the_box_light_tells_the_story():
    stage = stage_with().run(3000)
    assert shown(stage, leds.BOX)[:3] in (["amber", "dark", "amber"], ["dark", "amber", "dark"])
    stage.done.clear()
    stage.run(3000, "running")
    assert shown(stage, leds.BOX)[-1] == "green"
    stage.run(31000)
    assert shown(stage, leds.BOX)[-1] == "amber"
    stage.run(30000)
    assert stage.supervisor.host.state == host.RUNNING


def test_line_lights_follow_the_slot_then_the_host():
    stage = Stage(1, {"autostart": 1}).run(30000, "running")
    light = leds.FIRST_LINE
    stage.done.clear()
    stage.run(2000, "running")
    assert set(shown(stage, light)) == {"green", "dark"}, "searching until the host says more"
    stage.supervisor.show_line(0, m.LINE_LEDS.index("registered"))
    stage.run(2000, "running")
    stage.done.clear()
    stage.run(2000, "running")
    assert shown(stage, light) == []
    stage.supervisor.show_line(0, m.LINE_LEDS.index("in call"))
    stage.run(2000, "running")
    assert "amber" in shown(stage, light)


def test_uptime_counts_seconds_over_the_wrap_of_the_ticks():
    assert stage_with().run(100000, "running").supervisor.uptime_s == 100


def test_a_host_that_both_heat_and_supply_kept_off_comes_back_when_the_later_of_them_is_good():
    for later in ("supply", "heat"):
        stage = stage_with().run(5000, "running")
        stage.readings.supply_mv = 3000
        stage.readings.temperature_dc = 900
        stage.run(60000)
        assert stage.supervisor.host.state == host.OFF
        for reading in ("heat", "supply") if later == "supply" else ("supply", "heat"):
            stage.run(30000)
            assert stage.supervisor.host.state == host.OFF, later
            if reading == "heat":
                stage.readings.temperature_dc = 400
            else:
                stage.readings.supply_mv = 5000
        stage.run(10000)
        assert stage.supervisor.host.state == host.RUNNING, later


def test_a_poor_supply_stays_failing_and_stops_nobody():
    stage = stage_with().run(5000, "running")
    stage.readings.supply_mv = 4600
    stage.run(500, "running")
    stage.readings.supply_mv = 4700  # above the lower limit, never above the higher one
    stage.run(60000, "running")
    assert [values["level"] for values in stage.events(m.SUPPLY_CHANGED)] == [1]
    stage.readings.supply_mv = 4600
    stage.run(2500, "running")
    assert stage.events(m.SHUTDOWN_ASKED) == []
    stage.run(1000, "running")
    assert len(stage.events(m.SHUTDOWN_ASKED)) == 1, "three seconds in a row"


def test_a_restart_of_the_supervisor_leaves_a_host_off_that_was_off():
    stage = stage_with().run(60000, "running")
    stage.press(4000)
    stage.run(60000)
    assert stage.kept == (host.KEPT_OFF, host.BUTTON, 0)
    again = Stage(1, QUICK, kept=stage.kept)
    assert again.of(actions.HOST_RAIL)[0][1] == 0
    again.run(600000, step_ms=500)
    assert again.supervisor.host.state == host.OFF
    assert rails(again) == []
    again.press(200)
    assert [on for _, on in rails(again)] == [1]
    assert again.kept[0] == host.KEPT_ON


def test_a_restart_while_the_host_goes_down_asks_it_again():
    stage = stage_with().run(60000, "running")
    stage.press(4000)
    assert stage.kept[0] == host.KEPT_STOPPING
    again = Stage(1, QUICK, kept=stage.kept).run(1000, "stopping")
    assert m.STOP_REASONS[again.events(m.SHUTDOWN_ASKED)[0]["reason"]] == "button"
    again.readings.halted = True
    again.run(60000)
    assert again.supervisor.host.state == host.OFF


def test_a_restart_while_a_silent_host_is_cut_gives_it_power():
    stage = stage_with().run(60000, "running").run(30100)
    assert stage.supervisor.host.state == host.STOPPING
    assert stage.kept[0] == host.KEPT_ON
    assert Stage(1, QUICK, kept=stage.kept).supervisor.host.state == host.RUNNING


def test_after_a_restart_a_supply_that_was_low_must_prove_itself():
    stage = stage_with().run(5000, "running")
    stage.readings.supply_mv = 3000
    stage.run(60000)
    again = Stage(1, QUICK, kept=stage.kept)
    again.run(4000)
    assert again.supervisor.host.state == host.OFF
    again.run(2000)
    assert again.supervisor.host.state == host.RUNNING


def test_what_is_kept_is_saved_whenever_it_changes():
    stage = stage_with().run(60000, "running")
    stage.done.clear()
    stage.press(4000)
    stage.run(60000)
    assert len(stage.of(actions.SAVE)) == 2, "going down, off"
    stage.press(200)
    assert len(stage.of(actions.SAVE)) == 3


def test_a_leash_that_ran_out_while_the_watchdog_was_off_is_forgotten():
    stage = stage_with(watchdog=0, update_ms=1000).run(1000, "updating").run(5000, "running")
    assert stage.supervisor.host.watchdog._leash_until is None
