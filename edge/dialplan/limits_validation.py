"""Can spending be controlled by these limits, barred numbers and caps? Each problem as path, rule, sentence, mildness.

Whoever a limit names may be gone tomorrow, and then it must still be possible to save the settings: a subject that
nobody has is a warning, one that nobody can have is an error.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from edge.dialplan.limits import Barring, FraudGuard, Limit, LimitEnd, LimitPeriod, LimitScope
from edge.dialplan.numbers import NumberClass, classify, normalise
from edge.dialplan.settings import Settings
from edge.telephony import PhoneNumber

MOST_LIMITS = 200
MOST_LEVELS = 9
MOST_VND = 10_000_000_000
MOST_MINUTES = 1_000_000
MOST_TRIES = 1000
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_BEGINNING = re.compile(r"\+[1-9]\d{0,14}|[1-9]\d{0,9}", re.ASCII)

Found = tuple[str, str, str, bool]
"""Path in the document, stable name of the rule, sentence, whether it is only a warning."""


def limit_problems(settings: Settings, own_numbers: tuple[PhoneNumber, ...] = ()) -> Iterator[Found]:
    """Every problem, in document order. `own_numbers`: of our lines; empty while they are not known."""
    spending = settings.spending
    if len(spending.limits) > MOST_LIMITS:
        yield "spending.limits", "too-many", f"{len(spending.limits)} limits; at most {MOST_LIMITS}", False
    for index, limit in enumerate(spending.limits):
        path = f"spending.limits[{index}]"
        yield from _amounts(path, limit)
        yield from _subject(path, limit, settings, own_numbers)
        yield from _levels(path, limit)
        yield from _sense(path, limit, spending.limits[:index], spending.limits)
    yield from _barring(spending.barring)
    yield from _guard(spending.fraud_guard, spending.barring, own_numbers)


def _amounts(path: str, limit: Limit) -> Iterator[Found]:
    if limit.minutes is None and limit.vnd is None:
        yield path, "limit-empty", "a limit needs minutes or an amount in VND, or both", False
    if limit.minutes is not None and not 1 <= limit.minutes <= MOST_MINUTES:
        yield f"{path}.minutes", "range", f"{limit.minutes} is outside 1 to {MOST_MINUTES} minutes", False
    if limit.vnd is not None and not 1 <= limit.vnd <= MOST_VND:
        yield f"{path}.vnd", "range", f"{limit.vnd} is outside 1 to {MOST_VND} VND", False


def _subject(path: str, limit: Limit, settings: Settings, own_numbers: tuple[PhoneNumber, ...]) -> Iterator[Found]:
    path, subject = f"{path}.subject", limit.subject
    if not subject:
        return
    match limit.scope:
        case LimitScope.COMPANY:
            yield path, "subject", f'a limit of the whole company has no subject; "{subject}" must go', False
        case LimitScope.HOTLINE if normalise(subject) != subject:
            yield path, "number", f'"{subject}" is no number written like +84901234567', False
        case LimitScope.HOTLINE if own_numbers and subject not in own_numbers:
            yield path, "unknown-hotline", f"{subject} is none of our lines: the limit counts nothing", True
        case LimitScope.EXTENSION if subject not in {each.number for each in settings.extensions}:
            yield path, "unknown-extension", f"there is no extension {subject}: the limit counts nothing", True
        case LimitScope.DEPARTMENT if subject not in {each.department for each in settings.extensions}:
            yield path, "unknown-department", f'no extension is of "{subject}": the limit counts nothing', True
        case _:
            pass


def _levels(path: str, limit: Limit) -> Iterator[Found]:
    levels = limit.warn_percent
    rising = all(lower < higher for lower, higher in itertools.pairwise(levels))
    if len(levels) > MOST_LEVELS or not rising or not all(1 <= each <= 99 for each in levels):
        text = f"warning levels are at most {MOST_LEVELS} percentages from 1 to 99, rising"
        yield f"{path}.warn_percent", "warn-percent", text, False


def _sense(path: str, limit: Limit, earlier: tuple[Limit, ...], everybody: tuple[Limit, ...]) -> Iterator[Found]:
    if any(_counts(other) == _counts(limit) for other in earlier):
        yield path, "duplicate", "the same limit stands here twice", False
    if limit.period is LimitPeriod.CALL and limit.at_end is LimitEnd.BLOCK:
        text = "block ends no call in progress, so a limit per call only tells; choose cut to end the call"
        yield f"{path}.at_end", "block-call", text, True
    if limit.subject and any(_hides(general, limit) for general in everybody):
        text = f'the limit for everybody (subject "") is reached before this one of {limit.subject}'
        yield path, "never-reached", text, True


def _counts(limit: Limit) -> tuple[LimitScope, LimitPeriod, str, int | None, int | None]:
    return limit.scope, limit.period, limit.subject, limit.minutes, limit.vnd


def _hides(general: Limit, limit: Limit) -> bool:
    """Every limit that fits holds, so a general one that is no higher ends calls first."""
    same = general.subject == "" and (general.scope, general.period) == (limit.scope, limit.period)
    return (
        same
        and general.at_end is not LimitEnd.WARN
        and _no_higher(general.vnd, limit.vnd)
        and _no_higher(general.minutes, limit.minutes)
    )


def _no_higher(general: int | None, own: int | None) -> bool:
    return own is None or (general is not None and general <= own)


def _barring(barring: Barring) -> Iterator[Found]:
    for index, beginning in enumerate(barring.allowed):
        if not _BEGINNING.fullmatch(beginning):
            text = f'"{beginning}" begins no number; write +4420 for numbers abroad, 19001234 for service numbers'
            yield f"spending.barring.allowed[{index}]", "allowed", text, False


def _guard(guard: FraudGuard, barring: Barring, own_numbers: tuple[PhoneNumber, ...]) -> Iterator[Found]:
    path = "spending.fraud_guard"
    for name, vnd in (("hourly_vnd", guard.hourly_vnd), ("night_vnd", guard.night_vnd)):
        if vnd is not None and not 1 <= vnd <= MOST_VND:
            yield f"{path}.{name}", "range", f"{vnd} is outside 1 to {MOST_VND} VND", False
    for name, clock in (("night_begins", guard.night_begins), ("night_ends", guard.night_ends)):
        if not _CLOCK.fullmatch(clock):
            yield f"{path}.{name}", "clock", f'"{clock}" is no time written like 22:00', False
    if guard.night_begins == guard.night_ends:
        yield f"{path}.night_ends", "night", "a night that ends when it begins has no length", False
    if guard.refused_tries is not None and not 1 <= guard.refused_tries <= MOST_TRIES:
        yield f"{path}.refused_tries", "range", f"{guard.refused_tries} is outside 1 to {MOST_TRIES} tries", False
    yield from _alarm_mobile(f"{path}.alarm_mobile", guard.alarm_mobile, own_numbers)
    if barring.international or barring.premium:
        if guard.hourly_vnd is None:
            text = "dear numbers are open and nothing caps what they cost in an hour"
            yield f"{path}.hourly_vnd", "no-cap", text, True
        if guard.alarm_mobile is None:
            text = "dear numbers are open and nobody is told of an alarm by SMS"
            yield f"{path}.alarm_mobile", "no-alarm", text, True


def _alarm_mobile(path: str, mobile: PhoneNumber | None, own_numbers: tuple[PhoneNumber, ...]) -> Iterator[Found]:
    if mobile is None:
        return
    number = normalise(mobile)
    if number is None or classify(number) is not NumberClass.MOBILE:
        yield path, "mobile", f'"{mobile}" is no Vietnamese mobile number', False
    elif number != mobile:
        yield path, "mobile-form", f'"{mobile}" must be written {number}', False
    elif number in own_numbers:
        yield path, "own-line", f"{number} is one of our own lines: nobody would read the SMS", False
