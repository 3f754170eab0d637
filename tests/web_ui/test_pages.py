"""Every page answers, in both languages, with data and without, with the box and without."""

from __future__ import annotations

import re

import pytest

from tests.web_ui.visitor import Visitor

PAGES = (
    "/", "/calls", "/calls/c1", "/extensions", "/extensions/add", "/messages", "/messages/write", "/settings",
    "/settings/history", "/settings/history/1", "/users", "/users/admin", "/account/secret", "/help", "/statements",
    "/statements/2026-09", "/statements/2026-10", "/statements/2026-09/details", "/statements/2026-10/draw",
    "/statements/2026-11/total", "/limits", "/limits/add", "/advice", "/tariffs", "/billing", "/billing/cancel",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_labels_lead_to_their_fields(admin: Visitor, page: str) -> None:
    """Two elements of one id would send a press on a label, and a screen reader, to the wrong one."""
    text = admin.get(page).text
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert sorted(ids) == sorted(set(ids))
    assert set(re.findall(r'\sfor="([^"]+)"', text)) <= set(ids)


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
