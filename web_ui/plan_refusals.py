"""What is wrong inside a plan's file (TOML), in the reader's language: table and row as the file has them, and why.

The box names key and fault, `[voice.tiers.off_net], row 2: from: 1100 leaves a gap, 1001 comes next`; the sentences of
`edge/rating/toml_reader.py` and of what reads by it. A test breaks a plan in every way and looks for each of them here.
"""

from __future__ import annotations

import re

from web_ui.i18n import lazy_gettext as _l

Sentences = tuple[tuple[re.Pattern[str], str], ...]


def sentences(*pairs: tuple[str, str]) -> Sentences:
    """Patterns for the whole of what is said, each with the text for the reader."""
    return tuple((re.compile(pattern, re.DOTALL), text) for pattern, text in pairs)


_KEY = r"(?P<key>[^:]+): "
ANY_KEY: Sentences = sentences(
    (_KEY + r"is missing", _l("%(key)s is missing")),
    (_KEY + r"unknown key", _l("%(key)s: there is no such key")),
    (_KEY + r"must be a text, not (?P<typed>.*)", _l("%(key)s must be a text in quotes, not %(typed)s")),
    (
        _KEY + r"must be a whole number from (?P<least>\d+) up, not (?P<typed>.*)",
        _l("%(key)s must be a whole number from %(least)s up, not %(typed)s"),
    ),
    (
        _KEY + r"must be a date such as 2019-03-01, not (?P<typed>.*)",
        _l("%(key)s must be a day such as 2019-03-01, without quotes, not %(typed)s"),
    ),
    (_KEY + r"must be a list of texts", _l("%(key)s must be a list of texts in quotes")),
    (_KEY + r"must be a list of rows", _l("%(key)s must be a list of rows")),
    (_KEY + r"must be a table", _l("%(key)s must be a table")),
    (_KEY + r"(?P<typed>.*) is none of (?P<known>.*)", _l("%(key)s: %(typed)s is none of %(known)s")),
)
BANDS: Sentences = sentences(
    (
        r"from: (?P<from>\d+) leaves a gap, (?P<next>\d+) comes next",
        _l("from %(from)s leaves a gap: %(next)s comes next"),
    ),
    (
        r"from: (?P<from>\d+) overlaps the band before it, (?P<next>\d+) comes next",
        _l("from %(from)s overlaps the band before it: %(next)s comes next"),
    ),
    (r"to: (?P<to>\d+) lies before from (?P<from>\d+)", _l("to %(to)s lies before from %(from)s")),
    (
        r"to: the last band must be open.*",
        _l("the last band must be open, without “to”: what lies beyond it would have no price"),
    ),
    (r"stands after the open band.*", _l("this row stands after the band without an end")),
    (r"tier: (?P<typed>.*) is the label of an earlier row", _l("an earlier row is called %(typed)s already")),
)
PRICES: Sentences = sentences(
    (r"the name (?P<typed>.*) is taken by another price", _l("another price is called %(typed)s already")),
    (
        _KEY + r"there is no price (?P<typed>.*); there are (?P<known>.*)",
        _l("%(key)s: there is no price %(typed)s; there are %(known)s"),
    ),
    (r"counter: 'international' is .*", _l("the counter “international” is that of calls abroad; choose another name")),
    (r"'(?P<typed>.*)' is no number", _l("“%(typed)s” is no telephone number")),
    (r"has a class or a price, not both", _l("a special number has a class or a price, not both")),
    (r"number: (?P<typed>\d+) stands in an earlier row", _l("bundle %(typed)s stands in an earlier row")),
    (
        r"bundle (?P<bundle>\d+): direction: there is no table (?P<table>.*)",
        _l("bundle %(bundle)s: the table %(table)s of its direction is missing"),
    ),
)
ABROAD: Sentences = sentences(
    (r"discount_percent: (?P<typed>\d+) is more than 100", _l("a discount of %(typed)s percent is more than 100")),
    (
        r"tier_beyond: (?P<typed>.*) is the label of tier_within too",
        _l("tier_beyond: tier_within is called %(typed)s too"),
    ),
    (_KEY + r"a destination's name must not contain /", _l("%(key)s: the name of a destination contains no /")),
    (
        _KEY + r"(?P<typed>.*) is no prefix .*",
        _l("%(key)s: %(typed)s is no prefix: country code and more, digits only"),
    ),
    (_KEY + r"(?P<typed>\d+) lies in Vietnam", _l("%(key)s: %(typed)s lies in Vietnam")),
    (
        _KEY + r"(?P<typed>\d+) belongs to (?P<name>.*) already",
        _l("%(key)s: the prefix %(typed)s belongs to %(name)s already"),
    ),
)
DAYS: Sentences = sentences(
    (r"plan: must not contain / or @", _l("the name of the plan contains no / and no @")),
    (
        r"valid_to: (?P<until>\S+) is not after valid_from (?P<since>\S+) .*",
        _l("valid_to %(until)s is not after valid_from %(since)s; on the day valid_to it holds no longer"),
    ),
    (
        r"valid_from: (?P<other>.*) is valid from (?P<since>\S+) too",
        _l("%(other)s is valid from %(since)s too"),
    ),
    (
        r"valid_to: (?P<until>\S+) overlaps (?P<other>.*), valid from (?P<since>\S+)",
        _l("valid_to %(until)s overlaps %(other)s, which is valid from %(since)s"),
    ),
)
PLAN: Sentences = (*BANDS, *PRICES, *ABROAD, *DAYS, *ANY_KEY)
"""The first that fits the whole of it."""
