"""A verb of the command line: a function of the parsed options that returns the exit status."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from collections.abc import Callable

Verb = Callable[[Namespace], int]


def count(text: str) -> int:
    """An option's number of rows."""
    value = int(text)
    if value < 1:
        raise ArgumentTypeError(f"{text}: expected 1 or more")
    return value


def late(module: str, name: str) -> Verb:
    """The verb's module is imported when it is called: `tongdai --help` stays quick."""

    def act(options: Namespace) -> int:
        import importlib

        verb: Verb = getattr(importlib.import_module(f"edge.commands.{module}"), name)
        return verb(options)

    return act
