"""The page as a process of its own: READY, ports, TLS, a clean end."""

from __future__ import annotations

import json
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography import x509

from web_ui.certificate import own_certificate


@contextmanager
def page(data: Path, checkout: Path, *more: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    command = [sys.executable, "-m", "web_ui", "--data", str(data), "--port", "0", *more]
    process = subprocess.Popen(command, cwd=checkout, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready = process.stdout.readline()
        assert ready.startswith("READY {"), ready
        yield process, json.loads(ready.removeprefix("READY "))
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_certificate_is_the_boxs_own_and_kept(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    certificate, key = own_certificate(tmp_path / "web", "192.168.1.20", now)
    first = certificate.read_bytes()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert own_certificate(tmp_path / "web", "192.168.1.20", now)[0].read_bytes() == first
    assert own_certificate(tmp_path / "web", "192.168.1.20", now + timedelta(days=450))[0].read_bytes() != first
    second = certificate.read_bytes()
    own_certificate(tmp_path / "web", "box.example", now)
    assert certificate.read_bytes() != second
    names = x509.load_pem_x509_certificate(certificate.read_bytes()).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert "box.example" in names.value.get_values_for_type(x509.DNSName)


@pytest.mark.system
def test_ready_says_where_and_with_what(tmp_path: Path, checkout: Path) -> None:
    with page(tmp_path, checkout) as (process, ready):
        assert ready["login"]["user"] == "admin"
        assert len(ready["login"]["secret"]) == 19
        with urllib.request.urlopen(ready["web"] + "login") as answer:
            assert answer.status == 200
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
        assert time.monotonic() - began < 2
    with page(tmp_path, checkout) as (_process, again):
        assert again["login"] == ready["login"]  # not yet changed: the same one, until it is


@pytest.mark.system
def test_killed_page_comes_back_under_its_address(tmp_path: Path, checkout: Path) -> None:
    with page(tmp_path, checkout) as (process, ready), urllib.request.urlopen(ready["web"] + "login"):
        process.kill()  # with a connection open: it stays behind for a minute
        process.wait(5)
    with page(tmp_path, checkout, "--port", str(urlsplit(ready["web"]).port)) as (_process, again):
        assert again["web"] == ready["web"]


@pytest.mark.system
def test_taken_port_is_one_sentence(tmp_path: Path, checkout: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "web_ui", "--data", str(tmp_path), "--port", port]
        done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"port {port}" in done.stderr


@pytest.mark.system
def test_tls_wherever_others_could_listen(tmp_path: Path, checkout: Path) -> None:
    with page(tmp_path, checkout, "--host", "0.0.0.0") as (_process, ready):
        assert ready["web"].startswith("https://")
        port = ready["web"].rstrip("/").rpartition(":")[2]
        trust = ssl.create_default_context(cafile=str(tmp_path / "web" / "certificate.pem"))
        with urllib.request.urlopen(f"https://localhost:{port}/login", context=trust) as answer:
            cookie = answer.headers["Set-Cookie"]
        assert "Secure" in cookie
    assert stat.S_IMODE((tmp_path / "web.db").stat().st_mode) == 0o600
