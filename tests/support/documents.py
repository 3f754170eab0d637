"""Makes the generated parts of the documents: `python -m tests.support.documents [--check]`.

The parts stand between cog marks and call the functions below, so that a document cannot drift from the code.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from cogapp import Cog

ROOT = Path(__file__).parent.parent.parent


def documents() -> list[Path]:
    """Those with cog marks."""
    candidates = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [path for path in candidates if path.exists() and "[[[cog" in path.read_text(encoding="utf-8")]


def state_diagram() -> str:
    """The life of a call, drawn from its transition table (mermaid)."""
    from edge.calls.transitions import TRANSITIONS

    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> greeting"]
    for stage, row in TRANSITIONS.items():
        by_target: dict[str, list[str]] = {}
        for trigger, transition in row.items():
            for target in transition.to:
                if target is not stage:
                    by_target.setdefault(target.value, []).append(trigger.value)
        lines += [f"    {stage.value} --> {target}: {', '.join(why)}" for target, why in by_target.items()]
    return "\n".join([*lines, "    ending --> [*]", "```"])


def command_help() -> str:
    """`tongdai --help` and that of every verb."""
    from edge.cli import build_parser

    parts = []
    for name, parser in _parsers("tongdai", build_parser()):
        parser.prog = name
        parts.append(f"## {name}\n\n```\n{parser.format_help().strip()}\n```\n")
    return "\n".join(parts)


def _parsers(name: str, parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    yield name, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, child in action.choices.items():
                yield from _parsers(f"{name} {word}", child)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether a document is out of date")
    options = parser.parse_args()
    import os

    os.environ["COLUMNS"] = "100"
    found = [str(path) for path in documents()]
    arguments = ["cog", "-I", str(ROOT), *(["--check"] if options.check else ["-r"]), *found]
    return int(Cog().main(arguments))


if __name__ == "__main__":
    sys.exit(main())
