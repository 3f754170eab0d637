"""What is wrong with an imported file, in the reader's language: where, and what about it.

The box says it in one English line, `prices.csv: line 2: vnd_per_min: 'abc' is no whole number of VND (and 1 more)`.
What it says about a plan's file names keys of that file and is shown as it came: whoever writes such a file reads it.
"""

from __future__ import annotations

import re

from web_ui.i18n import gettext as _
from web_ui.i18n import lazy_gettext as _l

_MORE = re.compile(r" \(and (?P<n>\d+) more\)$")
_LINE = re.compile(r"^(?P<file>.+?): line (?P<line>\d+): (?P<what>.*)$", re.DOTALL)
_FILE = re.compile(r"^(?P<file>.+?): (?P<what>byte \d+: not UTF-8|is no TOML: (?P<why>.*))$", re.DOTALL)
SENTENCES = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        (r"^prefix: '(?P<typed>.*)' is no operator prefix", _l("“%(typed)s” is no operator prefix such as 090")),
        (
            r"^prefix: '(?P<typed>.*)' is no country calling code",
            _l("“%(typed)s” is no country code such as 33"),
        ),
        (r"^prefix: (?P<typed>\S+) stands in an earlier line", _l("the prefix %(typed)s stands in an earlier line")),
        (r"^number: '(?P<typed>.*)' is no number", _l("“%(typed)s” is no telephone number")),
        (r"^number: (?P<typed>.*) has a row with the same", _l("%(typed)s has a line of the same day already")),
        (r"^since: '(?P<typed>.*)' is no date", _l("“%(typed)s” is no day such as 2026-03-01")),
        (r"^vnd_per_min: '(?P<typed>.*)' is no whole number", _l("the price “%(typed)s” is no whole number of VND")),
        (r"^(?P<column>\w+): is missing$", _l("the column %(column)s is empty")),
        (r"^(?P<n>\d+) columns, expected (?P<columns>.*)$", _l("%(n)s columns instead of %(columns)s")),
    )
)


def told(sentence: str) -> str:
    """One line of the box about an imported file; one that is not known as it came."""
    more = _MORE.search(sentence)
    if more is not None:
        rest = _("and %(n)s more mistakes", n=more["n"])
        return f"{told(sentence[: more.start()])} ({rest})"
    if found := _LINE.match(sentence):
        return _("%(file)s, line %(line)s: %(what)s", file=found["file"], line=found["line"], what=_what(found["what"]))
    if found := _FILE.match(sentence):
        if found["why"] is None:
            return _("%(file)s: this is no text file in UTF-8. Save it so and try again.", file=found["file"])
        return _("%(file)s: this is no TOML file: %(why)s", file=found["file"], why=found["why"])
    return sentence


def _what(said: str) -> str:
    for pattern, text in SENTENCES:
        if found := pattern.search(said):
            return str(text) % found.groupdict()
    return said
