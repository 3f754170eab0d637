"""Driver and emulated modem in one loop, in virtual time: the two were written apart, from the same facts."""

from __future__ import annotations

import asyncio

import pytest

from hal.interfaces import (
    Answer,
    AudioFailed,
    AudioOpened,
    CallerIdReported,
    CallReported,
    CallsListed,
    CallState,
    Cause,
    CommandDone,
    CommandFailed,
    Dial,
    HangUp,
    KeyReported,
    ListCalls,
    ModemLost,
    ModemReady,
    NetworkTimeReported,
    RefuseWaiting,
    RegistrationReported,
    RegistrationState,
    RingHeard,
    SendKeys,
    SendSms,
    SignalReported,
    SimReported,
    SimState,
    SmsPartReceived,
    WaitingCallReported,
)
from hal.modem import ModemDriver
from sim_hardware.modem import events as e
from sim_hardware.modem.sim_card import SimCard
from tests.hal.modem.scene import CALLER, Scene, play
from tests.support.virtual_time import eventually

# --- bring-up


def test_a_warm_modem_is_ready_at_once_and_tells_what_it_is():
    async def story(s: Scene) -> None:
        assert s.clock.now().mono - 1000 < 1.0

    scene = play(story)
    (ready,) = scene.heard.of(ModemReady)
    assert ready.identity.family == "sim7600"
    assert ready.identity.imei == "861234050000019"
    assert ready.identity.own_number == "0901234567"
    assert ready.identity.voice
    assert scene.heard.of(SimReported) == [SimReported(SimState.READY)]
    assert scene.heard.of(RegistrationReported)[-1] == RegistrationReported(RegistrationState.HOME, "MobiFone")
    assert scene.heard.of(SignalReported)[-1] == SignalReported(-73)


def test_a_cold_boot():
    async def story(s: Scene) -> None:
        await s.until(ModemReady, within_s=60)
        await s.until(NetworkTimeReported)
        await eventually(lambda: s.heard.of(RegistrationReported)[-1].state.takes_calls)

    scene = play(story, ready=False, warm=False)
    assert scene.heard.of(ModemLost) == []


@pytest.mark.parametrize("late_ms", [900, 1500, 2000, 2700, 4000])
def test_a_module_that_answers_late_is_set_up_slowly_but_rightly(late_ms):
    async def story(s: Scene) -> None:
        s.line.fault("at-late", late_ms)
        await s.until(ModemReady, within_s=200)

    scene = play(story, ready=False)
    assert scene.heard.of(ModemReady)[0].identity.imei == "861234050000019"
    assert scene.heard.of(ModemLost) == []


def test_the_pin_is_given():
    async def story(s: Scene) -> None:
        await s.until(ModemReady, within_s=60)

    scene = play(story, ready=False, warm=False, pin="1234", sim=SimCard(pin="1234"))
    assert scene.line.commands.count('AT+CPIN="1234"') == 1


def test_a_wrong_pin_is_tried_once_also_after_a_restart():
    async def story(s: Scene) -> None:
        await asyncio.sleep(60)
        s.line.fault("restart")
        await asyncio.sleep(60)

    sim = SimCard(pin="1234")
    scene = play(story, ready=False, warm=False, pin="9999", sim=sim)
    assert scene.line.commands.count('AT+CPIN="9999"') == 1
    assert sim.pin_tries == 2
    assert scene.heard.of(ModemReady) == []
    assert SimReported(SimState.PIN_REQUIRED, 2) in scene.heard.events


def test_a_pin_with_one_try_left_is_left_to_a_person():
    async def story(s: Scene) -> None:
        await asyncio.sleep(30)

    scene = play(story, ready=False, warm=False, pin="1234", sim=SimCard(pin="1234", pin_tries=1))
    assert not any(command.startswith("AT+CPIN=") for command in scene.line.commands)
    assert SimReported(SimState.PIN_REQUIRED, 1) in scene.heard.events


def test_no_sim_is_said_and_the_card_may_come_later():
    async def story(s: Scene) -> None:
        s.line.fault("sim-out")
        await eventually(lambda: SimReported(SimState.ABSENT) in s.heard.events)
        s.heard.clear()
        s.line.fault("sim-in")
        await eventually(lambda: SimReported(SimState.READY) in s.heard.events)
        await eventually(lambda: any(r.state.takes_calls for r in s.heard.of(RegistrationReported)))
        s.line.ring(CALLER)
        await s.until(CallerIdReported)

    play(story)


def test_a_call_of_a_former_life_is_hung_up_first():
    async def story(s: Scene) -> None:
        await s.talk()
        await s.driver.close()
        again = ModemDriver("gsm-1", s.line, s.clock, s.heard)
        s.heard.clear()
        again.start()
        await s.until(ModemReady)
        assert s.line.modem.state.calls == ()
        assert s.heard.of(CallReported) == []
        await again.close()

    scene = play(story)
    assert "AT+CHUP" in scene.line.commands


# --- calls


def test_an_incoming_call_is_told_at_once_and_answered_at_once():
    async def story(s: Scene) -> None:
        s.line.ring(CALLER)
        await s.until(CallerIdReported)
        at = s.clock.now().mono
        s.driver.perform(Answer(7))
        assert s.line.commands[-1] == "ATA"
        await s.until(AudioOpened)
        assert s.clock.now().mono - at < 1.5
        s.line.tell(e.KeyHeard("n1", "5"))
        await s.until(KeyReported)
        s.line.hang_up(CALLER)
        await eventually(lambda: s.states()[-1] is CallState.ENDED, 2.0)

    scene = play(story)
    assert scene.heard.of(RingHeard)
    assert scene.heard.of(CallerIdReported)[0].number.digits == CALLER
    assert scene.states() == [CallState.INCOMING, CallState.ACTIVE, CallState.ENDED]
    assert scene.heard.of(CallReported)[-1].cause is Cause.NORMAL_CLEARING
    assert scene.heard.of(CommandDone) == [CommandDone(7)]
    assert scene.heard.of(KeyReported) == [KeyReported("5")]


def test_an_answer_from_within_the_ring_event_is_the_next_thing_written():
    async def story(s: Scene) -> None:
        def answer_at_once(event: object) -> None:
            s.heard(event)  # type: ignore[arg-type]
            if isinstance(event, CallerIdReported):
                s.driver.perform(Answer(1))
                answered.append(s.line.commands[-1])

        answered: list[str] = []
        s.driver._sink = answer_at_once
        s.driver._service.calling._sink = answer_at_once
        s.line.ring(CALLER)
        await asyncio.sleep(1.0)
        assert answered == ["ATA"]

    play(story)


@pytest.mark.parametrize(
    ("number", "states", "cause"),
    [
        ("0912000002", [CallState.DIALING, CallState.ENDED], Cause.USER_BUSY),
        ("0912000003", [CallState.DIALING, CallState.ALERTING, CallState.ENDED], Cause.NO_ANSWER),
        ("0912000004", [CallState.DIALING, CallState.ALERTING, CallState.ENDED], Cause.CALL_REJECTED),
        ("0912000005", [CallState.DIALING, CallState.ENDED], Cause.SUBSCRIBER_ABSENT),
    ],
)
def test_outgoing_calls_that_come_to_nothing(number, states, cause):
    async def story(s: Scene) -> None:
        s.driver.perform(Dial(1, number))
        await eventually(lambda: CallState.ENDED in s.states(), 70)

    scene = play(story)
    assert scene.states() == states
    assert scene.heard.of(CallReported)[-1].cause is cause
    assert scene.heard.of(CommandDone) == [CommandDone(1)]
    assert scene.heard.of(AudioOpened) == []


def test_an_outgoing_call_with_keys_hung_up_by_us():
    async def story(s: Scene) -> None:
        s.driver.perform(Dial(1, "0912000001"))
        await s.until(AudioOpened)
        s.driver.perform(SendKeys(2, "1a#"))
        await s.until(CommandDone, 2)
        s.driver.perform(ListCalls(3))
        await s.until(CommandDone, 3)
        s.driver.perform(HangUp(4))
        await eventually(lambda: CallState.ENDED in s.states(), 2.0)
        await s.until(CommandDone, 4)

    scene = play(story)
    assert scene.states() == [CallState.DIALING, CallState.ALERTING, CallState.ACTIVE, CallState.ENDED]
    (listed,) = scene.heard.of(CallsListed)
    assert [(call.outgoing, call.state) for call in listed.calls] == [(True, CallState.ACTIVE)]
    written = scene.line.commands
    assert [text for text in written if text.startswith("AT+VTS")] == ['AT+VTS="1"', 'AT+VTS="A"', 'AT+VTS="#"']
    assert written.index("AT+CPCMREG=0,1") < written.index("AT+CHUP")
    assert isinstance(scene.line.outputs[-1], e.WriteHost)
    assert not scene.line.modem.state.audio_open


def test_a_caller_who_gives_up():
    async def story(s: Scene) -> None:
        s.line.ring(CALLER)
        await s.until(RingHeard)
        await asyncio.sleep(4)
        s.line.hang_up(CALLER)
        await eventually(lambda: CallState.ENDED in s.states(), 3.0)
        s.driver.perform(Answer(1))
        await s.until(CommandFailed)
        s.driver.perform(Dial(2, "0912000001"))
        await s.until(CommandDone)

    play(story)


def test_glare_in_the_network_our_call_ends_before_the_ring_is_told():
    async def story(s: Scene) -> None:
        s.line.ring(CALLER)
        s.driver.perform(Dial(1, "0912000001"))
        await s.until(CallerIdReported)
        s.driver.perform(Answer(2))
        await eventually(lambda: CallState.ACTIVE in s.states())

    scene = play(story)
    events = scene.heard.events
    ours = [report.state for report in scene.heard.of(CallReported) if report.outgoing]
    assert ours == [CallState.DIALING, CallState.ENDED]
    ended = next(e for e in scene.heard.of(CallReported) if e.outgoing and e.state is CallState.ENDED)
    assert events.index(ended) < events.index(RingHeard())
    assert scene.heard.of(CommandDone) == [CommandDone(1), CommandDone(2)]


def test_no_dialling_on_top_of_a_ring_or_a_call():
    async def story(s: Scene) -> None:
        s.line.ring(CALLER)
        await s.until(RingHeard)
        s.driver.perform(Dial(1, "0912000001"))
        s.driver.perform(Answer(2))
        await s.until(AudioOpened)
        s.driver.perform(Dial(3, "0912000001"))

    scene = play(story)
    assert [failure.token for failure in scene.heard.of(CommandFailed)] == [1, 3]
    assert scene.heard.of(CommandFailed)[0].reason == "glare"
    assert not any(command.startswith("ATD") for command in scene.line.commands)


def test_a_second_caller_is_told_and_can_be_refused():
    async def story(s: Scene) -> None:
        await s.talk()
        s.line.ring("0913000333")
        await s.until(WaitingCallReported)
        s.driver.perform(RefuseWaiting(5))
        await eventually(lambda: CommandDone(5) in s.heard.events)
        await eventually(lambda: CallState.ENDED in s.states())
        assert [call.number for call in s.line.modem.state.calls] == [CALLER]

    scene = play(story)
    assert scene.heard.of(WaitingCallReported)[0].number.digits == "0913000333"


# --- messages


def test_a_vietnamese_text_goes_out_in_parts():
    text = "Cuộc gọi nhỡ từ 0912000222 lúc 10:15, xin gọi lại. " * 3

    async def story(s: Scene) -> None:
        s.driver.perform(SendSms(1, CALLER, text))
        await s.until(CommandDone)

    scene = play(story)
    (sent,) = [output for output in scene.line.outputs if isinstance(output, e.SubmitMessage)]
    assert sent.text == text
    assert sent.parts == 3


def test_messages_come_in_and_leave_the_store():
    text = "Tôi sẽ gọi lại cho bạn. " * 6

    async def story(s: Scene) -> None:
        s.line.message(CALLER, text)
        await s.until(SmsPartReceived, 3)
        s.line.message(CALLER, "ok")
        await s.until(SmsPartReceived, 4)
        await asyncio.sleep(1)

    scene = play(story)
    parts = scene.heard.of(SmsPartReceived)
    assert "".join(part.text for part in parts[:3]) == text
    assert parts[3].text == "ok"
    assert scene.line.sim.messages == {}


def test_messages_stored_while_nobody_looked_are_read_at_start():
    async def story(s: Scene) -> None:
        await s.driver.close()
        s.line.message(CALLER, "Xin chào")
        await asyncio.sleep(1)
        again = ModemDriver("gsm-1", s.line, s.clock, s.heard)
        again.start()
        await s.until(SmsPartReceived)
        await again.close()

    assert play(story).heard.of(SmsPartReceived)[0].text == "Xin chào"


# --- losses and faults


@pytest.mark.parametrize("fault", ["restart", "brown-out", "replug"])
def test_a_module_that_starts_again(fault):
    async def story(s: Scene) -> None:
        await s.talk()
        s.line.fault(fault, text="other" if fault == "replug" else None)
        await s.until(ModemLost)
        s.driver.perform(Dial(9, "0912000001"))
        await s.until(ModemReady, 2)
        await eventually(lambda: s.heard.of(RegistrationReported)[-1].state.takes_calls)
        s.line.ring(CALLER)
        await asyncio.sleep(4)
        assert CallState.INCOMING is s.states()[-1]

    scene = play(story)
    assert [failure.token for failure in scene.heard.of(CommandFailed)] == [9]
    assert len(scene.heard.of(ModemLost)) == 1


def test_a_port_that_goes_and_comes_back_keeps_the_order_of_lost_and_ready():
    async def story(s: Scene) -> None:
        for count in (2, 3):
            s.line.unplug()
            await asyncio.sleep(20)
            s.line.replug()
            await s.until(ModemReady, count, within_s=60)

    scene = play(story)
    turns = [type(event) for event in scene.heard.events if isinstance(event, ModemReady | ModemLost)]
    assert turns == [ModemReady, ModemLost, ModemReady, ModemLost, ModemReady]


def test_a_silent_module_is_lost_and_got_back_by_stronger_means():
    async def story(s: Scene) -> None:
        s.line.fault("at-lost", 40)
        await s.until(ModemLost, within_s=60)
        await s.until(ModemReady, 2, within_s=300)

    play(story)


@pytest.mark.parametrize(
    ("fault", "number"),
    [
        ("double-cr", 1), ("split", 1), ("split", 3), ("urc-inside", 1), ("echo-on", 1), ("at-late", 300),
        ("at-late", 1500), ("at-late", 3000), ("at-lost", 1), ("pcm-refuse", 3), ("cme14", 5), ("creg-flap", 5),
        ("early-active", 1),
    ],
)  # fmt: skip
def test_calls_go_on_in_spite_of(fault, number):
    async def story(s: Scene) -> None:
        s.line.fault(fault, number)
        await asyncio.sleep(20)
        s.line.ring(CALLER)
        await s.until(CallerIdReported)
        s.driver.perform(Answer(1))
        await s.until(AudioOpened, within_s=30)
        await eventually(lambda: CommandDone(1) in s.heard.events)
        s.line.hang_up(CALLER)
        await eventually(lambda: s.states()[-1] is CallState.ENDED, 20)
        await asyncio.sleep(15)
        s.driver.perform(Dial(2, "0912000001"))
        await s.until(AudioOpened, 2, within_s=40)
        s.driver.perform(HangUp(3))
        await eventually(lambda: s.states().count(CallState.ENDED) == 2, 20)
        await eventually(lambda: CommandDone(3) in s.heard.events)

    scene = play(story)
    assert scene.heard.of(ModemLost) == []
    assert scene.heard.of(CommandFailed) == []


def test_a_registration_that_flaps_during_a_call_is_not_reported():
    async def story(s: Scene) -> None:
        await s.talk()
        s.heard.clear()
        s.line.fault("creg-flap", 5)
        await asyncio.sleep(20)
        assert all(report.state.takes_calls for report in s.heard.of(RegistrationReported))

    play(story)


def test_a_voice_path_refused_for_the_whole_window():
    async def story(s: Scene) -> None:
        s.line.fault("pcm-refuse", 1000)
        s.line.ring(CALLER)
        await s.until(CallerIdReported)
        s.driver.perform(Answer(1))
        await s.until(AudioFailed, within_s=20)
        s.driver.perform(HangUp(2))
        await eventually(lambda: CallState.ENDED in s.states())

    scene = play(story)
    assert scene.heard.of(AudioOpened) == []
    assert len(scene.heard.of(AudioFailed)) == 1


def test_an_end_without_a_word_is_found_out():
    async def story(s: Scene) -> None:
        await s.talk()
        s.line.fault("silent-end", 1)
        s.line.hang_up(CALLER)
        await eventually(lambda: CallState.ENDED in s.states(), 6.0)

    play(story)


@pytest.mark.parametrize("fault", ["no-clip", "late-clip"])
def test_a_number_that_comes_late_or_by_the_list_only(fault):
    async def story(s: Scene) -> None:
        s.line.fault(fault)
        s.line.ring(CALLER)
        await s.until(RingHeard, 2)
        await asyncio.sleep(2)
        assert s.heard.of(CallReported)[0].state is CallState.INCOMING
        assert len(s.heard.of(CallerIdReported)) == (fault == "late-clip")

    play(story)


def test_a_full_store_is_emptied():
    async def story(s: Scene) -> None:
        s.line.fault("sms-full")
        s.line.message(CALLER, "waited outside")
        await eventually(lambda: any(m.text == "waited outside" for m in s.heard.of(SmsPartReceived)), 700)

    scene = play(story)
    assert scene.line.sim.messages == {}


def test_a_quiet_day_needs_no_attention():
    async def story(s: Scene) -> None:
        await asyncio.sleep(3600)

    scene = play(story)
    assert scene.heard.of(ModemLost) == []
    assert scene.driver.health.losses == 0
