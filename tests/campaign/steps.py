"""The steps of a campaign: what is run, and what counts as passed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.bench import BENCHES
from tests.campaign.state import ROOT

SEEDS = range(1, 51)
"""A plain run is one more of these: about 2 % of a campaign."""
_PROPERTIES = "hypothesis and not system and not campaign"


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    run: Callable[[], tuple[bool, Any]]
    """Returns whether it passed, and what is to be kept of it."""


def all_steps() -> list[Step]:
    """Long tests first, then every property with every seed, then the figures (they want a quiet machine).

    The mutants come last: they take longest, and have a memory of their own.
    """
    return [*_long_tests(), *_seeds(), *_benches(), Step("mutants of the rater", _mutants)]


def _long_tests() -> Iterator[Step]:
    listed = _pytest("--collect-only", "-m", "campaign")
    for line in listed.stdout.splitlines():
        if "::" in line:
            yield Step(line, lambda node=line: _tested(node, "-m", "campaign"))


def _seeds() -> Iterator[Step]:
    for seed in SEEDS:
        yield Step(
            f"properties, seed {seed}", lambda seed=seed: _tested("-m", _PROPERTIES, f"--hypothesis-seed={seed}")
        )


def _benches() -> Iterator[Step]:
    for name in BENCHES:
        yield Step(f"bench {name}", lambda name=name: _measured(name))


def _mutants() -> tuple[bool, Any]:
    """Goes on where it was, whatever the revision; docs/mutants.md says more."""
    command = [sys.executable, "-m", "tests.campaign.mutants"]
    done = subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.PIPE, text=True)
    return done.returncode == 0, done.stdout.strip()


def _tested(*arguments: str) -> tuple[bool, Any]:
    done = _pytest(*arguments)
    if done.returncode != 0:
        sys.stderr.write(done.stdout[-6000:])
    last = done.stdout.strip().splitlines()[-1:] or [done.stderr[-300:]]
    return done.returncode == 0, last[0].strip("= ")


def _pytest(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    environment = {**os.environ, "HYPOTHESIS_PROFILE": "campaign"}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)


def _measured(name: str) -> tuple[bool, Any]:
    """A figure that misses its aim is a figure all the same: only a bench that fails has not passed."""
    command = [sys.executable, "-m", "tests.bench", name]
    done = subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.PIPE, text=True)
    return done.returncode == 0, json.loads(done.stdout) if done.stdout else None
