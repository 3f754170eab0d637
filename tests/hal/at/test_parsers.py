from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.at import values as v
from hal.at.answers import parse_ceer, parse_cnum, parse_cops, parse_identity, parse_imei, parse_spic, parse_stored
from hal.at.parsers import SIMCOM_URCS, STANDARD_URCS, is_registration_answer, parse_key_code
from hal.interfaces import CallerIdState, CallState, RawNumber, RegistrationState, SimState

WORDS = STANDARD_URCS.joined(SIMCOM_URCS)


def clip(digits, kind, validity=CallerIdState.VALID):
    return v.CallerShown(RawNumber(digits, kind, validity))


LINES = {
    "RING": v.Rang(),
    "+CRING: VOICE": v.Rang(),
    "+CRING: ASYNC": None,
    '+CLIP: "+84901234567",145,,,,0': clip("+84901234567", 145),
    '+CLIP: "0901234567",161,"",,"",0': clip("0901234567", 161),
    '+CLIP: "+84901234567",145,"",0,"",0': clip("+84901234567", 145),
    '+CLIP: "0901234567",129,"",128,"An, Binh",0': clip("0901234567", 129),
    '+CLIP: "",128,,,,2': clip("", 128, CallerIdState.UNAVAILABLE),
    '+CLIP: "",128,,,,1': clip("", 128, CallerIdState.WITHHELD),
    '+CLIP: "",128': clip("", 128, CallerIdState.UNAVAILABLE),
    '+CLIP: "0901234567",129': clip("0901234567", 129),
    '+CLCC: 1,0,2,0,0,"0901234567",129': v.CallEntry(1, True, CallState.DIALING, True, False, RawNumber("0901234567")),
    "+CLCC: 3,1,4,0,0": v.CallEntry(3, False, CallState.INCOMING, True, False, None),
    '+CLCC: 1,0,0,1,0,"",128': v.CallEntry(1, True, CallState.ACTIVE, False, False, None),
    '+CLCC: 2,1,6,0,1,"0901",129,"An"': v.CallEntry(2, False, CallState.ENDED, True, True, RawNumber("0901")),
    "+CLCC: 2,1": None,
    "+CLCC: 1,0,9,0,0": None,
    "VOICE CALL: BEGIN": v.VoiceBegan(),
    "VOICE CALL: END": v.VoiceEnded(None),
    "VOICE CALL:END": v.VoiceEnded(None),
    "VOICE CALL: END: 000017": v.VoiceEnded(17),
    "VOICE CALL:END:010203": v.VoiceEnded(3723),
    "VOICE CALL: END:000017": v.VoiceEnded(17),
    "MISSED_CALL: 11:53AM 0912000222": v.CallMissed(),
    "NO CARRIER": v.CallCleared(v.EndWord.NO_CARRIER),
    "BUSY": v.CallCleared(v.EndWord.BUSY),
    "+RXDTMF: 5": v.KeyPressed("5"),
    "+RXDTMF: #": v.KeyPressed("#"),
    "+DTMF: *,200": v.KeyPressed("*"),
    "+RXDTMF: x": None,
    "+CREG: 1": v.RegistrationTold("CREG", RegistrationState.HOME),
    '+CREG: 2,"1A2B","00C0FFEE",7': v.RegistrationTold("CREG", RegistrationState.SEARCHING, 7),
    "+CREG: 1, E006B, ABE0016": v.RegistrationTold("CREG", RegistrationState.HOME),
    '+CREG: 2,5,"1A2B","00C0FFEE",7': v.RegistrationTold("CREG", RegistrationState.ROAMING, 7),
    "+CREG: 0,6": v.RegistrationTold("CREG", RegistrationState.DENIED),
    "+CEREG: 9": v.RegistrationTold("CEREG", RegistrationState.HOME),
    "+CREG: x": None,
    "+CPIN: READY": v.SimTold(SimState.READY),
    "+CPIN: SIM PUK": v.SimTold(SimState.PUK_REQUIRED),
    "+CPIN: SIM PIN2": v.SimTold(SimState.READY),
    "+CPIN: PH-SIM PIN": v.SimTold(SimState.FAILURE),
    "+CPIN: NOT INSERTED": v.SimTold(SimState.ABSENT),
    "+SIMCARD: NOT AVAILABLE": v.SimTold(SimState.ABSENT),
    "+CSQ: 18,99": v.SignalTold(-77),
    "+CSQN: 99,99": v.SignalTold(None),
    "+CSQ: 141,99": v.SignalTold(-75),
    '+CMTI: "SM",4': v.MessageStored("SM", 4),
    '+CMTI: "ME",-1': None,
    '+CMTI: "ME",7,1': v.MessageStored("ME", 7),
    '+CDSI: "SR",2': v.ReportStored("SR", 2),
    '+CUSD: 0,"TK chinh: 5,000d",15': v.UssdTold(0, "TK chinh: 5,000d", 15),
    "+CUSD: 4": v.UssdTold(4, None, None),
    '+CUSD: 1,"a\nb "c""': v.UssdTold(1, 'a\nb "c"', None),
    '+CCWA: "02150000293",129,1': v.CallWaits(RawNumber("02150000293")),
    '+CCWA: "",128,1,"",1': v.CallWaits(RawNumber("", 128, CallerIdState.WITHHELD)),
    "+CCWA: 1,1": None,
    "RDY": v.Booted(v.BootStep.STARTED),
    "*ATREADY: 1": v.Booted(v.BootStep.STARTED),
    "PB DONE": v.Booted(v.BootStep.PROGRESSED),
    "NORMAL POWER DOWN": v.Booted(v.BootStep.POWERED_DOWN),
    "UNDER-VOLTAGE WARNNING": v.SupplyWarned("UNDER-VOLTAGE WARNNING"),
    "+CTZV: +28,0": v.ZoneChanged(),
    '+CIEV: 10,"26003","Orange","Orange",0,0': v.Noise(),
    "starting power off the module!": None,
    "^CEND:1,0,104,16": None,
}  # fmt: skip


@pytest.mark.parametrize(("line", "meaning"), LINES.items())
def test_lines(line, meaning):
    assert WORDS.parse(line) == meaning


@given(st.text(max_size=60), st.sampled_from(sorted(WORDS.prefixes)))
def test_nothing_behind_a_known_prefix_breaks_a_parser(text, prefix):
    WORDS.parse(f"{prefix}: {text}")


@pytest.mark.parametrize(
    ("text", "answer"),
    [("0,1", True), ('2,5,"1A2B","00FF",7', True), ("1", False), ('1,"1A2B","00FF",7', False), ("1, E006B, A", False)],
)  # fmt: skip
def test_answer_and_urc_of_creg_are_told_apart(text, answer):
    assert is_registration_answer(text) is answer


def test_clock_with_its_zone():
    from hal.at.parsers import parse_cclk

    assert parse_cclk('+CCLK: "26/11/22,11:42:22+28"') == v.ClockTold(1795322542.0)
    assert parse_cclk('+CCLK: "70/01/01,00:00:10+00"') is None
    assert parse_cclk('+CCLK: "80/01/06,00:00:10+00"') is None
    assert parse_cclk("+CCLK: nonsense") is None


def test_answers():
    assert parse_identity("+CGMR: LE20B05SIM7600G22") == "LE20B05SIM7600G22"
    assert parse_imei('+CGSN: "861234050000019"') == "861234050000019"
    assert parse_imei("8612") == ""
    assert parse_cops('+COPS: 0,0,"Viettel, VN",7') == "Viettel, VN"
    assert parse_cops("+COPS: 0") == ""
    assert parse_cnum('+CNUM: "","0901234567",129') == "0901234567"
    assert parse_spic("+SPIC: 3,10,0,10") == 3
    assert parse_ceer("+CEER: 17 User busy") == 17
    assert parse_ceer("+CEER: Call rejected") == 21
    assert parse_ceer("+CEER: whatever") is None
    assert parse_stored("+CMGL: 4,0,,29", "07AB") == v.StoredMessage(4, "07AB")
    assert parse_stored("+CMGR: 0,,29", "07AB") == v.StoredMessage(None, "07AB")
    assert parse_key_code("53") == v.KeyPressed("5")
