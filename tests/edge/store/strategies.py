"""Hypothesis strategies for the values that the store keeps, and builders for plain examples."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from edge.store.ledger import Ledger
from edge.store.messages import MessageUsage
from edge.telephony import (
    CallId,
    Cause,
    Cdr,
    CdrLeg,
    ClockSource,
    Direction,
    Disposition,
    EndedBy,
    LegId,
    LineId,
    MessageId,
    Moment,
    PhoneNumber,
    Service,
)

HOTLINE = PhoneNumber("+84901234567")
CALLER = PhoneNumber("+84912000222")
EMPLOYEE = PhoneNumber("+84903000111")
T0 = 1_795_300_000.0
"""2026-11-22 05:26:40 local time."""


def leg(call: str, number: int, *, answered: float | None = None, at: float = T0, duration_s: float = 30.0) -> CdrLeg:
    incoming = number == 1
    return CdrLeg(
        leg=LegId(f"{call}.{number}"),
        line=LineId(f"gsm-{number}"),
        hotline=HOTLINE,
        direction=Direction.IN if incoming else Direction.OUT,
        number=CALLER if incoming else EMPLOYEE,
        service=Service.INBOUND if incoming else Service.CONNECT,
        started=at,
        alerting=None if incoming else at + 1,
        answered=answered,
        ended=at + 40,
        duration_s=duration_s if answered is not None else 0.0,
        cause=Cause.NORMAL_CLEARING,
        ended_by=EndedBy.FAR_END,
    )


def cdr(number: int = 1, *, clock: ClockSource = ClockSource.NTP, at: float = T0, **changes: Any) -> Cdr:
    """An answered call: c<number>, two legs."""
    call = CallId(f"c{number}")
    fields: dict[str, Any] = {
        "call": call,
        "caller": CALLER,
        "hotline": HOTLINE,
        "called": EMPLOYEE,
        "extension": "512",
        "started": at,
        "hotline_answered": at + 1.5,
        "answered": at + 10.25,
        "ended": at + 40.25,
        "duration_s": 40.25,
        "billable_s": 30.0,
        "disposition": Disposition.ANSWERED,
        "cause": Cause.NORMAL_CLEARING,
        "legs": (leg(call, 1, answered=at + 1.5, at=at), leg(call, 2, answered=at + 10.25, at=at)),
        "recordings": (),
        "clock": clock,
    }
    return Cdr(**{**fields, **changes})


def charge(leg_id: str, amount_vnd: int | None = 450) -> dict[str, Any]:
    return {
        "id": leg_id,
        "status": "unrated" if amount_vnd is None else "rated",
        "amount_vnd": amount_vnd,
        "billed_s": 30,
        "class": "off_net",
        "rule": "onecontact-2019/voice/connect",
        "parts": [{"seconds": 30, "vnd_per_min": 900, "tier": "1-1000"}],
        "why": "",
    }


def moment(wall: float = T0 + 41, mono: float = 5000.0) -> Moment:
    return Moment(mono, wall)


seconds = st.floats(min_value=0, max_value=4e9, allow_nan=False)
numbers = st.one_of(st.none(), st.from_regex(r"\+84[1-9][0-9]{8}", fullmatch=True).map(PhoneNumber))
extensions = st.one_of(st.none(), st.sampled_from(["512", "513", "6001"]))


@st.composite
def cdr_legs(draw: st.DrawFn, call: str) -> tuple[CdrLeg, ...]:
    return tuple(
        CdrLeg(
            leg=LegId(f"{call}.{number}"),
            line=LineId(draw(st.sampled_from(["gsm-1", "gsm-2"]))),
            hotline=draw(numbers),
            direction=draw(st.sampled_from(Direction)),
            number=draw(numbers),
            service=draw(st.sampled_from(Service)),
            started=draw(seconds),
            alerting=draw(st.none() | seconds),
            answered=draw(st.none() | seconds),
            ended=draw(seconds),
            duration_s=draw(seconds),
            cause=draw(st.sampled_from(Cause)),
            ended_by=draw(st.sampled_from(EndedBy)),
            calling_extension=draw(extensions),
            called_extension=draw(extensions),
        )
        for number in range(1, draw(st.integers(0, 3)) + 1)
    )


@st.composite
def cdrs(draw: st.DrawFn, call: str = "c1") -> Cdr:
    """Any CDR that the types allow, without recordings (those need rows of their own)."""
    return Cdr(
        call=CallId(call),
        caller=draw(numbers),
        hotline=draw(numbers),
        called=draw(numbers),
        extension=draw(extensions),
        started=draw(seconds),
        hotline_answered=draw(st.none() | seconds),
        answered=draw(st.none() | seconds),
        ended=draw(seconds),
        duration_s=draw(seconds),
        billable_s=draw(seconds),
        disposition=draw(st.sampled_from(Disposition)),
        cause=draw(st.sampled_from(Cause)),
        legs=draw(cdr_legs(call)),
        clock=draw(st.sampled_from([source for source in ClockSource if source is not ClockSource.NONE])),
    )


def add_message(
    ledger: Ledger,
    name: str,
    *,
    extension: str | None = None,
    now: Moment | None = None,
    clock: ClockSource = ClockSource.NTP,
) -> None:
    """An SMS of two parts goes to a line."""
    ledger.messages.add_sending(
        MessageId(name),
        LineId("gsm-1"),
        PhoneNumber("+84903000111"),
        "gọi nhỡ",
        "system",
        CallId("c1"),
        now or moment(),
        clock,
        MessageUsage(HOTLINE, 2, extension),
    )
