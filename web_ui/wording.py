"""The box's codes in human words: one table per vocabulary of `edge.api.messages` and of CDR rows.

A code without a word is shown as it is: a newer core must not break an older page.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask

from web_ui import reasons
from web_ui.errors import Refused
from web_ui.i18n import lazy_gettext as _l
from web_ui.users import SHORTEST_SECRET, SIMPLEST_SECRET

Words = Mapping[str, str]

LINE_STATES: Words = {
    "starting": _l("Starting"),
    "up": _l("Ready"),
    "no-service": _l("No service"),
    "down": _l("Disconnected"),
}
CALL_STATES: Words = {
    "greeting": _l("Greeting"),
    "menu": _l("Choosing an extension"),
    "pin": _l("Entering the PIN"),
    "ringing": _l("Ringing"),
    "talking": _l("Talking"),
    "farewell": _l("Goodbye"),
    "ending": _l("Ending"),
}
LEG_STATES: Words = {
    "active": _l("Connected"),
    "held": _l("On hold"),
    "dialing": _l("Dialling"),
    "alerting": _l("Ringing"),
    "incoming": _l("Calling in"),
    "waiting": _l("Waiting"),
    "ended": _l("Ended"),
}
DISPOSITIONS: Words = {
    "answered": _l("Answered"),
    "no-answer": _l("No answer"),
    "busy": _l("Busy"),
    "failed": _l("Failed"),
    "congestion": _l("No free line"),
    "abandoned": _l("Caller hung up"),
    "interrupted": _l("Interrupted"),
}
DIRECTIONS: Words = {"in": _l("Incoming"), "out": _l("Outgoing")}
ENDED_BY: Words = {"us": _l("the box"), "far-end": _l("the other side"), "network": _l("the network")}
RECORD_MODES: Words = {
    "off": _l("Off"),
    "in": _l("Incoming calls"),
    "out": _l("Outgoing calls"),
    "both": _l("All calls"),
}
MESSAGE_STATES: Words = {
    "received": _l("Received"),
    "queued": _l("Waiting to be sent"),
    "sent": _l("Sent"),
    "failed": _l("Failed"),
}
ROLES: Words = {"admin": _l("Administrator"), "manager": _l("Manager"), "viewer": _l("Viewer")}
ROLE_RIGHTS: Words = {
    "admin": _l("Everything; settings, price tables and users too"),
    "manager": _l("Calls, extensions, messages, recordings, limits, and statements in detail"),
    "viewer": _l("Looking only; no recordings, no single calls on statements"),
}
ORIGINS: Words = {
    "page": _l("Web page"),
    "command-line": _l("Command line"),
    "cloud": _l("Cloud"),
    "button": _l("Button on the board"),
}
CLOCKS: Words = {
    "ntp": _l("internet time (NTP)"),
    "rtc": _l("the box's clock chip"),
    "network": _l("the mobile network's time"),
    "none": _l("no clock"),
}
CLASSES: Words = {
    "on_net": _l("MobiFone number"),
    "off_net": _l("number of another network"),
    "international": _l("international number"),
    "ip": _l("SIP phone or softphone"),
}
CAUSES: Words = {  # Q.850 §2.2
    "1": _l("number does not exist"),
    "16": _l("hung up"),
    "17": _l("busy"),
    "18": _l("no response"),
    "19": _l("no answer"),
    "20": _l("switched off or out of coverage"),
    "21": _l("rejected"),
    "27": _l("out of order"),
    "28": _l("incomplete number"),
    "31": _l("hung up"),
    "34": _l("no free line"),
    "38": _l("network failure"),
    "41": _l("temporary failure"),
    "42": _l("network is overloaded"),
}

STATE_TONE: Mapping[str, str] = {
    "up": "good",
    "starting": "calm",
    "no-service": "warning",
    "down": "bad",
    "talking": "good",
    "ringing": "warning",
    "answered": "good",
    "no-answer": "warning",
    "abandoned": "warning",
    "busy": "warning",
    "failed": "bad",
    "congestion": "bad",
    "interrupted": "bad",
    "sent": "good",
    "received": "calm",
    "queued": "warning",
}
"""Colour of a badge; the word says the same, so nothing rests on colour alone."""

REFUSED: Mapping[Refused, str] = {
    Refused.NAME: _l("A user name has 2 to 32 letters a–z, digits, dots or hyphens."),
    Refused.TAKEN: _l("There is a user of this name already."),
    Refused.SHORT: _l("The new secret needs at least %(n)s characters.", n=SHORTEST_SECRET),
    Refused.SAME: _l("The new secret must differ from the current one."),
    Refused.IS_NAME: _l("The new secret needs at least %(n)s characters besides the user name.", n=SHORTEST_SECRET),
    Refused.SIMPLE: _l("The new secret needs at least %(n)s different characters.", n=SIMPLEST_SECRET),
    Refused.WRONG: _l("The current secret is wrong."),
    Refused.LAST_ADMIN: _l("This is the last administrator who can sign in."),
    Refused.ROLE: _l("Choose a role."),
}

SIGNAL_STEPS_DBM = (-105, -95, -85, -75)
"""One more bar from each of these on; below the first: one bar, the faintest that still registers."""


def install(app: Flask) -> None:
    app.jinja_env.globals.update(
        board_lost=reasons.board_lost,
        call_state=lambda code: word(CALL_STATES, code),
        cause_word=lambda code: word(CAUSES, str(code)),
        class_word=lambda code: word(CLASSES, code),
        clock_word=lambda code: word(CLOCKS, code),
        direction_word=lambda code: word(DIRECTIONS, code),
        disposition_word=lambda code: word(DISPOSITIONS, code),
        ended_by_word=lambda code: word(ENDED_BY, code),
        leg_state=lambda code: word(LEG_STATES, code),
        line_state=lambda code: word(LINE_STATES, code),
        message_state=lambda code: word(MESSAGE_STATES, code),
        origin_word=lambda code: word(ORIGINS, code),
        reason=reasons.say,
        record_mode=lambda code: word(RECORD_MODES, code),
        role_rights=lambda code: word(ROLE_RIGHTS, code),
        role_word=lambda code: word(ROLES, code),
        signal_bars=signal_bars,
        tone=lambda code: STATE_TONE.get(code, "calm"),
    )


def word(words: Words, code: str | None) -> str:
    return "–" if code is None else str(words.get(code, code))


def refusal(reason: Refused) -> str:
    return str(REFUSED[reason])


def signal_bars(dbm: int | None) -> int:
    """0 (unknown or none) to 5 bars."""
    return 0 if dbm is None else 1 + sum(dbm >= step for step in SIGNAL_STEPS_DBM)
