"""Short messages and USSD through the AT port."""

from __future__ import annotations

import pytest

from sim_hardware.modem import SimCard
from sim_hardware.modem.events import (
    FaultInjected,
    HostWrote,
    MessageAccepted,
    MessageArrived,
    MessageRefused,
    Registration,
    RegistrationChanged,
    SubmitMessage,
)
from sim_hardware.modem.pdu import Deliver, Part, Submit, split

LONG = "Kính gửi quý khách, tổng đài xin thông báo lịch làm việc. " * 4


def message(text="Chào bạn", sender="+84912000222"):
    return MessageArrived(sender, text, 1_700_000_000.0)


def send(bench, submit):
    pdu, length = submit.to_hex()
    bench.at(f"AT+CMGS={length}")
    return bench.type(pdu.encode() + b"\x1a")


def test_stored_message_is_indicated_read_and_deleted(bench):
    bench.tell(message())
    assert bench.lines() == ['+CMTI: "SM",0']
    header, pdu, final = bench.at("AT+CMGR=0")
    assert (header, final) == (f"+CMGR: 0,,{len(pdu) // 2 - 8}", "OK")
    assert Deliver.from_hex(pdu) == Deliver("+84912000222", "Chào bạn", 1_700_000_000.0)
    assert bench.at("AT+CMGR=0")[0].startswith("+CMGR: 1,")
    assert bench.at("AT+CMGL=4")[0].startswith("+CMGL: 0,1,,")
    assert bench.at("AT+CPMS?")[0] == '+CPMS: "SM",1,20,"SM",1,20,"SM",1,20'
    assert bench.at("AT+CMGD=0") == ["OK"]
    assert bench.at("AT+CMEE=1;+CMGR=0") == ["+CMS ERROR: 321"]
    assert bench.at("AT+CMGL=4") == ["OK"]


def test_long_message_arrives_in_parts(bench):
    bench.tell(message(LONG))
    pdus = [line for line in bench.at("AT+CMGL=4") if not line.startswith("+") and line != "OK"]
    parts = [Deliver.from_hex(pdu) for pdu in pdus]
    assert [part.part for part in parts] == [Part(1, 4, number) for number in range(1, 5)]
    assert "".join(part.text for part in parts) == LONG


def test_direct_delivery(bench):
    bench.at("AT+CNMI=2,2,0,0,0")
    bench.tell(message())
    header, pdu = bench.lines()
    assert header.startswith("+CMT: ,")
    assert Deliver.from_hex(pdu).text == "Chào bạn"


def test_unacknowledged_direct_message_is_stored_and_direct_delivery_ends(bench):
    bench.at("AT+CSMS=1;+CNMI=2,2,0,0,0")
    bench.tell(message())
    bench.tell(message("hai"))
    assert len(bench.wait(10.0)) == 2
    bench.wait(15.0)
    assert bench.at("AT+CNMI?")[0] == "+CNMI: 2,0,0,0,0"
    assert len(bench.at("AT+CMGL=4")) == 5
    assert bench.at("AT+CNMA")[-1].startswith("+CMS ERROR")


def test_acknowledged_direct_messages_follow_each_other(bench):
    bench.at("AT+CSMS=1;+CNMI=2,2,0,0,0")
    bench.tell(message())
    bench.tell(message("hai"))
    bench.lines()
    assert len(bench.at("AT+CNMA")) == 3


def test_full_store_loses_nothing(make_bench):
    bench = make_bench(sim=SimCard(slots=2))
    for text in ("một", "hai", "ba"):
        bench.tell(message(text))
    assert bench.lines() == ['+CMTI: "SM",0', '+CMTI: "SM",1', "+SMS FULL"]
    assert bench.at("AT+CMGD=1") == ["OK", '+CMTI: "SM",1']


def test_fault_sms_full(bench):
    bench.tell(FaultInjected("sms-full"))
    assert bench.lines() == ["+SMS FULL"]
    assert bench.at('AT+CPMS="SM"') == ["+CPMS: 20,20,20,20,20,20", "OK"]
    bench.tell(message())
    assert bench.lines() == []
    assert bench.at("AT+CMGD=0,4") == ["OK", '+CMTI: "SM",0']


def test_sending_with_report(bench):
    bench.at("AT+CNMI=2,1,0,1,0")
    assert send(bench, Submit("+84912000222", "Chào", report_wanted=True)) == []
    assert bench.did(SubmitMessage) == [SubmitMessage(1, "+84912000222", "Chào", 1)]
    bench.tell(MessageAccepted(1))
    assert bench.lines() == ["+CMGS: 1", "OK"]
    header, pdu = bench.wait(5.0)
    assert header.startswith("+CDS: ")
    assert pdu[16:20] == "0601"  # STATUS-REPORT of reference 1


def test_long_message_is_submitted_once(bench):
    pieces = split(LONG)
    answers = []
    for number, piece in enumerate(pieces, start=1):
        send(bench, Submit("+84912000222", piece, Part(300, len(pieces), number)))
        answers += bench.wait(1.0)
    assert answers == ["+CMGS: 1", "OK", "+CMGS: 2", "OK", "+CMGS: 3", "OK"]
    (submitted,) = bench.did(SubmitMessage)
    assert (submitted.text, submitted.parts) == (LONG, 4)
    bench.tell(MessageAccepted(submitted.token))
    assert bench.lines() == ["+CMGS: 4", "OK"]


def test_refusal_timeout_and_no_network(bench):
    bench.at("AT+CMEE=1")
    send(bench, Submit("+84912000222", "Chào"))
    bench.tell(MessageRefused(1, 38))
    assert bench.lines() == ["+CMS ERROR: 38"]
    send(bench, Submit("+84912000222", "Chào"))
    assert bench.wait(61.0) == ["+CMS ERROR: 332"]
    bench.tell(RegistrationChanged(Registration.DENIED))
    assert send(bench, Submit("+84912000222", "Chào")) == ["+CMS ERROR: 331"]


@pytest.mark.parametrize("text", [b"", b"zz", b"0011", b"0011000B916407281553F80000AA0AE8329BFD4697D9EC37FF"])
def test_bad_pdu(bench, text):
    bench.at("AT+CMEE=1")
    bench.at("AT+CMGS=23")
    assert bench.type(text + b"\x1a") == ["+CMS ERROR: 304"]


def test_indication_while_the_prompt_is_open(bench):
    bench.tell(HostWrote(b"AT+CMGS=23\r"))
    bench.tell(message())
    assert bench.lines() == ["> ", '+CMTI: "SM",0']


def test_message_waits_for_the_network(bench):
    bench.tell(RegistrationChanged(Registration.SEARCHING))
    bench.tell(message())
    assert bench.lines() == []
    bench.tell(RegistrationChanged(Registration.HOME, "MobiFone", "45201"))
    assert bench.lines() == ['+CMTI: "SM",0']


def test_ussd_balance_in_both_alphabets(bench):
    assert bench.at('AT+CUSD=1,"*101#",15') == ["OK"]
    (answer,) = bench.wait(5.0)
    assert answer.startswith('+CUSD: 0,"TK chinh: 86.500d')
    bench.at('AT+CSCS="UCS2"')
    bench.at(f'AT+CUSD=1,"{"*101#".encode("utf-16-be").hex()}",15')
    (answer,) = bench.wait(5.0)
    assert bytes.fromhex(answer.split('"')[1]).decode("utf-16-be").startswith("TK chinh")
    assert answer.endswith(",72")


def test_ussd_answer_of_several_lines(bench):
    bench.at('AT+CUSD=1,"*098#",15')
    assert bench.wait(5.0) == ['+CUSD: 0,"Cac goi cuoc:', "1. Ngay 5.000d", '2. Thang 70.000d",15']


def test_unknown_ussd_code_and_cancel(bench):
    assert bench.at('AT+CUSD=1,"*999#",15', 5.0) == ["OK", "+CUSD: 4"]
    bench.at('AT+CUSD=1,"*101#",15')
    assert bench.at("AT+CUSD=2", 5.0) == ["OK"]
