"""A browser as far as forms go, and waiting without guessing."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

SECRET = "ba con meo nho 9"


def until(true: Callable[[], object], within_s: float = 5.0) -> None:
    """Polls with a deadline."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.005)


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, "no form on this page"
    return found.group(1)


class Visitor:
    """A browser as far as forms go: fetches the page's token before it posts."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **named: object) -> TestResponse:
        return self.client.get(path, **named)

    def text(self, path: str) -> str:
        answer = self.client.get(path, follow_redirects=True)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def post(self, path: str, data: dict[str, object] | None = None, *, form_on: str = "/help", follow: bool = False):
        page = self.client.get(form_on, follow_redirects=True)
        return self.client.post(path, data={"csrf_token": token_in(page.text), **(data or {})}, follow_redirects=follow)

    def sign_in(self, name: str, secret: str) -> TestResponse:
        return self.post("/login", {"name": name, "secret": secret}, form_on="/login")

    def english(self) -> Visitor:
        self.client.set_cookie("language", "en")
        return self
