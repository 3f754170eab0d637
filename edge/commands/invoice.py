"""`tongdai invoice`: the same files as `rate`, and what is subscribed → the invoice of a month as one JSON document."""

from __future__ import annotations

import sys
from argparse import Namespace

from edge.commands.answers import BAD_INPUT, Failed
from edge.commands.rating_files import named, tariffs_of, text_of, warn_of
from edge.rating.command import NamedText
from edge.rating.errors import RatingInputError
from edge.rating.invoice_command import run_invoice


def invoice(options: Namespace) -> int:
    """Nothing on stdout when anything is wrong."""
    tariffs = tariffs_of(options)
    try:
        document = run_invoice(
            options.plan,
            options.period,
            NamedText(options.subscriptions, text_of(options.subscriptions)),
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
    sys.stdout.write(f"{document}\n")
    return 0
