"""What `tongdai rate` does between reading its files and printing: text in, JSON lines out, or one line of blame.

The room reads no files: the caller hands over texts under the names by which messages should call them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.rating.bundle_text import parse_bundles
from edge.rating.bundles import BundleEntry
from edge.rating.data_tables import IddTable, PortedTable, parse_idd, parse_operators, parse_ported
from edge.rating.errors import RatingError, RatingInputError, TableError, TariffError, UsageError
from edge.rating.explain import Language, explain
from edge.rating.numbers import NumberPlan
from edge.rating.rater import rate_entries
from edge.rating.rows import Entry, RowFinder
from edge.rating.tariff import Plan, Tariff
from edge.rating.tariff_text import parse_tariff
from edge.rating.usage_lines import LineReader, blame, doubled_id, usage_lines

OPERATORS_FILE = "operators.csv"


@dataclass(frozen=True, slots=True)
class NamedText:
    """A file as the room sees it: its name for messages and its text."""

    name: str
    text: str


def _named(text: NamedText | str | None, name: str) -> NamedText | None:
    return NamedText(name, text) if isinstance(text, str) else text


def load_plans(tariffs: Mapping[str, str]) -> dict[str, Plan]:
    """All plans of the tariff files (file name → text; files that are no .toml are left out).

    Raises TariffError with every fault of every file.
    """
    problems: list[str] = []
    versions: dict[str, list[Tariff]] = {}
    for name in sorted(tariffs):
        if name.endswith(".toml"):
            try:
                tariff = parse_tariff(tariffs[name], name)
                versions.setdefault(tariff.plan, []).append(tariff)
            except TariffError as error:
                problems += error.problems
    if problems:
        raise TariffError(problems)
    return {name: Plan(name, tuple(found)) for name, found in versions.items()}


def load_numbers(tariffs: Mapping[str, str], ported: NamedText | None) -> NumberPlan:
    """The number plan: operators.csv among the tariff files, and the ported table if there is one."""
    if OPERATORS_FILE not in tariffs:
        raise TableError([f"{OPERATORS_FILE}: is missing beside the tariffs"])
    operators = parse_operators(tariffs[OPERATORS_FILE], OPERATORS_FILE)
    return NumberPlan(operators, PortedTable() if ported is None else parse_ported(ported.text, ported.name))


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything but usage that rating needs, read and checked."""

    finder: RowFinder
    bundles: Sequence[BundleEntry]


def load_tables(
    plan: str,
    tariffs: Mapping[str, str],
    ported: NamedText | str | None = None,
    idd: NamedText | str | None = None,
    bundles: NamedText | str | None = None,
) -> Tables:
    """Read tariffs and tables for one plan. Raises RatingInputError."""
    ported, idd, bundles = _named(ported, "ported"), _named(idd, "idd"), _named(bundles, "bundles")
    try:
        plans = load_plans(tariffs)
        if plan not in plans:
            known = ", ".join(sorted(plans)) or "none"
            raise RatingInputError(f"plan: {plan!r} is unknown; there are: {known}")
        idd_table = IddTable() if idd is None else parse_idd(idd.text, idd.name)
        finder = RowFinder(plans[plan], load_numbers(tariffs, ported), idd_table)
        bought = [] if bundles is None else parse_bundles(bundles.text, bundles.name, plans[plan])
    except (TariffError, TableError) as error:
        raise one_line(error) from None
    return Tables(finder, bought)


def read_usage(usage: str, source: str, finder: RowFinder) -> list[Entry]:
    """Every record of a JSON Lines text with its row. Raises RatingInputError naming file, line and field."""
    entries: list[Entry] = []
    first_line: dict[str, int] = {}
    read = LineReader().read
    for number, line in enumerate(usage_lines(usage), start=1):
        try:
            entry = finder.entry(read(line))
        except UsageError as error:
            raise blame(source, number, error) from None
        if entry.id in first_line:
            raise blame(source, number, doubled_id(entry.id, first_line[entry.id]))
        first_line[entry.id] = number
        entries.append(entry)
    return entries


def run_rate(
    plan: str,
    usage: str,
    source: str,
    tariffs: Mapping[str, str],
    ported: NamedText | str | None = None,
    idd: NamedText | str | None = None,
    bundles: NamedText | str | None = None,
    language: Language = "en",
) -> list[str]:
    """`tongdai rate`: one JSON line per usage record, in the order of the input.

    `tariffs` maps file names to texts and holds operators.csv. Raises RatingInputError, whose text is the one line to
    print; nothing is returned then, so no partial result can be mistaken for the whole.
    """
    tables = load_tables(plan, tariffs, ported, idd, bundles)
    entries = read_usage(usage, source, tables.finder)
    try:
        charges = rate_entries(entries, tables.finder, tables.bundles).charges
    except TableError as error:
        raise one_line(error) from None
    return [charge.to_text(explain(charge, language)) for charge in charges]


def one_line(error: RatingError) -> RatingInputError:
    """The first fault as a line, with the number of the others."""
    problems = error.problems if isinstance(error, TariffError | TableError) else (str(error),)
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return RatingInputError(_single(problems[0] + more))


def _single(text: str) -> str:
    return " ".join(text.split())
