"""What a person does in a browser: signs in, walks by keyboard."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.web_ui.visitor import SECRET
from web_ui.parts import Parts

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def sign_in(page: Page, address: str, parts: Parts) -> None:
    secret = parts.users.first_login()[1]
    parts.users.change_secret("admin", str(secret), SECRET)
    page.goto(address + "login")
    page.fill("#name", "admin")
    page.fill("#secret", SECRET)
    page.keyboard.press("Enter")
    page.wait_for_url(address)


def press_until(page: Page, wanted: str, key: str = "Tab", at_most: int = 40) -> None:
    """Presses the key until the element has the focus, as somebody without a mouse would."""
    for _ in range(at_most):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{wanted} cannot be reached by {key}")
