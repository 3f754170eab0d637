"""From a number as a modem wrote it to a `PhoneNumber`, and who calls according to it."""

from __future__ import annotations

from edge.dialplan.numbers import normalise
from edge.telephony import CallerIdState, PhoneNumber, RawNumber

INTERNATIONAL = 145  # 24.008 §10.5.4.7 type of address, with or without + in the digits
NATIONAL = 161


def to_phone_number(raw: RawNumber) -> PhoneNumber | None:
    """None for a hidden, empty or impossible number, and for senders that are names."""
    digits = raw.digits.strip()
    if raw.validity is not CallerIdState.VALID or not digits:
        return None
    if raw.address_type == INTERNATIONAL and not digits.startswith(("+", "00")):
        return normalise("+" + digits) or normalise(digits)
    if raw.address_type == NATIONAL and not digits.startswith(("+", "0")):
        return normalise("0" + digits) or normalise(digits)
    return normalise(digits)


def identify(raw: RawNumber | None) -> tuple[PhoneNumber | None, CallerIdState]:
    """Who calls, and how well that is known; a valid caller id without a usable number is unavailable."""
    if raw is None:
        return None, CallerIdState.UNAVAILABLE
    number = to_phone_number(raw)
    if number is None and raw.validity is CallerIdState.VALID:
        return None, CallerIdState.UNAVAILABLE
    return number, raw.validity
