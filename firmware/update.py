"""New firmware over the link: an image is received, verified here and installed into the folder that is not running.

    "TDFW" | format u16 = 1 | signature length u16 | manifest length u32 | signature | manifest (JSON) | files

The manifest names product, target, version, minimum version, and of each file path, size and SHA-256; the signature
(rsa.py) is over the manifest. Files follow in its order with nothing between.

Invariants: `image.part` is only ever appended to, so a transfer goes on where it stopped; nothing of it is executed;
the record (slots.py) points to the new folder only after each file in it was read back and its hash agreed; a power cut
at any byte leaves the active folder untouched and the record whole.
"""

import hashlib
import json
import struct

from firmware import rsa, slots
from firmware.compat import TYPE_CHECKING, const, ticks_diff

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from firmware.storage import Storage

PRODUCT = "tongdai-supervisor"
FORMAT = const(1)
HEADER = "<4sHHI"
HEADER_BYTES = const(12)
MANIFEST_MAX = const(12288)
IMAGE_MAX = const(400000)
BLOCK = const(512)
PATIENCE_MS = const(60000)
"""Between two pieces of an image."""

PART = "image.part"
PART_ID = "image.id"

IDLE = const(0)
RECEIVING = const(1)
VERIFYING = const(2)
INSTALLING = const(3)
INSTALLED = const(4)
FAILED = const(5)

SIZE = const(1)
SIGNATURE = const(2)
MANIFEST = const(3)
TARGET = const(4)
VERSION = const(5)
HASH = const(6)
STORAGE = const(7)


class Refused(Exception):
    """The image is not to be installed; carries messages.UPDATE_ERRORS."""

    def __init__(self, error: int) -> None:
        super().__init__(error)
        self.error = error


class Updater:
    """`key`: the modulus that images are signed for. `step` does a little work; call it while `working`."""

    def __init__(self, storage: "Storage", key: bytes, target: str) -> None:
        self.state = IDLE
        self.error = 0
        self.changed = False
        """The state is another than when this was last set to False."""
        self._storage = storage
        self._key = key
        self._target = target
        self._size = 0
        self._received = 0
        self._heard_at = 0
        self._work: Iterator[None] | None = None

    @property
    def working(self) -> bool:
        return self._work is not None

    def describe(self) -> "dict[str, int]":
        return {"state": self.state, "error": self.error, "next_offset": self._received, "size": self._size}

    def begin(self, size: int, digest: bytes, now: int) -> bool:
        """Receive this image: anew, or from where the same one stopped. False while another is installed."""
        if self.working or not HEADER_BYTES < size <= IMAGE_MAX:
            return False
        self._size = size
        self._heard_at = now
        try:
            if self._stored_id() != digest or self._storage.size(PART) > size:
                self._forget()
                with self._storage.open(PART_ID, "wb") as file:
                    file.write(digest)
        except OSError:
            self._fail(STORAGE)
            return True
        self._received = max(0, self._storage.size(PART))
        self._enter(RECEIVING)
        return True

    def data(self, offset: int, piece: bytes, now: int) -> bool:
        """Append; a piece from another offset changes nothing (the answer says which is next)."""
        if self.state != RECEIVING:
            return False
        self._heard_at = now
        if offset == self._received and offset + len(piece) <= self._size:
            try:
                with self._storage.open(PART, "ab") as file:
                    file.write(piece)
            except OSError:
                self._fail(STORAGE)
                return True
            self._received += len(piece)
        return True

    def tick(self, now: int) -> None:
        """A sender that went away keeps nobody waiting; what came stays, for when it begins again."""
        if self.state == RECEIVING and ticks_diff(now, self._heard_at) > PATIENCE_MS:
            self._enter(IDLE)

    def end(self) -> bool:
        """Verify and install what was received, in steps."""
        if self.state != RECEIVING:
            return False
        self._enter(VERIFYING)
        self._work = self._verify_and_install()
        return True

    def step(self) -> None:
        """A few milliseconds of work."""
        if self._work is None:
            return
        try:
            next(self._work)
        except StopIteration:
            self._work = None
        except Refused as refused:
            self._fail(refused.error)
        except OSError:
            self._fail(STORAGE)

    def _verify_and_install(self) -> "Iterator[None]":
        if self._storage.size(PART) != self._size:
            raise Refused(SIZE)
        with self._storage.open(PART, "rb") as image:
            signature, raw = self._read_head(image)
            verification = rsa.Verification(self._key, signature, hashlib.sha256(raw).digest())
            while not verification.step():
                yield
            if not verification.good:
                raise Refused(SIGNATURE)
            manifest = self._check(raw)
            self._enter(INSTALLING)
            yield
            record = slots.load(self._storage.root)
            folder = slots.prepare(record)
            self._storage.write_json(slots.RECORD, record)
            self._clear(folder)
            for entry in manifest["files"]:
                yield from self._install(image, folder, entry)
        slots.try_next(record, folder)
        self._storage.write_json(slots.RECORD, record)
        self._forget()
        self._enter(INSTALLED)

    def _read_head(self, image: "Any") -> "tuple[bytes, bytes]":
        magic, version, signature_bytes, manifest_bytes = struct.unpack(HEADER, image.read(HEADER_BYTES))
        if magic != b"TDFW" or version != FORMAT or manifest_bytes > MANIFEST_MAX:
            raise Refused(MANIFEST)
        signature = image.read(signature_bytes)
        raw = image.read(manifest_bytes)
        if len(raw) != manifest_bytes:
            raise Refused(SIZE)
        return signature, raw

    def _check(self, raw: bytes) -> "dict[str, Any]":
        """The manifest, of which now every word is the signer's."""
        try:
            manifest = json.loads(raw)
            product, target = manifest["product"], manifest["target"]
            version = list(manifest["version"])
            total = 0
            for entry in manifest["files"]:
                total += entry["size"]
                if not is_plain(entry["path"]):
                    raise Refused(MANIFEST)
        except (ValueError, KeyError, TypeError):
            raise Refused(MANIFEST) from None
        if product != PRODUCT or target != self._target:
            raise Refused(TARGET)
        if version < list(slots.load(self._storage.root)["floor"]):
            raise Refused(VERSION)
        if HEADER_BYTES + rsa.KEY_BYTES + len(raw) + total != self._size:
            raise Refused(SIZE)
        return dict(manifest)

    def _clear(self, folder: str) -> None:
        self._storage.make_folder(folder)
        self._storage.make_folder(folder + "/firmware")
        for name in self._storage.names(folder + "/firmware"):
            self._storage.remove(folder + "/firmware/" + name)

    def _install(self, image: "Any", folder: str, entry: "dict[str, Any]") -> "Iterator[None]":
        """Copy one file, then read it back from flash."""
        path = folder + "/" + entry["path"]
        left = entry["size"]
        with self._storage.open(path, "wb") as file:
            while left:
                block = image.read(min(BLOCK, left))
                if not block:
                    raise Refused(SIZE)
                file.write(block)
                left -= len(block)
                yield
        digest = hashlib.sha256()
        with self._storage.open(path, "rb") as file:
            while True:
                block = file.read(BLOCK)
                if not block:
                    break
                digest.update(block)
                yield
        if digest.digest().hex() != entry["sha256"]:
            raise Refused(HASH)

    def _stored_id(self) -> bytes:
        if self._storage.size(PART_ID) < 0:
            return b""
        with self._storage.open(PART_ID, "rb") as file:
            return file.read()

    def _forget(self) -> None:
        self._storage.remove(PART)
        self._storage.remove(PART_ID)

    def _fail(self, error: int) -> None:
        self._work = None
        self._forget()
        self.error = error
        self._enter(FAILED)

    def _enter(self, state: int) -> None:
        if state != FAILED:
            self.error = 0
        self.state = state
        self.changed = True


def is_plain(path: str) -> bool:
    """`firmware/NAME` and nothing that leads elsewhere."""
    folder, _, name = path.partition("/")
    return folder == "firmware" and bool(name) and "/" not in name and "\\" not in name and ".." not in name
