"""`tongdai user reset`: logins belong to the page's own process and file, so its own program is started for it."""

from __future__ import annotations

import subprocess
import sys
from argparse import Namespace

from edge.commands.status import no_box, places_of


def reset(options: Namespace) -> int:
    """Prints {"user", "secret"}; the secret works once and must be changed."""
    places = places_of(options)
    if not places.data.is_dir():
        raise no_box(places)
    command = [sys.executable, "-m", "web_ui.reset", "--data", str(places.data), options.name]
    return subprocess.run(command, check=False).returncode
