"""What of a running box needs a person, as `tongdai status` lists it: what the page shows, in Vietnamese and English.

Core and drivers write one English line for the log. The known ones are said again here as something that a person can
act on; of an unknown one the line stands in both languages as it came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from edge.commands.status_words import (
    ALARMS,
    CORE_AWAY,
    HOST_OFF,
    LINES,
    PERIODS,
    STATES,
    UNKNOWN_LIMITS,
    WHOSE,
    Rules,
)
from edge.dialplan.numbers import national
from edge.local_text import money_text, month_text, number_text
from edge.telephony import PhoneNumber

Row = dict[str, str]
"""kind, text_vi, text_en; of a line also its name."""


def core_away(host: str | None) -> list[Row]:
    """Of a box whose switchboard does not answer just now; `host`: state of the emulated computer, None: a real one."""
    return [_row("core", *(CORE_AWAY if host in (None, "on") else HOST_OFF))]


def alarms_of(status: Mapping[str, Any], spending: Mapping[str, Any] | None) -> list[Row]:
    """`status`: the answer to `GetStatus`; `spending`: that to `GetSpending`, None when the box could not say."""
    return [
        *map(_alarm, status["alarms"]),
        *_lines(status["lines"]),
        *(_spending(spending) if spending is not None else [_row("spending", *UNKNOWN_LIMITS)]),
    ]


def _row(kind: str, vi: str, en: str) -> Row:
    return {"kind": kind, "text_vi": vi, "text_en": en}


def _alarm(sentence: str) -> Row:
    return _said(sentence, ALARMS) or _row("other", sentence, sentence)


def _said(sentence: str, rules: Rules) -> Row | None:
    for kind, pattern, vi, en in rules:
        found = pattern.search(sentence)
        if found is not None:
            words = found.groupdict() | _localised(found.groupdict())
            return _row(kind, vi.format(**words), en.format(**words))
    return None


def _localised(found: Mapping[str, str]) -> dict[str, str]:
    words: dict[str, str] = {}
    if "count" in found:
        words |= {
            "count_vi": number_text(int(found["count"]), "vi"),
            "count_en": number_text(int(found["count"]), "en"),
        }
    if "period" in found:
        words |= {"month_vi": month_text(found["period"], "vi"), "month_en": month_text(found["period"], "en")}
    return words


def _lines(lines: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    """Those that take no calls. One that is just starting is no alarm."""
    for line in lines:
        if line["state"] not in STATES:
            continue
        vi, en = STATES[line["state"]]
        reason = line["reason"]
        why = _said(reason, LINES) or _row("line", reason, reason)
        name = f"{line['line']} ({national(PhoneNumber(line['number']))})" if line["number"] else line["line"]
        tail_vi, tail_en = (f": {why['text_vi']}", f": {why['text_en']}") if reason else ("", "")
        yield _row("line", f"Đường {name} {vi}{tail_vi}.", f"Line {name} {en}{tail_en}.") | {"line": line["line"]}


def _spending(spending: Mapping[str, Any]) -> Iterator[Row]:
    until = spending["fraud"]["barred_until"]
    if until is not None:
        clock = datetime.fromisoformat(until)
        yield _row(
            "fraud",
            f"Gọi ra đang bị chặn đến {clock:%H:%M} ngày {clock:%d/%m/%Y} để ngăn gian lận cước.",
            f"Outgoing calls are barred until {clock:%H:%M} on {clock:%d/%m/%Y} by the guard against toll fraud.",
        )
    for limit in spending["limits"]:
        if limit["state"] == "reached":
            yield _limit(limit)


def _limit(limit: Mapping[str, Any]) -> Row:
    subject = limit["subject"]
    if limit["scope"] == "hotline" and subject:
        subject = national(PhoneNumber(subject))
    vi, en = (words.format(subject=subject) for words in WHOSE[limit["scope"]])
    per_vi, per_en = PERIODS[limit["period"]]
    minutes, vnd = limit["minutes"], limit["vnd"]
    most_vi = [f"{number_text(minutes, 'vi')} phút"] if minutes is not None else []
    most_en = [f"{number_text(minutes, 'en')} minutes"] if minutes is not None else []
    if vnd is not None:
        most_vi.append(money_text(vnd, "vi"))
        most_en.append(money_text(vnd, "en"))
    return _row(
        "limit",
        f"Đã hết hạn mức {' hoặc '.join(most_vi)} {per_vi} của {vi}.",
        f"The limit of {' or '.join(most_en)} {per_en} of {en} is used up.",
    )
