"""The menu: greeting, keys, the PIN of employees, goodbye.

Keys count while a prompt plays and stop it. After a wrong entry the rest of the same burst of keys is swallowed: nine
wrong digits are one mistake.
"""

from __future__ import annotations

from edge.calls import ring, tries
from edge.calls.actions import NoteRefusedNumber
from edge.calls.call import Call, Target, Verdict
from edge.calls.events import Event, KeyPressed
from edge.calls.stages import Stage
from edge.dialplan.routes import BadNumber, NeedMore, Refusal, Refused, Route, ToExtension, ToOutside, Unknown, decide
from edge.telephony import Cause, Disposition, Moment

ANSWER_PATIENCE_S = 30.0
"""An answer that takes longer never comes; the caller has heard nothing but ringing."""
BURST_GAP_S = 1.0
"""Keys closer together belong to one entry."""
PIN_TRIES = 3


# --- greeting and menu --------------------------------------------------------------------------------------------


def greet(call: Call, _: Event, now: Moment) -> None:
    """Our answer took effect: the caller hears who we are."""
    call.hotline_answered = now
    if call.employee is not None:
        call.play(now, "employee-greeting")
    elif call.settings.company.greeting:
        call.play(now, "company-greeting")
    else:
        call.play(now, "greeting")
    call.office.refresh(call, now)


def prompt_finished(call: Call, _: Event, now: Moment) -> None:
    """Now it is the caller's turn."""
    call.stage = Stage.MENU
    call.wait(now, call.settings.timers.first_key_s)


def key_pressed(call: Call, event: Event, now: Moment) -> None:
    if not _takes_key(call, event, now):
        return
    call.hush()
    call.stage = Stage.MENU
    call.wait(now, call.settings.timers.between_keys_s)
    _follow(call, _route(call, ended=False), now)


def menu_timed_out(call: Call, _: Event, now: Moment) -> None:
    """A pause after keys ends them; a pause without keys is a failed try."""
    if call.keys:
        _follow(call, _route(call, ended=True), now)
    else:
        tries.failed(call, "no-input", now)


def greeting_timed_out(call: Call, event: Event, now: Moment) -> None:
    if call.hotline_answered is None:
        call.finish(now, Verdict(Disposition.FAILED, Cause.RECOVERY_ON_TIMER))
    else:
        menu_timed_out(call, event, now)


def _takes_key(call: Call, event: Event, now: Moment) -> bool:
    """Adds the key to the entry, unless it belongs to one that was refused already or ends an empty one."""
    assert isinstance(event, KeyPressed)
    gap_s = BURST_GAP_S if call.last_key_at is None else now.mono - call.last_key_at
    call.last_key_at = now.mono
    if call.swallow_burst and gap_s < BURST_GAP_S:
        return False
    call.swallow_burst = False
    if not call.keys and event.key == "#":
        return False
    call.keys += event.key
    return True


def _route(call: Call, *, ended: bool) -> Route:
    return decide(call.settings, call.employee, call.keys, ended=ended, own_numbers=call.office.own_numbers)


def _follow(call: Call, route: Route, now: Moment) -> None:
    match route:
        case NeedMore():
            return
        case ToExtension(extension):
            call.keys = ""
            call.extension = extension.number
            ring.start(call, Target(extension.mobile, extension, call.settings.timers.ring_employee_s), now)
        case ToOutside(number, emergency):
            call.keys = ""
            assert call.employee is not None, "only employees reach outside numbers"
            call.extension = call.employee.number
            target = Target(number, None, call.settings.timers.ring_outside_s)
            if call.employee.pin is None or emergency or call.pin_passed:
                ring.start(call, target, now)
            else:
                _ask_pin(call, target, now)
        case Refused(number, reason):
            if call.employee is not None and reason is not Refusal.OWN_LINE:
                call.office.act(NoteRefusedNumber(call.employee.number, number))
            tries.slipped(call, "outside-refused", Cause.BARRED, now)
        case BadNumber():
            tries.slipped(call, "bad-number", Cause.INVALID_NUMBER, now)
        case Unknown():
            tries.slipped(call, "wrong-extension", Cause.UNASSIGNED_NUMBER, now)


# --- PIN ----------------------------------------------------------------------------------------------------------


def _ask_pin(call: Call, target: Target, now: Moment) -> None:
    call.pin_for = target
    call.stage = Stage.PIN
    call.swallow_burst = True
    call.play(now, "enter-pin")


def pin_prompt_finished(call: Call, _: Event, now: Moment) -> None:
    call.wait(now, call.settings.timers.pin_key_s)


def pin_key_pressed(call: Call, event: Event, now: Moment) -> None:
    if not _takes_key(call, event, now):
        return
    assert call.employee is not None
    assert call.employee.pin is not None
    call.hush()
    call.wait(now, call.settings.timers.pin_key_s)
    if call.keys.endswith("#") or len(call.keys) >= len(call.employee.pin):
        _check_pin(call, call.employee.pin, now)


def pin_timed_out(call: Call, _: Event, now: Moment) -> None:
    _wrong_pin(call, now)


def _check_pin(call: Call, pin: str, now: Moment) -> None:
    right = call.keys.rstrip("#") == pin
    call.keys = ""
    if right and call.pin_for is not None:
        call.pin_passed = True
        ring.start(call, call.pin_for, now)
    else:
        _wrong_pin(call, now)


def _wrong_pin(call: Call, now: Moment) -> None:
    call.keys = ""
    call.pin_tries += 1
    if call.pin_tries >= PIN_TRIES:
        call.slip = Cause.CALL_REJECTED
        tries.farewell(call, "wrong-pin", now)
    else:
        call.swallow_burst = True
        call.play(now, "wrong-pin", "enter-pin")


# --- the caller goes, or goodbye is said --------------------------------------------------------------------------


def caller_left(call: Call, _: Event, now: Moment) -> None:
    call.finish(now, tries.left(call))


def caller_audio_failed(call: Call, _: Event, now: Moment) -> None:
    """Without a voice path neither can hear the other: better no call than a silent one."""
    call.finish(now, call.attempt or Verdict(Disposition.FAILED, Cause.CHANNEL_UNAVAILABLE))


def goodbye_said(call: Call, _: Event, now: Moment) -> None:
    call.finish(now, tries.outcome(call))
