"""Two languages, one way to write numbers: what people read is Vietnamese (default) or English, in Vietnam's time.

Dates dd/mm/yyyy HH:MM:SS and durations m:ss are the same in both languages; amounts are 1.234 đ or 1,234 VND and
months 11/2026 or November 2026, as in every sentence about money (edge.local_text).
"""

from __future__ import annotations

import datetime as dt
import re
from typing import cast

import flask_babel
from flask import Flask, request
from flask_babel import Babel, get_locale

from edge.local_text import Language, money_text, month_text, number_text

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
DEFAULT = "vi"
COOKIE = "language"
ZONE = dt.timezone(dt.timedelta(hours=7))
"""Asia/Ho_Chi_Minh, without summer time since 1975: no time-zone database is needed on the box."""
NO_BREAK = "\u00a0"
CITIES = ("024", "028")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def gettext(message: str, **values: object) -> str:
    """The message in the language of this request."""
    return str(flask_babel.gettext(message, **values))


def ngettext(one: str, many: str, num: int) -> str:
    return str(flask_babel.ngettext(one, many, num))


def lazy_gettext(message: str, **values: object) -> str:
    """Translated when it is shown: for tables and form labels, which are made before any request."""
    return cast("str", flask_babel.lazy_gettext(message, **values))


def language() -> Language:
    """The language of this request."""
    return "en" if str(get_locale() or DEFAULT) == "en" else "vi"


def install(app: Flask) -> None:
    Babel(app, default_locale=DEFAULT, locale_selector=_chosen)
    app.jinja_env.filters.update(
        instant=instant,
        clock_time=clock_time,
        day=day,
        date=date,
        month=month,
        money=money,
        duration=duration,
        grouped=grouped,
        phone=phone,
        seconds=seconds,
    )
    app.jinja_env.globals.update(languages=LANGUAGES, language=language, grouped=grouped)


def _chosen() -> str:
    chosen = request.cookies.get(COOKIE, DEFAULT)
    return chosen if chosen in LANGUAGES else DEFAULT


def local(value: str | float | None) -> dt.datetime | None:
    """An ISO 8601 text with zone, or POSIX seconds, as Vietnam's time."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return dt.datetime.fromisoformat(value).astimezone(ZONE)
    return dt.datetime.fromtimestamp(value, ZONE)


def instant(value: str | float | None) -> str:
    """22/11/2026 09:15:00; a dash for none."""
    when = local(value)
    return "–" if when is None else when.strftime(f"%d/%m/%Y{NO_BREAK}%H:%M:%S")


def day(value: str | float | None) -> str:
    when = local(value)
    return "–" if when is None else when.strftime("%d/%m/%Y")


def date(value: str | None) -> str:
    """A local day 2026-11-22 → 22/11/2026; a dash for none."""
    return "–" if not value else dt.date.fromisoformat(value[:10]).strftime("%d/%m/%Y")


def month(value: str | None) -> str:
    """2026-11 → 11/2026 (the sentence says “tháng” where it is wanted), in English November 2026; or as it is."""
    if not _MONTH.fullmatch(value or ""):
        return value or "–"
    return month_text(str(value), language()).removeprefix("tháng ")


def clock_time(value: str | float | None) -> str:
    when = local(value)
    return "–" if when is None else when.strftime("%H:%M:%S")


def grouped(number: int) -> str:
    """1.234.567, in English 1,234,567"""
    return number_text(number, language())


def decimal(written: str) -> str:
    """5.00 as the box writes it; in Vietnamese 5,00"""
    return written if language() == "en" else written.replace(".", ",")


def money(amount: int | None) -> str:
    """1.234 đ, in English 1,234 VND; never broken; a dash for an amount that is not known."""
    return "–" if amount is None else money_text(amount, language()).replace(" ", NO_BREAK)


def duration(seconds: float | None) -> str:
    """1:05, or 1:02:03 from an hour on; whole seconds, cut."""
    if seconds is None:
        return "–"
    minutes, left = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def seconds(value: float) -> str:
    """7 or 2.5: without a needless .0"""
    return f"{value:g}"


def phone(number: str | None) -> str:
    """+84903000111 → 0903 000 111, +842439345678 → 024 3934 5678; other countries and short numbers as they are."""
    if not number:
        return "–"
    if not number.startswith("+84"):
        return number
    national = "0" + number[3:]
    match len(national):
        case 10:  # mobile
            return NO_BREAK.join((national[:4], national[4:7], national[7:]))
        case 11:  # fixed: Hà Nội and TP.HCM have area codes of three digits, the others of four
            area = 3 if national.startswith(CITIES) else 4
            return NO_BREAK.join((national[:area], national[area:-4], national[-4:]))
        case _:
            return national
