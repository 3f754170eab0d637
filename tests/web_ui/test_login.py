"""Nobody gets in without a secret of his own, and nothing tells a stranger which names exist."""

from __future__ import annotations

import stat

import pytest
from flask import Flask

from tests.web_ui.visitor import SECRET, Visitor, token_in
from web_ui.parts import Parts
from web_ui.users import new_secret, reset_user


@pytest.mark.parametrize("page", ["/", "/calls", "/calls/c1", "/calls/c1/recordings/1", "/settings", "/users", "/help"])
def test_strangers_are_sent_to_the_login(stranger: Visitor, page: str) -> None:
    answer = stranger.get(page)
    assert answer.status_code == 302
    assert answer.location.startswith("/login?next=")


def test_live_events_tell_a_stranger_by_status(stranger: Visitor) -> None:
    assert stranger.get("/live/events").status_code == 401


def test_first_secret_opens_only_the_page_that_changes_it(stranger: Visitor, parts: Parts) -> None:
    user, secret = parts.users.first_login()
    assert secret is not None
    assert stranger.sign_in(user, secret).location == "/account/secret"
    assert stranger.get("/calls").location == "/account/secret"
    changed = {"old": secret, "new": SECRET, "again": SECRET}
    assert stranger.post("/account/secret", changed, form_on="/account/secret").location == "/"
    assert stranger.get("/calls").status_code == 200
    assert parts.users.first_login() == ("admin", None)
    assert parts.users.check("admin", secret) is None


def test_first_secret_is_this_installations_own_and_nobody_elses_to_read(parts: Parts) -> None:
    assert new_secret() != new_secret()
    assert stat.S_IMODE(parts.store.path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("new", "again", "said"),
    [
        ("short", "short", "at least 10 characters"),
        ("aaaaaaaaaaaa", "aaaaaaaaaaaa", "different characters"),
        ("admin-12345", "admin-12345", "besides the user name"),
        (SECRET, SECRET, "must differ"),
        ("con ga cuc tac", "con ga khac", "differ"),
    ],
)
def test_weak_secrets_are_refused_in_words(admin: Visitor, new: str, again: str, said: str) -> None:
    answer = admin.post("/account/secret", {"old": SECRET, "new": new, "again": again})
    assert answer.status_code == 400
    assert said in answer.text


def test_changing_the_secret_ends_other_sign_ins(app: Flask, admin: Visitor) -> None:
    elsewhere = Visitor(app.test_client())
    elsewhere.sign_in("admin", SECRET)
    admin.post("/account/secret", {"old": SECRET, "new": "con ga cuc tac", "again": "con ga cuc tac"})
    assert elsewhere.get("/calls").status_code == 302
    assert admin.get("/calls").status_code == 200


def test_signing_out_holds_even_for_a_kept_cookie(app: Flask, admin: Visitor) -> None:
    kept = admin.client.get_cookie("tongdai")
    admin.post("/logout")
    thief = app.test_client()
    thief.set_cookie("tongdai", kept.value)
    assert thief.get("/calls").status_code == 302


def test_cookie_is_shut_away(app: Flask, parts: Parts) -> None:
    parts.users.add("lan", "viewer")
    secret = parts.users.reset("lan")
    answer = Visitor(app.test_client()).sign_in("lan", secret)
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("tongdai="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_wrong_name_and_wrong_secret_read_the_same(stranger: Visitor, parts: Parts) -> None:
    stranger.english()
    answers = [stranger.sign_in(name, "wrong wrong 1") for name in ("admin", "nobody")]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert all("The user name or the secret is wrong." in answer.text for answer in answers)
    assert 'value="nobody"' in answers[1].text  # what was typed stays, except the secret
    assert "wrong wrong 1" not in answers[1].text


def test_too_many_failures_are_stopped_and_told_until_when(stranger: Visitor, parts: Parts) -> None:
    stranger.english()
    statuses = [stranger.sign_in("admin", "wrong wrong 1").status_code for _ in range(9)]
    assert statuses == [401] * 8 + [429]
    answer = stranger.sign_in("admin", str(parts.users.first_login()[1]))
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 301
    assert "Try again in" in answer.text


def test_successes_do_not_count_as_tries(app: Flask, admin: Visitor) -> None:
    for _ in range(12):
        assert Visitor(app.test_client()).sign_in("admin", SECRET).status_code == 302


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "evil"]
)
def test_login_leads_nowhere_else(app: Flask, admin: Visitor, target: str) -> None:
    visitor = Visitor(app.test_client())
    page = visitor.client.get("/login")
    form = {"csrf_token": token_in(page.text), "name": "admin", "secret": SECRET}
    assert visitor.client.post("/login", query_string={"next": target}, data=form).location == "/"


def test_login_goes_on_to_the_page_asked_for(app: Flask, admin: Visitor) -> None:
    visitor = Visitor(app.test_client())
    to = visitor.get("/calls?number=0912").location
    page = visitor.client.get(to)
    form = {"csrf_token": token_in(page.text), "name": "admin", "secret": SECRET}
    assert visitor.client.post(to, data=form).location == "/calls?number=0912"


@pytest.mark.parametrize(
    "path", ["/login", "/logout", "/extensions/add", "/settings/company", "/settings/history/undo", "/users/add"]
)
def test_every_form_needs_its_mark(admin: Visitor, path: str) -> None:
    answer = admin.client.post(path, data={"name": "x"})
    assert answer.status_code == 400
    assert "Sign out" in answer.text  # whoever is signed in still sees his page around it


def test_headers_protect_every_answer(admin: Visitor, stranger: Visitor) -> None:
    for answer in (admin.get("/"), admin.get("/nothing"), stranger.get("/login"), admin.get("/static/style.css")):
        answer.close()
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"


def test_reset_gives_a_secret_for_one_login(app: Flask, admin: Visitor, parts: Parts) -> None:
    secret = reset_user(parts.config.data, "admin")
    assert admin.get("/calls").status_code == 302  # signed out everywhere
    assert Visitor(app.test_client()).sign_in("admin", SECRET).status_code == 401
    assert Visitor(app.test_client()).sign_in("admin", secret).location == "/account/secret"
    assert parts.users.first_login() == ("admin", None)
