"""The grammar of the verbs about money: rate, invoice, usage, rerate, advise, tariff, statement, limits."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Protocol

from edge.commands.verbs import late

AddVerb = Callable[[str, str, Callable[..., int]], ArgumentParser]


class Group(Protocol):
    """Makes a verb that has verbs of its own: name, help → function that adds one of them."""

    def __call__(self, name: str, text: str) -> Callable[[str, str], ArgumentParser]: ...


def add_money_verbs(verb: AddVerb, group: Group) -> None:
    """`verb` adds a plain verb, `group` one with verbs of its own."""
    _add_rating(verb)
    _add_box(verb)
    _add_tariff(group)
    _add_statement(group)


def _add_rating(verb: AddVerb) -> None:
    rate = verb("rate", "price usage records by a plan", late("rate", "rate"))
    rate.add_argument("--plan", required=True)
    _add_tables(rate)
    rate.add_argument("--bundles", metavar="FILE", help="voice bundles (JSON)")
    rate.add_argument("usage", metavar="USAGE.jsonl")
    invoice = verb("invoice", "the invoice of a month", late("invoice", "invoice"))
    invoice.add_argument("--plan", required=True)
    invoice.add_argument("--period", required=True, metavar="YYYY-MM")
    invoice.add_argument("--subscriptions", required=True, metavar="FILE", help="what is subscribed (JSON)")
    _add_tables(invoice)
    invoice.add_argument("--bundles", metavar="FILE", help="voice bundles (JSON)")
    invoice.add_argument("usage", metavar="USAGE.jsonl")
    advise = verb("advise", "a month under every plan and bundle, cheapest first", late("advise", "advise"))
    advise.add_argument("--usage", metavar="USAGE.jsonl", help="else what the box has recorded")
    advise.add_argument("--period", metavar="YYYY-MM", help="else the last whole month of the usage")
    advise.add_argument("--subscriptions", metavar="FILE", help="what is subscribed (JSON); else fees are left out")
    advise.add_argument("--language", choices=("vi", "en"), default="vi", help="of the assumptions (vi)")
    _add_tables(advise)


def _add_tables(parser: ArgumentParser) -> None:
    parser.add_argument("--tariffs", metavar="DIR", help="tariff files other than the shipped ones")
    parser.add_argument("--ported", metavar="FILE", help="ported numbers (CSV: number, operator, since)")
    parser.add_argument("--idd", metavar="FILE", help="international prices (CSV: prefix, VND per minute)")


def _add_box(verb: AddVerb) -> None:
    usage = verb("usage", "what the box has recorded, as usage records (JSON Lines)", late("usage", "usage"))
    usage.add_argument("--from", dest="first_month", metavar="YYYY-MM", help="first month (all)")
    usage.add_argument("--to", dest="last_month", metavar="YYYY-MM", help="last month (all)")
    rerate = verb("rerate", "rate stored calls again by the tables of today", late("rerate", "rerate"))
    rerate.add_argument("--from", dest="first_month", required=True, metavar="YYYY-MM")
    rerate.add_argument("--apply", action="store_true", help="store the difference; without it, it is only shown")
    verb("limits", "limits, what of them is used, and what the fraud guard sees", late("limits", "limits"))


def _add_tariff(group: Group) -> None:
    kind = group("tariff", "price plans and number tables of the box")
    taken = kind("import", "take a table or a plan's next version; refused as a whole when a line is wrong")
    what = taken.add_mutually_exclusive_group(required=True)
    what.add_argument("--plan", metavar="FILE.toml", help="a version of a plan")
    what.add_argument("--operators", metavar="FILE.csv", help="operator prefixes (prefix, operator)")
    what.add_argument("--ported", metavar="FILE.csv", help="ported numbers (number, operator, since)")
    what.add_argument("--idd", metavar="FILE.csv", help="international prices (prefix, VND per minute)")
    what.add_argument("--destinations", metavar="FILE.csv", help="destinations (plan, offer, name, prefix)")
    taken.set_defaults(act=late("tariff", "take"))
    listed = kind("list", "what the box rates by, and since when")
    listed.set_defaults(act=late("tariff", "show"))
    exported = kind("export", "write all tariffs and tables to a directory, for rate --tariffs")
    exported.add_argument("folder", metavar="DIR")
    exported.set_defaults(act=late("tariff", "export"))


def _add_statement(group: Group) -> None:
    kind = group("statement", "monthly statements")
    kind("list", "statements that have been drawn up").set_defaults(act=late("statement", "listed"))
    show = kind("show", "one statement; a month that is not closed yet is shown as it stands")
    show.add_argument("month", metavar="YYYY-MM")
    show.add_argument("--detailed", action="store_true", help="with every call and message")
    show.add_argument("--format", choices=("json", "csv", "pdf"), default="json")
    show.add_argument("--language", choices=("vi", "en"), default="vi")
    show.add_argument("--out", metavar="FILE", help="write there instead of stdout (needed for pdf)")
    show.set_defaults(act=late("statement", "show"))
    draw = kind("draw", "draw up and close the statement of a past month now")
    draw.add_argument("month", metavar="YYYY-MM")
    draw.set_defaults(act=late("statement", "draw"))
