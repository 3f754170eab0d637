"""`tongdai rate`: reads the files, hands their texts to the pure rater, prints JSON lines or one line of blame."""

from __future__ import annotations

import sys
from argparse import Namespace

from edge.commands.answers import BAD_INPUT, Failed
from edge.commands.rating_files import named, tariffs_of, text_of, warn_of
from edge.rating.command import run_rate
from edge.rating.errors import RatingInputError


def rate(options: Namespace) -> int:
    """One JSON line per usage record, in the order of the input; nothing at all when anything is wrong."""
    tariffs = tariffs_of(options)
    try:
        lines = run_rate(
            options.plan,
            text_of(options.usage),
            options.usage,
            tariffs,
            named(options.ported),
            named(options.idd),
            named(options.bundles),
        )
    except RatingInputError as error:
        raise Failed(str(error), status=BAD_INPUT) from error
    warn_of(options.plan, tariffs)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0
