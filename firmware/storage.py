"""Files on flash, under one root. Whatever must be whole or not there is written beside and renamed."""

import json
import os

from firmware.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, BinaryIO


class Storage:
    """Paths are relative to `root` ("" on the board: the flash itself)."""

    def __init__(self, root: str = "") -> None:
        self.root = root

    def open(self, path: str, mode: str) -> "BinaryIO":
        return open(self.root + path, mode)  # type: ignore[return-value]

    def size(self, path: str) -> int:
        """Bytes, or -1 when it is not there."""
        try:
            return os.stat(self.root + path)[6]
        except OSError:
            return -1

    def rename(self, path: str, new_path: str) -> None:
        os.rename(self.root + path, self.root + new_path)

    def remove(self, path: str) -> None:
        """Harmless when it is not there."""
        try:
            os.remove(self.root + path)
        except OSError:
            pass

    def names(self, path: str) -> "list[str]":
        try:
            return list(os.listdir(self.root + path))
        except OSError:
            return []

    def make_folder(self, path: str) -> None:
        try:
            os.mkdir(self.root + path)
        except OSError:
            pass

    def read_json(self, path: str) -> "dict[str, Any]":
        """Empty when it is missing or no JSON object."""
        try:
            with open(self.root + path) as file:
                found = json.load(file)
            return found if isinstance(found, dict) else {}
        except (OSError, ValueError):
            return {}

    def write_json(self, path: str, value: "dict[str, Any]") -> None:
        with self.open(path + ".new", "wb") as file:
            file.write(json.dumps(value).encode())
        self.rename(path + ".new", path)


LOG_FILES = ("log.0", "log.1")


class LogFiles:
    """The event log on flash: two files by turns, records only ever appended."""

    def __init__(self, storage: Storage, record_bytes: int, records: int) -> None:
        self._storage = storage
        self._limit = record_bytes * records
        self._current = LOG_FILES[0]

    def read(self) -> bytes:
        """All records, oldest first; the file whose first number is higher is the current one."""
        found = []
        for path in LOG_FILES:
            if self._storage.size(path) >= 4:
                with self._storage.open(path, "rb") as file:
                    content = file.read()
                found.append((int.from_bytes(content[:4], "little"), path, content))
        found.sort()
        if found:
            self._current = found[-1][1]
        return b"".join([content for _, _, content in found])

    def append(self, record: bytes) -> None:
        size = max(0, self._storage.size(self._current))
        mode = "ab"
        if size + len(record) > self._limit or size % len(record):
            self._current = LOG_FILES[1 - LOG_FILES.index(self._current)]
            mode = "wb"
        with self._storage.open(self._current, mode) as file:
            file.write(record)
