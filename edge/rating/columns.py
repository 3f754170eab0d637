"""A usage text as columns: one numpy array per field, for questions over a million records at once.

A record that was answered, sent or made is a row; unanswered legs, which cost nothing in any plan, are only counted.
What repeats is stored once: `shapes` (kind, service and flags together), `ends` and `groups` hold the values, columns
their indices. Everything is a whole number: instants are seconds and 10⁻¹⁸ s, and the few fractions with more digits
keep their text beside, so that the order of records stays exact.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.rating.errors import UsageError
from edge.rating.instant import Instant
from edge.rating.usage import NOBODY, End, Kind, Service, UsageRecord
from edge.rating.usage_lines import LineReader, blame, doubled_id, usage_lines

Whole = NDArray[np.int64]

_BATCH = 4096
_ZEROS = "0" * 18
# An inbound leg is free whoever calls; the caller's class counts in conferences and internal calls alone (§9, 1 to 3).
_CALLER_COUNTS = frozenset({Service.CONFERENCE, Service.INTERNAL})
_FRACTION_DIGITS = 18  # 10¹⁸ is the greatest power of ten in an int64


class Shape(NamedTuple):
    """What a record says besides when, how much and between whom."""

    kind: Kind
    service: Service | None
    is_initiator: bool
    roaming: bool
    product: str


@dataclass(frozen=True, slots=True)
class UsageColumns:
    """Rows in the order of the file."""

    ids: Sequence[str]
    group: Whole
    """Index into `groups`."""
    shape: Whole
    caller: Whole
    """Index into `ends`; 0 where the caller does not matter."""
    called: Whole
    second: Whole
    """POSIX seconds."""
    fraction: Whole
    """10⁻¹⁸ s; of a fraction with more digits the first 18."""
    long_fractions: Mapping[int, str]
    """Row to its fraction, of those with more than 18 digits."""
    seconds: Whole
    """Connected time, at most 10⁹ + 1."""
    units: Whole
    """At most 10¹²."""
    groups: Sequence[str]
    """Who shares counters: hotlines, and products as "request:ekyc"."""
    shapes: Sequence[Shape]
    ends: Sequence[End]
    unanswered: int

    def instant(self, row: int) -> Instant:
        """The moment of a row, exact."""
        text = self.long_fractions.get(row)
        if text is None:
            text = f"{int(self.fraction[row]):0{_FRACTION_DIGITS}}".rstrip("0")
        return Instant(int(self.second[row]), text)

    def record(self, row: int) -> UsageRecord:
        """The record of a row; of its ends only what a price can depend on."""
        shape = self.shapes[self.shape[row]]
        return UsageRecord(
            self.ids[row],
            shape.kind,
            self.instant(row),
            "" if shape.kind is Kind.REQUEST else self.groups[self.group[row]],
            shape.service,
            int(self.seconds[row]),
            self.ends[self.caller[row]],
            self.ends[self.called[row]],
            shape.is_initiator,
            shape.roaming,
            int(self.units[row]),
            shape.product,
        )


def read_columns(usage: str, source: str) -> UsageColumns:
    """Read a JSON Lines text. Raises RatingInputError naming file, line and field; numbers are not classed."""
    columns = _Columns()
    read = LineReader().read
    batch: list[UsageRecord] = []
    for number, line in enumerate(usage_lines(usage), start=1):
        try:
            batch.append(read(line))
        except UsageError as error:
            columns.refuse_doubled_ids(batch, number - len(batch), source)
            raise blame(source, number, error) from None
        if len(batch) == _BATCH:
            columns.add(batch, number + 1 - _BATCH, source)
            batch = []
    columns.add(batch, columns.lines + 1, source)
    return columns.done()


class _Codes(dict[Any, int]):
    """Values that repeat → their number, in the order of their first appearance."""

    def __missing__(self, value: Any) -> int:
        code = self[value] = len(self)
        return code


class _Columns:
    """Columns as they grow, a batch of records at a time: a field of all of them costs less than all fields of one."""

    def __init__(self) -> None:
        self._lines: dict[str, int] = {}
        self._ids: list[str] = []
        self._group, self._shape, self._caller, self._called = array("q"), array("q"), array("q"), array("q")
        self._second, self._fraction, self._seconds, self._units = array("q"), array("q"), array("q"), array("q")
        self._long: dict[int, str] = {}
        self._groups, self._shapes, self._ends = _Codes(), _Codes(), _Codes({NOBODY: 0})

    @property
    def lines(self) -> int:
        """How many were put in."""
        return len(self._lines)

    def add(self, batch: Sequence[UsageRecord], first_line: int, source: str) -> None:
        """Put in the records of the lines from `first_line` on. Raises RatingInputError for an id that stands twice."""
        self.refuse_doubled_ids(batch, first_line, source)
        used = [record for record in batch if record.at is not None]
        self._add_fractions([record.at.fraction for record in used if record.at is not None])
        self._ids += [record.id for record in used]
        self._second.extend([record.at.second for record in used if record.at is not None])
        self._seconds.extend([record.seconds for record in used])
        self._units.extend([record.units for record in used])
        self._group.extend([self._groups[_group(record)] for record in used])
        shapes = self._shapes
        self._shape.extend(
            [shapes[each.kind, each.service, each.is_initiator, each.roaming, each.product] for each in used]
        )
        self._called.extend([self._ends[NOBODY if each.service is Service.INBOUND else each.called] for each in used])
        self._caller.extend([self._ends[each.caller] if each.service in _CALLER_COUNTS else 0 for each in used])

    def refuse_doubled_ids(self, batch: Sequence[UsageRecord], first_line: int, source: str) -> None:
        """Note the ids; the first that is known already raises RatingInputError."""
        lines = self._lines
        if lines.keys().isdisjoint([record.id for record in batch]):
            known = len(lines)
            lines.update(zip([record.id for record in batch], range(first_line, first_line + len(batch)), strict=True))
            if len(lines) == known + len(batch):
                return
            for record in batch:
                lines.pop(record.id, None)
        for line, record in enumerate(batch, start=first_line):
            if record.id in lines:
                raise blame(source, line, doubled_id(record.id, lines[record.id]))
            lines[record.id] = line

    def _add_fractions(self, fractions: Sequence[str]) -> None:
        if max(map(len, fractions), default=0) > _FRACTION_DIGITS:
            start = len(self._ids)
            self._long |= {start + at: text for at, text in enumerate(fractions) if len(text) > _FRACTION_DIGITS}
        self._fraction.extend([int((text + _ZEROS)[:_FRACTION_DIGITS]) if text else 0 for text in fractions])

    def done(self) -> UsageColumns:
        return UsageColumns(
            self._ids,
            _whole(self._group),
            _whole(self._shape),
            _whole(self._caller),
            _whole(self._called),
            _whole(self._second),
            _whole(self._fraction),
            self._long,
            _whole(self._seconds),
            _whole(self._units),
            list(self._groups),
            [Shape(*shape) for shape in self._shapes],
            list(self._ends),
            len(self._lines) - len(self._ids),
        )


def _group(record: UsageRecord) -> str:
    return record.hotline if record.kind is not Kind.REQUEST else f"request:{record.product}"


def _whole(values: array[int]) -> Whole:
    return np.frombuffer(values, dtype=np.int64) if values else np.zeros(0, dtype=np.int64)
