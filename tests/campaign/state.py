"""What of a campaign is done, in one JSON file per revision of the code: an interrupted campaign goes on where it was.

A revision is the commit, and what differs from it in the working tree: changed code begins a campaign anew.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "var" / "campaign"
PAGE = "docs/figures.md"
WRITTEN = (PAGE, "docs/mutants.md")
"""Written by the campaign itself: a new version of them is no new code."""


def revision() -> str:
    """`1a2b3c4d5e6f`, followed by `+` and a digest of what is not committed. `unversioned` outside a checkout."""
    try:
        commit = _git("rev-parse", "--short=12", "HEAD").decode().strip()
        changed = _git("diff", "HEAD", "--", ".", *(f":!{page}" for page in WRITTEN))
        fresh = _git("ls-files", "--others", "--exclude-standard", "-z").split(b"\0")
    except (OSError, subprocess.CalledProcessError):
        return "unversioned"
    digest = hashlib.sha256(changed)
    for name in filter(None, fresh):
        digest.update(name + (ROOT / name.decode()).read_bytes())
    dirty = bool(changed) or any(fresh)
    return f"{commit}+{digest.hexdigest()[:8]}" if dirty else commit


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True).stdout


@dataclass(slots=True)
class State:
    """`steps`: name → {"passed", "took_s", "finished", "result"}; kept after each step."""

    path: Path
    revision: str
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def load(cls, code: str, folder: Path = FOLDER) -> State:
        path = folder / f"{code}.json"
        if not path.exists():
            return cls(path, code)
        return cls(path, code, json.loads(path.read_text(encoding="utf-8"))["steps"])

    def passed(self, step: str) -> bool:
        return bool(self.steps.get(step, {}).get("passed"))

    def keep(self, step: str, done: dict[str, Any]) -> None:
        self.steps[step] = done
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps({"revision": self.revision, "steps": self.steps}, indent=1), encoding="utf-8")
        fresh.replace(self.path)

    def forget(self) -> None:
        self.steps = {}
        self.path.unlink(missing_ok=True)
