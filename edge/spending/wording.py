"""What people are told about spending, in Vietnamese and English.

An SMS in Vietnamese has 70 characters in one part (23.038 §6.2.3, UCS2): whose limit it is, how much, until when. Only
a long name of a department is shortened to fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from edge.dialplan.limits import FraudGuard, LimitEnd, LimitPeriod, LimitScope
from edge.dialplan.numbers import national
from edge.local_text import money_text, month_text, number_text
from edge.spending.budgets import Budget
from edge.spending.calendar import local
from edge.spending.fraud import Cap
from edge.spending.levels import REACHED
from edge.telephony import PhoneNumber

ONE_PART = 70
"""Characters of one SMS in UCS2."""
ONE_PART_ASCII = 160
"""Those of one in the 7-bit alphabet; none of our texts has a character that counts twice in it."""
_SHORTEST_NAME = 8
_DEPARTMENTS = ("phòng", "bộ phận", "ban ", "tổ ", "nhóm", "đội ")
"""A name that begins so says itself that it is a department."""


@dataclass(frozen=True, slots=True)
class Words:
    """One message in both languages."""

    vi: str
    en: str

    def in_language(self, language: str) -> str:
        return self.en if language == "en" else self.vi


def level_words(budget: Budget, level: int, vnd: int, seconds: int) -> Words:
    """A level of a budget was passed."""
    most = _most(budget, vnd, seconds)
    name = budget.subject if budget.limit.scope is LimitScope.DEPARTMENT else ""
    plain, tight = _level(budget, level, most, name), _level(budget, level, most, name, is_tight=True)
    vi = plain.vi if _excess(plain.vi) <= 0 else tight.vi
    en = plain.en if _excess(plain.en) <= 0 else tight.en
    return Words(
        vi if _excess(vi) <= 0 else _level(budget, level, most, _fitting(name, vi), is_tight=True).vi,
        en if _excess(en) <= 0 else _level(budget, level, most, _fitting(name, en), is_tight=True).en,
    )


def _excess(text: str) -> int:
    """Characters beyond one part; 0 or less: it fits."""
    return len(text) - (ONE_PART_ASCII if text.isascii() else ONE_PART)


def _fitting(name: str, text: str) -> str:
    """The name as far as the text that holds it, and is too long, keeps to one part."""
    return _shortened(name, max(_SHORTEST_NAME, len(name) - _excess(text) - 1))


def _shortened(name: str, length: int) -> str:
    return name if len(name) <= length else name[:length].rstrip() + "…"


def _level(budget: Budget, level: int, most: Words, department: str, *, is_tight: bool = False) -> Words:
    """`is_tight`: no word more than needed, for a long number and a very large amount."""
    who, until = _who(budget, department, is_tight=is_tight), _period(budget, is_tight=is_tight)
    if level < REACHED:
        return Words(
            f"{who.vi} đã dùng {level}% hạn mức {most.vi} {until.vi}.",
            f"{who.en} has used {level}% of its {most.en} {until.en}.",
        )
    end = budget.limit.at_end
    if end is LimitEnd.WARN or budget.limit.period is LimitPeriod.CALL:
        return Words(
            f"{who.vi} đã dùng hết hạn mức {most.vi} {until.vi}.", f"{who.en} has used up its {most.en} {until.en}."
        )
    return Words(
        f"{who.vi} hết hạn mức {most.vi} {until.vi}: chặn gọi ra.",
        f"{who.en} used up its {most.en} {until.en}: outgoing calls barred.",
    )


def _who(budget: Budget, department: str, *, is_tight: bool = False) -> Words:
    subject = budget.subject
    match budget.limit.scope:
        case LimitScope.EXTENSION:
            return Words(f"Máy lẻ {subject}", f"Extension {subject}")
        case LimitScope.DEPARTMENT:
            named = department.casefold().startswith(_DEPARTMENTS)
            return Words(department if named else f"Bộ phận {department}", f"Department {department}")
        case LimitScope.HOTLINE:
            number = national(PhoneNumber(subject))
            return Words(f"{'Số' if is_tight else 'Hotline'} {number}", f"Hotline {number}")
        case LimitScope.COMPANY:
            return Words("Công ty", "The company")


def _most(budget: Budget, vnd: int, seconds: int) -> Words:
    """The limit that is nearer to its end: money or minutes."""
    by_money = budget.vnd is not None and (
        budget.seconds is None or vnd * max(1, budget.seconds) >= seconds * max(1, budget.vnd)
    )
    if by_money:
        assert budget.vnd is not None
        return _amount(budget.vnd)
    minutes = (budget.seconds or 0) // 60
    return Words(f"{number_text(minutes, 'vi')} phút", f"{number_text(minutes, 'en')} min")


def _amount(vnd: int) -> Words:
    return Words(money_text(vnd, "vi"), money_text(vnd, "en"))


def _period(budget: Budget, *, is_tight: bool) -> Words:
    match budget.limit.period:
        case LimitPeriod.CALL:
            return Words("mỗi cuộc gọi", "per call")
        case LimitPeriod.DAY:
            day = date.fromisoformat(budget.label)
            return Words(f"ngày {day:%d/%m}", f"of {day:%d/%m}")
        case LimitPeriod.MONTH:
            vi, en = month_text(budget.label, "vi"), month_text(budget.label, "en")
            # Who reads the SMS knows the year.
            return Words(vi.partition("/")[0] if is_tight else vi, f"of {en.split()[0] if is_tight else en}")


def cap_words(cap: Cap, guard: FraudGuard, until: float) -> Words:
    """The fraud guard has stopped outgoing calls until an instant (POSIX seconds)."""
    clock = f"{local(until):%H:%M}"
    if cap is Cap.HOUR:
        most = _amount(guard.hourly_vnd or 0)
        return Words(
            f"CẢNH BÁO: gọi ra quá {most.vi}/giờ. Chặn gọi ra đến {clock}.",
            f"ALARM: calls out beyond {most.en}/hour. Barred until {clock}.",
        )
    most = _amount(guard.night_vnd or 0)
    return Words(
        f"CẢNH BÁO: gọi ra ban đêm quá {most.vi}. Chặn gọi ra đến {clock}.",
        f"ALARM: night calls out beyond {most.en}. Barred until {clock}.",
    )


def refused_words(count: int, extension: str, called: PhoneNumber) -> Words:
    """Somebody keeps dialling barred numbers; the last one is named."""
    number = national(called)
    return Words(
        f"CẢNH BÁO: {count} lần gọi số bị cấm trong 1 giờ (máy {extension}: {number}).",
        f"ALARM: {count} barred numbers in 1 hour (ext. {extension}: {number}).",
    )


def unpriced_words(budget: Budget, called: PhoneNumber) -> Words:
    """A call without a price was not let through, because a limit in money could not be kept."""
    number = national(called)
    who = _who(budget, budget.subject)
    return Words(
        f"{who.vi}: không gọi được {number} vì số này chưa có giá cước mà đang có hạn mức tiền.",
        f"{who.en}: {number} was not dialled; it has no price, and a limit in VND is in force.",
    )
