"""All that a box rates by: the shipped tariffs and tables with the imported ones over them. A value; never changed.

- A plan's versions are known by plan and `valid_from`: an imported version takes the place of one of the same day, and
  takes over from the one before on its day.
- Operators, ported numbers and IDD prices are whole tables: the newest import is the table.
- Destinations are laid over the texts of their plan's versions. So `texts`, `ported` and `idd` are all that another
  rater needs to give the same charges (`tongdai tariff export`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from edge.billing.shipped import shipped_tariffs
from edge.rating.command import OPERATORS_FILE
from edge.rating.data_tables import IddTable, PortedTable, parse_idd, parse_operators, parse_ported
from edge.rating.destinations import DestinationRow, parse_destinations, with_destinations
from edge.rating.errors import TableError, TariffError
from edge.rating.numbers import NumberPlan
from edge.rating.rows import RowFinder
from edge.rating.tariff import Plan, Tariff
from edge.rating.tariff_text import parse_tariff
from edge.store.rate_tables import StoredTable

_NO_PORTED = "number,operator,since\n"
_NO_IDD = "prefix,vnd_per_min\n"


@lru_cache(maxsize=2)
def ported_table(text: str) -> PortedTable:
    """Half a million numbers are read once, whatever else is imported afterwards. Raises TableError."""
    return parse_ported(text, "ported.csv")


@lru_cache(maxsize=2)
def idd_table(text: str) -> IddTable:
    """Raises TableError."""
    return parse_idd(text, "idd.csv")


@dataclass(frozen=True, slots=True)
class PlanFile:
    """One version of a plan as the box rates by it."""

    file: str
    """Name under which it is exported and blamed."""
    text: str
    """Destinations laid over it."""
    tariff: Tariff
    imported: StoredTable | None
    """None: shipped."""


class RateTables:
    """`imported`: the newest of each kind and name; `problems`: a sentence for each stored one that is left out.

    Raises TariffError or TableError where one cannot be read, or they contradict one another.
    """

    def __init__(
        self, imported: Iterable[StoredTable] = (), problems: Mapping[tuple[str, str], str] | None = None
    ) -> None:
        self.problems: Mapping[tuple[str, str], str] = dict(problems or {})
        self.imported: Mapping[tuple[str, str], StoredTable] = {(table.kind, table.name): table for table in imported}
        shipped = shipped_tariffs()
        bare = _plan_files(shipped, self.imported)
        self.destinations = _destination_rows(self.imported, _plans(bare))
        self.plan_files = tuple(_laid_over(file, self.destinations) for file in bare)
        self.plans: Mapping[str, Plan] = _plans(self.plan_files)
        self.operators_text = self._text("operators", shipped[OPERATORS_FILE])
        self.ported_text = self._text("ported", _NO_PORTED)
        self.idd_text = self._text("idd", _NO_IDD)
        self.operators = parse_operators(self.operators_text, OPERATORS_FILE)
        self.ported: PortedTable = ported_table(self.ported_text)
        self.idd: IddTable = idd_table(self.idd_text)
        self._numbers = NumberPlan(self.operators, self.ported)
        self._finders: dict[str, RowFinder] = {}

    @classmethod
    def stored(cls, imported: Iterable[StoredTable]) -> RateTables:
        """What the store holds. A table was checked when it was imported; one that this version of the software cannot
        read all the same is left out and told: a switchboard that does not start helps nobody.
        """
        imported = list(imported)
        try:
            return cls(imported)
        except (TariffError, TableError):
            kept: list[StoredTable] = []
            problems: dict[tuple[str, str], str] = {}
            for table in imported:
                try:
                    cls([*kept, table])
                    kept.append(table)
                except (TariffError, TableError) as error:
                    problems[table.kind, table.name] = (
                        f"{table.kind} table {table.name} is not used: {error.problems[0]}"
                    )
            return cls(kept, problems)

    def _text(self, kind: str, otherwise: str) -> str:
        found = self.imported.get((kind, kind))
        return otherwise if found is None else found.text

    @property
    def texts(self) -> dict[str, str]:
        """Tariff files and operators.csv, as `tongdai rate --tariffs` takes them: file name → text."""
        return {file.file: file.text for file in self.plan_files} | {OPERATORS_FILE: self.operators_text}

    def finder(self, plan: str) -> RowFinder:
        """The rows of a plan; made once, with its caches. Raises KeyError for a plan that there is not."""
        if plan not in self._finders:
            self._finders[plan] = RowFinder(self.plans[plan], self._numbers, self.idd)
        return self._finders[plan]

    def with_tables(self, tables: Iterable[StoredTable]) -> RateTables:
        """These tables with others over them. Raises TariffError or TableError."""
        tables = list(tables)
        replaced = {(table.kind, table.name) for table in tables}
        left = {key: sentence for key, sentence in self.problems.items() if key not in replaced}
        return RateTables([*self.imported.values(), *tables], left)


def _plan_files(shipped: Mapping[str, str], imported: Mapping[tuple[str, str], StoredTable]) -> list[PlanFile]:
    texts = {name: text for name, text in shipped.items() if name.endswith(".toml")}
    files = {}
    for name in sorted(texts):
        tariff = parse_tariff(texts[name], name)
        files[tariff.version] = PlanFile(name, texts[name], tariff, None)
    for (kind, version), table in imported.items():
        if kind == "plan":
            # The shipped file that it replaces lends its name: an exported directory holds no version twice.
            file = files[version].file if version in files else f"{version}.toml"
            files[version] = PlanFile(file, table.text, parse_tariff(table.text, file), table)
    return list(files.values())


def _laid_over(file: PlanFile, rows: list[DestinationRow]) -> PlanFile:
    text = with_destinations(file.text, rows)
    return file if text is file.text else PlanFile(file.file, text, parse_tariff(text, file.file), file.imported)


def _plans(files: Iterable[PlanFile]) -> dict[str, Plan]:
    versions: dict[str, list[Tariff]] = {}
    for file in files:
        versions.setdefault(file.tariff.plan, []).append(file.tariff)
    return {name: Plan(name, tuple(found)) for name, found in versions.items()}


def _destination_rows(
    imported: Mapping[tuple[str, str], StoredTable], plans: Mapping[str, Plan]
) -> list[DestinationRow]:
    rows: list[DestinationRow] = []
    for (kind, name), table in imported.items():
        if kind == "destinations":
            rows += parse_destinations(table.text, f"destinations of {name}", plans)
    return rows
