"""The grammar of `tongdai board …` and `tongdai sim board …`."""

from __future__ import annotations

from argparse import ArgumentParser

from edge.commands.verbs import count, late


def add_board_verbs(board: ArgumentParser, place: ArgumentParser, kind: type[ArgumentParser]) -> None:
    """`board` alone says the state."""
    board.set_defaults(act=late("board", "state"))
    verbs = board.add_subparsers(dest="board_verb", metavar="WHAT", parser_class=kind)

    def verb(name: str, text: str) -> ArgumentParser:
        made: ArgumentParser = verbs.add_parser(name, help=text, description=text, parents=[place])
        made.set_defaults(act=late("board", name))
        return made

    verb("log", "what the supervisor wrote down").add_argument(
        "--limit", type=count, default=None, metavar="N", help="only the newest N"
    )
    verb("update", "new firmware for the supervisor").add_argument("image", metavar="IMAGE")
    power = verb("power", "switch a modem")
    power.add_argument("slot", metavar="SLOT", help="its number as `tongdai board` says, or its line")
    power.add_argument("action", choices=("on", "off", "cycle"))


def add_sim_board(board: ArgumentParser, place: ArgumentParser, kind: type[ArgumentParser]) -> None:
    """What happens to the emulated board from outside."""
    verbs = board.add_subparsers(dest="board_act", required=True, metavar="WHAT", parser_class=kind)

    def verb(name: str, text: str) -> ArgumentParser:
        made: ArgumentParser = verbs.add_parser(name, help=text, description=text, parents=[place])
        made.set_defaults(act=late("world", "sim"), sim_verb="board")
        return made

    verb("state", "pins, lights and starts")
    press = verb("press", "press the button (short starts the box, 3 s asks it to go down)")
    press.add_argument("--seconds", type=float, default=0.2, metavar="S", help="how long (0.2)")
    verb("factory-reset", "the button's gesture: three short presses, then a long one")
    voltage = verb("voltage", "what the supply gives from now on")
    voltage.add_argument("mv", type=int, metavar="MV")
    voltage.add_argument("--supercap", type=int, default=None, metavar="MV")
    verb("temperature", "how hot it is").add_argument("celsius", type=float, metavar="C")
    verb("hang", "the supervisor's firmware does nothing any more")
    verb("reset", "the supervisor alone is reset")
    verb("power-cycle", "the plug is pulled and put in again")
