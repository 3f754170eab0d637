"""Cdr ↔ rows of the tables `cdr` and `leg`. No decisions; the caller holds the transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from edge.store.stamps import Stamp
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
    RecordingId,
    Service,
)

_SAVE_CDR = """
INSERT INTO cdr (call, state, caller, hotline, called, extension, started, hotline_answered, answered, ended,
                 duration_s, billable_s, disposition, cause, clock, boot, wall_minus_mono, stamped)
VALUES (:call, :state, :caller, :hotline, :called, :extension, :started, :hotline_answered, :answered, :ended,
        :duration_s, :billable_s, :disposition, :cause, :clock, :boot, :wall_minus_mono, :stamped)
ON CONFLICT (call) DO UPDATE SET
    state = excluded.state, caller = excluded.caller, hotline = excluded.hotline, called = excluded.called,
    extension = excluded.extension, started = excluded.started, hotline_answered = excluded.hotline_answered,
    answered = excluded.answered, ended = excluded.ended, duration_s = excluded.duration_s,
    billable_s = excluded.billable_s, disposition = excluded.disposition, cause = excluded.cause,
    clock = excluded.clock, boot = excluded.boot, wall_minus_mono = excluded.wall_minus_mono, stamped = excluded.stamped
"""

_SAVE_LEG = """
INSERT OR REPLACE INTO leg (leg, call, position, line, hotline, direction, number, service, started, alerting, answered,
                            ended, duration_s, cause, ended_by, calling_extension, called_extension)
VALUES (:leg, :call, :position, :line, :hotline, :direction, :number, :service, :started, :alerting, :answered,
        :ended, :duration_s, :cause, :ended_by, :calling_extension, :called_extension)
"""


def save_cdr(connection: sqlite3.Connection, cdr: Cdr, state: str, stamp: Stamp) -> None:
    """Writes the row and its legs, new or over what stands there; `revision` and the charge columns stay."""
    values = _cdr_values(cdr) | {
        "state": state,
        "boot": stamp.boot,
        "wall_minus_mono": stamp.wall_minus_mono,
        "stamped": int(stamp.stamped),
    }
    connection.execute(_SAVE_CDR, values)
    connection.executemany(_SAVE_LEG, [_leg_values(cdr.call, i, leg) for i, leg in enumerate(cdr.legs)])


def _cdr_values(cdr: Cdr) -> dict[str, Any]:
    return {
        "call": cdr.call,
        "caller": cdr.caller,
        "hotline": cdr.hotline,
        "called": cdr.called,
        "extension": cdr.extension,
        "started": cdr.started,
        "hotline_answered": cdr.hotline_answered,
        "answered": cdr.answered,
        "ended": cdr.ended,
        "duration_s": cdr.duration_s,
        "billable_s": cdr.billable_s,
        "disposition": cdr.disposition.value,
        "cause": int(cdr.cause),
        "clock": cdr.clock.value,
    }


def _leg_values(call: CallId, position: int, leg: CdrLeg) -> dict[str, Any]:
    return {
        "leg": leg.leg,
        "call": call,
        "position": position,
        "line": leg.line,
        "hotline": leg.hotline,
        "direction": leg.direction.value,
        "number": leg.number,
        "service": leg.service.value,
        "started": leg.started,
        "alerting": leg.alerting,
        "answered": leg.answered,
        "ended": leg.ended,
        "duration_s": leg.duration_s,
        "cause": int(leg.cause),
        "ended_by": leg.ended_by.value,
        "calling_extension": leg.calling_extension,
        "called_extension": leg.called_extension,
    }


def load_cdrs(connection: sqlite3.Connection, where: str, parameters: Iterable[object] = ()) -> list[Cdr]:
    """The CDRs that fulfil `where` (SQL of our own, never of a user), oldest row first."""
    rows = connection.execute(f"SELECT * FROM cdr WHERE {where} ORDER BY id", tuple(parameters))  # noqa: S608
    return [_cdr_from(connection, row) for row in rows.fetchall()]


def _cdr_from(connection: sqlite3.Connection, row: sqlite3.Row) -> Cdr:
    legs = connection.execute("SELECT * FROM leg WHERE call = ? ORDER BY position", (row["call"],))
    recordings = connection.execute(
        "SELECT recording FROM recording WHERE call = ? ORDER BY length(recording), recording", (row["call"],)
    )
    return Cdr(
        call=CallId(row["call"]),
        caller=_number(row["caller"]),
        hotline=_number(row["hotline"]),
        called=_number(row["called"]),
        extension=row["extension"],
        started=row["started"],
        hotline_answered=row["hotline_answered"],
        answered=row["answered"],
        ended=row["ended"],
        duration_s=row["duration_s"],
        billable_s=row["billable_s"],
        disposition=Disposition(row["disposition"]),
        cause=Cause(row["cause"]),
        legs=tuple(leg_from(leg) for leg in legs),
        recordings=tuple(RecordingId(found["recording"]) for found in recordings),
        clock=ClockSource(row["clock"]),
    )


def leg_from(row: sqlite3.Row) -> CdrLeg:
    return CdrLeg(
        leg=LegId(row["leg"]),
        line=LineId(row["line"]),
        hotline=_number(row["hotline"]),
        direction=Direction(row["direction"]),
        number=_number(row["number"]),
        service=Service(row["service"]),
        started=row["started"],
        alerting=row["alerting"],
        answered=row["answered"],
        ended=row["ended"],
        duration_s=row["duration_s"],
        cause=Cause(row["cause"]),
        ended_by=EndedBy(row["ended_by"]),
        calling_extension=row["calling_extension"],
        called_extension=row["called_extension"],
    )


def _number(text: str | None) -> PhoneNumber | None:
    return None if text is None else PhoneNumber(text)


def shifted(cdr: Cdr, offset_s: float, clock: ClockSource) -> Cdr:
    """The same call with every instant moved by `offset_s`; durations are monotonic and stay."""

    def moved(seconds: float | None) -> float | None:
        return None if seconds is None else seconds + offset_s

    legs = tuple(
        replace(
            leg,
            started=leg.started + offset_s,
            alerting=moved(leg.alerting),
            answered=moved(leg.answered),
            ended=leg.ended + offset_s,
        )
        for leg in cdr.legs
    )
    return replace(
        cdr,
        started=cdr.started + offset_s,
        hotline_answered=moved(cdr.hotline_answered),
        answered=moved(cdr.answered),
        ended=cdr.ended + offset_s,
        legs=legs,
        clock=clock,
    )
