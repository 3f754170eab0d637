"""Calls and messages on paper, for tests of billing."""

from __future__ import annotations

from datetime import datetime

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
    PhoneNumber,
    Service,
)

HOTLINE = PhoneNumber("+84901234567")
SECOND = PhoneNumber("+84937654321")
ON_NET, OFF_NET = PhoneNumber("+84903000222"), PhoneNumber("+84912000222")
JAPAN = PhoneNumber("+81312345678")
EMPLOYEE = PhoneNumber("+84903000512")


def at(local: str) -> float:
    """POSIX seconds of a local time: 2026-11-03T09:15."""
    return datetime.fromisoformat(f"{local}+07:00").timestamp()


def leg(
    name: str,
    answered: float | None,
    seconds: float = 60.0,
    *,
    number: PhoneNumber | None = OFF_NET,
    service: Service = Service.OUTBOUND,
    hotline: PhoneNumber | None = HOTLINE,
) -> CdrLeg:
    inbound = service is Service.INBOUND
    started = (answered or 1_795_300_000.0) - 5
    return CdrLeg(
        leg=LegId(name),
        line=LineId("gsm-1"),
        hotline=hotline,
        direction=Direction.IN if inbound else Direction.OUT,
        number=number,
        service=service,
        started=started,
        alerting=None,
        answered=answered,
        ended=(answered or started) + seconds,
        duration_s=0.0 if answered is None else seconds,
        cause=Cause.NORMAL_CLEARING,
        ended_by=EndedBy.FAR_END,
        calling_extension=None if inbound else "512",
        called_extension="513" if service in (Service.CONNECT, Service.INTERNAL) else None,
    )


def call(number: int, *legs: CdrLeg, clock: ClockSource = ClockSource.NTP) -> Cdr:
    """c<number>; `legs` are named c<number>.1, c<number>.2 …"""
    first, last = legs[0], legs[-1]
    return Cdr(
        call=CallId(f"c{number}"),
        caller=EMPLOYEE,
        hotline=first.hotline,
        called=last.number,
        extension="512",
        started=first.started,
        hotline_answered=first.answered,
        answered=last.answered,
        ended=last.ended,
        duration_s=last.ended - first.started,
        billable_s=last.duration_s,
        disposition=Disposition.NO_ANSWER if last.answered is None else Disposition.ANSWERED,
        cause=Cause.NORMAL_CLEARING,
        legs=legs,
        clock=clock,
    )
