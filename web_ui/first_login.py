"""`python -m web_ui.first_login --data DIR`: the first login as it stands today. Prints {"user", "secret"}.

The secret is null once it has been changed, or where the page has never run.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from web_ui.store import WebStore
from web_ui.users import FIRST_USER, Users


def first_login(data: Path) -> tuple[str, str | None]:
    """(user, secret)."""
    path = data / "web.db"
    if not path.exists():
        return FIRST_USER, None
    with WebStore(path) as store:
        return Users(store).first_login()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m web_ui.first_login", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    user, secret = first_login(parser.parse_args(arguments).data)
    sys.stdout.write(json.dumps({"user": user, "secret": secret}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
