"""Limits: what is used of each, added, changed and removed without losing what was typed; barring; the fraud guard."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.web_ui.fake_box import FakeBox
from tests.web_ui.fake_money import used
from tests.web_ui.visitor import Visitor, token_in
from web_ui.limits import rules
from web_ui.saving import mark

EXTENSION = {"number": "512", "name": "Kinh doanh", "mobile": "0903000512", "pin": "4711", "department": "Bán hàng"}
GOOD = {
    "whose": "extension:512", "period": "month", "minutes": "", "vnd": "1.000.000", "warn_percent": "90, 80",
    "at_end": "cut",
}  # fmt: skip
FRAUD = {
    "hourly_vnd": "2 000 000 đ", "night_vnd": "", "night_begins": "21:30", "night_ends": "06:00", "refused_tries": "3",
    "alarm_mobile": "0903 000 999",
}  # fmt: skip


@pytest.fixture(autouse=True)
def company(admin: Visitor) -> None:
    admin.post("/extensions/add", {**EXTENSION, "record": "off"})


def limits(box: FakeBox) -> list[dict[str, Any]]:
    return list(box.document["spending"]["limits"])


def typed(box: FakeBox, **changed: str) -> dict[str, str]:
    return {**GOOD, "revision": str(len(box.revisions)), **changed}


def test_add_change_remove_undo(admin: Visitor, box: FakeBox) -> None:
    page = admin.text("/limits/add")
    for choice in ("extension:", "extension:512", "department:Bán hàng", "hotline:+84901234567", "company:"):
        assert f'value="{choice}"' in page
    said = admin.post("/limits/add", typed(box), follow=True).text.replace("\u00a0", " ")
    assert "The limit was saved: Extension 512, 1,000,000 VND per month; block, and cut calls in progress." in said
    assert limits(box) == [
        {"scope": "extension", "subject": "512", "period": "month", "minutes": None, "vnd": 1_000_000,
         "warn_percent": [80, 90], "at_end": "cut"}
    ]  # fmt: skip
    first = mark(limits(box)[0])
    assert 'value="1,000,000"' in admin.text(f"/limits/{first}")
    admin.post(f"/limits/{first}", typed(box, minutes="500", vnd=""))
    assert (limits(box)[0]["minutes"], limits(box)[0]["vnd"]) == (500, None)
    removed = admin.post(f"/limits/{mark(limits(box)[0])}/remove", {"revision": str(len(box.revisions))}, follow=True)
    assert limits(box) == []
    undo = {"csrf_token": token_in(removed.text), "revision": str(len(box.revisions)), "back": "limits"}
    assert admin.client.post("/settings/history/undo", data=undo).location == "/limits"
    assert limits(box)[0]["minutes"] == 500


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"vnd": ""}, "minutes", "Enter minutes, an amount, or both"),
        ({"vnd": "1.5"}, "vnd", "Enter a whole number."),
        ({"vnd": "0"}, "vnd", "From 1 to"),
        ({"vnd": "99999999999999"}, "vnd", "From 1 to"),
        ({"minutes": "soon"}, "minutes", "Enter a whole number."),
        ({"warn_percent": "80, 120"}, "warn_percent", "Whole numbers from 1 to 99"),
        ({"warn_percent": "1 2 3 4 5 6 7 8 9 10"}, "warn_percent", "At most 9 whole numbers"),
        ({"whose": "everybody"}, "whose", "Choose one of these."),
        ({"whose": "company:512"}, "whose", "Choose one of these."),
        ({"at_end": "explode"}, "at_end", "Choose one of these."),
    ],
)
def test_mistakes_stand_at_their_field(
    admin: Visitor, box: FakeBox, wrong: dict[str, str], field: str, said: str
) -> None:
    answer = admin.post("/limits/add", typed(box, **wrong))
    assert answer.status_code == 400
    assert said in answer.text.split(f'id="{field}-error"')[1].split("</p>")[0]
    name, value = next(iter(wrong.items()))
    if name not in ("whose", "at_end"):
        assert f'value="{value}"' in answer.text
    assert limits(box) == []


def test_nobodys_change_is_overwritten(admin: Visitor, box: FakeBox) -> None:
    """A limit is known by what it says: one that moved is found, one that was changed is not changed by mistake."""
    admin.post("/limits/add", typed(box))
    old = mark(limits(box)[0])
    form = typed(box, vnd="7.000.000")
    document = copy.deepcopy(box.document)
    document["spending"]["limits"] = [{**limits(box)[0], "vnd": 5_000_000}]
    box._put(document, type("By", (), {"by": "lan", "origin": "page"}), "limit")
    answer = admin.post(f"/limits/{old}", form)
    assert answer.status_code == 400
    assert "changed or removed this limit meanwhile" in answer.text
    assert 'value="7.000.000"' in answer.text
    stale = admin.post("/limits/add", {**form, "revision": "1"})
    assert stale.status_code == 400
    assert "Somebody else has changed the settings meanwhile" in stale.text
    assert 'value="7.000.000"' in stale.text
    assert [each["vnd"] for each in limits(box)] == [5_000_000]
    assert admin.get(f"/limits/{old}").location == "/limits"
    assert admin.get(f"/limits/{old}/remove").location == "/limits"


def test_somebody_who_is_gone_stays_in_the_list(admin: Visitor, box: FakeBox) -> None:
    admin.post("/limits/add", typed(box))
    admin.post("/extensions/512/remove")
    assert "no longer there" in admin.text(f"/limits/{mark(limits(box)[0])}")
    assert "no longer there" in admin.text("/limits").split('class="rules"')[1].split("</ul>")[0]
    admin.post("/extensions/add", {**EXTENSION, "record": "off"})
    assert "no longer there" not in admin.text("/limits")


def test_a_mistake_is_said_once_and_its_range_as_people_write_numbers(admin: Visitor, box: FakeBox) -> None:
    said = admin.post("/limits/add", typed(box, minutes="1,5", vnd="10.000.000.001")).text
    minutes = said.split('id="minutes-error"')[1].split("</p>")[0]
    assert "Enter a whole number." in minutes
    assert "From" not in minutes
    assert "From 1 to 10,000,000,000." in said


def test_opening_what_is_dear_brings_the_advice_about_the_guard(admin: Visitor, box: FakeBox) -> None:
    admin.post("/limits/fraud", {**FRAUD, "hourly_vnd": "", "alarm_mobile": "", "revision": str(len(box.revisions))})
    opened = {"international": "y", "allowed": "", "international_prefix": "00", "revision": str(len(box.revisions))}
    page = admin.post("/limits/barring", opened, follow=True).text
    assert "nothing caps what they cost in an hour" in page
    assert "nobody is told of an alarm by SMS" in page


def test_use_is_said_in_words_beside_the_bar(admin: Visitor, box: FakeBox) -> None:
    admin.post("/limits/add", typed(box, whose="extension:", at_end="block"))
    box.spending["limits"] = [used("extension", "512", 96, "warned")] + [
        used("extension", str(number), 100 if number == 520 else 0, "reached" if number == 520 else "ok")
        for number in range(515, 525)
    ]
    page = admin.text("/limits").replace("\u00a0", " ")
    assert page.index("Extension 520") < page.index("Extension 512 · Kinh doanh")
    for said in ("96 % used", "960,000 VND of 1,000,000 VND", "Nearly used up", "Used up", 'width="96%"', "6 more"):
        assert said in page


def test_rules_keep_to_their_own_rows() -> None:
    each = {"scope": "extension", "subject": "", "period": "month", "at_end": "block", "minutes": None, "vnd": 10}
    one = {**each, "subject": "512", "vnd": 20}
    rows = [used("extension", "512", 1, "ok", vnd=10), used("extension", "512", 2, "ok", vnd=20)]
    found = rules([each, one], rows)
    assert [[row["percent"] for row in rule.used] for rule in found] == [[1], [2]]


def test_barring(admin: Visitor, box: FakeBox) -> None:
    form = {"international": "y", "allowed": "0044 20\n1900 1234\n\n+4420", "international_prefix": "00"}
    page = admin.post("/limits/barring", {**form, "revision": str(len(box.revisions))}, follow=True).text
    assert box.document["spending"]["barring"] == {
        "international": True, "premium": False, "short": False, "allowed": ["+4420", "19001234"],
        "international_prefix": "00",
    }  # fmt: skip
    assert "Saved: which numbers" in page
    wrong = admin.post("/limits/barring", {**form, "allowed": "+44\nabc", "revision": str(len(box.revisions))})
    assert wrong.status_code == 400
    assert "“abc” is no beginning of a number" in wrong.text.split('id="allowed-error"')[1]
    assert "+44\nabc" in wrong.text


def test_fraud_guard(admin: Visitor, box: FakeBox) -> None:
    admin.post("/limits/fraud", {**FRAUD, "revision": str(len(box.revisions))})
    assert box.document["spending"]["fraud_guard"] == {
        "hourly_vnd": 2_000_000, "night_vnd": None, "night_begins": "21:30", "night_ends": "06:00", "refused_tries": 3,
        "alarm_mobile": "+84903000999",
    }  # fmt: skip
    page = admin.text("/limits")
    assert 'value="2,000,000"' in page
    assert 'value="0903 000 999"' in page


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"night_begins": "25:00"}, "night_begins", "A time such as 22:00."),
        ({"night_ends": "21:30"}, "night_ends", "another time"),
        ({"alarm_mobile": "024 3822 1111"}, "alarm_mobile", "no Vietnamese mobile number"),
        ({"alarm_mobile": "0901234567"}, "alarm_mobile", "nobody would read the SMS"),
        ({"hourly_vnd": "much"}, "hourly_vnd", "Enter a whole number."),
    ],
)
def test_fraud_mistakes(admin: Visitor, box: FakeBox, wrong: dict[str, str], field: str, said: str) -> None:
    answer = admin.post("/limits/fraud", {**FRAUD, **wrong, "revision": str(len(box.revisions))})
    assert answer.status_code == 400
    assert said in answer.text.split(f'id="{field}-error"')[1].split("</p>")[0]


def test_guard_that_stopped_calls_says_until_when(admin: Visitor, box: FakeBox) -> None:
    box.spending["fraud"] |= {"barred_until": "2026-11-22T10:15:00+07:00", "hour_vnd": 1_000_500, "refused": 4}
    page = admin.text("/limits").replace("\u00a0", " ")
    assert "Outgoing calls are barred until 22/11/2026 10:15:00." in page
    assert "Barred numbers dialled in the last hour: 4" in page


def test_limits_can_be_changed_while_nobody_knows_what_is_used(admin: Visitor, box: FakeBox) -> None:
    box.spending = {}
    admin.post("/limits/add", typed(box))
    page = admin.text("/limits")
    assert "not known right now" in page
    assert "/limits/add" in page


def test_who_may(manager: Visitor, viewer: Visitor, box: FakeBox) -> None:
    assert manager.post("/limits/add", typed(box)).status_code == 302
    assert viewer.get("/limits/add").status_code == 403
    assert viewer.post("/limits/fraud", FRAUD).status_code == 403
    page = viewer.text("/limits")
    assert "/limits/add" not in page
    assert page.count('<fieldset class="plain stack" disabled') == 2


def test_history_says_it_in_words(admin: Visitor, box: FakeBox) -> None:
    admin.post("/limits/add", typed(box))
    admin.post("/limits/add", typed(box, whose="company:"))
    compared = admin.text(f"/settings/history/{len(box.revisions)}").replace("\u00a0", " ")
    assert "The whole company, 1,000,000 VND per month" in compared
    assert "Extension 512" not in compared
    admin.post("/limits/fraud", {**FRAUD, "revision": str(len(box.revisions))})
    compared = admin.text(f"/settings/history/{len(box.revisions)}").replace("\u00a0", " ")
    assert "At most in any hour" in compared
    assert "2,000,000 VND" in compared
    assert "0903 000 999" in compared


def test_the_example_of_an_amount_is_in_the_language_of_every_reader(admin: Visitor) -> None:
    """Not in that of who came first: Jinja reckons filters of constants once, when the page is compiled."""
    for language, written in (("vi", "1.000.000"), ("en", "1,000,000"), ("vi", "1.000.000")):
        admin.client.set_cookie("language", language)
        assert f'placeholder="{written}"' in admin.text("/limits/add")
