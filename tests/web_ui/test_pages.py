"""Every page answers, in both languages, with data and without, with the box and without."""

from __future__ import annotations

import pytest

from tests.web_ui.visitor import Visitor

PAGES = (
    "/", "/calls", "/calls/c1", "/extensions", "/extensions/add", "/messages", "/messages/write", "/settings",
    "/settings/history", "/settings/history/1", "/users", "/users/admin", "/account/secret", "/help", "/statements",
    "/statements/2026-09", "/statements/2026-10", "/statements/2026-09/details", "/statements/2026-10/draw",
    "/statements/2026-11/total", "/limits", "/limits/add", "/advice", "/tariffs", "/billing", "/billing/cancel",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_answers(admin: Visitor, page: str, language: str) -> None:
    admin.client.set_cookie("language", language)
    answer = admin.get(page)
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert "{{" not in answer.text
    assert " style=" not in answer.text
    assert "<script>" not in answer.text
