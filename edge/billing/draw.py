"""Reckons a statement that is to be closed, in a process of its own: `python -m edge.billing.draw`. Writes no store.

stdin: one JSON object {"data", "month", "kind", "by", "now", "numbers"}; stdout: the fields of `DrawnStatement`, one
JSON object. Exit status 1 with one line on stderr when it cannot be reckoned.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from edge.api.statements import pack, summary
from edge.billing.statements import Books
from edge.rating.errors import RatingError
from edge.rating.instant import Month
from edge.rating.invoice_command import parse_period
from edge.rating.statement_due import Kind
from edge.store.errors import StoreError
from edge.store.schema import LEDGER_FILE
from edge.store.statements import DrawnStatement
from edge.store.usage_rows import open_for_reading


def reckon_to_close(asked: dict[str, Any]) -> DrawnStatement:
    """Raises RatingError, StoreError, msgspec.DecodeError and sqlite3.Error as they come."""
    month: Month = parse_period(asked["month"])
    with closing(open_for_reading(Path(asked["data"]) / LEDGER_FILE)) as connection:
        books = Books(connection, asked["now"], asked["numbers"])
        made = books.reckon(month, Kind(asked["kind"]), drawn=True, by=asked["by"])
    document = made.document
    return DrawnStatement(
        statement=str(month),
        kind=asked["kind"],
        plan=document["plan"]["name"],
        drawn=asked["now"],
        total_vnd=document["total_vnd"],
        document=pack(document),
        summary=summary(document),
        charges=json.dumps(made.charges),
        closed_before=made.closed_before,
    )


def main() -> int:
    os.nice(10)  # calls come first
    try:
        made = reckon_to_close(json.load(sys.stdin))
    except (RatingError, StoreError, msgspec.DecodeError, sqlite3.Error) as error:
        sys.stderr.write(f"{' '.join(str(error).split())}\n")
        return 1
    json.dump(asdict(made), sys.stdout, ensure_ascii=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
