"""`tongdai`: the command line (architecture §5). Only the grammar stands here; the verbs act in `edge.commands`.

stdout carries one JSON document, stderr words for people. Exit status 0 done, 2 bad input, 1 anything else.
"""

from __future__ import annotations

import argparse
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence

from edge.commands.answers import BAD_INPUT, WRONG, Failed
from edge.commands.board_grammar import add_board_verbs, add_sim_board
from edge.commands.money_grammar import add_money_verbs
from edge.commands.settings_grammar import add_settings_verbs
from edge.commands.verbs import Verb, count, late


class _Parser(ArgumentParser):
    """Says what is wrong in one line; the usage is `--help`'s business."""

    def error(self, message: str) -> None:  # type: ignore[override]
        sys.stderr.write(f"{self.prog}: {message}; see {self.prog} --help\n")
        sys.exit(BAD_INPUT)


def build_parser() -> ArgumentParser:
    """The whole grammar; also what `make docs` prints."""
    place = _Parser(add_help=False)
    place.add_argument(
        "--data", default=argparse.SUPPRESS, metavar="DIR", help="directory of the box (else $TONGDAI_DATA, else ./var)"
    )
    parser = _Parser(prog="tongdai", description="TongDai Box: a company's SIM cards become its switchboard.")
    parser.add_argument("--data", default=None, metavar="DIR", help=argparse.SUPPRESS)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=_Parser)

    def verb(name: str, text: str, act: Verb) -> ArgumentParser:
        made = verbs.add_parser(name, help=text, description=text, parents=[place])
        made.set_defaults(act=act)
        return made

    def group(name: str, text: str) -> Callable[[str, str], ArgumentParser]:
        kinds = verbs.add_parser(name, help=text, description=text, parents=[place]).add_subparsers(
            dest=f"{name}_verb", required=True, metavar="WHAT", parser_class=_Parser
        )
        return lambda kind, about: kinds.add_parser(kind, help=about, description=about, parents=[place])

    _add_run(verb("run", "start the whole box and keep it running", late("run", "run")))
    verb("status", "what READY said, with today's pids, and the alarms that stand", late("status", "status"))
    _add_lists(verb)
    _add_people(verbs.add_parser("sim", help="act in the emulated world", parents=[place]), place)
    add_settings_verbs(group)
    about = "the board under the modems: power, lamps, watchdog"
    add_board_verbs(verbs.add_parser("board", help=about, description=about, parents=[place]), place, _Parser)
    _add_small(verbs, place)
    add_money_verbs(verb, group)
    replay = verb("replay", "run the switchboard again over a call's journal", late("replay", "verb"))
    replay.add_argument("call", metavar="CALL-ID")
    return parser


def _add_run(parser: ArgumentParser) -> None:
    parser.add_argument("--sim", action="store_true", help="on emulated hardware, everything on 127.0.0.1")
    parser.add_argument("--lines", type=int, default=2, metavar="N", help="emulated lines, 1 to 8 (2)")
    parser.add_argument("--web-port", type=int, default=None, metavar="PORT", help="0: any free port (8080)")
    parser.add_argument("--mqtt", metavar="HOST:PORT", help="MQTT broker of the cloud")
    parser.add_argument("--no-traffic", action="store_true", help="nobody calls by himself")
    parser.add_argument("--no-demo", action="store_true", help="no demo company")
    parser.add_argument("--board-settings", metavar="NAME=N,…", help="emulated supervisor: such as dead_ms=30000")
    parser.add_argument("--board-key", metavar="FILE", help="emulated supervisor: whose firmware it takes (update.key)")
    parser.add_argument("--config", metavar="TOML", help="real hardware: what the machine is")


def _add_lists(verb: Callable[[str, str, Verb], ArgumentParser]) -> None:
    for name, text in (
        ("lines", "the lines and their state"),
        ("calls", "calls in progress"),
        ("cdrs", "one row per ended call"),
        ("recordings", "what was recorded"),
        ("outbox", "what waits for the cloud"),
        ("messages", "SMS sent and received"),
    ):
        made = verb(name, text, late("lists", name))
        made.add_argument("--limit", type=count, default=None, metavar="N", help="only the newest N")


def _add_person(parser: ArgumentParser) -> None:
    parser.add_argument("--say", metavar="WAV", help="what he says (8 or 16 kHz mono 16-bit)")
    parser.add_argument("--listen", metavar="WAV", help="what he hears is written here")
    parser.add_argument("--keys", metavar="S:KEYS,…", help="seconds from his connection and keys: 3:512,5:#")
    parser.add_argument("--hang-up-after", type=float, metavar="S", help="he hangs up so long after his connection")


def _add_people(parser: _Parser, place: _Parser) -> None:
    act = late("world", "sim")
    kinds = parser.add_subparsers(dest="sim_verb", required=True, metavar="WHAT", parser_class=_Parser)

    def kind(name: str, text: str) -> ArgumentParser:
        made = kinds.add_parser(name, help=text, description=text, parents=[place])
        made.set_defaults(act=act)
        return made

    subscriber = kind("subscriber", "declare a person's phone and how he behaves")
    subscriber.add_argument("number")
    subscriber.add_argument("--operator")
    subscriber.add_argument("--behaviour", choices=("answer", "busy", "no-answer", "reject", "off"))
    subscriber.add_argument("--after", type=float, metavar="S", help="how long he lets it ring (2.0)")
    _add_person(subscriber)
    call = kind("call", "a person calls; returns when the call is over")
    call.add_argument("--from", dest="caller", required=True, metavar="NUMBER")
    call.add_argument("--to", dest="called", required=True, metavar="NUMBER")
    call.add_argument("--withheld", action="store_true", help="he hides his number")
    call.add_argument("--patience", type=float, default=90.0, metavar="S", help="he lets it ring so long (90)")
    _add_person(call)
    sms = kind("sms", "a person sends an SMS")
    sms.add_argument("--from", dest="caller", required=True, metavar="NUMBER")
    sms.add_argument("--to", dest="called", required=True, metavar="NUMBER")
    sms.add_argument("text")
    kind("messages", "what a person received").add_argument("number")
    kind("faults", "the fault menu")
    fault = kind("fault", "break something")
    fault.add_argument("line")
    fault.add_argument("name")
    fault.add_argument("parameters", nargs="*", metavar="key=value")
    kind("state", "what goes on in the emulated world")
    add_sim_board(kind("board", "the emulated board: its button, supply, supervisor"), place, _Parser)


def _add_small(verbs: argparse._SubParsersAction[_Parser], place: _Parser) -> None:
    sms = verbs.add_parser("sms", help="SMS by the box", parents=[place])
    send = sms.add_subparsers(dest="sms_verb", required=True, metavar="WHAT", parser_class=_Parser).add_parser(
        "send", help="send one", parents=[place]
    )
    send.add_argument("--to", dest="called", required=True, metavar="NUMBER")
    send.add_argument("text")
    send.set_defaults(act=late("settings", "sms_send"))
    user = verbs.add_parser("user", help="logins of the page", parents=[place])
    reset = user.add_subparsers(dest="user_verb", required=True, metavar="WHAT", parser_class=_Parser).add_parser(
        "reset", help="a new one-time secret for a login", parents=[place]
    )
    reset.add_argument("name")
    reset.set_defaults(act=late("users", "reset"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    options = build_parser().parse_args(arguments)
    try:
        act: Verb = options.act
        return act(options)
    except Failed as error:
        sys.stderr.write(f"tongdai: {error}\n")
        return error.status
    except KeyboardInterrupt:
        return WRONG
    except BrokenPipeError:
        sys.stderr.close()
        return WRONG
    except OSError as error:
        sys.stderr.write(f"tongdai: {error}\n")
        return WRONG


if __name__ == "__main__":
    sys.exit(main())
