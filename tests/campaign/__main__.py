"""`python -m tests.campaign [--only WORD] [--list] [--again]`: runs what is not done yet, writes docs/figures.md."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime

from tests.campaign import page
from tests.campaign.state import State, revision
from tests.campaign.steps import Step, all_steps


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("--only", default="", metavar="WORD", help="steps with this word in their name, such as bench")
    parser.add_argument("--list", action="store_true", help="only say what is done and what is not")
    parser.add_argument("--again", action="store_true", help="forget what was done for this revision")
    options = parser.parse_args()
    state = State.load(revision())
    if options.again:
        state.forget()
    steps = [step for step in all_steps() if options.only in step.name]
    if options.list:
        for step in steps:
            sys.stdout.write(f"{'done' if state.passed(step.name) else 'open'}  {step.name}\n")
        return 0
    for number, step in enumerate(steps, start=1):
        if not state.passed(step.name):
            _run(step, state, f"{number}/{len(steps)}")
    page.write_from(state)
    failed = [step.name for step in steps if not state.passed(step.name)]
    for name in failed:
        sys.stderr.write(f"failed: {name}\n")
    return 1 if failed else 0


def _run(step: Step, state: State, place: str) -> None:
    sys.stderr.write(f"{place} {step.name} …\n")
    began = time.monotonic()
    passed, result = step.run()
    took_s = round(time.monotonic() - began, 1)
    finished = datetime.now(UTC).isoformat(timespec="seconds")
    state.keep(step.name, {"passed": passed, "took_s": took_s, "finished": finished, "result": result})
    sys.stderr.write(f"{place} {step.name}: {'passed' if passed else 'FAILED'} in {took_s} s\n")


if __name__ == "__main__":
    sys.exit(main())
