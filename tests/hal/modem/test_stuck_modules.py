"""Modules that do not let go: calls listed after their end, voice paths that never open, families nobody knows."""

from __future__ import annotations

import asyncio

import pytest

from hal.interfaces import (
    Answer,
    AudioFailed,
    AudioOpened,
    CallReported,
    CallState,
    CommandDone,
    CommandFailed,
    Dial,
    HangUp,
    ListCalls,
    ModemLost,
    ModemReady,
    WaitingCallReported,
)
from hal.modem import ModemDriver
from sim_hardware.modem import events as e
from sim_hardware.modem.profiles import A76XX
from tests.hal.modem import scripted_stream as scripted
from tests.hal.modem.scene import CALLER, Scene, play, play_script
from tests.support.emulated_line import EmulatedLine, Heard
from tests.support.virtual_time import LoopClock, eventually, run_virtually

VOICE_STUCK = ModemLost("the voice path of the module is stuck; resetting it")
CALL_STUCK = ModemLost("a call stays in the module's list after its end; resetting it")
LISTED = b'\r\n+CLCC: 1,1,0,0,0,"0912000222",129\r\n\r\nOK\r\n'
NOTHING = b"\r\nOK\r\n"


class SwitchedPort:
    """A `VoicePort` that notes what it is told."""

    byte_rate = None

    def __init__(self) -> None:
        self.told: list[str] = []

    def set_open(self, is_open: bool) -> None:
        self.told.append("open" if is_open else "shut")

    def close(self) -> None:
        self.told.append("closed")


# --- calls


def test_a_call_that_stays_in_the_list_after_its_end_is_hung_up():
    async def story(s: Scene) -> None:
        await s.talk()
        await asyncio.sleep(10)
        s.line.fault("stuck-call")
        s.line.hang_up(CALLER)
        await eventually(lambda: s.states()[-1] is CallState.ENDED, 6.0)
        assert s.line.modem.state.calls == ()
        s.driver.perform(Dial(3, "0912000001"))
        await s.until(AudioOpened, 2)

    scene = play(story)
    assert scene.states()[:3] == [CallState.INCOMING, CallState.ACTIVE, CallState.ENDED]
    written = scene.line.commands
    assert written.count("AT+CHUP") == 1
    assert written.index("AT+CPCMREG=0,1") < written.index("AT+CHUP")
    assert scene.heard.of(ModemLost) == []
    assert scene.heard.of(CommandFailed) == []


def test_a_stuck_call_of_ours_is_hung_up_too():
    async def story(s: Scene) -> None:
        s.driver.perform(Dial(1, "0912000001"))
        await s.until(AudioOpened)
        await asyncio.sleep(10)
        s.line.fault("stuck-call")
        s.line.tell(e.CallReleased("m1", 16))
        await eventually(lambda: s.states()[-1] is CallState.ENDED, 6.0)

    play(story)


@pytest.mark.parametrize("answer", [NOTHING, b"\r\nERROR\r\n", None], ids=["ok", "error", "silence"])
def test_where_hanging_up_does_not_help_the_module_is_reset(answer):
    async def story(stream, driver, heard):
        stream.answers["AT+CLCC"] = LISTED
        stream.say(b"\r\nVOICE CALL: BEGIN\r\n")
        await asyncio.sleep(10)
        stream.say(b"\r\nVOICE CALL: END: 000010\r\n")
        await eventually(lambda: bool(heard.of(ModemLost)), 30.0)
        assert heard.of(ModemLost) == [CALL_STUCK]
        driver.perform(Dial(9, CALLER))
        assert isinstance(heard.events[-1], CommandFailed)
        stream.answers["AT+CLCC"] = NOTHING
        await eventually(lambda: len(heard.of(ModemReady)) == 2)

    stream, _ = play_script(story, {"AT+CHUP": answer})
    assert stream.commands.count("AT+CHUP") <= 2
    assert stream.commands.count("AT+CRESET") == 1


def test_a_call_that_goes_on_is_not_taken_for_the_one_that_ended():
    async def story(s: Scene) -> None:
        await s.talk()
        await asyncio.sleep(10)
        s.line.ring("0913000333")
        await s.until(WaitingCallReported)
        await asyncio.sleep(8)
        s.line.hang_up("0913000333")
        await asyncio.sleep(30)
        assert [call.number for call in s.line.modem.state.calls] == [CALLER]

    scene = play(story)
    assert "AT+CHUP" not in scene.line.commands
    assert "AT+CRESET" not in scene.line.commands


def test_a_waiting_caller_known_by_a_word_only_who_leaves_at_once_takes_nobody_along():
    async def story(stream, driver, heard):
        stream.answers["AT+CLCC"] = LISTED
        stream.say(b"\r\nVOICE CALL: BEGIN\r\n")
        await asyncio.sleep(10)
        stream.say(b'\r\n+CCWA: "0913000333",129,1\r\n')
        await asyncio.sleep(0.5)
        stream.say(b"\r\nVOICE CALL: END\r\n\r\nNO CARRIER\r\n")
        await asyncio.sleep(30)
        assert heard.of(CallReported)[-1].state is CallState.ACTIVE

    stream, _ = play_script(story)
    assert "AT+CHUP" not in stream.commands


def test_a_word_of_an_end_that_the_list_follows_slowly_needs_no_hanging_up():
    async def story(stream, driver, heard):
        stream.answers["AT+CLCC"] = LISTED
        stream.say(b"\r\nVOICE CALL: BEGIN\r\n")
        await asyncio.sleep(10)
        stream.say(b"\r\nVOICE CALL: END: 000010\r\n")
        await asyncio.sleep(1.5)
        stream.answers["AT+CLCC"] = NOTHING
        await eventually(lambda: heard.of(CallReported)[-1].state is CallState.ENDED, 3.0)

    stream, _ = play_script(story)
    assert "AT+CHUP" not in stream.commands


@pytest.mark.parametrize("asked", [False, True], ids=["by itself", "with the lines room's question"])
def test_a_call_that_nobody_has_is_hung_up_without_a_report(asked):
    async def story(stream, driver, heard):
        stream.answers["AT+CLCC"] = LISTED
        if asked:
            driver.perform(ListCalls(1))
            await eventually(lambda: CommandDone(1) in heard.events)
        await eventually(lambda: "AT+CHUP" in stream.commands, 65.0)
        driver.perform(Dial(2, CALLER))
        assert isinstance(heard.events[-1], CommandFailed)  # not on top of it
        stream.answers["AT+CLCC"] = NOTHING
        await asyncio.sleep(3)
        assert "AT+CPCMREG=1" not in stream.commands
        driver.perform(Dial(3, CALLER))
        await eventually(lambda: CommandDone(3) in heard.events)
        assert not any(not report.outgoing for report in heard.of(CallReported))

    stream, heard = play_script(story)
    assert stream.commands.index("AT+CPCMREG=0,1") < stream.commands.index("AT+CHUP")
    assert heard.of(ModemLost) == []


def test_a_list_older_than_the_end_does_not_bring_the_call_back():
    async def story(stream, driver, heard):
        stream.answers["AT+CLCC"] = LISTED
        stream.say(b"\r\nVOICE CALL: BEGIN\r\n")
        await asyncio.sleep(10)
        asked = stream.commands.count("AT+CLCC")
        stream.answers["AT+CLCC"] = None  # under way …
        await eventually(lambda: stream.commands.count("AT+CLCC") > asked)
        stream.answers["AT+CLCC"] = NOTHING
        stream.say(b'\r\n+CLCC: 1,1,6,0,0,"0912000222",129\r\n\r\nVOICE CALL: END: 000010\r\n')
        stream.say(LISTED)  # … and written before the end
        await asyncio.sleep(10)
        assert [report.state for report in heard.of(CallReported)] == [CallState.ACTIVE, CallState.ENDED]

    play_script(story)


def test_an_end_is_reported_without_its_cause_rather_than_late():
    async def story(stream, driver, heard):
        stream.answers["AT+CLCC"] = LISTED
        stream.say(b"\r\nVOICE CALL: BEGIN\r\n")
        await asyncio.sleep(10)
        stream.answers["AT+CLCC"] = NOTHING
        stream.say(b'\r\n+CLCC: 1,1,6,0,0,"0912000222",129\r\n')
        await eventually(lambda: heard.of(CallReported)[-1].state is CallState.ENDED, 2.1)
        stream.say(b"\r\n+CEER: 16 Normal call clearing\r\n\r\nOK\r\n")
        await asyncio.sleep(5)
        assert [report.state for report in heard.of(CallReported)].count(CallState.ENDED) == 1

    play_script(story, {"AT+CEER": None})


# --- voice


async def no_voice(s: Scene, token: int) -> None:
    """An incoming call, answered, without a voice path; the host gives up."""
    failures = len(s.heard.of(AudioFailed))
    s.line.ring(CALLER)
    await eventually(lambda: s.states()[-1:] == [CallState.INCOMING])
    s.driver.perform(Answer(token))
    await s.until(AudioFailed, failures + 1, within_s=20)
    assert "AT+CRESET" not in s.line.commands[-8:]
    s.driver.perform(HangUp(token + 1))
    await eventually(lambda: s.states()[-1] is CallState.ENDED)


async def slow_voice(s: Scene, token: int, refusals: int) -> None:
    opened = len(s.heard.of(AudioOpened))
    s.line.fault("pcm-refuse", refusals)
    s.line.ring(CALLER)
    await eventually(lambda: s.states()[-1:] == [CallState.INCOMING])
    s.driver.perform(Answer(token))
    await s.until(AudioOpened, opened + 1, within_s=20)
    s.line.hang_up(CALLER)
    await eventually(lambda: s.states()[-1] is CallState.ENDED)
    await asyncio.sleep(5)


def test_a_stuck_voice_path_is_cured_by_a_reset_as_soon_as_the_module_is_idle():
    async def story(s: Scene) -> None:
        s.line.fault("pcm-stuck")
        await no_voice(s, 1)
        await eventually(lambda: s.heard.of(ModemLost) == [VOICE_STUCK], 1.0)
        await s.until(ModemReady, 2, within_s=60)
        await asyncio.sleep(10)
        await slow_voice(s, 3, 0)

    scene = play(story)
    assert scene.line.commands.count("AT+CRESET") == 1
    assert scene.heard.of(ModemLost) == [VOICE_STUCK]
    assert scene.driver.health.resets == scene.driver.health.voice.resets == 1


def test_a_voice_path_that_is_stuck_again_waits_for_its_turn():
    async def story(s: Scene) -> None:
        s.line.fault("pcm-stuck")
        await no_voice(s, 1)
        reset_at = s.clock.now().mono
        await s.until(ModemReady, 2)
        await asyncio.sleep(10)
        s.line.fault("pcm-stuck")
        await no_voice(s, 3)
        await s.until(ModemLost, 2, within_s=700)
        assert 595 < s.clock.now().mono - reset_at < 605
        await s.until(ModemReady, 3)

    scene = play(story)
    assert scene.line.commands.count("AT+CRESET") == 2
    assert scene.driver.health.voice.resets == 2


def test_a_module_that_came_right_by_itself_is_not_reset():
    async def story(s: Scene) -> None:
        s.line.fault("pcm-stuck")
        await no_voice(s, 1)
        await s.until(ModemReady, 2)
        await asyncio.sleep(10)
        s.line.fault("pcm-stuck")
        await no_voice(s, 3)
        s.line.fault("pcm-stuck", 0)
        await slow_voice(s, 5, 0)
        await asyncio.sleep(900)

    assert play(story).line.commands.count("AT+CRESET") == 1


def test_two_late_openings_in_a_row_are_a_stuck_endpoint():
    async def story(s: Scene) -> None:
        await slow_voice(s, 1, 15)
        await slow_voice(s, 2, 0)
        await slow_voice(s, 3, 15)
        assert s.heard.of(ModemLost) == []
        await slow_voice(s, 4, 15)
        assert s.heard.of(ModemLost) == [VOICE_STUCK]
        await s.until(ModemReady, 2)

    play(story)


def test_the_normal_delay_is_no_sickness():
    async def story(s: Scene) -> None:
        for token in range(1, 8):
            await slow_voice(s, token, 3)

    scene = play(story)
    assert scene.heard.of(ModemLost) == []
    assert scene.driver.health.voice.opened == 7
    assert scene.driver.health.voice.late_in_a_row == 0


def test_closing_the_driver_releases_the_voice_port():
    async def run():
        clock = LoopClock(asyncio.get_running_loop())
        line, heard, port = EmulatedLine(clock), Heard(clock), SwitchedPort()
        driver = ModemDriver("gsm-1", line, clock, heard, voice_port=port)
        driver.start()
        await eventually(lambda: bool(heard.of(ModemReady)))
        await driver.close()
        return port.told

    assert run_virtually(run())[-1] == "closed"


# --- families


def test_a_family_nobody_knows_is_told_once_and_left_in_peace():
    async def story(s: Scene) -> None:
        await asyncio.sleep(3600)

    scene = play(story, ready=False, profile=A76XX)
    (lost,) = scene.heard.of(ModemLost)
    assert lost.reason.startswith("no profile for 'INCORPORATED' 'A7670E-FASE'; this family is not supported yet")
    assert not any(command.startswith(("AT+CFUN", "AT+CRESET")) for command in scene.line.commands)
    assert 30 < scene.driver.health.connections < 100


def test_a_family_nobody_knows_is_told_also_after_an_empty_port():
    async def run():
        clock = LoopClock(asyncio.get_running_loop())
        line, heard = EmulatedLine(clock, profile=A76XX), Heard(clock)
        line.unplug()
        driver = ModemDriver("gsm-1", line, clock, heard)
        driver.start()
        await asyncio.sleep(20)
        line.replug()
        await asyncio.sleep(600)
        await driver.close()
        return [event.reason for event in heard.of(ModemLost)]

    absent, unknown = run_virtually(run())
    assert "cannot be opened" in absent
    assert "not supported yet" in unknown


def test_a_module_that_does_not_tell_what_it_is_is_sick_and_not_unknown():
    async def run():
        clock = LoopClock(asyncio.get_running_loop())
        stream, heard = scripted.ScriptedStream({**scripted.SIM7600_ANSWERS, "AT+CGMI": NOTHING}), Heard(clock)
        driver = ModemDriver("gsm-1", stream, clock, heard)
        driver.start()
        await asyncio.sleep(60)
        await driver.close()
        return stream, heard

    stream, heard = run_virtually(run())
    (lost,) = heard.of(ModemLost)
    assert "does not tell" in lost.reason
    assert "AT+CRESET" in stream.commands
