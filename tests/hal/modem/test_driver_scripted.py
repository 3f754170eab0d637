"""What an emulator is too well-mannered for: single odd answers, by script."""

from __future__ import annotations

import asyncio

import pytest

from hal.interfaces import (
    Answer,
    AudioFailed,
    AudioOpened,
    CallReported,
    CallState,
    Cause,
    CommandDone,
    CommandFailed,
    Dial,
    HangUp,
    ModemLost,
    ModemReady,
    RingHeard,
    SendKeys,
)
from hal.modem import ModemDriver
from hal.modem.open import open_modem
from tests.hal.modem import scripted_stream as scripted
from tests.hal.modem.scene import play_script
from tests.support.emulated_line import Heard
from tests.support.virtual_time import LoopClock, eventually, run_virtually


def test_a_ring_while_atd_is_unanswered_wins_and_our_call_is_dropped_alone():
    async def story(stream, driver, heard):
        driver.perform(Dial(1, "0912000001"))
        stream.say(b"\r\nRING\r\n")
        assert heard.events[-2:] == [CommandFailed(1, "glare", Cause.CHANNEL_UNAVAILABLE), RingHeard()]
        stream.answers["AT+CLCC"] = (
            b'\r\n+CLCC: 1,0,2,0,0,"0912000001",129\r\n+CLCC: 2,1,5,0,0,"0913000333",129\r\n\r\nOK\r\n'
        )
        stream.say(b"\r\nOK\r\n")
        await asyncio.sleep(0.5)
        assert "AT+CHLD=11" in stream.commands
        assert "AT+CHUP" not in stream.commands
        assert not any(report.outgoing for report in heard.of(CallReported))

    play_script(story, {"ATD0912000001;": None})


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (b"\r\nBUSY\r\n", Cause.USER_BUSY), (b"\r\nNO ANSWER\r\n", Cause.NO_ANSWER), (b"\r\nERROR\r\n", None),
        (b"\r\n+CME ERROR: 30\r\n", Cause.NETWORK_OUT_OF_ORDER), (b"\r\nNO DIALTONE\r\n", Cause.NETWORK_OUT_OF_ORDER),
        (b"\r\nNO CARRIER\r\n", Cause.UNASSIGNED_NUMBER),
    ],
)  # fmt: skip
def test_final_results_of_atd(answer, cause):
    async def story(stream, driver, heard):
        driver.perform(Dial(1, "0912000001"))
        await eventually(lambda: bool(heard.of(CommandFailed)))
        assert heard.of(CommandFailed)[0].cause is cause

    play_script(story, {"ATD0912000001;": answer, "AT+CEER": b"\r\n+CEER: 1 Unassigned\r\n\r\nOK\r\n"})


def test_no_carrier_after_the_ok_ends_a_call_that_was_never_listed():
    async def story(stream, driver, heard):
        driver.perform(Dial(1, "0912000001"))
        await eventually(lambda: CommandDone(1) in heard.events)
        stream.say(b"\r\nNO CARRIER\r\n")
        await eventually(lambda: bool(heard.of(CallReported)), 2.0)
        (report,) = heard.of(CallReported)
        assert report.outgoing
        assert (report.state, report.cause) == (CallState.ENDED, Cause.USER_BUSY)

    play_script(story, {"AT+CEER": b"\r\n+CEER: 17 User busy\r\n\r\nOK\r\n"})


def test_a_dial_without_answer_is_decided_by_the_list():
    async def story(stream, driver, heard):
        driver.perform(Dial(1, "0912000001"))
        await eventually(lambda: CommandDone(1) in heard.events, 30)
        assert heard.of(CallReported)[0].state is CallState.ALERTING

    listed = b'\r\n+CLCC: 4,0,3,0,0,"0912000001",129\r\n\r\nOK\r\n'
    answers = {"ATD0912000001;": None}

    async def story_with_list(stream, driver, heard):
        stream.answers["AT+CLCC"] = listed
        await story(stream, driver, heard)

    play_script(story_with_list, answers)


def test_one_empty_list_does_not_end_a_call():
    async def story(stream, driver, heard):
        stream.answers["AT+CLCC"] = b'\r\n+CLCC: 1,1,0,0,0,"0912000222",129\r\n\r\nOK\r\n'
        stream.say(b"\r\nVOICE CALL: BEGIN\r\n")
        await eventually(lambda: bool(heard.of(CallReported)))
        stream.answers["AT+CLCC"] = b"\r\nOK\r\n"
        before = stream.commands.count("AT+CLCC")
        await eventually(lambda: stream.commands.count("AT+CLCC") == before + 1)
        stream.answers["AT+CLCC"] = b'\r\n+CLCC: 1,1,0,0,0,"0912000222",129\r\n\r\nOK\r\n'
        await asyncio.sleep(5)
        assert [report.state for report in heard.of(CallReported)] == [CallState.ACTIVE]
        stream.answers["AT+CLCC"] = b"\r\nOK\r\n"
        await eventually(lambda: heard.of(CallReported)[-1].state is CallState.ENDED, 5)

    play_script(story)


def test_a_packet_bearer_is_no_call():
    async def story(stream, driver, heard):
        stream.answers["AT+CLCC"] = b'\r\n+CLCC: 1,0,0,1,0,"",128\r\n\r\nOK\r\n'
        stream.say(b"\r\nVOICE CALL: BEGIN\r\n")
        await asyncio.sleep(5)
        assert heard.of(CallReported) == []
        driver.perform(Dial(1, "0912000001"))
        await eventually(lambda: CommandDone(1) in heard.events)

    play_script(story)


def test_everything_asked_for_fails_when_the_port_goes():
    async def story(stream, driver, heard):
        driver.perform(HangUp(1))
        driver.perform(SendKeys(2, "12"))
        driver.perform(Answer(3))
        stream.vanish()
        await eventually(lambda: bool(heard.of(ModemLost)))
        outcomes = [event.token for event in heard.events if isinstance(event, CommandDone | CommandFailed)]
        assert sorted(outcomes) == [1, 2, 3]

    play_script(story, {"AT+CHUP": None})


@pytest.mark.parametrize("number", ["", "09 12", "+", "ATZ", "0912;+CFUN=0"])
def test_a_number_that_cannot_be_dialled_never_reaches_the_wire(number):
    async def story(stream, driver, heard):
        driver.perform(Dial(1, number))
        assert heard.of(CommandFailed)[0].cause is Cause.INVALID_NUMBER
        assert not any(command.startswith("ATD") for command in stream.commands)

    play_script(story)


def test_a_modem_without_its_pcm_port_carries_no_voice_and_says_so_at_once():
    """Else whoever rang would be answered by silence, and nobody would ever end it."""

    async def run():
        clock = LoopClock(asyncio.get_running_loop())
        stream, heard = scripted.ScriptedStream(dict(scripted.SIM7600_ANSWERS)), Heard(clock)
        driver, audio = open_modem("gsm-1", stream, None, clock, heard)
        assert audio is None
        driver.start()
        await eventually(lambda: bool(heard.of(ModemReady)))
        stream.say(b"\r\nRING\r\n")
        stream.answers["AT+CLCC"] = b'\r\n+CLCC: 1,1,0,0,0,"0912000001",129\r\n\r\nOK\r\n'
        driver.perform(Answer(1))
        await eventually(lambda: bool(heard.of(AudioFailed)))
        await driver.close()
        return stream, heard

    stream, heard = run_virtually(run())
    assert not heard.of(ModemReady)[0].identity.voice
    assert not heard.of(AudioOpened)
    assert len(heard.of(AudioFailed)) == 1
    assert "AT+CPCMREG=1" not in stream.commands


def test_a_fault_while_it_is_set_up_costs_one_try_and_not_the_line():
    class Faulty(scripted.ScriptedStream):
        faults = 1

        def open(self, on_data, on_lost):
            if self.faults:
                self.faults -= 1
                raise ZeroDivisionError("a fault of ours")
            super().open(on_data, on_lost)

    async def run():
        clock = LoopClock(asyncio.get_running_loop())
        heard = Heard(clock)
        driver = ModemDriver("gsm-1", Faulty(dict(scripted.SIM7600_ANSWERS)), clock, heard)
        driver.start()
        await eventually(lambda: bool(heard.of(ModemReady)))
        await driver.close()
        return heard

    heard = run_virtually(run())
    assert "fault in the driver" in heard.of(ModemLost)[0].reason
