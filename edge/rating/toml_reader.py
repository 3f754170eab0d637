"""Reading a TOML table key by key, collecting every fault instead of stopping at the first.

A Section knows where it stands (file, table, row), hands out typed values and, closed, refuses the keys that nobody
asked for: a misspelt key in a price list must never be silently ignored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any


class Section:
    """One table of a TOML document. Wrong or missing values are noted in `problems` and read as a neutral value."""

    def __init__(self, source: str, where: str, data: Mapping[str, Any], problems: list[str]) -> None:
        self.source = source
        self.where = where
        self._data = data
        self._asked: set[str] = set()
        self._problems = problems

    def fault(self, message: str) -> None:
        """Note a fault at this place."""
        place = f"{self.source}: {self.where}: " if self.where else f"{self.source}: "
        self._problems.append(place + message)

    def has(self, key: str) -> bool:
        """Whether the key is written."""
        return key in self._data

    def keys(self) -> list[str]:
        """All keys, for tables whose keys are names."""
        return list(self._data)

    def peek(self, key: str) -> Any:
        """The value as written, None where absent; for telling two shapes apart."""
        return self._data.get(key)

    def text(self, key: str) -> str:
        """A non-empty string."""
        value = self._take(key)
        if isinstance(value, str) and value.strip():
            return value
        if value is not None:
            self.fault(f"{key}: must be a text, not {value!r}")
        return ""

    def choice(self, key: str, choices: Sequence[str]) -> str:
        """One of `choices`; the first of them where the file is wrong."""
        value = self._take(key)
        if value in choices:
            return str(value)
        if value is not None:
            self.fault(f"{key}: {value!r} is none of {', '.join(choices)}")
        return choices[0]

    def whole(self, key: str, *, least: int = 0) -> int:
        """A whole number ≥ `least`."""
        value = self._take(key)
        if isinstance(value, int) and not isinstance(value, bool) and value >= least:
            return value
        if value is not None:
            self.fault(f"{key}: must be a whole number from {least} up, not {value!r}")
        return least

    def whole_or_none(self, key: str, *, least: int = 0) -> int | None:
        """As `whole`, None where the key is absent."""
        return self.whole(key, least=least) if self.has(key) else None

    def day(self, key: str) -> date:
        """A local date such as 2019-03-01."""
        value = self._take(key)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if value is not None:
            self.fault(f"{key}: must be a date such as 2019-03-01, not {value!r}")
        return date.min

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings."""
        value = self._take(key)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        if value is not None:
            self.fault(f"{key}: must be a list of texts")
        return ()

    def table(self, key: str) -> Section:
        """A table inside this one; a missing one is noted and read as empty."""
        value = self._take(key)
        inner = f"{self.where[1:-1]}.{key}" if self.where else key
        if value is not None and not isinstance(value, dict):
            self.fault(f"{key}: must be a table")
        return Section(self.source, f"[{inner}]", value if isinstance(value, dict) else {}, self._problems)

    def tables(self) -> Iterator[tuple[str, Section]]:
        """Every key of this table with the table under it."""
        for key in self._data:
            yield key, self.table(key)

    def rows(self, key: str) -> list[Section]:
        """An array of tables; each row's place is "[table], row n"."""
        value = self._take(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value) or not value:
            self.fault(f"{key}: must be a list of rows")
            return []
        return [
            Section(self.source, f"{self.where}, row {number}", row, self._problems)
            for number, row in enumerate(value, start=1)
        ]

    def close(self) -> None:
        """Refuse the keys that nobody asked for."""
        for key in self._data:
            if key not in self._asked:
                self.fault(f"{key}: unknown key")

    def _take(self, key: str) -> Any:
        self._asked.add(key)
        if key not in self._data:
            self.fault(f"{key}: is missing")
            return None
        return self._data[key]
