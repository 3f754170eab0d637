"""`python -m tests.campaign.mutants`: small mistakes are put into the rater, one at a time, and the tests must notice.

Goes on where it was. Exit status: 0 if every mutant was tried and each survivor is judged (in judgements/), else 1.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.campaign.mutants_judged import (
    Judgement,
    Outcome,
    Survivor,
    load_judgements,
    not_judged,
    out_of_date,
    outcome_of,
    page,
)
from tests.campaign.mutants_made import FACING
from tests.campaign.state import ROOT

PAGE = "docs/mutants.md"
JUDGEMENTS = Path(__file__).with_name("judgements")
SESSIONS = ROOT / "var" / "mutants"
_LEFT_BEHIND = (".git", ".venv", "var", "node_modules", "__pycache__", ".*_cache", ".hypothesis", "*.egg-info")
_A_DAY_MIN = 24 * 60


def main() -> int:
    options = _arguments()
    modules = [module for module in FACING if not options.only or module in options.only]
    if options.again:
        shutil.rmtree(options.sessions, ignore_errors=True)
    options.sessions.mkdir(parents=True, exist_ok=True)
    judgements = load_judgements(JUDGEMENTS)
    with ExitStack() as stack:
        if options.report:
            root = ROOT
        else:
            copies = [stack.enter_context(_copy()) for _ in range(options.workers)]
            _try_in(copies, modules, options)
            root = copies[0]
        is_part = options.every > 1
        outcomes = [outcome_of(module, options.sessions, root) for module in (modules if is_part else FACING)]
    if not is_part:
        (ROOT / PAGE).write_text(page(outcomes, judgements), encoding="utf-8")
    chosen = [outcome for outcome in outcomes if outcome.module in modules]
    return _verdict(chosen, judgements, is_part=is_part)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.campaign.mutants", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=FACING, metavar="MODULE", help=f"of {', '.join(FACING)}")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth mutant; writes no page")
    parser.add_argument("--minutes", type=float, default=_A_DAY_MIN, help="begin none after so many")
    parser.add_argument("--workers", type=int, default=1, choices=(1, 2))
    parser.add_argument("--sessions", type=Path, default=SESSIONS, metavar="DIR", help="where results are kept")
    parser.add_argument("--report", action="store_true", help="try none, only write the page")
    parser.add_argument("--again", action="store_true", help="forget all results")
    return parser.parse_args()


@contextmanager
def _copy() -> Iterator[Path]:
    """A copy of the checkout that may be spoilt; times are kept, so compiled files stay good."""
    with tempfile.TemporaryDirectory(prefix="tongdai-mutants-") as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*_LEFT_BEHIND))
        yield copy


def _try_in(copies: list[Path], modules: list[str], options: argparse.Namespace) -> None:
    """One low-priority process per copy; each has modules of its own."""
    until = time.time() + 60 * options.minutes
    arguments = [str(options.sessions.resolve()), str(options.every), str(until)]
    command = ["nice", "-n", "15", sys.executable, "-m", "tests.campaign.mutants_tried", *arguments]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    running = [
        subprocess.Popen([*command, *modules[number :: len(copies)]], cwd=copy, env=environment, stdout=sys.stderr)
        for number, copy in enumerate(copies)
    ]
    statuses = [each.wait() for each in running]
    if any(statuses):
        raise SystemExit(1)


def _verdict(outcomes: list[Outcome], judgements: list[Judgement], *, is_part: bool) -> int:
    mutants, tried = sum(each.mutants for each in outcomes), sum(each.tried for each in outcomes)
    unjudged, old = not_judged(outcomes, judgements), out_of_date(outcomes, judgements)
    for survivor in unjudged:
        sys.stderr.write(f"not judged: {_told(survivor)}\n")
    for judgement in old:
        sys.stderr.write(f"no such survivor any more: {judgement.file}: {judgement.operator}: {judgement.line}\n")
    killed, timeouts = sum(each.killed for each in outcomes), sum(each.timeouts for each in outcomes)
    sys.stdout.write(
        f"{mutants} mutants, {tried} tried, {killed} killed ({timeouts} by the time limit), {tried - killed} survived, "
        f"{len(unjudged)} not judged\n"
    )
    is_complete = tried > 0 if is_part else tried == mutants
    return 0 if is_complete and not unjudged and not old else 1


def _told(survivor: Survivor) -> str:
    mutant = survivor.mutant
    return f"{mutant.file}:{mutant.row} {survivor.function} {mutant.operator}: {survivor.line} -> {survivor.becomes}"


if __name__ == "__main__":
    sys.exit(main())
