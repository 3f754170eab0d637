"""Why a line is down, a message failed, a call had no sound, an alarm stands: the box's sentences, for people.

Core and drivers write one English line for the log, with paths, commands and codes in it. Here the known ones are said
again as something that a person can act on; an unknown one is shown as it came.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from web_ui.i18n import decimal, grouped, month
from web_ui.i18n import lazy_gettext as _l

Rules = Sequence[tuple[re.Pattern[str], str]]


def _rules(*pairs: tuple[str, str]) -> Rules:
    return tuple((re.compile(pattern), text) for pattern, text in pairs)


ALARMS = _rules(
    (
        r"^supervisor: its port (cannot be opened|was lost): [^;]*?(?P<port>/[^:;\s']+)",
        _l(
            "The board's port %(port)s cannot be had, so nobody guards the box. Check the board on its pins, its USB "
            "cable or UART, and the board's port in the box's configuration."
        ),
    ),
    (
        r"^supervisor: its firmware (?P<version>\S+) and this box",
        _l("The firmware %(version)s of the board and the box do not understand each other. Update the firmware."),
    ),
    (
        r"^supervisor: (no hello|its hello)",
        _l(
            "The board answers something that the box does not understand, so nobody guards the box. Update its "
            "firmware, or check the board on its pins."
        ),
    ),
    (
        r"^supervisor: ",
        _l("The board does not answer, so nobody guards the box. Check that it has power and sits well on its pins."),
    ),
    (
        r"^board: ",
        _l(
            "The board cannot be had; the box works without it. Check the board on its pins, and its pins in the "
            "box's configuration."
        ),
    ),
    (r"^supply: (?P<volt>\d+\.\d+) V", _l("The supply is down to %(volt)s V. Check the power supply.")),
    (r"^temperature: (?P<degrees>-?\d+) °C", _l("The box is %(degrees)s °C hot. Give it air.")),
    (
        r"^modem (?P<slots>\d[\d, ]*): does not come back",
        _l("Modem %(slots)s does not come back after its power was cut. Check it and the board."),
    ),
    (
        r"^Spending control failed",
        _l("Spending control failed: calls are not limited now. The details are in the log of the box."),
    ),
    (
        r"storage: only (?P<free>\d+) MB free",
        _l(
            "Only %(free)s MB of storage are free, so calls are no longer recorded. Calls go on. Delete recordings or "
            "keep them for a shorter time."
        ),
    ),
    (
        r"billing: (?P<n>\d+) stored charges of (?P<month>\S+) are not by the tables",
        _l("%(n)s charges of %(month)s were reckoned by older prices or settings."),
    ),
    (r"^billing: (?P<what>.*)", _l("Price tables or plan: %(what)s")),
    (r"no clock yet", _l("The box has no clock yet: the times of calls are filled in as soon as it has one.")),
)
SIM = _rules(
    (r"SIM: absent", _l("No SIM card. Put one in, or check that it sits well.")),
    (r"SIM: pin-required", _l("The SIM card asks for its PIN. Write the PIN into the box's configuration.")),
    (r"SIM: puk-required", _l("The SIM card is locked. Unlock it in a telephone with its PUK.")),
    (r"SIM: failure", _l("The SIM card does not work. Clean it or try another one.")),
)
SOUND = _rules(
    (r"refused \S+ for \d+ s|PCM port", _l("The modem does not open its sound.")),
    (r"No space left", _l("No storage is left.")),
    (r"^recording \S+: ", _l("The file could not be written.")),
)
MESSAGE = _rules(
    (r"no line had service", _l("No line had service for too long.")),
    (
        r"was refused: (?P<code>\+CM[ES] ERROR: \d+)",
        _l("The network did not take the message (%(code)s). Check the number and the SIM's credit."),
    ),
    (r"needs \d+ messages", _l("The text is too long for a message.")),
    (r"has no modem|modem is not ready|modem was lost", _l("The line had no working modem.")),
    (r"box was stopped|box went down|driver was closed", _l("The box was shut down.")),
)
MODEM = _rules(
    (r"the board switches it off", _l("The board switches the modem off.")),
    (
        r"(device is gone|port was lost|read failed|write failed|port closed)",
        _l("The modem was unplugged or has no power."),
    ),
    (r"port cannot be opened", _l("The modem cannot be found. Check that it is plugged in and has power.")),
    (
        r"no answer to AT|does not answer AT|no answer in time|no prompt",
        _l("The modem does not answer. The box tries again by itself."),
    ),
    (r"(module|modem) restarted", _l("The modem has restarted.")),
    (r"switched itself off", _l("The modem has switched itself off. Check its power supply.")),
    (
        r"starting over|stale call survives",
        _l("The modem answered something unexpected. The box sets it up once more."),
    ),
    (
        r"fits several families|no profile for",
        _l("The box does not know this kind of modem. Name its family in the box's configuration."),
    ),
    (r"fault in the driver", _l("A fault of the box with this modem. It is tried again; the details are in the log.")),
)
RULES = (*ALARMS, *SIM, *SOUND, *MESSAGE, *MODEM)


def say(sentence: str | None) -> str:
    """A sentence with its full stop, or the box's own words where they are not known; empty for none."""
    for pattern, text in RULES:
        found = pattern.search(sentence or "")
        if found:
            said = found.groupdict()
            return str(text) % (said | {name: show(said[name]) for name, show in _SHOWN.items() if name in said})
    return sentence or ""


def board_lost(reason: str) -> str:
    """Why the board is away, as its alarm says it."""
    return say(f"supervisor: {reason}")


def _grouped(count: str) -> str:
    return grouped(int(count))


_SHOWN: Mapping[str, Callable[[str], str]] = {"month": month, "n": _grouped, "volt": decimal}
