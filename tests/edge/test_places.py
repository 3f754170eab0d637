"""Where things lie, and that a socket path fits into the kernel's 108 bytes (unix(7))."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from edge.places import Places


def test_data_is_named_by_option_then_environment_then_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TONGDAI_DATA", raising=False)
    assert Places.at(None).data == tmp_path / "var"
    monkeypatch.setenv("TONGDAI_DATA", "/somewhere/else")
    assert Places.at(None).data == Path("/somewhere/else")
    assert Places.at("here").data == tmp_path / "here"


def test_a_short_path_stays_in_the_data_directory(tmp_path: Path) -> None:
    places = Places(Path("/srv/box"))
    assert places.socket("api") == Path("/srv/box/api.sock")


def test_a_long_path_moves_to_a_private_short_one(tmp_path: Path) -> None:
    places = Places(tmp_path / ("long" * 40))
    path = places.socket("api")
    assert len(os.fsencode(path)) < 108
    assert path.parent.stat().st_mode & 0o077 == 0
    assert places.socket("api") == path
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))
    path.unlink()
    path.parent.rmdir()


def test_two_boxes_with_long_paths_do_not_share_a_socket(tmp_path: Path) -> None:
    first = Places(tmp_path / ("a" * 150)).socket("api")
    second = Places(tmp_path / ("b" * 150)).socket("api")
    assert first != second
    for path in (first, second):
        path.parent.rmdir()
