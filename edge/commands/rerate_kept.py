"""`tongdai rerate` in two steps, for the page: what differs is kept in a file, looked at, and applied as it was seen.

`python -m edge.commands.rerate_kept reckon --data DIR --from 2026-11 --kept FILE` makes the file of
`edge.api.reckonings`; stdout: its head. `… apply --data DIR --kept FILE --id ID --by NAME` gives its charges to the
core, once: when calls were rated since, the core refuses them, and whoever looks decides. stdout: {"changed"}.
Exit status as `tongdai rerate`.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from edge.api.client import BoxAbsent, BoxRefused
from edge.api.filters import VIETNAM
from edge.api.reckonings import KeptChange, keep, kept_charges, kept_head
from edge.billing.rerate import Reckoning
from edge.commands.answers import Failed, say
from edge.commands.rerating import hand_over, reckoned, tell, unreadable
from edge.commands.status import no_box, places_of
from edge.commands.usage import checked_month
from edge.places import Places
from edge.store.schema import LEDGER_FILE
from edge.store.statement_rows import Usage, usage_of
from edge.store.usage_rows import SentMessage, open_for_reading


def main(arguments: Sequence[str] | None = None) -> int:
    options = _grammar().parse_args(arguments)
    act: Callable[[Namespace], int] = options.act
    try:
        return act(options)
    except Failed as error:
        tell(str(error))
        return error.status


def _grammar() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m edge.commands.rerate_kept")
    verbs = parser.add_subparsers(required=True)
    made = verbs.add_parser("reckon")
    made.add_argument("--from", dest="first_month", required=True)
    made.set_defaults(act=_reckon)
    applied = verbs.add_parser("apply")
    applied.add_argument("--id", required=True)
    applied.add_argument("--by", required=True)
    applied.set_defaults(act=_apply)
    for verb in (made, applied):
        verb.add_argument("--data", required=True)
        verb.add_argument("--kept", type=Path, required=True)
    return parser


def _reckon(options: Namespace) -> int:
    first = checked_month(options.first_month, "--from")
    assert first is not None
    places = places_of(options)
    made = reckoned(places, first)
    head = {
        "id": secrets.token_hex(8),
        "first": first,
        "at": time.time(),
        "basis": made.basis,
        "months": made.month_rows(),
        "changes": len(made.changes),
    }
    try:
        with _place_of_its_own(options.kept) as place:
            keep(place, head, _shown(places, made))
    except sqlite3.Error as error:
        raise unreadable(places, error) from error
    except OSError as error:
        raise Failed(f"the difference cannot be kept: {error.strerror}") from error
    say(head)
    return 0


@contextmanager
def _place_of_its_own(kept: Path) -> Iterator[Path]:
    """Where to make it, moved to its place as a whole.

    A page that is killed leaves its reckoning running; the next one may begin another, and neither may write into, or
    move, what the other has half made. What one left behind that was killed itself goes.
    """
    for torn in kept.parent.glob(f"{kept.name}.*"):
        torn.unlink(missing_ok=True)
    place = kept.with_name(f"{kept.name}.{os.getpid()}")
    try:
        yield place
        place.replace(kept)
    finally:
        place.unlink(missing_ok=True)


def _shown(places: Places, made: Reckoning) -> Iterator[KeptChange]:
    """With what a person knows a call by; by month and time."""
    with closing(open_for_reading(places.data / LEDGER_FILE)) as connection:
        names = [change.after.id for change in made.changes]
        facts = {_name(found.usage): _facts(found.usage) for found in usage_of(connection, names)}
    nothing = (None, None, None)
    told = ((change, facts.get(change.after.id, nothing)) for change in made.changes)
    for change, (at, extension, number) in sorted(told, key=lambda each: (str(each[0].month), each[1][0] or 0.0)):
        when = None if at is None else datetime.fromtimestamp(at, UTC).astimezone(VIETNAM).isoformat(timespec="seconds")
        before = change.before.to_json("")
        yield KeptChange(str(change.month), when, extension, number, before, change.row())


def _name(usage: Usage) -> str:
    return str(usage.message if isinstance(usage, SentMessage) else usage.leg)


def _facts(usage: Usage) -> tuple[float, str | None, str | None]:
    """When, on whose behalf, which number."""
    if isinstance(usage, SentMessage):
        return usage.at, usage.extension, usage.number
    at = usage.started if usage.answered is None else usage.answered
    return at, usage.calling_extension or usage.called_extension, usage.number


def _apply(options: Namespace) -> int:
    places, head = places_of(options), kept_head(options.kept)
    if head is None or head["id"] != options.id:
        raise Failed("this difference is kept no longer")
    try:
        say({"changed": hand_over(places, kept_charges(options.kept), head["basis"], options.by)})
    except BoxAbsent as error:
        raise no_box(places) from error
    except BoxRefused as error:
        raise Failed(str(error)) from error
    except OSError as error:
        raise Failed(f"the charges cannot be handed over: {error.strerror}") from error
    return 0


if __name__ == "__main__":
    sys.exit(main())
