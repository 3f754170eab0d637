"""The files of rate and invoice: read as text, blamed by the name under which the person gave them."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable, Mapping
from pathlib import Path

from edge.billing.shipped import shipped_tariffs
from edge.commands.answers import BAD_INPUT, Failed
from edge.rating.command import NamedText, load_plans
from edge.rating.errors import RatingInputError
from edge.rating.file_text import text_from


def text_of(path: str) -> str:
    """Raises `Failed` (bad input)."""
    try:
        return text_from(Path(path).read_bytes(), path)
    except OSError as error:
        raise Failed(f"{path}: {error.strerror}", status=BAD_INPUT) from error
    except RatingInputError as error:
        raise Failed(str(error), status=BAD_INPUT) from error


def named(path: str | None) -> NamedText | None:
    return None if path is None else NamedText(path, text_of(path))


def tariffs_of(options: Namespace) -> dict[str, str]:
    """The shipped files, or the plans of `--tariffs DIR` alone; tables that stand beside the plans are then shipped
    ones still where the directory has none of that name.
    """
    shipped = shipped_tariffs()
    folder = options.tariffs
    if folder is None:
        return shipped
    if not Path(folder).is_dir():
        raise Failed(f"--tariffs {folder}: no such directory", status=BAD_INPUT)
    own = [path for path in sorted(Path(folder).iterdir()) if path.suffix in (".toml", ".csv")]
    tables = {name: text for name, text in shipped.items() if name.endswith(".csv")}
    return tables | {path.name: text_of(str(path)) for path in own}


def warn_of(plan: str, tariffs: Mapping[str, str]) -> None:
    """What is legal in a plan's files and yet looks wrong, on stderr. The files have been read without fault."""
    for version in load_plans(tariffs)[plan].versions:
        say_warnings(version.warnings)


def say_warnings(warnings: Iterable[str]) -> None:
    for warning in warnings:
        sys.stderr.write(f"tongdai: warning: {warning}\n")
