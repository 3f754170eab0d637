"""How a verb ends: one JSON document on stdout, or one sentence on stderr and a status (architecture §5)."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

DONE = 0
WRONG = 1
BAD_INPUT = 2
_BREAKS = re.compile("[\\x00-\\x1f\\x7f\\x85\\u2028\\u2029]")
"""What would end the one line, or play with the terminal: a sentence may quote what somebody wrote."""


class Failed(Exception):
    """One line naming what and where; `status` is the exit status: 2 bad input, 1 anything else."""

    def __init__(self, message: str, status: int = WRONG) -> None:
        super().__init__(_BREAKS.sub(lambda found: repr(found[0])[1:-1], message))
        self.status = status


def say(answer: Any) -> None:
    """The answer of the command, and nothing else, on stdout."""
    json.dump(answer, sys.stdout, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None)
    sys.stdout.write("\n")
