"""Serving the application: cheroot's threads, TLS with the box's own certificate wherever others could listen."""

from __future__ import annotations

import errno
import ipaddress
import logging
import socket
from datetime import UTC, datetime
from pathlib import Path

from cheroot import wsgi
from cheroot.ssl.builtin import BuiltinSSLAdapter
from flask import Flask

from web_ui.certificate import own_certificate
from web_ui.errors import CannotListen

THREADS = 40
"""Each open live page holds one (`live.STREAMS` at most); the rest answer pages."""
IDLE_TIMEOUT_S = 10
STOP_S = 1
BACKLOG = 64

log = logging.getLogger(__name__)


def is_loopback(host: str) -> bool:
    """Only then plain HTTP is good enough."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class WebServer:
    """Bound at construction, so that a taken port is known before anything is announced."""

    def __init__(self, app: Flask, host: str, port: int, data: Path) -> None:
        """Raises CannotListen."""
        self._server = _Server(
            (host, port),
            app,
            numthreads=THREADS,
            max=THREADS,
            request_queue_size=BACKLOG,
            timeout=IDLE_TIMEOUT_S,
            shutdown_timeout=STOP_S,
            server_name="tongdai",
        )
        self._secure = not is_loopback(host)
        if self._secure:
            certificate, key = own_certificate(data / "web", host, datetime.now(UTC))
            self._server.ssl_adapter = BuiltinSSLAdapter(str(certificate), str(key))
        self._host = host
        try:
            self._server.prepare()
        except OSError as error:
            raise CannotListen(_why(error, host, port)) from error
        # cheroot leaves this out for port 0. Without it the connections of a killed server keep its port for a minute,
        # and the next one could not come back under the address that people have open.
        self._server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

    @property
    def url(self) -> str:
        """Where a browser finds it; for a server on all addresses, this machine's name."""
        host, port = self._host, int(self._server.bind_addr[1])
        if host in {"0.0.0.0", "::", ""}:  # noqa: S104 - compared, not bound
            host = socket.gethostname()
        shown = f"[{host}]" if ":" in host else host
        return f"{'https' if self._secure else 'http'}://{shown}:{port}/"

    def serve(self) -> None:
        """Until `stop` is called from another thread or a signal handler's thread."""
        self._server.serve()

    def stop(self) -> None:
        self._server.stop()


class _Server(wsgi.Server):
    """Sends what goes wrong between the socket and the application to our log."""

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        log.log(level if isinstance(level, int) else logging.INFO, "%s", msg, exc_info=traceback)


def _why(error: OSError, host: str, port: int) -> str:
    # cheroot says it in words only when every address of the host failed, so the code may be inside the text.
    text = str(error)
    if error.errno == errno.EADDRINUSE or "in use" in text.lower():
        return f"web page: port {port} on {host} is taken; choose another with --port, or 0 for any free one"
    if error.errno == errno.EACCES or "permission" in text.lower():
        return f"web page: not allowed to listen on {host} port {port}; ports below 1024 need a right of their own"
    return f"web page: cannot listen on {host} port {port}: {text}"
