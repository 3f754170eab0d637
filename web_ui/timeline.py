"""What happened in a call, told from the journal: entries (an event and the actions it led to) → sentences.

Only what a person would tell is told; the machinery between (players, gains, deadlines) is left out. The complete
record stays in the journal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from web_ui.i18n import gettext as _
from web_ui.i18n import lazy_gettext as _l
from web_ui.i18n import phone
from web_ui.reasons import say
from web_ui.wording import CAUSES, word

PROMPTS: Mapping[str, str] = {
    "company-greeting": _l("the company's greeting"),
    "greeting": _l("the greeting"),
    "employee-greeting": _l("the employees' menu"),
    "menu-again": _l("the menu again"),
    "wrong-extension": _l("that there is no such extension"),
    "no-input": _l("the request to key an extension"),
    "busy": _l("that the number is busy"),
    "no-answer": _l("that nobody answers"),
    "unreachable": _l("that the number cannot be reached"),
    "no-free-line": _l("that no line is free"),
    "goodbye": _l("the goodbye"),
    "recording-announcement": _l("the announcement that the call is recorded"),
    "outside-refused": _l("that this number may not be called"),
    "bad-number": _l("that this is no telephone number"),
    "enter-pin": _l("the request for the PIN"),
    "wrong-pin": _l("that the PIN is wrong"),
    "limit-reached": _l("that the limit for calls is used up"),
    "fraud-guard": _l("that calls have been stopped for safety"),
    "budget-warning": _l("that the limit is nearly reached and the call ends in thirty seconds"),
    "budget-ending": _l("that the limit is nearly reached and the call ends in a moment"),
    "try-later": _l("the request to call again later"),
    "system-stopping": _l("that the switchboard is being shut down"),
}
BARRED: Mapping[str, str] = {
    "extension-limit": _l("the extension's limit is used up"),
    "department-limit": _l("the department's limit is used up"),
    "hotline-limit": _l("the hotline's limit is used up"),
    "company-limit": _l("the company's limit is used up"),
    "fraud": _l("the guard against toll fraud has stopped outgoing calls"),
}
DIAL_REFUSALS: Mapping[str, str] = {
    "glare": _l("a call came in on the line at the same moment"),
    "line-busy": _l("the line is busy"),
    "line-down": _l("the line is down"),
}


@dataclass(frozen=True, slots=True)
class Step:
    at: str | float
    icon: str
    text: str
    leg: str = ""
    keys: str = ""
    """What was pressed so far, one key after the other."""


def tell(entries: Iterable[Mapping[str, Any]], legs: Mapping[str, str | None]) -> list[Step]:
    """`legs`: leg id → the other end's number, to say who rather than which leg."""
    known = dict(legs)  # and those that the CDR of an interrupted call has no leg for
    steps: list[Step] = []
    for entry in entries:
        for action in entry.get("actions") or ():
            if action.get("type") == "DialLeg":
                known.setdefault(str(action.get("leg")), action.get("called"))
        if entry.get("event") == "KeyPressed":
            _press(steps, entry, known)
        for icon, text in _sentences(entry, known):
            if not (steps and steps[-1].text == text):
                steps.append(Step(entry["at"], icon, text))
    return steps


def _press(steps: list[Step], entry: Mapping[str, Any], legs: Mapping[str, str | None]) -> None:
    """Keys without anything between them are one step: `0912 000 222 pressed 512.`"""
    fields = entry.get("fields") or {}
    leg, at, keys = str(fields.get("leg")), entry["at"], str(fields.get("key"))
    if steps and steps[-1].keys and steps[-1].leg == leg:
        before = steps.pop()
        at, keys = before.at, before.keys + keys
    text = _("%(number)s pressed %(keys)s.", number=_who(legs, fields), keys=keys)
    steps.append(Step(at, "key", text, leg, keys))


def _sentences(entry: Mapping[str, Any], legs: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    fields = entry.get("fields") or {}
    told = _event(str(entry.get("event")), fields, _who(legs, fields))
    if told is not None:
        yield told
    for action in entry.get("actions") or ():
        told = _action(action, _who(legs, action))
        if told is not None:
            yield told


def _who(legs: Mapping[str, str | None], said: Mapping[str, Any]) -> str:
    number = legs.get(str(said.get("leg")))
    return phone(number) if number else _("the unknown caller")


def _event(kind: str, event: Mapping[str, Any], who: str) -> tuple[str, str] | None:
    match kind:
        case "CallOffered":
            return "incoming", _("%(number)s calls the hotline.", number=_caller(event))
        case "CallWaitingOffered":
            return "incoming", _("%(number)s calls while the line is busy.", number=_caller(event))
        case "LegAlerting":
            return "ring", _("It rings at %(number)s.", number=who)
        case "LegAnswered":
            return "answer", _("Connected with %(number)s.", number=who)
        case "LegEnded":
            return "end", _ended(event, who)
        case "DialRefused":
            reason = word(DIAL_REFUSALS, str(event.get("reason")))
            return "warning", _("%(number)s could not be dialled: %(reason)s.", number=who, reason=reason)
        case "LegAudioFailed":
            return "warning", _("No sound with %(number)s. %(reason)s", number=who, reason=say(event.get("reason")))
        case "RecordingFailed":
            return "warning", _("The recording failed. %(reason)s", reason=say(event.get("reason")))
        case "CallEndRequested":
            return "end", _("%(name)s ended the call from the page.", name=event.get("by"))
        case "StopRequested":
            return "warning", _("The box was shut down.")
        case _:
            return _about_limits(kind, event)


def _about_limits(kind: str, event: Mapping[str, Any]) -> tuple[str, str] | None:
    match kind:
        case "LegBarred":
            return "warning", _("Not dialled: %(reason)s.", reason=word(BARRED, str(event.get("reason"))))
        case "BudgetSpent":
            return "warning", _("The limit is used up, so the call is ended.")
        case _:
            return None


def _ended(event: Mapping[str, Any], who: str) -> str:
    cause = word(CAUSES, str(event.get("cause")))
    match event.get("ended_by"):
        case "us":
            return _("The box hung up on %(number)s.", number=who)
        case "network":
            return _("The network ended the connection with %(number)s: %(cause)s.", number=who, cause=cause)
        case _:
            return _("%(number)s: %(cause)s.", number=who, cause=cause)


def _action(action: Mapping[str, Any], who: str) -> tuple[str, str] | None:
    match action.get("type"):
        case "DialLeg":
            return "outgoing", _("Dialling %(number)s.", number=phone(action.get("called")))
        case "PlayPrompts":
            prompts = [word(PROMPTS, name) for name in action.get("prompts") or () if not _is_piece(name)]
            return ("speak", _("%(number)s hears %(what)s.", number=who, what=", ".join(prompts))) if prompts else None
        case "StartRecording":
            return "record", _("Recording begins.")
        case "SendMessage":
            return "message", _("An SMS is sent to %(number)s.", number=phone(action.get("called")))
        case _:
            return None


def _caller(event: Mapping[str, Any]) -> str:
    number = event.get("caller")
    return phone(number) if number else _("A withheld number")


def _is_piece(prompt: str) -> bool:
    """Digits and numbers that are part of a sentence."""
    return prompt.startswith(("digit-", "number-"))
