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
BANNED_NODES = (ast.Match, ast.AsyncFor, ast.AsyncWith, ast.Lambda, ast.NamedExpr)
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


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_syntax_and_names_are_micropythons(path: Path) -> None:
    found = tree(path)
    hidden = for_the_type_checker(found)
    for node in ast.walk(found):
        if node in hidden:
            continue
        where = f"{path.name}:{getattr(node, 'lineno', '?')}"
        if not (isinstance(node, ast.Lambda) and path.name in LAMBDAS_IN):
            assert not isinstance(node, BANNED_NODES), f"{where}: {type(node).__name__}"
        if isinstance(node, ast.Name):
            assert node.id not in BANNED_NAMES, f"{where}: {node.id}"
        if isinstance(node, ast.Attribute):
            assert node.attr not in BANNED_ATTRIBUTES, f"{where}: .{node.attr}"
        if isinstance(node, ast.Tuple | ast.List):
            assert not any(isinstance(each, ast.Starred) for each in node.elts), f"{where}: a star in a display"
        if isinstance(node, ast.ClassDef):
            assert not node.decorator_list, f"{where}: plain classes only"
            assert not node.keywords, f"{where}: plain classes only"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert not node.args.posonlyargs, f"{where}: positional-only arguments"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "zip":
            assert not node.keywords, f"{where}: zip knows no keywords"
        if isinstance(node, ast.Delete):
            assert not any(isinstance(target, ast.Subscript) for target in node.targets), f"{where}: del of a slice"


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_ticks_are_only_calculated_with_by_their_functions(path: Path) -> None:
    """`now - x` would be wrong once in twelve days."""
    if path.name == "compat.py":
        return
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.Add):
            for side in (node.left, node.right):
                assert not (isinstance(side, ast.Name) and side.id == "now"), f"{path.name}:{node.lineno}"


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
