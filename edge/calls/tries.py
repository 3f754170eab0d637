"""A try that came to nothing: the caller is told why, and gets another one or a goodbye (issue point 3).

Wrong keys, silence and a party that could not be reached all count: three tries in all (`menu.tries`).
"""

from __future__ import annotations

from edge.calls.call import Call, Verdict
from edge.calls.stages import Stage
from edge.telephony import Cause, Disposition, EndedBy, Moment


def failed(call: Call, why: str, now: Moment) -> None:
    """Says the prompt `why`, then asks again or says goodbye."""
    call.tries += 1
    if call.tries >= call.settings.menu.tries:
        farewell(call, why, now)
        return
    call.keys = ""
    call.swallow_burst = True
    call.stage = Stage.MENU
    call.play(now, why, "menu-again")


def slipped(call: Call, why: str, cause: Cause, now: Moment) -> None:
    """A try that did not get as far as ringing anybody."""
    call.slip = cause
    failed(call, why, now)


def farewell(call: Call, why: str, now: Moment) -> None:
    """Says `why` and goodbye; the end of that is the end of the call."""
    call.verdict = outcome(call)
    call.stage = Stage.FAREWELL
    call.play(now, why, "goodbye")


def outcome(call: Call) -> Verdict:
    """What a call without an answer came to: its last try of a party, else that there was none."""
    return call.attempt or Verdict(Disposition.FAILED, call.slip)


def left(call: Call) -> Verdict:
    """The caller hung up by himself: abandoned, unless a try had an outcome before he did."""
    return call.attempt or gone(call)


def gone(call: Call) -> Verdict:
    """Abandoned, if he left; a line that broke under him is no wish of his."""
    lost = call.front.ended_by is EndedBy.NETWORK
    return Verdict(Disposition.FAILED if lost else Disposition.ABANDONED, call.front.cause)
