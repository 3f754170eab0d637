"""The release artefact: all compiles for the RP2040, the same sources give the same bytes, signatures hold."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from firmware import rsa as firmware_rsa
from firmware import update, version
from tests.firmware import artefact

build = artefact.load()


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("artefact")


@pytest.fixture(scope="module")
def summary(out: Path) -> dict:
    return build.build(out, None)


def test_every_file_compiles_for_the_board(summary: dict) -> None:
    sources = {path.stem for path in build.SOURCE.glob("*.py")}
    assert {Path(path).stem for path in summary["files"]} == sources
    assert build.compile_file(build.SOURCE / "flash" / "main.py", "main.py")[:2] == b"M\x06"


def test_the_artefact_is_small_signed_and_repeatable(out: Path, summary: dict) -> None:
    content = Path(summary["image"]).read_bytes()
    assert len(content) <= 100_000
    assert hashlib.sha256(content).hexdigest() == summary["sha256"]
    assert build.build(out, None)["sha256"] == summary["sha256"]
    assert summary["version"] == ".".join(map(str, version.VERSION))
    assert list(build.read_version()[1]) == list(version.MINIMUM)


def test_script_and_firmware_mean_the_same_format() -> None:
    assert (build.HEADER, build.FORMAT, build.PRODUCT) == (update.HEADER, update.FORMAT, update.PRODUCT)


def test_a_source_that_does_not_compile_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("def f(:\n")
    with pytest.raises(build.BuildError, match=r"bad\.py"):
        build.compile_file(tmp_path / "bad.py", "bad.py")


def test_only_rsa_2048_signs() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    with pytest.raises(build.BuildError, match="1024"):
        build.make_image({}, key, version=[1, 0, 0], minimum=[1, 0, 0])


def test_the_key_is_kept_and_its_owners_alone(out: Path, summary: dict) -> None:
    assert summary["test_key"]
    assert (out / "test-key.pem").stat().st_mode & 0o077 == 0
    assert json.loads((out / "supervisor-1.0.0.json").read_text())["sha256"] == summary["sha256"]


def test_our_verification_agrees_with_the_library() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    digest = hashlib.sha256(b"text").digest()
    signature = key.sign(b"text", padding.PKCS1v15(), hashes.SHA256())
    modulus = build.modulus(key)
    assert firmware_rsa.verify(modulus, signature, digest)
    assert not firmware_rsa.verify(modulus, signature, hashlib.sha256(b"other").digest())
    for at in range(0, 256, 17):
        wrong = signature[:at] + bytes([signature[at] ^ 4]) + signature[at + 1 :]
        assert not firmware_rsa.verify(modulus, wrong, digest)
    pss = key.sign(b"text", padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    assert not firmware_rsa.verify(modulus, pss, digest)
    assert not firmware_rsa.verify(modulus, signature + b"\0", digest)
