"""tongdai.toml: every mistake is told with file and key; the example is a good one."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.config import ConfigError, read_config


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("box = 3", "$.box"),
        ('nonsense = "x"', "nonsense"),
        ('[web]\nport = "eighty"', "$.web.port"),
        ('[[lines]]\nline = "gsm-1"', "at"),
        ("[mqtt]", "broker"),
        ("box = \n", "line 1"),
        ('[[lines]]\nline = "a"\nat = "/dev/1"\n[[lines]]\nline = "a"\nat = "/dev/2"', "lines[1].line 'a'"),
        ('[[lines]]\nline = "a"\nat = "/dev/1"\n[[lines]]\nline = "b"\nat = "/dev/1"', "lines[1].at /dev/1"),
        ('[[lines]]\nline = "a"\nat = "/dev/1"\naudio = "/dev/1"', "lines[0].audio /dev/1"),
        ('[[lines]]\nline = "../a"\nat = "/dev/1"', "lines[0].line '../a'"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "tongdai.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as refused:
        read_config(path)
    assert str(path) in str(refused.value)
    assert named in str(refused.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_config(tmp_path / "nothing.toml")


def test_the_example_is_good(checkout: Path) -> None:
    config = read_config(checkout / "packaging" / "tongdai.toml")
    assert config.lines[0].line == "gsm-1"
    assert config.web.port == 8080


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "tongdai.toml"
    path.write_bytes(b'box = "\xff"')
    with pytest.raises(ConfigError, match="UTF-8"):
        read_config(path)
