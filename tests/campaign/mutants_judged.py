"""What came of the mutants: counts per module, and each survivor with its judgement, of the files in judgements/."""

from __future__ import annotations

import ast
import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from cosmic_ray.work_db import use_db

from tests.campaign.mutants_made import Mutant, mutants_of, path_of, tests_of
from tests.campaign.mutants_tried import TIMEOUT, session_path, still_true

VERDICTS = {
    "equivalent": "does the same",
    "slower": "does the same, slower or with more memory",
    "words": "changes the words of a message only",
    "unneeded": "the code has no effect that anybody could see",
    "unproven": "a gap: no test notices it yet",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Why a survivor may live.

    `line` and `becomes` are the line and what the mutant makes of it, without indentation; line numbers are not kept,
    they change with every edit. `becomes` is needed only where not all that the operator makes of the line is meant.
    `operator` may be a pattern ("ReplaceComparisonOperator_*").
    """

    file: str
    function: str
    operator: str
    line: str
    becomes: str | None
    verdict: str
    because: str

    def is_about(self, survivor: Survivor) -> bool:
        return (
            (self.file, self.function, self.line) == (survivor.mutant.file, survivor.function, survivor.line)
            and fnmatchcase(survivor.mutant.operator, self.operator)
            and self.becomes in (None, survivor.becomes)
        )


@dataclass(frozen=True, slots=True)
class Survivor:
    mutant: Mutant
    function: str
    line: str
    becomes: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one module. `killed` counts those that ran out of time too."""

    module: str
    mutants: int
    tried: int
    killed: int
    timeouts: int
    survivors: tuple[Survivor, ...]


def outcome_of(module: str, sessions: Path, root: Path) -> Outcome:
    mutants = {mutant.name: mutant for mutant in mutants_of(module, root)}
    path = session_path(module, sessions, root)
    done: Mapping[str, str] = {}
    if path.exists():
        with use_db(str(path)) as session:
            done = {
                name: killer
                for name, killer in still_true(session, tests_of(module, root), root).items()
                if name in mutants
            }
    text = (root / path_of(module)).read_text(encoding="utf-8")
    survivors = [survivor_of(mutants[name], text) for name, killer in done.items() if not killer]
    survivors.sort(key=lambda survivor: (survivor.mutant.row, survivor.mutant.name))
    timeouts = sum(killer == TIMEOUT for killer in done.values())
    return Outcome(module, len(mutants), len(done), len(done) - len(survivors), timeouts, tuple(survivors))


def survivor_of(mutant: Mutant, text: str) -> Survivor:
    """With the first line that it changes, and what that line becomes ("" if it is taken out)."""
    lines, mutated = text.split("\n"), mutant.applied_to(text).split("\n")
    for kind, begin, end, begin_new, end_new in difflib.SequenceMatcher(None, lines, mutated, False).get_opcodes():
        if kind != "equal":
            was = " ".join(line.strip() for line in lines[begin:end])
            becomes = " ".join(line.strip() for line in mutated[begin_new:end_new])
            return Survivor(mutant, _function_at(text, begin + 1), was, becomes)
    raise AssertionError(f"{mutant.file}: {mutant.name} changes nothing")


def _function_at(text: str, row: int) -> str:
    """`Class.method` around a line, "" outside."""
    names: list[str] = []
    node: ast.AST | None = ast.parse(text)
    while node is not None:
        node = next((each for each in ast.iter_child_nodes(node) if _spans(each, row)), None)
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
    return ".".join(names)


def _spans(node: ast.AST, row: int) -> bool:
    if not isinstance(node, ast.stmt | ast.match_case | ast.excepthandler):
        return False
    if isinstance(node, ast.match_case):
        return node.pattern.lineno <= row <= (node.body[-1].end_lineno or 0)
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
    first = min([node.lineno, *(each.lineno for each in decorators)])
    return first <= row <= (node.end_lineno or node.lineno)


def load_judgements(folder: Path) -> list[Judgement]:
    """Of all its files. Raises ValueError for an entry that lacks something, or has an unknown verdict."""
    return [judgement for path in sorted(folder.glob("*.toml")) for judgement in _judgements_in(path)]


def _judgements_in(path: Path) -> list[Judgement]:
    found = []
    for number, row in enumerate(tomllib.loads(path.read_text(encoding="utf-8")).get("judged", []), start=1):
        fields = {name: str(row.pop(name, "")) for name in ("file", "function", "operator", "line", "because")}
        becomes, verdict = row.pop("becomes", None), row.pop("verdict", "")
        if row or verdict not in VERDICTS or not all(fields[name] for name in ("file", "operator", "line", "because")):
            raise ValueError(f"{path}: judged {number}: a verdict ({', '.join(VERDICTS)}) and all fields are needed")
        found.append(Judgement(**fields, becomes=becomes, verdict=verdict))
    return found


def judgement_on(survivor: Survivor, judgements: Iterable[Judgement]) -> Judgement | None:
    return next((judgement for judgement in judgements if judgement.is_about(survivor)), None)


def not_judged(outcomes: Iterable[Outcome], judgements: list[Judgement]) -> list[Survivor]:
    survivors = (survivor for outcome in outcomes for survivor in outcome.survivors)
    return [survivor for survivor in survivors if judgement_on(survivor, judgements) is None]


def out_of_date(outcomes: Iterable[Outcome], judgements: list[Judgement]) -> list[Judgement]:
    """Judgements on no survivor, of modules whose mutants were all tried."""
    complete = [outcome for outcome in outcomes if outcome.tried == outcome.mutants]
    files = {path_of(outcome.module) for outcome in complete}
    survivors = [survivor for outcome in complete for survivor in outcome.survivors]
    return [
        judgement
        for judgement in judgements
        if judgement.file in files and not any(judgement.is_about(survivor) for survivor in survivors)
    ]


# ---- the page

HEAD = """\
# Mutants of the rater

Written by `make campaign` (or `python -m tests.campaign.mutants`). A mutant is the rater with one small mistake put
in: `<` for `<=`, 61 for 60, a `not` too many, a loop that never runs. The tests of the module are run on each; a mutant
that they fail on is killed. One that passes all of them has survived: it shows a place where the tests look away, or
code whose change makes no difference. Each survivor is listed here with a judgement (kept in
`tests/campaign/judgements`); a survivor without one fails the campaign.

The mutants and their sessions are cosmic-ray's; left out are those of annotations (never evaluated), of `frozen`,
`slots` and `gc`, and of operators that nobody mistakes for one another. They are made in a copy of the checkout. The
runner of cosmic-ray starts pytest anew for each (0.7 s of processor time before the first test), with a limit by the
clock, which says nothing on a busy machine; here each is tried in a process forked from one that has pytest and the
libraries loaded (0.3 s), the tests that killed lately go first, and the limit is by processor time: twice what all the
tests take.

Properties look at few examples, the same in every run. While the module stays as it is, the next run takes over a kill
as long as the test file that killed is the same, and tries a survivor only with the test files that have changed;
`--again` forgets everything.
"""


def page(outcomes: list[Outcome], judgements: list[Judgement]) -> str:
    lines = [HEAD, *_table(outcomes), "", "## Survivors", ""]
    lines += ["Verdicts: " + "; ".join(f"*{name}*: {meaning}" for name, meaning in VERDICTS.items()) + ".", ""]
    for outcome in outcomes:
        if outcome.survivors:
            lines += [f"### {outcome.module}", ""]
            lines += [_line(survivor, judgements) for survivor in outcome.survivors] + [""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _table(outcomes: list[Outcome]) -> list[str]:
    lines = [
        "| module | mutants | tried | killed | of them by the time limit | survived |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    counts = [(each.mutants, each.tried, each.killed, each.timeouts, len(each.survivors)) for each in outcomes]
    names = [*(each.module for each in outcomes), "**all**"]
    sums = tuple(sum(column) for column in zip(*counts, strict=True))
    rows = zip(names, [*counts, sums], strict=True)
    return lines + [f"| {name} | " + " | ".join(str(count) for count in row) + " |" for name, row in rows]


def _line(survivor: Survivor, judgements: list[Judgement]) -> str:
    mutant, judgement = survivor.mutant, judgement_on(survivor, judgements)
    verdict = "**not judged**" if judgement is None else f"*{judgement.verdict}*: {judgement.because}"
    change = f"`{survivor.line}` → `{survivor.becomes}`" if survivor.becomes else f"`{survivor.line}` taken out"
    return f"- line {mutant.row} `{survivor.function}`, {mutant.operator}: {change}. {verdict}"
