"""The pages in a real Chromium: what a person does on the first day, by mouse, by keyboard, on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web_ui.browsing import press_until, sign_in
from tests.web_ui.fake_box import FakeBox, FakeHistory, call, cdr
from tests.web_ui.fake_money import fill
from tests.web_ui.visitor import SECRET
from web_ui.parts import Parts

pytestmark = pytest.mark.system

PAGES = (
    "", "calls", "calls/c1", "extensions", "extensions/add", "messages", "messages/write", "settings",
    "settings/history", "settings/history/1", "users", "users/admin", "account/secret", "help", "nothing",
    "statements", "statements/2026-09", "statements/2026-09/details", "statements/2026-10/draw", "limits", "limits/add",
    "advice", "tariffs", "billing", "billing/cancel",
)  # fmt: skip


def test_the_first_day(page: Page, address: str, parts: Parts, box: FakeBox, history: FakeHistory) -> None:
    user, secret = parts.users.first_login()
    page.goto(address)
    expect(page.locator("h1")).to_have_text("Đăng nhập")
    page.fill("#name", user)
    page.fill("#secret", str(secret))
    page.keyboard.press("Enter")
    page.fill("#old", str(secret))
    page.fill("#new", SECRET)
    page.fill("#again", SECRET)
    page.keyboard.press("Enter")
    page.wait_for_url(address)

    expect(page.locator(".connection")).to_have_text("Cập nhật trực tiếp")
    expect(page.locator(".line")).to_have_count(2)
    box.calls = [call()]
    box.push()
    expect(page.locator(".call-who")).to_contain_text("Máy lẻ 512")
    expect(page.locator(".call-time .tick")).to_have_text("1:17", timeout=5000)  # counts on by itself

    page.click("text=Kết thúc cuộc gọi")
    expect(page.locator("dialog h1")).to_have_text("Kết thúc cuộc gọi này?")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).not_to_be_visible()
    assert box.ended == []
    page.click("text=Kết thúc cuộc gọi")
    page.click("dialog button[type=submit]")
    expect(page.locator(".flash")).to_be_visible()
    assert box.ended == ["c17"]


def test_extension_by_keyboard_only(page: Page, address: str, parts: Parts, box: FakeBox) -> None:
    sign_in(page, address, parts)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    press_until(page, 'a[href="/extensions"]')
    page.keyboard.press("Enter")
    page.wait_for_url(address + "extensions")
    press_until(page, 'a[href="/extensions/add"]')
    page.keyboard.press("Enter")
    page.wait_for_url(address + "extensions/add")
    press_until(page, "#number")
    page.keyboard.type("912")
    page.keyboard.press("Tab")
    page.keyboard.type("Kho hàng")
    page.keyboard.press("Tab")
    page.keyboard.type("0903 000 512")
    page.keyboard.press("Enter")
    expect(page.locator("#number-error")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "number"  # the mistake has the focus
    page.keyboard.press("Control+A")
    page.keyboard.type("512")
    page.keyboard.press("Enter")
    page.wait_for_url(address + "extensions")
    expect(page.locator("tbody tr")).to_contain_text("Kho hàng")

    press_until(page, 'a[href="/extensions/512/remove"]')
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_be_visible()
    press_until(page, "dialog button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator(".flash")).to_contain_text("Đã xóa máy lẻ 512")
    page.click("text=Hoàn tác")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert box.document["extensions"][0]["name"] == "Kho hàng"


def test_search_details_and_language(
    page: Page, address: str, parts: Parts, history: FakeHistory, tmp_path: Path
) -> None:
    sound = tmp_path / "c1.r1.wav"
    sound.write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x02\x00\x40\x1f\x00\x00\x00\x7d\x00\x00"
                      b"\x04\x00\x10\x00data\x00\x7d\x00\x00" + b"\x00" * 32000)  # fmt: skip
    history.rows = [cdr(n, disposition="busy" if n % 2 else "answered") for n in range(1, 121)]
    history.rows[0]["recordings"] = [str(sound)]
    sign_in(page, address, parts)
    page.goto(address + "calls")
    expect(page.locator("tbody tr")).to_have_count(50)
    page.select_option("#result", "busy")
    expect(page.locator(".pager")).to_contain_text("trong tổng số 60")
    assert "result=busy" in page.url
    page.fill("#number", "0999")
    expect(page.locator(".empty-title")).to_have_text("Không có cuộc gọi phù hợp")
    page.fill("#number", "0912 000")
    expect(page.locator("tbody tr")).to_have_count(50)
    page.locator(".row-link").first.click()
    expect(page.locator("h1")).to_contain_text("0912")
    length = page.evaluate(
        "new Promise((done) => { const a = document.querySelector('audio');"
        " a.onloadedmetadata = () => done(a.duration); a.onerror = () => done(-1); a.preload = 'metadata'; a.load(); })"
    )
    assert 0.9 < length < 1.1
    page.click(".menu summary")
    page.click("text=English")
    expect(page.locator("#timeline h2")).to_have_text("What happened")
    assert page.url.endswith("/calls/c1")


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_sticks_out(
    browser: Browser, address: str, parts: Parts, history: FakeHistory, box: FakeBox, width: int
):
    history.rows[0]["recordings"] = ["/nowhere/c1.ogg"]
    box.calls = [call()]
    fill(box)
    context = browser.new_context(viewport={"width": width, "height": 740})
    page = context.new_page()
    sign_in(page, address, parts)
    for language in ("vi", "en"):
        page.goto(f"{address}language/{language}")
        for path in PAGES:
            page.goto(address + path)
            found = page.evaluate("document.documentElement.scrollWidth")
            assert found <= width, f"{path} in {language} is {found} px wide"
    context.close()


def test_the_filter_waits_behind_its_name_on_a_phone(
    browser: Browser, address: str, parts: Parts, history: FakeHistory
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    sign_in(page, address, parts)
    page.goto(address + "calls")
    expect(page.locator("#number")).not_to_be_visible()
    expect(page.locator(".row-link").first).to_be_in_viewport()
    page.click(".fold summary")
    page.fill("#number", "0999")
    expect(page.locator(".empty-title")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 740})
    expect(page.locator("#number")).to_be_visible()
    expect(page.locator(".fold summary")).not_to_be_visible()
    context.close()


def test_works_without_scripts(browser: Browser, address: str, parts: Parts, box: FakeBox) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 900, "height": 700})
    page = context.new_page()
    sign_in(page, address, parts)
    expect(page.locator(".line")).to_have_count(2)
    box.calls = [call()]
    box.push()
    page.reload()
    page.click(".call-end a")
    page.click("main .question button[type=submit]")
    assert box.ended == ["c17"]
    page.goto(address + "calls")
    page.select_option("#result", "answered")
    page.click(".filters button[type=submit]")
    expect(page.locator("tbody tr")).to_have_count(3)
    context.close()


def test_stream_comes_back_by_itself(page: Page, address: str, parts: Parts, box: FakeBox) -> None:
    sign_in(page, address, parts)
    expect(page.locator(".line")).to_have_count(2)
    box.present = False
    expect(page.locator("#live-trouble .flash-bad")).to_be_visible()
    box.present = True
    expect(page.locator("#live-trouble .flash-bad")).to_have_count(0)
