"""Users, their roles, and what each role may not do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.web_ui.visitor import SECRET, Visitor
from web_ui import reset
from web_ui.errors import UserRefused
from web_ui.parts import Parts

FORBIDDEN = {
    "viewer": ("/extensions/add", "/messages/write", "/settings", "/settings/history", "/users",
               "/calls/c1/recordings/1", "/limits/add", "/advice", "/statements/2026-09/details", "/billing"),
    "manager": ("/settings", "/settings/history", "/settings/history/1", "/users", "/settings/greeting/audio",
                "/billing", "/billing/cancel", "/statements/2026-10/draw"),
}  # fmt: skip


@pytest.mark.parametrize(("role", "page"), [(role, page) for role, pages in FORBIDDEN.items() for page in pages])
def test_roles_end_where_they_should(request: pytest.FixtureRequest, role: str, page: str) -> None:
    visitor: Visitor = request.getfixturevalue(role)
    assert visitor.get(page).status_code == 403


def test_viewer_sees_no_buttons_he_cannot_use(viewer: Visitor) -> None:
    assert "/extensions/add" not in viewer.text("/extensions")
    assert "/messages/write" not in viewer.text("/messages")


def test_add_shows_the_secret_once(admin: Visitor, parts: Parts) -> None:
    answer = admin.post("/users/add", {"name": "Lan", "role": "manager"})
    secret = answer.text.split("<code>")[1].split("</code>")[0]
    user = parts.users.check("lan", secret)
    assert user is not None
    assert (user.role, user.must_change) == ("manager", True)
    assert secret not in admin.text("/users")


@pytest.mark.parametrize("name", ["admin", "ADMIN", "<b>", "x", "a b", "../x", "é" * 3])
def test_bad_names_are_refused_and_kept(admin: Visitor, name: str) -> None:
    answer = admin.post("/users/add", {"name": name, "role": "viewer"})
    assert answer.status_code == 400
    assert "<b>" not in answer.text


def test_disabled_users_are_out_at_once(admin: Visitor, viewer: Visitor) -> None:
    admin.post("/users/vinh/disable")
    assert viewer.get("/").status_code == 302
    assert viewer.sign_in("vinh", SECRET).status_code == 401
    admin.post("/users/vinh/enable")
    assert viewer.sign_in("vinh", SECRET).status_code == 302


def test_an_administrator_always_remains(admin: Visitor, parts: Parts) -> None:
    assert "cannot disable yourself" in admin.post("/users/admin/disable", follow=True).text
    assert "last administrator" in admin.post("/users/admin", {"role": "viewer"}).text
    with pytest.raises(UserRefused):
        parts.users.set_disabled("admin", disabled=True)


def test_reset_on_the_command_line(parts: Parts, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert reset.main(["--data", str(tmp_path), "admin"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert parts.users.check(printed["user"], printed["secret"]) is not None
    assert reset.main(["--data", str(tmp_path), "nobody"]) == 2
    assert reset.main(["--data", str(tmp_path / "elsewhere"), "admin"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 2
