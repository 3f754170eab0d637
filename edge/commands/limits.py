"""`tongdai limits`: the limits, what of each is used, and what the fraud guard sees."""

from __future__ import annotations

from argparse import Namespace

from edge.api.messages import GetSpending
from edge.commands.answers import DONE, say
from edge.commands.status import ask


def limits(options: Namespace) -> int:
    """Asks the running box: calls in progress count with what they have cost so far."""
    say(ask(options, GetSpending()))
    return DONE
