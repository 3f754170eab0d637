"""What is written to an employee about a call that did not reach him (A055): who called, whom, when.

One SMS of one part: 70 characters hold it in Vietnamese (23.038 §6.2.3, UCS2).

A caller who found the line busy asked for nobody yet; that notice goes to the reception, which is the extension with
the lowest number.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from edge.dialplan.numbers import national
from edge.dialplan.settings import Extension, Settings
from edge.telephony import ClockSource, PhoneNumber

VIETNAM = timezone(timedelta(hours=7))
"""Asia/Ho_Chi_Minh: no summer time since 1975."""


def reception(settings: Settings) -> Extension | None:
    """Who is told about calls that were for nobody in particular."""
    return min(settings.extensions, key=lambda each: int(each.number), default=None)


def missed_call_text(language: str, caller: PhoneNumber | None, asked_for: str, wall: float, clock: ClockSource) -> str:
    """`asked_for`: the extension, or the hotline for a caller who did not get that far; `wall`: POSIX seconds."""
    if language == "en":
        who = "a hidden number" if caller is None else national(caller)
        return f"Missed call from {who} to {asked_for} {_when(wall, clock, 'at %H:%M on %d/%m', 'just now')}."
    who = "số ẩn" if caller is None else national(caller)
    return f"Cuộc gọi nhỡ từ {who} tới {asked_for} {_when(wall, clock, 'lúc %H:%M ngày %d/%m', 'vừa xong')}."


def _when(wall: float, clock: ClockSource, form: str, without_clock: str) -> str:
    """A box that does not know the time does not invent one."""
    if clock is ClockSource.NONE:
        return without_clock
    return datetime.fromtimestamp(wall, UTC).astimezone(VIETNAM).strftime(form)
