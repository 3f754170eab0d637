"""Budgets: one limit, of one subject, in one period. Which of them a leg counts in.

A limit with the subject "" is one budget for each extension, department or hotline by itself. Every limit that fits
holds; the first to be used up decides. Limits of extensions and departments count the calls that employees make; those
of hotlines and of the company count every call that the box dials, because the plan charges all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edge.dialplan.limits import Limit, LimitEnd, LimitPeriod, LimitScope
from edge.dialplan.settings import Extension
from edge.spending.accounts import AccountKey, account_key
from edge.spending.calendar import label_of

Mark = tuple[str, str, str, int | None, int | None]


@dataclass(frozen=True, slots=True, eq=False)
class Budget:
    """Made once by `Budgets` and compared by identity."""

    limit: Limit
    subject: str
    label: str
    """Day, month, or the leg for limits per call."""
    accounts: tuple[AccountKey, ...]
    """Where its stored spending stands; none for limits per call."""
    vnd: int | None
    seconds: int | None
    cuts: bool
    stops: bool
    """New calls are barred when it is used up."""

    @property
    def mark(self) -> tuple[Mark, str]:
        """Which limit it is, and of which period: stays the same when settings are saved again."""
        limit = self.limit
        return (limit.scope.value, limit.period.value, self.subject, limit.vnd, limit.minutes), self.label

    @property
    def is_shared_by_some(self) -> bool:
        """Several legs count in it, and not every one of their hotline."""
        limit = self.limit
        return limit.period is not LimitPeriod.CALL and limit.scope in (LimitScope.EXTENSION, LimitScope.DEPARTMENT)

    def exceeded(self, vnd: int, seconds: int) -> bool:
        return (self.vnd is not None and vnd > self.vnd) or (self.seconds is not None and seconds > self.seconds)

    def percent(self, vnd: int, seconds: int) -> int:
        """How much of it is used: of money and minutes, what is nearer to the end. Rounded down."""
        of_vnd = 0 if self.vnd is None else 100 * vnd // max(1, self.vnd)
        of_time = 0 if self.seconds is None else 100 * seconds // max(1, self.seconds)
        return max(of_vnd, of_time)


class Budgets:
    """All budgets under one set of limits and extensions."""

    def __init__(self, limits: tuple[Limit, ...], extensions: tuple[Extension, ...]) -> None:
        self._limits = limits
        self._department_of = {each.number: each.department for each in extensions}
        self._made: dict[tuple[int, str, str], Budget] = {}
        self._known: dict[tuple[str | None, str | None, int], tuple[Budget, ...]] = {}

    def of(self, calling_extension: str | None, hotline: str | None, day: int, leg: str = "") -> tuple[Budget, ...]:
        """Those that count a call of this extension over this hotline answered on this day; `leg`: per call, too."""
        key = (calling_extension, hotline, day)
        known = self._known.get(key)
        if known is None:
            lasting = self._found(calling_extension, hotline, day, "")
            known = self._known[key] = tuple(each for each in lasting if each.limit.period is not LimitPeriod.CALL)
        if not leg:
            return known
        own = self._found(calling_extension, hotline, day, leg)
        return known + tuple(each for each in own if each.limit.period is LimitPeriod.CALL)

    def subjects(self, limit: Limit, hotlines: set[str]) -> list[str]:
        """Whom a limit is about, by name: those of the settings, and hotlines that have spent something."""
        if limit.subject or limit.scope is LimitScope.COMPANY:
            return [limit.subject]
        if limit.scope is LimitScope.EXTENSION:
            return sorted(self._department_of)
        if limit.scope is LimitScope.DEPARTMENT:
            return sorted(set(self._department_of.values()) - {""})
        return sorted(hotlines)

    def of_limit(self, limit: Limit, subject: str, day: int, leg: str = "") -> Budget:
        """The budget of a limit of these settings for a subject."""
        return self._budget(self._limits.index(limit), limit, subject, day, leg)

    def forget_before(self, day: int) -> None:
        """Drops what nothing counts in any more: budgets of days before `day`, and of months that ended before it."""
        first = {10: label_of(LimitPeriod.DAY, day), 7: label_of(LimitPeriod.MONTH, day)}
        self._known = {key: known for key, known in self._known.items() if key[2] >= day}
        self._made = {key: made for key, made in self._made.items() if key[2] >= first[len(key[2])]}

    def _found(self, calling_extension: str | None, hotline: str | None, day: int, leg: str) -> Iterator[Budget]:
        subject_of = {
            LimitScope.EXTENSION: calling_extension,
            LimitScope.DEPARTMENT: self._department_of.get(calling_extension or "") or None,
            LimitScope.HOTLINE: hotline,
            LimitScope.COMPANY: "",
        }
        for index, limit in enumerate(self._limits):
            subject = subject_of[limit.scope]
            if subject is not None and limit.subject in ("", subject):
                yield self._budget(index, limit, subject, day, leg)

    def _budget(self, index: int, limit: Limit, subject: str, day: int, leg: str) -> Budget:
        if limit.period is LimitPeriod.CALL:
            return self._make(limit, subject, leg)
        label = label_of(limit.period, day)
        key = (index, subject, label)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(limit, subject, label)
        return made

    def _make(self, limit: Limit, subject: str, label: str) -> Budget:
        return Budget(
            limit=limit,
            subject=subject,
            label=label,
            accounts=() if limit.period is LimitPeriod.CALL else self._accounts(limit, subject, label),
            vnd=limit.vnd,
            seconds=None if limit.minutes is None else 60 * limit.minutes,
            cuts=limit.at_end is LimitEnd.CUT,
            stops=limit.at_end is not LimitEnd.WARN,
        )

    def _accounts(self, limit: Limit, subject: str, label: str) -> tuple[AccountKey, ...]:
        if limit.scope is not LimitScope.DEPARTMENT:
            return (account_key(limit.scope, subject, label),)
        members = [number for number, department in self._department_of.items() if department == subject]
        return tuple(account_key(LimitScope.EXTENSION, number, label) for number in members)
