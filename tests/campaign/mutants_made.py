"""Which mutants are made: the operators of cosmic-ray on the files of the rater, and the tests that each must face.

Left out, because nothing can be learned from them:

- annotations (they are never evaluated: `from __future__ import annotations`; mypy reads them);
- an operator replaced by one that nobody mistakes for it (`a + b` → `a >> b`): of each, the nearest ones are made;
- `frozen`, `slots` and `gc` of a class: promises to the reader and to the memory, not behaviour;
- `==` replaced by `is`: of small numbers and enum members both say the same, by an accident of CPython.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.commands.init import _all_work_items as every_work_item
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator
from cosmic_ray.work_item import MutationSpec, WorkItem

RATING = "edge/rating"
TESTS = "tests/edge/rating"
_RATE = ("readings", "bundles", "mutants_money", "month", "second_opinion", "book_edges", "mutants_book", "book")
_BOOK = ("book_edges", "mutants_book", "mutants_bundles", "month", "book")
FACING: dict[str, tuple[str, ...]] = {
    "pricing": _RATE,
    "bands": ("mutants_money", "month", "prices", "invoice"),
    "bundles": ("bundles", "mutants_bundles", "book_edges", "second_opinion", "book"),
    "rater": ("readings", "bundles", "mutants_money", "month", "second_opinion"),
    "account": _BOOK,
    "chunks": _BOOK,
    "shift": _BOOK,
    "walk": _BOOK,
    "month": _BOOK,
    "volume": _BOOK,
    "rows": ("readings", "mutants_rows", "mutants_invoice", "book_edges", "prices", "second_opinion", "month"),
    "invoice": ("invoice", "mutants_invoice", "statement"),
    "charge": ("explain", "mutants_money", "mutants_numbers", "leg", "usage_speed", "readings", "invoice"),
    "numbers": ("readings", "number_text", "mutants_numbers", "prices", "broken_input"),
    "number_text": ("number_text", "readings", "mutants_numbers", "usage_speed", "broken_input"),
    "instant": ("instant", "mutants_numbers", "leg", "readings", "usage_speed"),
    "usage": ("mutants_usage", "broken_input", "mutants_numbers", "readings", "usage_speed", "leg"),
    "usage_lines": ("mutants_usage", "usage_speed", "broken_input", "readings"),
    "data_tables": ("mutants_tables", "broken_input", "readings", "destinations", "mutants_numbers"),
    "subscriptions": ("mutants_tables", "invoice", "broken_input", "mutants_invoice"),
    "tariff": ("tariff_text", "mutants_tables", "readings", "prices", "broken_input"),
    "statement_items": ("mutants_statements", "statement"),
    "statement_sums": ("mutants_statements", "statement"),
    "statement_adjust": ("mutants_statements", "mutants_corrections", "statement"),
    "statement_held": ("mutants_months", "statement_held", "statement"),
    "statement_due": ("mutants_months", "mutants_corrections", "statement_due"),
    "statement": ("mutants_statements", "statement"),
    "advice/ladder": ("mutants_advice", "advise_options", "advise"),
    "advice/exact": ("mutants_advice", "advise_options", "advise"),
    "advice/cost": ("mutants_advice", "mutants_advice_draw", "advise_options", "advise"),
    "advice/abroad": ("mutants_advice", "advise_options", "advise"),
    "advice/plan_cost": (
        "mutants_advice",
        "mutants_advice_requests",
        "mutants_advice_month",
        "mutants_advice_draw",
        "advise_options",
        "advise",
    ),
    "advice/choices": ("mutants_advice", "advise_options", "advise"),
    "advice/month": ("mutants_advice_month", "mutants_advice", "advise_options", "advise", "advise_command"),
    "advice/rows": ("mutants_advice", "advise_options", "advise"),
}
"""Module → its tests, the quick ones first, in the order in which the modules are tried."""

_NEAREST = {
    "Add": {"Sub", "Mul"},
    "Sub": {"Add"},
    "Mul": {"Add", "FloorDiv"},
    "Div": {"FloorDiv", "Mul"},
    "FloorDiv": {"Div", "Mul"},
    "Mod": {"FloorDiv"},
    "Pow": {"Mul"},
    "LShift": {"RShift"},
    "BitOr": {"BitAnd"},
    "BitAnd": {"BitOr"},
}
_PROMISES = {"frozen", "slots", "gc"}
_IDENTITY = {"Is", "IsNot"}
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one file."""

    file: str
    operator: str
    occurrence: int
    row: int
    """The line in which it begins, from 1."""

    @property
    def name(self) -> str:
        """The same for the same text of the file."""
        return f"{self.operator}:{self.occurrence}"

    def applied_to(self, text: str) -> str:
        mutated = mutate_code(text, get_operator(f"core/{self.operator}")(), self.occurrence)
        assert mutated is not None, f"{self.file}: {self.name} is no place of this text"
        return str(mutated)


def path_of(module: str) -> str:
    return f"{RATING}/{module}.py"


def tests_of(module: str, root: Path) -> list[str]:
    """Its test files, as far as they exist."""
    names = [f"{TESTS}/test_{name}.py" for name in FACING[module]]
    return [name for name in names if (root / name).exists()]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.exists() else ""


def mutants_of(module: str, root: Path) -> list[Mutant]:
    """Every mutant of a module, in the order of its lines."""
    file = path_of(module)
    silent = _silent((root / file).read_text(encoding="utf-8"))
    found = [
        Mutant(file, spec.operator_name.removeprefix("core/"), spec.occurrence, spec.start_pos[0])
        for item in every_work_item([root / file], {})
        for spec in item.mutations
        if _is_telling(spec.operator_name) and not any(begin <= spec.start_pos < end for begin, end in silent)
    ]
    return sorted(found, key=lambda mutant: (mutant.row, mutant.operator, mutant.occurrence))


def work_items(module: str, root: Path) -> Iterator[WorkItem]:
    """The same for a session of cosmic-ray."""
    for mutant in mutants_of(module, root):
        spec = MutationSpec(
            module_path=mutant.file,
            operator_name=f"core/{mutant.operator}",
            occurrence=mutant.occurrence,
            start_pos=(mutant.row, 0),
            end_pos=(mutant.row, 1),
        )
        yield WorkItem.single(mutant.name, spec)


def _is_telling(operator: str) -> bool:
    kind, _, swap = operator.removeprefix("core/").partition("_")
    was, _, becomes = swap.partition("_")
    if kind == "ReplaceBinaryOperator":
        return becomes in _NEAREST.get(was, set())
    if kind == "ReplaceComparisonOperator":
        return (was in _IDENTITY) == (becomes in _IDENTITY)
    return True


def _silent(text: str) -> list[tuple[Place, Place]]:
    """Where annotations and promises stand: (line, column) of their begin and end."""
    found: list[ast.expr | None] = []
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.FunctionDef(returns=annotation) | ast.arg(annotation=annotation):
                found.append(annotation)
            case ast.AnnAssign(annotation=annotation):
                found.append(annotation)
            case ast.keyword(arg=name, value=value) if name in _PROMISES:
                found.append(value)
    return [
        ((node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or 0))
        for node in found
        if node is not None
    ]
