"""`tongdai rate`: reads the files, hands their texts to the pure rater, prints JSON lines or one line of blame."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from edge.billing import shipped_tariffs
from edge.commands.answers import BAD_INPUT, Failed
from edge.rating.command import NamedText, run_rate
from edge.rating.errors import RatingInputError


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise Failed(f"{path}: {error.strerror}", status=BAD_INPUT) from error
    except UnicodeDecodeError as error:
        raise Failed(f"{path}: byte {error.start}: not UTF-8", status=BAD_INPUT) from error


def _named(path: str | None) -> NamedText | None:
    return None if path is None else NamedText(path, _text(path))


def _tariffs(folder: str | None) -> dict[str, str]:
    """The shipped files, or the plans of `folder` alone; tables that stand beside the plans are then shipped ones still
    where `folder` has none of that name.
    """
    shipped = shipped_tariffs()
    if folder is None:
        return shipped
    if not Path(folder).is_dir():
        raise Failed(f"--tariffs {folder}: no such directory", status=BAD_INPUT)
    own = [path for path in sorted(Path(folder).iterdir()) if path.suffix in (".toml", ".csv")]
    tables = {name: text for name, text in shipped.items() if name.endswith(".csv")}
    return tables | {path.name: _text(str(path)) for path in own}


def rate(options: Namespace) -> int:
    """One JSON line per usage record, in the order of the input; nothing at all when anything is wrong."""
    try:
        lines = run_rate(
            options.plan,
            _text(options.usage),
            options.usage,
            _tariffs(options.tariffs),
            _named(options.ported),
            _named(options.idd),
            _named(options.bundles),
        )
    except RatingInputError as error:
        raise Failed(str(error), status=BAD_INPUT) from error
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0
