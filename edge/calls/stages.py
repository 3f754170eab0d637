"""The vocabulary of the call machine: the stages a call can be in, and what can happen to it there.

A `Trigger` is an event seen from the call: the same `LegEnded` means one thing from the caller's leg and another from
the party's. `edge.calls.transitions` says which trigger is expected in which stage.
"""

from __future__ import annotations

from enum import Enum


class Stage(Enum):
    """Where a call is; the values are what the page and `tongdai calls` show."""

    GREETING = "greeting"
    """From the offer to the end of the greeting, or to the first key."""
    MENU = "menu"
    """Waits for keys, or says what was wrong with the last ones."""
    PIN = "pin"
    """An employee proves that he is one before an outside call."""
    AUTHORISING = "authorising"
    """A line is kept for the party; spending control is asked whether it may dial."""
    RINGING = "ringing"
    """A line dials or the party's telephone rings; the caller hears ring-back."""
    TALKING = "talking"
    """Caller and party hear each other."""
    FAREWELL = "farewell"
    """Goodbye is being said."""
    ENDING = "ending"
    """Every leg has been told to end; waits for legs and recordings, then the CDR closes."""


class Trigger(Enum):
    """What happened, with the role of the leg it happened to."""

    CALLER_ANSWERED = "caller-answered"
    """Our answer took effect."""
    CALLER_LEFT = "caller-left"
    CALLER_AUDIO_FAILED = "caller-audio-failed"
    KEY = "key"
    PROMPT_FINISHED = "prompt-finished"
    AUTHORISED = "authorised"
    """There is budget for the leg that was asked about."""
    BARRED = "barred"
    """There is none."""
    BUDGET_RUNNING_OUT = "budget-running-out"
    BUDGET_SPENT = "budget-spent"
    PARTY_ALERTING = "party-alerting"
    PARTY_ANSWERED = "party-answered"
    PARTY_ENDED = "party-ended"
    PARTY_REFUSED = "party-refused"
    """The line did not even start to dial."""
    PARTY_AUDIO_FAILED = "party-audio-failed"
    PARTY_KEY = "party-key"
    RECORDING_ENDED = "recording-ended"
    RECORDING_FORBIDDEN = "recording-forbidden"
    """The card is nearly full."""
    TIME = "time"
    """The stage's own timer has run out."""
    LOOPED = "looped"
    """The party's telephone is forwarded to one of our own lines."""
    END_REQUESTED = "end-requested"
    STOP_REQUESTED = "stop-requested"
