"""The box's objections and advice in the reader's language, and the field they belong to.

The core answers in one English line, naming the key (`extensions[2].mobile: …`). Known sentences are said again in
Vietnamese or English; an unknown one is shown as it came: it is better read in English than not at all. A test feeds
every sentence of the core's validation through this table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from web_ui.i18n import instant, month, phone
from web_ui.i18n import lazy_gettext as _l
from web_ui.money_refusals import SENTENCES

_KEY = r"\w+(?:\[\d+\])?(?:\.\w+(?:\[\d+\])?)+"
KEY = re.compile(rf"({_KEY}): ")
NEXT_KEY = re.compile(rf"; (?={_KEY}: )")


def instant_or_same(text: str) -> str:
    """A moment as people write it; what is none as it came."""
    try:
        return instant(text)
    except ValueError:
        return text


@dataclass(frozen=True, slots=True)
class Rule:
    pattern: re.Pattern[str]
    field: str
    text: str
    """With the pattern's named groups; those in `SHOWN` as people write them."""


def _rule(pattern: str, field: str, text: str) -> Rule:
    return Rule(re.compile(pattern), field, text)


RULES = (
    _rule(r"must be 3 to 5 digits", "number", _l("An extension has 3 to 5 digits, and the first is not 0, 7, 8 or 9.")),
    _rule(
        r"100 to 119 are short codes", "number", _l("100 to 119 are short codes and emergency numbers; choose another.")
    ),
    _rule(
        r"begins with the emergency number (?P<number>\d+)",
        "number",
        _l("It begins with the emergency number %(number)s; choose another."),
    ),
    _rule(r"extension (?P<number>\d+) (exists|is there)", "number", _l("Extension %(number)s exists already.")),
    _rule(
        r"extension (?P<number>\d+) begins with extension (?P<other>\d+)",
        "number",
        _l("%(number)s begins with extension %(other)s, so the box could not tell which one is meant."),
    ),
    _rule(
        r"extension (?P<number>\d+) is the beginning of extension (?P<other>\d+)",
        "number",
        _l("%(number)s is the beginning of extension %(other)s, so the box could not tell which one is meant."),
    ),
    _rule(r"extension (?P<number>\d+): there is none", "number", _l("There is no extension %(number)s any more.")),
    _rule(r"needs a name", "name", _l("A name has 1 to 60 characters.")),
    _rule(r"a name is at most", "name", _l("A name has at most 60 characters.")),
    _rule(r"is no Vietnamese mobile number", "mobile", _l("This is no Vietnamese mobile number.")),
    _rule(
        r"(?P<mobile>\+?\d+) of extension \d+ is one of our own lines",
        "mobile",
        _l("%(mobile)s is a line of this box: calls would come back to it."),
    ),
    _rule(
        r"(?P<mobile>\+?\d+) belongs to extension (?P<other>\d+)",
        "mobile",
        _l("%(mobile)s belongs to extension %(other)s already."),
    ),
    _rule(r"must be written (?P<mobile>\+?\d+)", "mobile", _l("Write this number as %(mobile)s.")),
    _rule(
        r"extension (?P<number>\d+) may call outside without a PIN",
        "pin",
        _l("Extension %(number)s may call outside without a PIN. Caller numbers can be forged: set one."),
    ),
    _rule(r"PIN of extension \d+ must be", "pin", _l("A PIN has 4 to 8 digits.")),
    _rule(
        r"recorded without telling",
        "announce",
        _l("Calls are recorded without telling the people in them. The law may ask for the announcement."),
    ),
    _rule(
        r"timers\.(?P<field>\w+).* is outside (?P<low>[\d.]+) to (?P<high>[\d.]+)",
        "",
        _l("From %(low)s to %(high)s seconds."),
    ),
    _rule(
        r"(?P<field>keep_days|keep_gb|tries)\b.* is outside (?P<low>[\d.]+) to (?P<high>[\d.]+)",
        "",
        _l("From %(low)s to %(high)s."),
    ),
    _rule(
        r"was changed by somebody else meanwhile",
        "",
        _l("Somebody else has changed the settings meanwhile. Nothing was saved: check, then save again."),
    ),
    _rule(
        r"not a Vietnamese mobile number",
        "called",
        _l("Messages go to Vietnamese mobile numbers only."),
    ),
    _rule(r"has no prompts", "language", _l("There are no prompts in this language.")),
    _rule(r"no plain file name", "greeting", _l("This is no file name of a greeting.")),
    _rule(
        r"greeting lasts (?P<lasts>\d+) s, at most (?P<most>\d+) s",
        "greeting",
        _l("The greeting lasts %(lasts)s seconds; at most %(most)s are accepted."),
    ),
    _rule(r"greeting lasts .* at least", "greeting", _l("The greeting is too short. Record a whole sentence.")),
    _rule(
        r"holds silence only",
        "greeting",
        _l("The file holds only silence. Check the microphone and record it again."),
    ),
    _rule(r"the file has \d+ MB", "greeting", _l("The file is too large. Save it as MP3 or FLAC.")),
    _rule(r"an SMS needs a text", "text", _l("Enter a text.")),
    _rule(r"needs \d+ messages|\d+ characters; at most", "text", _l("The text is too long for a message.")),
    _rule(r"there is (nothing to undo|no revision)", "", _l("There is nothing to take back.")),
    _rule(
        r"audio|sound file",
        "greeting",
        _l("This file holds no sound that the box can read."),
    ),
)

SHOWN = {"mobile": phone, "when": instant_or_same, "month": month}
"""Groups that people write in a way of their own."""
MONEY_RULES = tuple(_rule(*sentence) for sentence in SENTENCES)


@dataclass(frozen=True, slots=True)
class Objection:
    field: str
    """`number`, `mobile`, `pin`, `first_key_s`…; empty: it concerns none alone."""
    text: str
    path: str = ""
    """Where in the document, `spending.limits[2].vnd`; empty: the core named no key."""

    @property
    def key(self) -> str:
        """The last name of the path, without a position: what a field of a form may be called."""
        return self.path.rpartition(".")[2].partition("[")[0]


def understand_all(sentence: str) -> list[Objection]:
    """A refusal may name several keys: `extensions[0].number: …; extensions[0].mobile: …`."""
    return [understand(part) for part in NEXT_KEY.split(sentence)]


def understand(sentence: str) -> Objection:
    """One line of the core, for the reader."""
    named = KEY.match(sentence)
    path = named[1] if named else ""
    for rule in (*MONEY_RULES, *RULES):
        found = rule.pattern.search(sentence)
        if found:
            said = {name: value or "" for name, value in found.groupdict().items()}
            field = said.pop("field", rule.field)
            said |= {name: SHOWN[name](value) for name, value in said.items() if name in SHOWN}
            return Objection(field, str(rule.text) % said, path)
    return Objection("", sentence, path)
