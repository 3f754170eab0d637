"""PIN, registration, clock, boot and reset."""

from __future__ import annotations

import pytest

from sim_hardware.modem import SimCard
from sim_hardware.modem.events import (
    Attached,
    AudioClosed,
    CallArrived,
    CallConnected,
    ClockTold,
    Detached,
    FaultInjected,
    HostWrote,
    MessageArrived,
    PortVanished,
    Registration,
    RegistrationChanged,
    ReleaseCall,
)
from sim_hardware.modem.power import PowerState

HOME = RegistrationChanged(Registration.HOME, "MobiFone", "45201", 25)


def test_pin_opens_the_card(make_bench):
    bench = make_bench(sim=SimCard(pin="1234"))
    bench.at("AT+CMEE=1")
    assert bench.at("AT+CPIN?") == ["+CPIN: SIM PIN", "OK"]
    assert bench.at("AT+CREG?") == ["+CREG: 0,0", "OK"]
    assert bench.at("AT+CIMI") == ["+CME ERROR: 11"]
    assert bench.at("AT+CMGL=4") == ["+CMS ERROR: 311"]
    assert bench.at('AT+CPIN="0000"') == ["+CME ERROR: 16"]
    assert bench.at("AT+SPIC") == ["+SPIC: 2,10,0,10", "OK"]
    assert bench.at('AT+CPIN="1234"') == ["OK"]
    assert bench.at("AT+CIMI") == ["+CME ERROR: 14"]
    assert bench.wait(5.0) == ["+CPIN: READY", "SMS DONE", "PB DONE"]
    assert len(bench.did(Attached)) == 1
    assert bench.at('AT+CPIN="1234"') == ["+CME ERROR: 3"]
    assert bench.at("AT+SPIC") == ["+SPIC: 3,10,0,10", "OK"]


def test_three_wrong_pins_lock_the_card(make_bench):
    bench = make_bench(sim=SimCard(pin="1234"))
    bench.at("AT+CMEE=1")
    assert [bench.at("AT+CPIN=0000")[0] for _ in range(3)] == ["+CME ERROR: 16", "+CME ERROR: 16", "+CME ERROR: 12"]
    assert bench.at("AT+CPIN?") == ["+CPIN: SIM PUK", "OK"]
    assert bench.at('AT+CPIN="12345678","4321"') == ["OK"]
    assert bench.at("AT+CPIN?") == ["+CPIN: READY", "OK"]


def test_no_card(make_bench):
    bench = make_bench(sim=None)
    bench.at("AT+CMEE=1")
    assert bench.at("AT+CPIN?") == ["+CME ERROR: 10"]
    assert bench.at("ATD0912000222;") == ["+CME ERROR: 10"]
    assert make_bench("sim800", sim=None).at("AT+CPIN?") == ["+CPIN: NOT INSERTED", "OK"]


def test_card_out_and_in(bench):
    bench.at("AT+CMEE=1")
    bench.tell(CallArrived("n1", "0912000222"))
    bench.lines()
    bench.tell(FaultInjected("sim-out"))
    assert bench.did(Detached)
    assert bench.lines()[-1] == "+CPIN: NOT READY"
    assert bench.modem.state.calls == ()
    assert bench.at("AT+CPIN?") == ["+CME ERROR: 10"]
    bench.tell(FaultInjected("sim-in"))
    assert bench.wait(5.0) == ["+CPIN: READY", "SMS DONE", "PB DONE"]
    assert bench.did(Attached)


def test_registration_modes_and_urcs(bench):
    assert bench.at("AT+CREG=2") == ["OK"]
    assert bench.at("AT+CREG?") == ['+CREG: 2,1,"4202","018EC5DD",7', "OK"]
    bench.at("AT+CEREG=1")
    bench.tell(RegistrationChanged(Registration.SEARCHING))
    assert bench.lines() == ["+CREG: 2", "+CEREG: 2"]
    assert bench.at("AT+COPS?") == ["+COPS: 0", "OK"]
    assert bench.at("AT+CPSI?") == ["+CPSI: NO SERVICE,Online", "OK"]
    bench.tell(HOME)
    assert bench.lines() == ['+CREG: 1,"4202","018EC5DD",7', "+CEREG: 1"]
    assert bench.at("AT+CSQ") == ["+CSQ: 25,99", "OK"]
    assert bench.at("AT+COPS=3,2;+COPS?") == ['+COPS: 0,2,"45201",7', "OK"]


def test_signal_reports(bench):
    assert bench.at("AT+AUTOCSQ=1,1") == ["OK", "+CSQ: 20,99"]
    bench.tell(HOME)
    assert bench.lines() == ["+CSQ: 25,99"]


def test_registration_flaps(bench):
    bench.at("AT+CREG=1")
    bench.tell(FaultInjected("creg-flap", number=5.0))
    assert bench.lines() == ["+CREG: 2"]
    assert bench.wait(6.0) == ["+CREG: 1"]


def test_network_time(bench):
    assert bench.at("AT+CCLK?")[0].startswith('+CCLK: "80/01/06,')
    bench.at("AT+CLTS=1;+CTZR=1")
    bench.tell(ClockTold(1_795_305_600.0))  # 2026-11-22 00:00 UTC
    assert bench.lines() == ['*PSUTTZ: 2026,11,22,00,00,00,"+28",0', "DST: 0", "+CTZV: +28"]
    bench.wait(61.0)
    assert bench.at("AT+CCLK?") == ['+CCLK: "26/11/22,07:01:01+28"', "OK"]
    assert bench.at('AT+CCLK="26/12/01,10:00:00+28"') == ["OK"]
    assert bench.at("AT+CCLK?")[0] == '+CCLK: "26/12/01,10:00:00+28"'
    assert bench.at('AT+CCLK="26/13/01,10:00:00+28"') != ["OK"]


BOOTS = {
    "sim7600": ["RDY", "+CPIN: READY", "SMS DONE", "PB DONE"],
    "a76xx": ["*ATREADY: 1", "+CPIN: READY", "SMS DONE", "PB DONE"],
    "ec25": ["RDY", "+CFUN: 1", "+CPIN: READY", "+QUSIM: 1", "+QIND: SMS DONE", "+QIND: PB DONE"],
    "sim800": ["RDY", "+CFUN: 1", "+CPIN: READY", "Call Ready", "SMS Ready"],
    "huawei": ["^BOOT:12345678,0,0,0,75", "^SIMST:1", "^SRVST:2", "^MODE:5,4"],
}


@pytest.mark.parametrize("family", BOOTS)
def test_boot(family, make_bench):
    bench = make_bench(family, warm=False)
    bench.tell(HostWrote(b"AT\r"))
    assert bench.lines() == []
    assert bench.wait(25.0) == BOOTS[family]
    assert len(bench.did(Attached)) == 1
    assert bench.at("ATE0") == ["ATE0", "OK"]
    assert bench.modem.state.power is PowerState.ON
    assert bench.modem.next_deadline is None


def test_boot_scale_and_locked_card(make_bench):
    bench = make_bench(sim=SimCard(pin="1234"), warm=False, boot_scale=0.1)
    assert bench.wait(3.0) == ["RDY", "+CPIN: SIM PIN"]
    assert bench.did(Attached) == []
    bench.at("AT+CPIN=1234", 5.0)
    assert len(bench.did(Attached)) == 1


def test_messages_fail_before_sms_done(make_bench):
    bench = make_bench(warm=False)
    bench.wait(12.0)
    bench.tell(HOME)
    bench.tell(MessageArrived("+84912000222", "x", 1.7e9))
    assert bench.at("AT+CMEE=1;+CMGL=4")[-1] == "+CMS ERROR: 314"
    assert bench.wait(10.0) == ["SMS DONE", '+CMTI: "SM",0', "PB DONE"]


@pytest.mark.parametrize("command", ["AT+CRESET", "AT+CFUN=1,1", "fault"])
def test_restart_loses_calls_settings_and_the_port(command, bench):
    bench.at("AT+CLIP=1;+CREG=2")
    bench.at("ATD0912000222;")
    bench.tell(CallConnected("m1"))
    bench.wait(1.0)
    assert bench.at("AT+CPCMREG=1") == ["OK"]
    if command == "fault":
        bench.tell(FaultInjected("restart"))
    else:
        assert bench.at(command) == ["OK"]
    lines = bench.wait(30.0)
    assert lines == BOOTS["sim7600"]
    kinds = [
        type(output) for output in bench.outputs if type(output) in (AudioClosed, Detached, PortVanished, Attached)
    ]
    assert kinds == [AudioClosed, Detached, PortVanished, Attached]
    assert bench.did(PortVanished) == [PortVanished(5.0)]
    assert bench.at("AT+CLIP?") == ["AT+CLIP?", "+CLIP: 0,1", "OK"]
    assert bench.modem.state.registration is Registration.SEARCHING


def test_unplug_and_replug_under_another_name(bench):
    bench.tell(FaultInjected("unplug"))
    assert bench.did(PortVanished) == [PortVanished(None)]
    assert bench.at("AT", 30.0) == []
    bench.tell(CallArrived("n1", "0912000222"))
    assert bench.did(ReleaseCall) == [ReleaseCall("n1", 20)]
    bench.tell(FaultInjected("replug", text="gsm-9"))
    assert bench.did(PortVanished)[-1] == PortVanished(0.5, "gsm-9")
    assert bench.wait(30.0) == BOOTS["sim7600"]


def test_power_off(make_bench):
    bench = make_bench("ec25")
    assert bench.at("AT+QPOWD", 5.0) == ["OK", "POWERED DOWN"]
    assert bench.modem.state.power is PowerState.OFF


def test_radio_off_and_on(bench):
    bench.at("AT+CREG=1")
    assert bench.at("AT+CFUN=0") == ["+CREG: 0", "OK"]
    assert len(bench.did(Detached)) == 1
    assert bench.at("AT+CFUN?") == ["+CFUN: 0", "OK"]
    assert bench.at("AT+CFUN=1") == ["OK", "+CREG: 2"]
    assert len(bench.did(Attached)) == 1


def test_brown_out_says_so_and_boots(bench):
    bench.tell(FaultInjected("brown-out"))
    assert bench.wait(30.0) == ["UNDER-VOLTAGE WARNNING", *BOOTS["sim7600"]]
