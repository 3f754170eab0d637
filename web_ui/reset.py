"""`python -m web_ui.reset --data DIR NAME`: a new secret for somebody who lost his. Prints {"user", "secret"}.

Exit 2 for an unknown user, with one line on stderr.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from web_ui.errors import UnknownUser
from web_ui.users import reset_user


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m web_ui.reset", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    parser.add_argument("name", metavar="NAME")
    given = parser.parse_args(arguments)
    try:
        secret = reset_user(given.data, given.name)
    except UnknownUser as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(json.dumps({"user": given.name, "secret": secret}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
