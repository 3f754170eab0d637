"""Images: what is accepted, what is refused, and what a power cut at any byte leaves behind."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Self

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from firmware import messages as m
from firmware import slots, update
from firmware.storage import Storage
from firmware.update import Updater
from tests.firmware import artefact

build = artefact.load()
KEY: rsa.RSAPrivateKey = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY: rsa.RSAPrivateKey = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OLD = {"firmware/main.mpy": b"the old one" * 20, "firmware/link.mpy": b"old link"}
NEW = {"firmware/__init__.mpy": b"", "firmware/link.mpy": b"new link" * 9, "firmware/main.mpy": os.urandom(700)}


STRIDE = 47
"""Beyond the first steps not each byte but every 47th: no common factor with blocks and pieces."""


class PowerCut(BaseException):
    """The supply is gone in the middle of a write."""


class CutStorage(Storage):
    """Flash behind a supply that lasts for `budget` bytes and steps."""

    def __init__(self, root: str, budget: int) -> None:
        super().__init__(root)
        self.budget = budget

    def spend(self, count: int = 1) -> None:
        self.budget -= count
        if self.budget < 0:
            raise PowerCut

    def open(self, path: str, mode: str) -> Any:
        if "r" in mode:
            return super().open(path, mode)
        self.spend()
        return CutFile(super().open(path, mode), self)

    def rename(self, path: str, new_path: str) -> None:
        self.spend()
        super().rename(path, new_path)

    def remove(self, path: str) -> None:
        self.spend()
        super().remove(path)

    def make_folder(self, path: str) -> None:
        self.spend()
        super().make_folder(path)


class CutFile:
    def __init__(self, file: Any, storage: CutStorage) -> None:
        self._file = file
        self._storage = storage

    def write(self, data: bytes) -> None:
        lasting = min(len(data), max(0, self._storage.budget))
        self._file.write(data[:lasting])
        self._storage.spend(len(data))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def image(files: dict[str, bytes] = NEW, key: rsa.RSAPrivateKey = KEY, **changes: Any) -> bytes:
    options = {"version": [1, 1, 0], "minimum": [1, 0, 0]} | changes
    return bytes(build.make_image(files, key, **options))


@pytest.fixture
def flash(tmp_path: Path) -> Path:
    for path, content in OLD.items():
        (tmp_path / "a" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "a" / path).write_bytes(content)
    return tmp_path


def root(flash: Path) -> str:
    return f"{flash}/"


def updater(storage: Storage) -> Updater:
    return Updater(storage, build.modulus(KEY), build.TARGET)


def transfer(receiver: Updater, content: bytes, piece: int = m.MAX_DATA) -> None:
    assert receiver.begin(len(content), hashlib.sha256(content).digest(), 0)
    while receiver.describe()["next_offset"] < len(content):
        at = receiver.describe()["next_offset"]
        assert receiver.data(at, content[at : at + piece], 0)
    assert receiver.end()
    while receiver.working:
        receiver.step()


def error(receiver: Updater) -> str:
    assert receiver.state == update.FAILED
    return m.UPDATE_ERRORS[receiver.error]


def installed(flash: Path, folder: str) -> dict[str, bytes]:
    return {f"firmware/{path.name}": path.read_bytes() for path in sorted((flash / folder / "firmware").iterdir())}


def test_an_image_is_installed_beside_and_tried_next(flash: Path) -> None:
    receiver = updater(Storage(root(flash)))
    transfer(receiver, image())
    assert receiver.state == update.INSTALLED
    assert installed(flash, "b") == NEW
    assert installed(flash, "a") == OLD
    record = slots.load(root(flash))
    assert (record["active"], record["trial"], record["tried"]) == ("a", "b", False)
    assert not (flash / update.PART).exists()


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


REFUSALS: dict[str, tuple[Callable[[], bytes], str]] = {
    "another key": (lambda: image(key=OTHER_KEY), "signature"),
    "a bit of the signature": (lambda: flipped(image(), 40), "signature"),
    "a bit of the manifest": (lambda: flipped(image(), 300), "signature"),
    "a bit of a file": (lambda: flipped(image(), -5), "hash"),
    "another product": (lambda: image(product="toaster"), "target"),
    "another target": (lambda: image(target="esp32"), "target"),
    "too old": (lambda: image(version=[0, 9, 0]), "version"),
    "a byte too many": (lambda: image() + b"x", "size"),
    "a byte too few": (lambda: image()[:-1], "size"),
    "no image": (lambda: b"hello, this is no image at all", "manifest"),
    "a way out of the folder": (lambda: image({"firmware/../main.py": b"x"}), "manifest"),
    "a file beside the folder": (lambda: image({"slots.json": b"x"}), "manifest"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_refused_changes_nothing_that_runs(name: str, flash: Path) -> None:
    make, why = REFUSALS[name]
    slots.save(slots.fresh() | {"floor": [1, 0, 0]}, root(flash))
    receiver = updater(Storage(root(flash)))
    transfer(receiver, make())
    assert error(receiver) == why
    assert installed(flash, "a") == OLD
    record = slots.load(root(flash))
    assert (record["active"], record["trial"]) == ("a", None)


def test_a_board_without_a_key_takes_nothing(flash: Path) -> None:
    receiver = Updater(Storage(root(flash)), b"", build.TARGET)
    transfer(receiver, image())
    assert error(receiver) == "signature"


def test_a_transfer_goes_on_where_it_stopped_and_another_image_starts_anew(flash: Path) -> None:
    content = image()
    receiver = updater(Storage(root(flash)))
    receiver.begin(len(content), hashlib.sha256(content).digest(), 0)
    receiver.data(0, content[:500], 0)
    again = updater(Storage(root(flash)))
    again.begin(len(content), hashlib.sha256(content).digest(), 0)
    assert again.describe()["next_offset"] == 500
    again.data(0, b"from the wrong place", 0)
    assert again.describe()["next_offset"] == 500
    other = image(version=[1, 2, 0])
    again.begin(len(other), hashlib.sha256(other).digest(), 0)
    assert again.describe()["next_offset"] == 0


def test_a_sender_that_went_away_keeps_nobody_waiting(flash: Path) -> None:
    content = image()
    receiver = updater(Storage(root(flash)))
    receiver.begin(len(content), hashlib.sha256(content).digest(), 1000)
    receiver.data(0, content[:500], 2000)
    receiver.tick(2000 + update.PATIENCE_MS)
    assert receiver.state == update.RECEIVING
    receiver.tick(2001 + update.PATIENCE_MS)
    assert receiver.state == update.IDLE
    assert not receiver.data(500, content[500:600], 70000)
    receiver.begin(len(content), hashlib.sha256(content).digest(), 80000)
    assert receiver.describe()["next_offset"] == 500


class FullFlash(Storage):
    """Opens for reading only."""

    def open(self, path: str, mode: str) -> BinaryIO:
        if mode != "rb":
            raise OSError(28)
        return super().open(path, mode)


def test_a_full_flash_refuses_and_the_supervisor_lives(flash: Path) -> None:
    content = image()
    receiver = updater(FullFlash(root(flash)))
    assert receiver.begin(len(content), hashlib.sha256(content).digest(), 0)
    assert error(receiver) == "storage"
    receiver = updater(Storage(root(flash)))
    assert receiver.begin(len(content), hashlib.sha256(content).digest(), 0)
    receiver._storage = FullFlash(root(flash))
    assert receiver.data(0, content[:100], 0)
    assert error(receiver) == "storage"


def test_power_may_go_at_any_byte(flash: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Receiving, verifying and installing with a supply that ends after every possible number of bytes and steps."""
    content = image()
    budget = 0
    done = False
    while not done:
        place = tmp_path_factory.mktemp("cut")
        shutil.copytree(flash / "a", place / "a")
        try:
            transfer(updater(CutStorage(root(place), budget)), content)
            done = True
        except PowerCut:
            pass
        check_after_cut(place, content, budget)
        shutil.rmtree(place)
        budget += 1 if budget < 60 else STRIDE
    assert budget > len(content)


def check_after_cut(place: Path, content: bytes, budget: int) -> None:
    record = slots.load(root(place))
    assert installed(place, "a") == OLD, budget
    if slots.choose(dict(record)) == "b":
        assert installed(place, "b") == NEW, budget
    else:
        transfer(updater(Storage(root(place))), content)
        assert slots.choose(slots.load(root(place))) == "b", budget
        assert installed(place, "b") == NEW, budget


def test_a_torn_or_foreign_record_starts_the_first_folder(flash: Path) -> None:
    for text in ("", "{", "[]", json.dumps({"active": "b"}), "\0\0\0"):
        (flash / slots.RECORD).write_text(text)
        assert slots.load(root(flash)) == slots.fresh()


def test_confirmed_firmware_raises_the_floor(flash: Path) -> None:
    transfer(updater(Storage(root(flash))), image())
    record = slots.load(root(flash))
    assert slots.choose(record) == "b"
    slots.confirm(record, [1, 1, 0])
    slots.save(record, root(flash))
    receiver = updater(Storage(root(flash)))
    transfer(receiver, image(version=[1, 0, 5]))
    assert error(receiver) == "version"
    assert slots.choose(slots.load(root(flash))) == "b"


def test_paths_are_plain() -> None:
    assert update.is_plain("firmware/link.mpy")
    for path in ("firmware/", "firmware/a/b", "a/firmware/x", "/firmware/x", "firmware/..", "link.mpy", "firmware\\x"):
        assert not update.is_plain(path), path
