"""A ported number corrected on the page: imported, its difference looked at, applied, and then nothing differs (§3)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.support.box import Box
from tests.system.conftest import CUSTOMER, HOTLINE
from tests.web_ui.browsing import CHROMIUM, FLAGS, press_until
from tests.web_ui.visitor import SECRET

pytestmark = pytest.mark.system

OFF_NET_EXTENSION, ITS_MOBILE = "611", "0983000611"


@pytest.fixture
def page(box: Box) -> Iterator[Page]:
    """Signed in at the box's own page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        opened = browser.new_context(viewport={"width": 1280, "height": 860}).new_page()
        login = box.ready["login"]
        opened.goto(box.ready["web"] + "login")
        opened.fill("#name", login["user"])
        opened.fill("#secret", login["secret"])
        opened.keyboard.press("Enter")
        opened.fill("#old", login["secret"])
        opened.fill("#new", SECRET)
        opened.fill("#again", SECRET)
        opened.keyboard.press("Enter")
        opened.wait_for_url(box.ready["web"])
        yield opened
        browser.close()


def charged(box: Box) -> int:
    """What the only call with an off-net leg costs as it is stored."""
    (row,) = box.tongdai("cdrs")
    amount: int = row["charge_vnd"]
    return amount


def test_imported_looked_at_applied(box: Box, place: Path, page: Page) -> None:
    box.tongdai("sim", "subscriber", ITS_MOBILE, "--behaviour", "answer", "--after", "1")
    box.tongdai(
        "sim", "call", "--from", CUSTOMER, "--to", HOTLINE, "--keys", f"2:{OFF_NET_EXTENSION}", "--hang-up-after", "14"
    )
    (row,) = box.cdrs(1)
    before = charged(box)
    assert before > 0, "the extension's number is one of another operator"

    ported = place / "ported.csv"
    ported.write_text(f"number,operator,since\n{ITS_MOBILE},MobiFone,2026-01-01\n", encoding="utf-8")
    page.goto(box.ready["web"] + "tariffs")
    page.select_option("#kind", "ported")
    page.set_input_files("#file", str(ported))
    page.click("#import button[type=submit]")
    expect(page.locator("main .flash-warning")).to_contain_text("khác với giá và cài đặt hiện hành")
    assert charged(box) == before, "what is stored stays as it is"
    press_until(page, '.page-head a[href^="/tariffs/rerate"]', at_most=60)
    page.keyboard.press("Enter")
    page.wait_for_url("**/tariffs/rerate?first=*")

    press_until(page, "#first", at_most=60)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    months = page.locator(".months tbody tr")
    expect(months).to_have_count(1, timeout=30_000)
    expect(months).to_contain_text(f"−{before}")
    changed = page.locator(f'a[href="/calls/{row["call"]}"]')
    expect(changed).to_have_count(1)

    press_until(page, "#apply-rerate", at_most=60)
    page.keyboard.press("Enter")
    expect(page.locator("dialog h1")).to_have_text("Thay đổi 1 khoản cước?")
    press_until(page, "dialog button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator("#rerate .flash-good")).to_contain_text("Đã thay đổi 1 khoản cước", timeout=30_000)
    assert charged(box) == 0

    page.click("#rerate button[type=submit]")
    expect(page.locator("#rerate .empty-title")).to_have_text("Không có chênh lệch", timeout=30_000)
    page.goto(box.ready["web"] + "tariffs")
    expect(page.locator("main .flash-warning")).to_have_count(0)
