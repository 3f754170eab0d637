"""Two languages without gaps, and the core's sentences in both."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from flask import Flask

from edge.dialplan.billing import Billing, BundlePurchase, PlanChoice, Subscribed
from edge.dialplan.limits import Barring, FraudGuard, Limit, LimitEnd, LimitPeriod, LimitScope, Spending
from edge.dialplan.settings import Company, Extension, Menu, RecordingPolicy, Settings, Timers
from edge.dialplan.validation import validate
from edge.telephony import PhoneNumber
from tests.web_ui.fake_box import FakeBox
from tests.web_ui.visitor import Visitor
from web_ui import i18n, reasons
from web_ui.billing_forms import as_month
from web_ui.refusals import NEXT_KEY, understand

METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}


@pytest.fixture(scope="module")
def room(checkout: Path) -> Path:
    return checkout / "web_ui"


def _used(room: Path) -> set[object]:
    return {found[2] for found in extract_from_dir(str(room), METHODS, keywords=KEYWORDS) if found[2]}


def _catalog(room: Path, kind: str):
    content = (room / f"translations/vi/LC_MESSAGES/messages.{kind}").read_bytes()
    read = read_po if kind == "po" else read_mo
    return {_key(each.id): each for each in read(io.BytesIO(content)) if each.id}


def _key(message: object) -> object:
    return tuple(message) if isinstance(message, list | tuple) else message


def test_vietnamese_is_complete_and_no_longer_than_needed(room: Path) -> None:
    used, known = _used(room), _catalog(room, "po")
    assert used - set(known) == set(), "strings without a Vietnamese text: add them to messages.po"
    assert set(known) - used == set(), "texts that no page uses any more: take them out of messages.po"
    assert [key for key, each in known.items() if not each.string or each.fuzzy] == []


def test_placeholders_survive_translation(room: Path) -> None:
    for key, each in _catalog(room, "po").items():
        assert [str(error) for error in each.check()] == [], key


def test_compiled_catalog_is_in_step(room: Path) -> None:
    def texts(kind: str) -> dict[object, object]:
        return {key: _key(each.string) for key, each in _catalog(room, kind).items()}

    as_text = {key: value[0] if isinstance(value, tuple) else value for key, value in texts("po").items()}
    compiled = {key: value[0] if isinstance(value, tuple) else value for key, value in texts("mo").items()}
    assert compiled == as_text, "compile messages.po: see web_ui/README.md"


def test_switch_keeps_the_page(admin: Visitor) -> None:
    answer = admin.get("/language/vi?next=/extensions")
    assert answer.location == "/extensions"
    assert "Thêm máy lẻ" in admin.text("/extensions")
    assert admin.get("/language/en?next=//evil.example").location == "/"
    assert "Add extension" in admin.text("/extensions")
    assert admin.get("/language/xx").status_code == 404


def test_vietnamese_is_the_default(stranger: Visitor) -> None:
    assert "Đăng nhập" in stranger.text("/login")


WRONG = Settings(
    company=Company(name="x" * 61, greeting="../x", language="fr"),
    timers=Timers(first_key_s=1.0),
    menu=Menu(tries=0),
    recording=RecordingPolicy(announce=False, keep_days=0, keep_gb=0.0),
    extensions=(
        Extension("912", " ", PhoneNumber("12"), pin="1"),
        Extension("100", "A", PhoneNumber("0903000512")),
        Extension("512", "A", PhoneNumber("+84903000512")),
        Extension("512", "A", PhoneNumber("+84903000512")),
        Extension("5121", "A", PhoneNumber("+84901234567")),
        Extension("51", "A", PhoneNumber("+84938000513")),
        Extension("1123", "A", PhoneNumber("+84938000514")),
    ),
)


def test_every_sentence_of_the_core_is_understood(app: Flask) -> None:
    problems = validate(WRONG, (PhoneNumber("+84901234567"),))
    assert len({each.code for each in problems}) > 10
    with app.test_request_context():
        for each in problems:
            said = understand(f"{each.path}: {each.message_en}")
            assert said.text != f"{each.path}: {each.message_en}", each
            assert said.field in each.path, (said, each)
            assert "%(" not in said.text


WRONG_ABOUT_MONEY = Settings(
    spending=Spending(
        limits=(
            Limit(LimitScope.EXTENSION, LimitPeriod.MONTH),
            Limit(LimitScope.EXTENSION, LimitPeriod.MONTH, vnd=5),
            Limit(LimitScope.EXTENSION, LimitPeriod.MONTH, "512", vnd=9),
            Limit(LimitScope.EXTENSION, LimitPeriod.MONTH, "512", vnd=9),
            Limit(LimitScope.COMPANY, LimitPeriod.CALL, "x", minutes=0, vnd=0, warn_percent=(90, 80)),
            Limit(LimitScope.HOTLINE, LimitPeriod.DAY, "x", vnd=1),
            Limit(LimitScope.HOTLINE, LimitPeriod.DAY, "+84900000000", vnd=1),
            Limit(LimitScope.DEPARTMENT, LimitPeriod.DAY, "Kho", vnd=1, at_end=LimitEnd.CUT),
            *(Limit(LimitScope.COMPANY, LimitPeriod.DAY, vnd=number) for number in range(1, 200)),
        ),
        barring=Barring(international=True, allowed=("abc",), international_prefix="x"),
        fraud_guard=FraudGuard(None, 0, "9:00", "9:00", 0, PhoneNumber("0903 000 999")),
    ),
    billing=Billing(
        plans=(PlanChoice("3c", "2027-01"), PlanChoice("3c", "2026-13")),
        bundles=(BundlePurchase("0901", 1, "yesterday", "never", auto_renew_off_at="x"),),
        subscribed=Subscribed(sdk_sets=-1),
        customer="x" * 301,
        cancelled_at="now",
    ),
)
"""At least one of every kind of mistake."""


@pytest.mark.parametrize("mobile", [None, "+84901234567", "12", "0903 000 999"])
def test_every_sentence_about_money_is_understood(app: Flask, mobile: str | None) -> None:
    spending = WRONG_ABOUT_MONEY.spending
    guard = replace(spending.fraud_guard, alarm_mobile=mobile and PhoneNumber(mobile))
    settings = replace(WRONG_ABOUT_MONEY, spending=replace(spending, fraud_guard=guard))
    problems = validate(settings, (PhoneNumber("+84901234567"),)) + validate(
        replace(settings, billing=replace(settings.billing, plans=()))
    )
    assert len({each.code for each in problems}) > 20
    with app.test_request_context():
        for each in problems:
            said = understand(f"{each.path}: {each.message_en}")
            assert not said.text.startswith(each.path), each
            assert each.message_en not in said.text, each
            assert said.path == each.path
            assert "%(" not in said.text


def test_refusals_of_several_keys_come_apart() -> None:
    told = "spending.limits[12].vnd: 0 is outside 1 to 9 VND; billing.customer: name; see; spending.limits[0]: twice"
    assert NEXT_KEY.split(told) == [
        "spending.limits[12].vnd: 0 is outside 1 to 9 VND", "billing.customer: name; see", "spending.limits[0]: twice"
    ]  # fmt: skip


def test_unknown_sentences_are_shown_as_they_are(app: Flask, box: FakeBox) -> None:
    with app.test_request_context():
        assert understand("something new").text == "something new"


def test_numbers_as_people_write_them() -> None:
    assert i18n.money(1234567) == "1.234.567\u00a0đ"
    assert i18n.money(None) == "–"
    assert [i18n.duration(s) for s in (0, 59.9, 65, 3723)] == ["0:00", "0:59", "1:05", "1:02:03"]
    assert i18n.instant("2026-11-22T02:15:00Z") == "22/11/2026\u00a009:15:00"
    assert i18n.instant(0) == "01/01/1970\u00a007:00:00"
    assert i18n.phone("+84903000111") == "0903\u00a0000\u00a0111"
    assert [i18n.phone(n) for n in ("113", "+442079460000", None)] == ["113", "+442079460000", "–"]
    assert i18n.phone("+842439345678") == "024\u00a03934\u00a05678"
    assert i18n.phone("+842363123456") == "0236\u00a0312\u00a03456"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("SIM: absent", "No SIM card"),
        ("SIM: puk-required", "PUK"),
        ("/dev/ttyUSB2: the device is gone", "unplugged"),
        ("/dev/ttyUSB2: read failed: Input/output error", "unplugged"),
        ("the port cannot be opened: [Errno 2] No such file or directory: '/dev/ttyUSB2'", "cannot be found"),
        ("gsm-1: no answer to AT in 30 s; power or port is wrong", "does not answer"),
        ("the module does not answer AT", "does not answer"),
        ("the module restarted", "has restarted"),
        ("the modem restarted", "has restarted"),
        ("the module switched itself off", "power supply"),
        ("gsm-1: AT+CMGF=0 was answered +CME ERROR: 4; starting over", "sets it up once more"),
        ("no profile for 'ACME' 'X1'; known families: sim7600", "family"),
        ("fault in the driver: KeyError('x')", "in the log"),
        ("part 1 of 2 was refused: +CMS ERROR: 38", "(+CMS ERROR: 38)"),
        ("part 1 of 1 was refused: no answer in time", "does not answer"),
        ("gsm-2 has no modem", "no working modem"),
        ("no line had service for too long", "No line had service"),
        ("the box went down before it was sent", "shut down"),
        ("the box was stopped", "shut down"),
        ("the module refused AT+CPCMREG=1 for 4 s (+CME ERROR: 14)", "its sound"),
        ("the PCM port cannot be opened: [Errno 2] No such file", "its sound"),
        ("recording r7.ogg: [Errno 28] No space left on device", "No storage"),
        ("storage: only 180 MB free; recording has stopped, calls go on: delete recordings", "Only 180 MB"),
        (
            "billing: 12 stored charges of 2026-10 are not by the tables and settings of today; `x`",
            "12 charges of October 2026",
        ),
        ("the box has no clock yet: rows wait for their time", "no clock yet"),
        ("something new", "something new"),
        ("", ""),
        (None, ""),
    ],
)
def test_reasons_are_said_for_people(app: Flask, said: str | None, shown: str) -> None:
    with app.test_request_context(headers={"Cookie": "language=en"}):
        english = reasons.say(said)
    with app.test_request_context():
        vietnamese = reasons.say(said)
    assert shown in english
    assert "/dev/" not in english
    assert (vietnamese == english) == (said in {"something new", "", None})


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("supervisor: the supervisor does not answer; nobody guards the box until it answers again", "không phản hồi"),
        ("supervisor: its firmware 0.9.0 and this box do not understand each other; update it", "Phần sụn 0.9.0"),
        ("board: no pin_map in tongdai.toml", "Không dùng được bo mạch"),
        ("supply: 4.52 V is too low; check the power supply", "chỉ còn 4,52 V"),
        ("temperature: 81 °C; give the box air", "nóng tới 81 °C"),
        ("modem 1, 3: does not come back after power was cut; look at the HAT", "Modem 1, 3 không hoạt động lại"),
        ("Spending control failed; calls are not limited now", "không bị giới hạn"),
        (
            "billing: 1234 stored charges of 2026-10 are not by the tables and settings of today; `x`",
            "1.234 khoản cước của tháng 10/2026",
        ),
        ("billing: 3c: no such plan", "Bảng giá hoặc gói cước: 3c"),
    ],
)
def test_every_alarm_of_the_box_is_said_in_vietnamese(app: Flask, said: str, shown: str) -> None:
    with app.test_request_context():
        assert shown in reasons.say(said)


def test_months_as_people_write_them(app: Flask) -> None:
    with app.test_request_context():
        assert [i18n.month(each) for each in ("2026-11", None, "0001", "")] == ["11/2026", "–", "0001", "–"]
    with app.test_request_context(headers={"Cookie": "language=en"}):
        assert [i18n.month(each) for each in ("2026-11", "2026-13")] == ["November 2026", "2026-13"]


@pytest.mark.parametrize(
    "typed", ["2027-01", "1/2027", "01/2027", "tháng 01/2027", "Tháng 1/2027", "January 2027", " january  2027 "]
)
def test_a_month_may_be_typed_either_way(typed: str) -> None:
    assert as_month(typed) == "2027-01"


@pytest.mark.parametrize("typed", ["Jan 2027", "January", "13/2027x", ""])
def test_what_is_no_month_stays_as_it_was_typed(typed: str) -> None:
    assert as_month(typed) == typed
