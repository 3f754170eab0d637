"""Keys that the module reports, each press once: some modules report one tone twice (modem-facts §18, 15).

Telephones make a tone of at least 65 ms and a pause as long; people and machines rarely come below 200 ms from key to
key, so the same key within less is an echo. That the box may hear the same tone in the voice is the media room's
business: it merges both sources.
"""

from __future__ import annotations

from edge.telephony import Moment

ECHO_S = 0.15
KEYS = frozenset("0123456789*#ABCD")


class KeyFilter:
    def __init__(self) -> None:
        self._last_key = ""
        self._last_report = 0.0

    def accepts(self, key: str, now: Moment) -> bool:
        """True the first time that this press is reported."""
        if key not in KEYS:
            return False
        echo = key == self._last_key and now.mono - self._last_report < ECHO_S
        if not echo:
            self._last_key, self._last_report = key, now.mono
        return not echo
