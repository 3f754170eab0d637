"""Plan and bundles: kept in the settings document, refused by the box in words, cancelled only when asked twice."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from edge.api.client import BoxRefused
from edge.billing.company_book import CompanyBook
from edge.billing.contract import Contract
from edge.billing.succession import Doubt
from edge.billing.tables import RateTables
from edge.dialplan.billing import Billing, BundlePurchase, PlanChoice
from edge.rating.errors import TableError
from edge.rating.instant import parse_instant
from edge.rating.usage import End, Kind, Party, Service, UsageRecord
from tests.web_ui.fake_box import NOW, FakeBox
from tests.web_ui.visitor import Visitor
from web_ui.charges import explain
from web_ui.refusals import understand
from web_ui.saving import mark

BUNDLE = {
    "hotline": "+84901234567", "bundle": "8", "activated_at": "2026-11-05T08:00", "when_spent": "tiers",
    "auto_renew": "y",
}  # fmt: skip
OVERLAP = (
    "billing.bundles[0]: activated_at: hotline +84901234567 has bundle 8 then; another one can start on "
    "2026-12-06T08:00:00+07:00 at the earliest, if that one is not renewed"
)
COUNTS = ("call_center_users", "contact_center_users", "app_licences", "recording_storage_users", "data_storage_users",
          "sdk_sets")  # fmt: skip


def held(box: FakeBox) -> dict[str, Any]:
    return dict(box.document["billing"])


def sent(box: FakeBox, form: dict[str, str]) -> dict[str, str]:
    return {**form, "revision": str(len(box.revisions))}


def test_plan_from_a_month(admin: Visitor, box: FakeBox) -> None:
    page = admin.text("/billing")
    assert '<option value="3c">3C</option>' in page
    assert 'value="December 2026"' in page
    admin.post("/billing/plan", sent(box, {"plan": "3c", "first_month": "1/2027"}))
    assert held(box)["plans"] == [
        {"plan": "onecontact-2019", "first_month": "0001-01"}, {"plan": "3c", "first_month": "2027-01"}
    ]  # fmt: skip
    admin.post("/billing/plan", sent(box, {"plan": "onecontact-2019", "first_month": "2027-01"}))  # replaces
    assert len(held(box)["plans"]) == 2
    later = mark(held(box)["plans"][1])
    assert "OneContact 2019 from January 2027" in admin.text(f"/billing/plans/{later}/remove")
    admin.post(f"/billing/plans/{later}/remove", sent(box, {}))
    assert len(held(box)["plans"]) == 1
    assert admin.get(f"/billing/plans/{later}/remove").location == "/billing"
    answer = admin.post("/billing/plan", sent(box, {"plan": "3c", "first_month": "13/2026"}))
    assert answer.status_code == 400
    assert "A month such as January 2027." in answer.text
    assert 'value="13/2026"' in answer.text


def test_bundle_added_stopped_removed(admin: Visitor, box: FakeBox) -> None:
    admin.post("/billing/bundle", sent(box, BUNDLE))
    assert held(box)["bundles"] == [
        {"hotline": "+84901234567", "bundle": 8, "activated_at": "2026-11-05T08:00:00+07:00", "when_spent": "tiers",
         "auto_renew": True, "auto_renew_off_at": None}
    ]  # fmt: skip
    assert "renews by itself" in admin.text("/billing")
    admin.post(f"/billing/bundles/{mark(held(box)['bundles'][0])}/stop", sent(box, {}))
    assert held(box)["bundles"][0]["auto_renew_off_at"] == NOW.isoformat()
    assert "does not renew" in admin.text("/billing")
    admin.post(f"/billing/bundles/{mark(held(box)['bundles'][0])}/renew", sent(box, {}))
    assert held(box)["bundles"][0]["auto_renew_off_at"] is None
    admin.post(f"/billing/bundles/{mark(held(box)['bundles'][0])}/remove", sent(box, {}))
    assert held(box)["bundles"] == []


@pytest.mark.parametrize(
    ("refused", "field", "said"),
    [
        (
            OVERLAP,
            "activated_at",
            "Another one can begin on 06/12/2026 08:00:00 at the earliest",
        ),
        ("billing.bundles[0]: bundle: 99 is no bundle of plan 3c", "bundle", "The plan 3c has no bundle 99."),
        ("billing.bundles: plan onecontact-2019 has no bundles", "bundle", "has no bundles."),
        ("billing.bundles[0]: bundle: plan 3c sells no bundle 3 on 2018-01-01", "bundle", "no bundle 3 on that day"),
    ],
)
def test_what_the_tables_object_to_stands_at_its_field(
    admin: Visitor, box: FakeBox, refused: str, field: str, said: str
) -> None:
    box.objection = BoxRefused(refused)
    answer = admin.post("/billing/bundle", sent(box, BUNDLE))
    assert answer.status_code == 400
    assert said in answer.text.replace("\u00a0", " ").split(f'id="{field}-error"')[1].split("</p>")[0]
    assert 'value="2026-11-05T08:00' in answer.text


def test_unknown_plan_is_said_in_words(admin: Visitor, box: FakeBox) -> None:
    box.objection = BoxRefused("billing.plans: 'gold' is unknown; there are: 3c, onecontact-2019")
    answer = admin.post("/billing/plan", sent(box, {"plan": "gold", "first_month": "2027-01"}))
    assert "no prices for the plan gold" in answer.text.split('id="plan-error"')[1]


def test_customer_and_counts(admin: Visitor, box: FakeBox) -> None:
    form = {"customer": "Công ty <An Bình>\r\n12 Lê Lợi", **dict.fromkeys(COUNTS, "0"), "app_licences": "7"}
    admin.post("/billing/account", sent(box, form))
    assert held(box)["customer"] == "Công ty <An Bình>\n12 Lê Lợi"
    assert held(box)["subscribed"]["app_licences"] == 7
    assert "Công ty &lt;An Bình&gt;" in admin.text("/billing")
    answer = admin.post("/billing/account", sent(box, {**form, "sdk_sets": "-1"}))
    assert answer.status_code == 400
    assert 'id="sdk_sets-error"' in answer.text


def test_cancelling_asks_twice(admin: Visitor, box: FakeBox) -> None:
    assert admin.post("/billing/cancel", sent(box, {"word": "CANCEL"})).status_code == 400
    assert admin.post("/billing/cancel", sent(box, {"understood": "y", "word": "yes"})).status_code == 400
    assert held(box)["cancelled_at"] is None
    page = admin.post("/billing/cancel", sent(box, {"understood": "y", "word": "huỷ"}), follow=True).text
    assert held(box)["cancelled_at"] == NOW.isoformat()
    assert "The subscription was cancelled on" in page
    assert "/billing/cancel" not in page
    admin.post("/billing/resume", sent(box, {}))
    assert held(box)["cancelled_at"] is None


def test_only_for_administrators(manager: Visitor) -> None:
    for path in ("/billing", "/billing/cancel"):
        assert manager.get(path).status_code == 403
    assert manager.post("/billing/plan").status_code == 403
    assert "/billing" not in manager.text("/statements")


def test_history_names_plans_and_bundles(admin: Visitor, box: FakeBox) -> None:
    admin.post("/billing/bundle", sent(box, BUNDLE))
    compared = admin.text(f"/settings/history/{len(box.revisions)}").replace("\u00a0", " ")
    assert "bundle 8 of 0901 234 567 from 05/11/2026 08:00:00" in compared


@pytest.mark.parametrize("month", ["09/0001", "01/9999", "1999-12"])
def test_a_month_of_another_age_is_a_slip(admin: Visitor, box: FakeBox, month: str) -> None:
    answer = admin.post("/billing/plan", sent(box, {"plan": "3c", "first_month": month}))
    assert "A month such as January 2027." in answer.text
    answer = admin.post("/billing/bundle", sent(box, {**BUNDLE, "activated_at": "9999-12-31T23:59"}))
    assert "This is no day and time." in answer.text
    assert len(box.revisions) == 1


TWO = (
    BundlePurchase("+84901234567", 8, "2026-11-01T00:00:00+07:00", "renew", auto_renew=False),
    BundlePurchase("+84901234567", 1, "2026-12-15T08:00:00+07:00"),
)
CONTRACT = Contract(RateTables(), Billing(plans=(PlanChoice("3c", "0001-01"),), bundles=TWO))
ENDS = parse_instant("2026-12-02T00:00:00+07:00")


def doubt(*, is_over: bool = False, renews: bool = False) -> Doubt:
    (succession,) = CONTRACT.successions()
    return Doubt(succession, ENDS, is_over, renews)


def late() -> str:
    """What the box says of a record that spends the first bundle when the second one is sold already."""
    book = CONTRACT.book("3c")
    assert isinstance(book, CompanyBook)
    extension = End(Party.EXTENSION, is_ip=False, number=None)
    called = End(Party.CUSTOMER, is_ip=False, number="+84912000222")
    at = parse_instant("2026-11-20T09:00:00+07:00")
    with pytest.raises(TableError) as refused:
        book.add(UsageRecord("c1.2", Kind.VOICE, at, "+84901234567", Service.OUTBOUND, 600_000, extension, called))
    return str(refused.value)


SENTENCES = (
    (
        doubt().refusal,
        (
            "0901 234 567 has bundle 8. Its minutes may be used up before, and then it begins anew at once. Bundle 1 "
            "can be entered from 02/12/2026 00:00:00 on, to begin then or later."
        ),
        "Từ 02/12/2026 00:00:00 mới nhập được gói 1",
    ),
    (
        doubt(renews=True).refusal,
        (
            "0901 234 567 has bundle 8. It begins anew as soon as its minutes are used up, and by itself on 02/12/2026 "
            "00:00:00. Press “Stop renewing” first; bundle 1 can be entered when that one is over."
        ),
        "Hãy bấm “Ngừng gia hạn” trước",
    ),
    (
        doubt(is_over=True).refusal,
        "0901 234 567 had bundle 8 until 02/12/2026 00:00:00. Bundle 1 can begin then at the earliest.",
        "Gói 1 sớm nhất bắt đầu từ lúc đó",
    ),
    (
        doubt().warning,
        (
            "0901 234 567 has bundle 8, which begins anew as soon as its minutes are used up. If it still runs when "
            "bundle 1 begins on 15/12/2026 08:00:00, calls will have no price. Remove bundle 1, and enter it when the "
            "other one is over."
        ),
        "Nếu gói còn hiệu lực khi gói 1 bắt đầu vào 15/12/2026 08:00:00",
    ),
    (
        "billing.plans: plan meeting has no prices for calls: every call will be without a price, and a limit in money",
        (
            "The plan meeting has no prices for calls: every call will be without a price, and a limit in money that "
            "blocks will bar it."
        ),
        "Gói cước meeting không có giá cuộc gọi",
    ),
    (
        "billing.bundles[0]: activated_at: a bundle cannot begin after 9998",
        "A bundle cannot begin after 9998.",
        "Gói phút không thể bắt đầu sau năm 9998.",
    ),
    (
        late(),
        (
            "This came when the next bundle of 0901 234 567 had been bought already, and renews bundle 8 into it, so "
            "the cost is not known. Remove the next bundle under Plan and bundles, enter it again from 28/12/2026 "
            "07:40:00 on, then rate again from November 2026 on."
        ),
        "rồi tính cước lại từ tháng 11/2026",
    ),
)


@pytest.mark.parametrize(("sentence", "english", "vietnamese"), SENTENCES)
def test_what_the_box_says_about_bundles_after_one_another(
    app: Flask, sentence: str, english: str, vietnamese: str
) -> None:
    with app.test_request_context(headers={"Cookie": "language=en"}):
        assert understand(sentence).text.replace("\u00a0", " ") == english
    with app.test_request_context():
        assert vietnamese in understand(sentence).text.replace("\u00a0", " ")


def test_a_bundle_that_is_not_sold_says_from_when_on_at_its_field(admin: Visitor, box: FakeBox) -> None:
    box.objection = BoxRefused(doubt().refusal)
    answer = admin.post("/billing/bundle", sent(box, BUNDLE))
    assert answer.status_code == 400
    shown = answer.text.replace("\u00a0", " ").split('id="activated_at-error"')[1].split("</p>")[0]
    assert "can be entered from 02/12/2026 00:00:00 on" in shown


def test_a_charge_without_a_price_because_of_bundles_says_what_to_do(app: Flask) -> None:
    charge = {"id": "c1.2", "amount_vnd": None, "rule": "3c/none/none", "why": late()}
    with app.test_request_context():
        assert "Hãy xóa gói kế tiếp trong mục Gói đã mua" in explain(charge).reason


def test_bundles_that_may_collide_are_warned_of_where_they_stand(admin: Visitor, box: FakeBox) -> None:
    assert "flash-warning" not in admin.text("/billing")
    box.risks = [doubt().warning]
    card = admin.text("/billing").split('id="card-bundle"')[1]
    assert "flash-warning" in card
    assert "calls will have no price" in card
    box.risks = ["extensions[0].pin: something else"]
    assert "something else" not in admin.text("/billing")


def test_who_changes_bundles_is_told_which_charges_stay(admin: Visitor, box: FakeBox) -> None:
    box.advice = [
        (
            "billing.bundles: calls that were rated before keep their charges; `tongdai rerate --from 2026-11` shows "
            "what would change, --apply stores it"
        )
    ]
    said = "“Rate again” under Price tables shows what would change from November 2026 on."
    assert said in admin.post("/billing/bundle", sent(box, BUNDLE), follow=True).text
    entry = mark(held(box)["bundles"][0])
    assert said in admin.post(f"/billing/bundles/{entry}/stop", sent(box, {}), follow=True).text
    entry = mark(held(box)["bundles"][0])
    assert "keep their charges until you rate them again" in admin.text(f"/billing/bundles/{entry}/remove")
    assert said in admin.post(f"/billing/bundles/{entry}/remove", sent(box, {}), follow=True).text


def test_an_undo_that_is_not_sold_any_more_says_why(admin: Visitor, box: FakeBox) -> None:
    admin.post("/billing/bundle", sent(box, BUNDLE))
    box.objection = BoxRefused(doubt().refusal)
    answer = admin.post("/settings/history/undo", sent(box, {"back": "billing"}))
    assert answer.status_code == 400
    assert "Bundle 1 can be entered from 02/12/2026" in answer.text.replace("\u00a0", " ")


def test_the_example_of_a_month_is_in_the_language_of_every_reader(admin: Visitor) -> None:
    for language, written in (("vi", "11/2026"), ("en", "November 2026"), ("vi", "11/2026")):
        admin.client.set_cookie("language", language)
        assert f'placeholder="{written}"' in admin.text("/billing")
