"""The grammar of what the company decides: the settings document, and its extensions one by one."""

from __future__ import annotations

from edge.commands.money_grammar import Group
from edge.commands.verbs import late

_RECORD = ("both", "in", "out", "off")
_PIN = "4 to 8 digits asked before an outside call"


def add_settings_verbs(group: Group) -> None:
    """`group` makes a verb that has verbs of its own."""
    _add_settings(group)
    _add_extension(group)


def _add_settings(group: Group) -> None:
    kind = group("settings", "what the company has decided, as one document")
    exported = kind("export", "print the document; a PIN is shown as true")
    exported.add_argument("--with-pins", action="store_true", help="with the PINs themselves, for another box")
    exported.set_defaults(act=late("settings", "export"))
    taken = kind("import", "take a document; sections that it does not name stay as they are")
    taken.add_argument("file", metavar="FILE", help="JSON as export prints it; - reads stdin")
    taken.set_defaults(act=late("settings", "take"))
    listed = kind("history", "every change: when, by whom, from where")
    listed.set_defaults(act=late("settings", "history"))
    undone = kind("undo", "make the document before the last change hold again")
    undone.set_defaults(act=late("settings", "undo"))


def _add_extension(group: Group) -> None:
    kind = group("extension", "the company's extensions")
    add = kind("add", "add an extension")
    add.add_argument("number")
    add.add_argument("--name", required=True)
    add.add_argument("--mobile", required=True, metavar="NUMBER")
    add.add_argument("--record", choices=_RECORD, default="off")
    add.add_argument("--pin", help=_PIN)
    add.add_argument("--department", default="", metavar="NAME", help="for limits and statements")
    change = kind("change", "change an extension; what is not named stays")
    change.add_argument("number")
    change.add_argument("--number", dest="new_number", metavar="NEW", help="another number for it")
    change.add_argument("--name")
    change.add_argument("--mobile", metavar="NUMBER")
    change.add_argument("--record", choices=_RECORD)
    change.add_argument("--pin", help=f'{_PIN}; "" removes it')
    change.add_argument("--department", metavar="NAME", help='for limits and statements; "" removes it')
    listed = kind("list", "all extensions")
    removed = kind("remove", "remove an extension")
    removed.add_argument("number")
    for made in (add, change, listed, removed):
        made.set_defaults(act=late("settings", "extension"))
