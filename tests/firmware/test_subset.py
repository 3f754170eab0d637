"""The firmware keeps to what MicroPython has, and to the house's sizes: read from its syntax trees."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

import pytest

import firmware

SOURCE = Path(firmware.__file__).parent
FILES = [*sorted(SOURCE.glob("*.py")), SOURCE / "flash" / "main.py"]
NAMES = [str(path.relative_to(SOURCE)) for path in FILES]

MODULES = {"asyncio", "collections", "gc", "hashlib", "json", "os", "struct", "sys"}
"""Of MicroPython's own, those every RP2040 build has and we use."""
METAL = {"machine", "neopixel"}
METAL_FILES = {"board.py", "flash/main.py"}
BANNED_NODES = (ast.Match, ast.AsyncFor, ast.AsyncWith, ast.NamedExpr, ast.TryStar)
LAMBDAS_IN = {"main.py"}
BANNED_NAMES = {"dataclass", "eval", "exec", "vars", "format_map", "aiter", "anext"}
BANNED_ATTRIBUTES = {"removeprefix", "removesuffix", "casefold", "total_seconds", "is_relative_to"}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def for_the_type_checker(found: ast.Module) -> set[ast.AST]:
    """Everything that stands under `if TYPE_CHECKING`, and compat's stand-ins for CPython."""
    hidden: set[ast.AST] = set()
    for node in ast.walk(found):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            for inner in node.body:
                hidden.update(ast.walk(inner))
    return hidden


def imported(path: Path) -> set[str]:
    found = tree(path)
    hidden = for_the_type_checker(found)
    names: set[str] = set()
    for node in ast.walk(found):
        if node in hidden:
            continue
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports are absolute"
            names.add(node.module or "")
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_imports_are_what_the_board_has(path: Path) -> None:
    name = str(path.relative_to(SOURCE))
    allowed = MODULES | {"firmware"}
    if name in METAL_FILES:
        allowed |= METAL
    if name == "flash/main.py":
        allowed |= {"slots"}
    if name == "compat.py":
        allowed |= {"micropython", "time"}
    assert imported(path) <= allowed


def test_the_file_beside_the_start_stands_alone() -> None:
    assert imported(SOURCE / "slots.py") <= {"json", "os"}


def faults(source: str, *, lambdas: bool = False) -> list[str]:
    """What of it MicroPython lacks or this house avoids, as `line: what`."""
    found = ast.parse(source)
    hidden = for_the_type_checker(found)
    told = []
    for node in ast.walk(found):
        if node not in hidden and (what := fault(node, lambdas=lambdas)) is not None:
            told.append(f"{getattr(node, 'lineno', '?')}: {what}")
    return told


def fault(node: ast.AST, *, lambdas: bool) -> str | None:
    if isinstance(node, ast.Lambda):
        return None if lambdas else "a lambda"
    if isinstance(node, BANNED_NODES):
        return type(node).__name__
    return foreign(node) or strict(node) or careless_ticks(node)


def foreign(node: ast.AST) -> str | None:
    """Names and displays."""
    match node:
        case ast.Name(id=name) if name in BANNED_NAMES:
            return name
        case ast.Attribute(attr=name) if name in BANNED_ATTRIBUTES:
            return f".{name}"
        case ast.Tuple(elts=parts) | ast.List(elts=parts) if any(isinstance(each, ast.Starred) for each in parts):
            return "a star in a display"
        case ast.Dict(keys=keys) if None in keys:
            return "two stars in a display"
        case ast.FormattedValue(conversion=97):
            return "!a"
    return None


def strict(node: ast.AST) -> str | None:
    """Definitions, calls and statements."""
    match node:
        case ast.ClassDef() if node.decorator_list or node.keywords:
            return "plain classes only"
        case ast.arguments() if node.posonlyargs:
            return "positional-only arguments"
        case ast.Call(func=ast.Name(id="zip")) if node.keywords:
            return "zip knows no keywords"
        case ast.Call(func=ast.Attribute(attr="to_bytes" | "from_bytes")) if node.keywords or len(node.args) < 2:
            return "byte order is said, and nothing else"
        case ast.Delete(targets=targets) if any(isinstance(each, ast.Subscript) for each in targets):
            return "del of a part"
    return None


def careless_ticks(node: ast.AST) -> str | None:
    """`now - x` and `now > x` would be wrong once in twelve days."""
    match node:
        case ast.BinOp(left=left, op=ast.Sub() | ast.Add(), right=right) if is_now(left) or is_now(right):
            return "ticks are calculated with by their functions"
        case ast.Compare(left=left, ops=ops, comparators=others) if ordered(ops) and any(map(is_now, [left, *others])):
            return "ticks are compared by their functions"
    return None


def is_now(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "now"


def ordered(operators: list[ast.cmpop]) -> bool:
    return any(isinstance(each, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for each in operators)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_syntax_and_names_are_micropythons(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8"), lambdas=path.name in LAMBDAS_IN) == []


BANNED = [
    "match 1:\n case 1: pass",
    "async def f():\n async for x in y: pass",
    "async def f():\n async with y: pass",
    "f = lambda: 0",
    "if (x := 1): pass",
    "try:\n pass\nexcept* OSError:\n pass",
    "@dataclass\nclass A: pass",
    "class A(metaclass=B): pass",
    "def f(a, /): pass",
    "x = [*a, 1]",
    "x = (1, *a)",
    "x = {**a}",
    "zip(a, b, strict=True)",
    "del a[1:]",
    "eval(a)",
    "'a'.removeprefix('b')",
    "f'{a!a}'",
    "a.to_bytes(2)",
    "int.from_bytes(a, 'big', signed=True)",
    "late = now - since",
    "due = since + now",
    "if now >= deadline: pass",
    "if deadline < now: pass",
]


@pytest.mark.parametrize("source", BANNED)
def test_the_ban_bites(source: str) -> None:
    assert faults(source) != []


@pytest.mark.parametrize(
    "source",
    [
        "if TYPE_CHECKING:\n x = [*a]",
        "a = ticks_diff(now, since)",
        "if now == 0: pass",
        "f(*a, **b)",
        "int.from_bytes(a, 'big')",
        "def f(*parts): pass",
    ],
)
def test_what_is_allowed_passes(source: str) -> None:
    assert faults(source) == []


@pytest.mark.parametrize(
    ("source", "module"),
    [("import typing", "typing"), ("from dataclasses import dataclass", "dataclasses"), ("import hal.mcu", "hal")],
)
def test_a_foreign_import_is_seen(tmp_path: Path, source: str, module: str) -> None:
    path = tmp_path / "x.py"
    path.write_text(source)
    assert imported(path) == {module}
    assert not imported(path) <= MODULES | METAL | {"firmware"}


def function_lengths() -> dict[str, int]:
    lengths = {}
    for path in FILES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lengths[f"{path.name}:{node.name}:{node.lineno}"] = (node.end_lineno or 0) - node.lineno + 1
    return lengths


def test_files_and_functions_are_short() -> None:
    assert max(len(path.read_text().splitlines()) for path in FILES) <= 400
    lengths = function_lengths()
    assert statistics.median(lengths.values()) <= 10
    assert {name: length for name, length in lengths.items() if length > 60} == {}
