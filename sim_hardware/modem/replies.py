"""What a command handler gives back: a `Reply`, or a refusal raised as `Refusal`.

`Refusal` is the one error tree of this room: the host's fault or the situation's, always answered, never a crash.
Wording by AT+CMEE (27.007 §9.2) and for +CMS ERROR (27.005 §3.2.5).
"""

from __future__ import annotations

from dataclasses import dataclass

_CME_WORDS = {
    0: "phone failure",
    3: "operation not allowed",
    4: "operation not supported",
    10: "SIM not inserted",
    11: "SIM PIN required",
    12: "SIM PUK required",
    13: "SIM failure",
    14: "SIM busy",
    15: "SIM wrong",
    16: "incorrect password",
    20: "memory full",
    21: "invalid index",
    22: "not found",
    24: "text string too long",
    30: "no network service",
    50: "Incorrect parameters",
    100: "unknown",
}
_CMS_WORDS = {
    302: "Operation not allowed",
    304: "Invalid PDU mode parameter",
    305: "Invalid text mode parameter",
    310: "SIM not inserted",
    311: "SIM PIN required",
    314: "SIM busy",
    321: "Invalid memory index",
    322: "SIM memory full",
    330: "SMSC address unknown",
    331: "no network service",
    332: "Network timeout",
    500: "unknown error",
}
_NUMERIC_RESULTS = {"OK": "0", "NO CARRIER": "3", "ERROR": "4", "NO DIALTONE": "6", "BUSY": "7", "NO ANSWER": "8"}


@dataclass(frozen=True, slots=True)
class Reply:
    """Information lines, then the final result; a chain goes on only after OK."""

    lines: tuple[str, ...] = ()
    final: str = "OK"


DONE = Reply()
"""OK alone."""


@dataclass(frozen=True, slots=True)
class Later:
    """The final result comes later (`Dispatcher.finish`)."""

    abortable: bool = False
    """Any byte of the host meanwhile aborts the command (V.250 §5.6.1)."""


def info(*lines: str) -> Reply:
    """Information lines and OK."""
    return Reply(lines)


class Refusal(Exception):
    """A command that is answered with an error result."""

    def result(self, cmee: int) -> str:  # noqa: ARG002 - the plain word does not depend on the mode
        """The final result line under AT+CMEE=`cmee`."""
        return "ERROR"


class CmeError(Refusal):
    """+CME ERROR: n (27.007 §9.2)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"+CME ERROR: {code}")
        self.code = code

    def result(self, cmee: int) -> str:
        if cmee == 0:
            return "ERROR"
        return f"+CME ERROR: {_CME_WORDS.get(self.code, 'unknown') if cmee == 2 else self.code}"


class CmsError(Refusal):
    """+CMS ERROR: n (27.005 §3.2.5); given in every CMEE mode, in words in mode 2."""

    def __init__(self, code: int) -> None:
        super().__init__(f"+CMS ERROR: {code}")
        self.code = code

    def result(self, cmee: int) -> str:
        return f"+CMS ERROR: {_CMS_WORDS.get(self.code, 'unknown error') if cmee == 2 else self.code}"


def numeric_result(final: str) -> str:
    """The final result under ATV0 (V.250 §5.7.1); extended ones stay words."""
    return _NUMERIC_RESULTS.get(final, final)
