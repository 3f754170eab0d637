"""What is wrong with an imported file, in the reader's language: where, and what about it.

The box says it in one English line, `prices.csv: line 2: vnd_per_min: 'abc' is no whole number of VND (and 1 more)`.
What can be wrong inside a plan's file stands in `plan_refusals`.
"""

from __future__ import annotations

import re

from web_ui.i18n import gettext as _
from web_ui.i18n import grouped, money
from web_ui.i18n import lazy_gettext as _l
from web_ui.plan_refusals import PLAN, Sentences, sentences
from web_ui.refusals import understand

_MORE = re.compile(r" \(and (?P<n>\d+) more\)$")
_LINE = re.compile(r"^(?P<file>.+?): line (?P<line>\d+): (?P<what>.*)$", re.DOTALL)
_BYTES = re.compile(r"^(?P<file>.+?): (?:line \d+: )?byte \d+\b.* not UTF-8$", re.DOTALL)
_NO_TOML = re.compile(
    r"^(?P<file>.+?): is no TOML: .* \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$", re.DOTALL
)
_WHOLE = re.compile(r"^(?P<file>.+?): (?P<what>holds no destination|larger than (?P<most>\d+) MB)$", re.DOTALL)
_SETTINGS = re.compile(r"^(?P<file>.+?): the settings would not hold any more: (?P<what>.*)$", re.DOTALL)
_TABLE = r"(?P<table>\[[^:]*\])(?:, row (?P<row>\d+))?: "
_PLAN = re.compile(rf"^(?P<file>.+?): (?:{_TABLE})?(?P<what>.*)$", re.DOTALL)
_LISTED = re.compile(
    r"bundle (?P<number>\d+): (?P<listed>\d+) VND/min × (?P<minutes>\d+) min is (?P<sum>\d+), "
    r"not its price (?P<price>\d+); .*"
)
SENTENCES = sentences(
    (r"prefix: '(?P<typed>.*)' is no operator prefix.*", _l("“%(typed)s” is no operator prefix such as 090")),
    (r"prefix: '(?P<typed>.*)' is no country calling code.*", _l("“%(typed)s” is no country code such as 33")),
    (r"prefix: (?P<typed>\S+) stands in an earlier line", _l("the prefix %(typed)s stands in an earlier line")),
    (
        r"prefix: (?P<typed>\S+) of plan (?P<plan>\S+) stands in an earlier line",
        _l("the prefix %(typed)s of the plan %(plan)s stands in an earlier line"),
    ),
    (r"prefix: (?P<typed>\S+) lies in Vietnam", _l("the prefix %(typed)s lies in Vietnam")),
    (r"number: '(?P<typed>.*)' is no number", _l("“%(typed)s” is no telephone number")),
    (r"number: (?P<typed>.*) has a row with the same.*", _l("%(typed)s has a line of the same day already")),
    (r"since: '(?P<typed>.*)' is no date.*", _l("“%(typed)s” is no day such as 2026-03-01")),
    (r"vnd_per_min: '(?P<typed>.*)' is no whole number.*", _l("the price “%(typed)s” is no whole number of VND")),
    (
        r"plan: '(?P<typed>.*)' is unknown; there are: (?P<known>.*)",
        _l("there is no plan “%(typed)s”; there are %(known)s"),
    ),
    (r"plan: (?P<plan>\S+) has no international section", _l("the plan %(plan)s has no international prices")),
    (r"offer: '(?P<typed>.*)' is none of (?P<known>.*)", _l("“%(typed)s” is none of %(known)s")),
    (
        r"offer: plan (?P<plan>\S+) has no price for preferred destinations",
        _l("the plan %(plan)s has no price for preferred destinations"),
    ),
    (
        r"offer: plan (?P<plan>\S+) has no discount for destinations",
        _l("the plan %(plan)s has no discount for destinations"),
    ),
    (r"name: .* must be a name without /", _l("a destination needs a name without /")),
    (r"(?P<column>\w+): is missing", _l("the column %(column)s is empty")),
    (r"(?P<n>\d+) columns, expected (?P<columns>.*)", _l("%(n)s columns instead of %(columns)s")),
)


def told(sentence: str) -> str:
    """One line of the box about an imported file; one that is not known as it came."""
    more = _MORE.search(sentence)
    if more is not None:
        rest = _("and %(n)s more mistakes", n=more["n"])
        return f"{told(sentence[: more.start()])} ({rest})"
    if found := _BYTES.match(sentence):
        return _("%(file)s: this is no text file in UTF-8. Save it so and try again.", file=found["file"])
    if found := _LINE.match(sentence):
        what = _said(SENTENCES, found["what"]) or found["what"]
        return _("%(file)s, line %(line)s: %(what)s", file=found["file"], line=found["line"], what=what)
    if found := _NO_TOML.match(sentence):
        return _no_toml(found)
    if found := _SETTINGS.match(sentence):
        what = understand(found["what"]).text
        return _(
            "%(file)s: what the company has bought would not hold any more: %(what)s", file=found["file"], what=what
        )
    return _whole(sentence) or _plan(sentence) or sentence


def warned(sentence: str) -> str:
    """What the box finds odd in a file that it took; what is not known as it came."""
    found = _PLAN.match(sentence)
    listed = None if found is None else _LISTED.fullmatch(found["what"])
    if found is None or listed is None:
        return sentence
    what = _(
        "bundle %(number)s: %(listed)s a minute × %(minutes)s minutes is %(sum)s, not its price %(price)s; the price "
        "is what is charged",
        number=listed["number"],
        minutes=grouped(int(listed["minutes"])),
        **{name: money(int(listed[name])) for name in ("listed", "sum", "price")},
    )
    return _placed(found, what)


def _no_toml(found: re.Match[str]) -> str:
    if found["line"] is None:
        return _("%(file)s: this is no TOML: something is missing at its end", file=found["file"])
    where = {"file": found["file"], "line": found["line"], "column": found["column"]}
    return _("%(file)s, line %(line)s, column %(column)s: this is no TOML", **where)


def _whole(sentence: str) -> str | None:
    found = _WHOLE.match(sentence)
    if found is None:
        return None
    if found["most"] is not None:
        return _("%(file)s: the file is larger than %(most)s MB", file=found["file"], most=found["most"])
    return _("%(file)s: there is no destination in it", file=found["file"])


def _plan(sentence: str) -> str | None:
    found = _PLAN.match(sentence)
    what = None if found is None else _said(PLAN, found["what"])
    return None if found is None or what is None else _placed(found, what)


def _placed(found: re.Match[str], what: str) -> str:
    """With file, table and row."""
    if found["table"] is None:
        return f"{found['file']}: {what}"
    if found["row"] is None:
        return f"{found['file']}, {found['table']}: {what}"
    return _("%(file)s, %(table)s, row %(row)s: %(what)s", **found.groupdict() | {"what": what})


def _said(known: Sentences, said: str) -> str | None:
    for pattern, text in known:
        if found := pattern.fullmatch(said):
            return str(text) % found.groupdict()
    return None
