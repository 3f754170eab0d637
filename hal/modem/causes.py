"""Final results and error codes → Q.850 causes (27.007 §9.2 for +CME ERROR)."""

from __future__ import annotations

from hal.at.commands import AtResult, Status
from hal.at.values import EndWord
from hal.interfaces import Cause

END_WORD_CAUSES = {
    EndWord.NO_CARRIER: None,
    EndWord.BUSY: Cause.USER_BUSY,
    EndWord.NO_ANSWER: Cause.NO_ANSWER,
    EndWord.NO_DIALTONE: Cause.NETWORK_OUT_OF_ORDER,
}
_STATUS_CAUSES = {
    Status.BUSY: Cause.USER_BUSY,
    Status.NO_ANSWER: Cause.NO_ANSWER,
    Status.NO_DIALTONE: Cause.NETWORK_OUT_OF_ORDER,
}
_CME_CAUSES = {
    26: Cause.INVALID_NUMBER,  # dial string too long
    27: Cause.INVALID_NUMBER,  # invalid characters in dial string
    30: Cause.NETWORK_OUT_OF_ORDER,  # no network service
    31: Cause.RECOVERY_ON_TIMER,  # network timeout
    32: Cause.BARRED,  # emergency calls only
}
_CMS_NETWORK_CAUSES = range(1, 128)
"""27.005 §3.2.5: below 128 the network's own cause (24.011 Annex E)."""


def cause_of_number(number: int | None) -> Cause | None:
    """A Q.850 number as our enumeration; values it lacks fall to their class (Q.850 §2.2.5); 0 says nothing."""
    if not number:
        return None
    try:
        return Cause(number)
    except ValueError:
        if number < 32:
            return Cause.NORMAL_UNSPECIFIED
        return Cause.TEMPORARY_FAILURE if number < 48 else Cause.INTERWORKING


def cause_of_result(result: AtResult) -> Cause | None:
    """Why a call command failed, as far as its final result tells."""
    if result.status in _STATUS_CAUSES:
        return _STATUS_CAUSES[result.status]
    if result.error.startswith("+CME ERROR:") and result.code is not None:
        return _CME_CAUSES.get(result.code)
    if result.error.startswith("+CMS ERROR:") and result.code in _CMS_NETWORK_CAUSES:
        return cause_of_number(result.code)
    return None
