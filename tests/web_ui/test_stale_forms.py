"""A form that was opened before its reader signed in again: nothing is done, and nothing that was typed is lost."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.web_ui.fake_box import FakeBox
from tests.web_ui.visitor import Visitor, token_in

HERE = {"Origin": "http://localhost"}
TYPED = {
    "revision": "1", "whose": "company:", "period": "month", "minutes": "", "vnd": '7.000 "đ" <b>', "at_end": "block",
    "warn_percent": "80",
}  # fmt: skip


def kept(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found if name != "csrf_token"}


def test_what_was_typed_can_be_sent_again(admin: Visitor, box: FakeBox) -> None:
    answer = admin.client.post("/limits/add", data={**TYPED, "csrf_token": "old"}, headers=HERE)
    assert answer.status_code == 400
    assert 'action="/limits/add"' in answer.text
    form = answer.text.split("<main")[1]
    assert kept(form) == TYPED
    assert len(box.revisions) == 1
    again = {**kept(form), "vnd": "7.000", "csrf_token": token_in(form)}
    assert admin.client.post("/limits/add", data=again, headers=HERE).location == "/limits"
    assert box.document["spending"]["limits"][0]["vnd"] == 7_000


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://evil.example"}, {"Origin": "null"}])
def test_another_site_puts_no_button_here(admin: Visitor, headers: dict[str, str]) -> None:
    answer = admin.client.post("/limits/add", data=TYPED, headers=headers)
    assert answer.status_code == 400
    assert "7.000" not in answer.text
    assert "Go back, reload the page and send it again." in answer.text


def test_secrets_are_not_repeated(admin: Visitor, stranger: Visitor) -> None:
    secrets = {"old": "ba con meo", "new": "hai con cho", "again": "hai con cho"}
    assert "con cho" not in admin.client.post("/account/secret", data=secrets, headers=HERE).text
    assert "7.000" not in stranger.client.post("/limits/add", data=TYPED, headers=HERE).text


def test_a_form_sent_after_signing_out_leads_back_to_its_page(admin: Visitor, stranger: Visitor) -> None:
    token = token_in(stranger.text("/login"))

    def sent_from(page: str) -> str | None:
        return stranger.client.post("/limits/add", data={"csrf_token": token}, headers={"Referer": page}).location

    assert sent_from("http://localhost/limits/add") == "/login?next=/limits/add"
    assert sent_from("http://evil.example/limits/add") == "/login"
