"""The pages about money in a real Chromium: forms by keyboard alone, progress, messages as they come."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.web_ui.browsing import press_until, sign_in
from tests.web_ui.fake_box import FakeBox, FakeHistory, call, cdr
from tests.web_ui.fake_money import FakeStatements, fill, long
from tests.web_ui.fake_papers import FakePapers
from tests.web_ui.visitor import until
from web_ui.parts import Parts

pytestmark = pytest.mark.system

SLOW = "import time; time.sleep(2.5)\n"


def test_a_limit_by_keyboard_only(page: Page, address: str, parts: Parts, box: FakeBox) -> None:
    fill(box)
    sign_in(page, address, parts)
    press_until(page, '.nav a[href="/statements"]')
    page.keyboard.press("Enter")
    page.wait_for_url(address + "statements")
    press_until(page, '.tabs a[href="/limits"]')
    page.keyboard.press("Enter")
    page.wait_for_url(address + "limits")
    press_until(page, 'a[href="/limits/add"]')
    page.keyboard.press("Enter")
    page.wait_for_url(address + "limits/add")
    press_until(page, "#whose")
    page.keyboard.press("ArrowDown")  # past “each extension” and 512
    page.keyboard.press("ArrowDown")
    press_until(page, "#vnd")
    page.keyboard.type("1,5 triệu")
    page.keyboard.press("Enter")
    expect(page.locator("#vnd-error")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "vnd"  # the mistake has the focus
    assert page.input_value("#vnd") == "1,5 triệu"
    page.keyboard.press("Control+A")
    page.keyboard.type("1.500.000")
    page.keyboard.press("Enter")
    page.wait_for_url(address + "limits")
    expect(page.locator(".flash-good")).to_contain_text("Đã lưu hạn mức: Máy lẻ 601, 1.500.000")
    assert box.document["spending"]["limits"][2]["subject"] == "601"

    press_until(page, ".rule:nth-child(3) .danger-text", at_most=80)
    page.keyboard.press("Enter")
    expect(page.locator("dialog h1")).to_have_text("Xóa hạn mức này?")
    press_until(page, "dialog button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator(".rule")).to_have_count(2)
    page.click("text=Hoàn tác")
    expect(page.locator(".rule")).to_have_count(3)


def test_barring_and_cancelling_by_keyboard_only(page: Page, address: str, parts: Parts, box: FakeBox) -> None:
    fill(box)
    sign_in(page, address, parts)
    page.goto(address + "limits")
    press_until(page, "#international", at_most=80)
    page.keyboard.press("Space")
    press_until(page, "#allowed")
    page.keyboard.type("+44 20")
    press_until(page, "#barring button")
    page.keyboard.press("Enter")
    expect(page.locator(".flash-good")).to_be_visible()
    assert box.document["spending"]["barring"]["allowed"] == ["+4420"]
    assert box.document["spending"]["barring"]["international"] is True

    page.goto(address + "billing/cancel")
    press_until(page, "#word")
    page.keyboard.type("hủy")
    page.keyboard.press("Enter")
    expect(page.locator("#understood-error")).to_be_visible()
    assert box.document["billing"]["cancelled_at"] is None
    press_until(page, "#understood")
    page.keyboard.press("Space")
    press_until(page, "main .btn-danger")
    page.keyboard.press("Enter")
    expect(page.locator(".flash-bad")).to_contain_text("Thuê bao đã hủy")
    page.click("text=Rút lại việc hủy")
    assert box.document["billing"]["cancelled_at"] is None


def test_plan_and_bundle_by_keyboard_only(page: Page, address: str, parts: Parts, box: FakeBox) -> None:
    sign_in(page, address, parts)
    page.goto(address + "billing")
    press_until(page, "#plan")
    page.keyboard.type("3C")
    press_until(page, "#first_month")
    page.keyboard.press("Control+A")
    page.keyboard.type("02/2027")
    page.keyboard.press("Enter")
    expect(page.locator(".flash-good")).to_contain_text("3C từ tháng 02/2027")
    press_until(page, "#bundle", at_most=60)
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    expect(page.locator("#bundles li")).to_have_count(1)
    assert box.document["billing"]["bundles"][0]["bundle"] == 9
    assert box.document["billing"]["bundles"][0]["auto_renew"] is True


def test_comparison_shows_progress_and_comes_by_itself(
    page: Page, address: str, parts: Parts, box: FakeBox, history: FakeHistory
) -> None:
    history.rows.append(cdr(9, started="2026-09-05T09:00:00+07:00"))
    box.advice_script = SLOW + box.advice_script
    sign_in(page, address, parts)
    page.goto(address + "advice")
    page.select_option("#period", "2026-09")
    page.click("#advice button[type=submit]")
    expect(page.locator(".working")).to_contain_text("Đang so sánh tháng 09/2026")
    expect(page.locator(".choice")).to_have_count(3, timeout=15000)
    expect(page.locator(".working")).to_have_count(0)
    page.locator(".choice summary").first.press("Enter")
    expect(page.locator(".choice").first).to_contain_text("Giả định <1>")


def test_live_costs_and_notices(page: Page, address: str, parts: Parts, box: FakeBox) -> None:
    sign_in(page, address, parts)
    box.calls = [call(charge_vnd=100)]
    box.push()
    cost = page.locator('[data-fresh="cost"]')
    expect(cost).to_contain_text("100")
    page.focus("#end-c17")
    box.calls = [call(charge_vnd=2775)]
    expect(cost).to_contain_text("2.775", timeout=8000)  # without any event
    assert page.evaluate("document.activeElement.id") == "end-c17"
    box.push("spending", vi="Máy lẻ 512 đã hết hạn mức.", en="Extension 512 used up.", level="reached")
    expect(page.locator("#live-trouble .flash-bad")).to_contain_text("Máy lẻ 512 đã hết hạn mức.")


def test_statement_closed_from_the_list(
    page: Page, address: str, parts: Parts, box: FakeBox, shelf: FakeStatements
) -> None:
    sign_in(page, address, parts)
    page.goto(address + "statements")
    expect(page.locator("[data-late]").first).to_contain_text("944.800")
    page.click("text=Chốt ngay")
    expect(page.locator("dialog h1")).to_have_text("Chốt ngay bảng kê tháng 10/2026?")
    page.keyboard.press("Escape")
    assert box.drawn == []
    page.click("text=Chốt ngay")
    page.click("dialog button[type=submit]")
    page.wait_for_url(address + "statements/2026-10")
    assert box.drawn == ["2026-10"]
    with page.expect_download() as download:
        page.click('a[href$="summary.pdf"]')
    assert download.value.suggested_filename == "bang-ke-tong-hop-2026-10.pdf"


def test_a_long_statement_is_fetched_when_it_is_ready(
    page: Page, address: str, parts: Parts, shelf: FakeStatements, papering: FakePapers
) -> None:
    shelf.closed["2026-09"] = long("2026-09")
    papering.first_line = "import time; time.sleep(4)\n"
    sign_in(page, address, parts)
    page.goto(address + "statements/2026-09")
    page.click('a[href$="detailed.pdf"]')
    page.wait_for_url("**/detailed.pdf/wait")
    expect(page.locator(".working")).to_contain_text("Đang tạo tệp")
    press_until(page, "#cancel-paper", at_most=60)
    with page.expect_download(timeout=20_000) as download:
        expect(page.locator(".working")).to_contain_text(re.compile("đã [1-9] giây"))
        assert page.evaluate("document.activeElement.id") == "cancel-paper", "the focus stays while the words change"
    assert download.value.suggested_filename == "bang-ke-chi-tiet-2026-09.pdf"
    expect(page.locator(".flash-good a")).to_have_text("Tải PDF")
    page.goto(address + "statements/2026-09")
    with page.expect_download() as download:
        page.click('a[href$="detailed.pdf"]')  # it is kept
    assert len(papering.made) == 1

    page.click('a[href$="detailed.csv"]')
    page.wait_for_url("**/detailed.csv/wait")
    press_until(page, "#cancel-paper", at_most=60)
    page.keyboard.press("Enter")
    page.wait_for_url(address + "statements/2026-09")
    until(lambda: not parts.papers._jobs.running)
