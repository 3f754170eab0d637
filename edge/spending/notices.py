"""Who is told, and how: SMS to the company's alarm mobile and to the employee whose limit it is; the page always."""

from __future__ import annotations

from collections.abc import Iterator

from edge.dialplan.limits import FraudGuard, LimitScope
from edge.dialplan.settings import Extension
from edge.spending import wording
from edge.spending.actions import Action, SendNotice, TellPage, Weight
from edge.spending.budgets import Budget, Mark
from edge.spending.fraud import Cap
from edge.spending.levels import REACHED
from edge.spending.wording import Words
from edge.telephony import PhoneNumber


class Notices:
    """Made anew when settings change; the texts are in the company's language, the page gets both."""

    def __init__(self, guard: FraudGuard, extensions: tuple[Extension, ...], language: str) -> None:
        self._guard = guard
        self._mobiles = {each.number: each.mobile for each in extensions}
        self._language = language
        self._unpriced: set[tuple[Mark, str]] = set()

    def level(self, budget: Budget, level: int, vnd: int, seconds: int) -> Iterator[Action]:
        """A level of a limit was passed."""
        words = wording.level_words(budget, level, vnd, seconds)
        readers = [self._guard.alarm_mobile]
        if budget.limit.scope is LimitScope.EXTENSION:
            readers.append(self._mobiles.get(budget.subject))
        yield from self._told(words, readers, Weight.REACHED if level >= REACHED else Weight.WARNING)

    def cap(self, cap: Cap, until: float) -> Iterator[Action]:
        """Outgoing calls were stopped; `until` in POSIX seconds."""
        yield from self._told(wording.cap_words(cap, self._guard, until), [self._guard.alarm_mobile], Weight.ALARM)

    def refused(self, count: int, extension: str, called: PhoneNumber) -> Iterator[Action]:
        words = wording.refused_words(count, extension, called)
        yield from self._told(words, [self._guard.alarm_mobile], Weight.ALARM)

    def unpriced(self, budget: Budget, called: PhoneNumber) -> Iterator[Action]:
        """The page says once for each limit and period why a number was not dialled."""
        if budget.mark not in self._unpriced:
            self._unpriced.add(budget.mark)
            words = wording.unpriced_words(budget, called)
            yield TellPage(Weight.WARNING, words.vi, words.en)

    def _told(self, words: Words, readers: list[PhoneNumber | None], weight: Weight) -> Iterator[Action]:
        text = words.in_language(self._language)
        for reader in dict.fromkeys(readers):
            if reader is not None:
                yield SendNotice(reader, text)
        yield TellPage(weight, words.vi, words.en)
