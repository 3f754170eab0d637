"""A plan's file broken in every way: each fault is said in Vietnamese, with file, table and row as the file has it."""

from __future__ import annotations

import pytest
from flask import Flask

from edge.billing import RateTables, shipped_tariffs
from edge.billing.imports import take
from edge.rating.errors import RatingInputError
from web_ui.plan_refusals import PLAN
from web_ui.table_refusals import told

CALLS, ABROAD = "3c.toml", "onecontact-2019.toml"
SECOND_BAND = '{ tier = "1001-5000",  from = 1001,  to = 5000,  vnd_per_min = 480 }'
LAST_BAND = '{ tier = ">10000",     from = 10001,             vnd_per_min = 440 }'
FLAT = "[voice.flat.between_users]\nvnd_per_min = 200"

FAULTS: tuple[tuple[str, str, str, str, str], ...] = (
    # plan, what stands there, what somebody writes, where it is said to be, the sentence
    (CALLS, 'plan = "3c"', "", "giá.toml", "thiếu plan"),
    (CALLS, 'plan = "3c"', "plan = 3", "giá.toml", "plan phải là chuỗi trong dấu ngoặc kép, không phải 3"),
    (CALLS, 'plan = "3c"', 'plan = "3/c"', "giá.toml", "tên gói cước không được chứa / hoặc @"),
    (CALLS, 'roaming = "ignored"', 'romaing = "ignored"', "giá.toml", "romaing: không có khóa này"),
    (CALLS, 'roaming = "ignored"', 'roaming = "free"', "giá.toml", "roaming: 'free' không thuộc ignored, unrated"),
    (CALLS, "valid_from = 2019-01-01", 'valid_from = "1/1/2019"', "giá.toml", "không đặt trong ngoặc kép"),
    (CALLS, "decisions = [", "decisions = [ 5,", "giá.toml", "decisions phải là danh sách chuỗi"),
    (CALLS, "block = { first = 6, then = 1 }", "block = 6", "giá.toml, [voice]", "block phải là một bảng"),
    (CALLS, "first = 6", "first = 0", "giá.toml, [voice.block]", "first phải là số nguyên từ 1 trở lên, không phải 0"),
    (ABROAD, 'beyond = ">20000"', 'beyond = "1-20000"', "[international]", "tier_within cũng có tên '1-20000'"),
    (CALLS, "vnd_per_min = 480", "vnd_per_min = 4.8", "[voice.tiers.on_net], hàng 2", "vnd_per_min phải là số nguyên"),
    (CALLS, SECOND_BAND, SECOND_BAND.replace("1001,", "1100,"), "hàng 2", "from 1100 để hở: tiếp theo phải là 1001"),
    (CALLS, SECOND_BAND, SECOND_BAND.replace("1001,", "900,"), "hàng 2", "from 900 chồng lên bậc trước"),
    (CALLS, SECOND_BAND, SECOND_BAND.replace("5000", "1000"), "hàng 2", "to 1000 đứng trước from 1001"),
    (CALLS, LAST_BAND, LAST_BAND.replace("10001,", "10001, to = 9,"), "hàng 4", "to 9 đứng trước from 10001"),
    (CALLS, LAST_BAND, LAST_BAND.replace("10001,", "10001, to = 20000,"), "hàng 4", "bậc cuối phải để mở"),
    (CALLS, SECOND_BAND, SECOND_BAND.replace(" to = 5000,", ""), "hàng 3", "đứng sau bậc không có điểm cuối"),
    (CALLS, SECOND_BAND, SECOND_BAND.replace("1001-5000", "1-1000"), "hàng 2", "hàng trước đã có tên '1-1000'"),
    (CALLS, "bands = [", "bands = 5\nbandz = [", "[voice.tiers.on_net]", "danh sách các hàng"),
    (CALLS, 'counter = "on_net"', 'counter = "international"', "[voice.tiers.on_net]", "bộ đếm “international”"),
    (CALLS, FLAT, FLAT.replace("between_users", "free"), "[voice.flat.free]", "đã có giá khác tên 'free'"),
    (
        CALLS,
        'participant = { on_net = "on_net"',
        'participant = { on_net = "x"',
        "participant]",
        "on_net: không có giá 'x'",
    ),
    (
        CALLS,
        "[special_numbers]",
        '[special_numbers]\nabc = { class = "on_net" }',
        "[special_numbers.abc]",
        "“abc” không",
    ),
    (
        CALLS,
        "[special_numbers]",
        '[special_numbers]\n1080 = { class = "on_net", vnd_per_min = 5 }',
        "[special_numbers.1080]",
        "chỉ có loại hoặc giá",
    ),
    (CALLS, "number = 2,", "number = 1,", "[bundles], hàng 2", "gói 1 đã có ở hàng trước"),
    (
        CALLS,
        'number = 2,  direction = "on_net"',
        'number = 2,  direction = "x"',
        "[bundles]",
        "thiếu bảng [voice.tiers.x]",
    ),
    (ABROAD, "discount_percent = 12", "discount_percent = 120", "[international]", "120 phần trăm"),
    (
        ABROAD,
        '"Austria" = ["43"]',
        '"A/b" = ["43"]',
        "[international.preferred]",
        "A/b: tên điểm đến không được chứa /",
    ),
    (ABROAD, '"Austria" = ["43"]', '"Austria" = ["x"]', "[international.preferred]", "Austria: 'x' không phải đầu số"),
    (
        ABROAD,
        '"Austria" = ["43"]',
        '"Austria" = ["849"]',
        "[international.preferred]",
        "Austria: 849 nằm trong Việt Nam",
    ),
    (ABROAD, '"Austria" = ["43"]', '"Austria" = ["880"]', "[international.preferred]", "đầu số 880 đã thuộc Austria"),
    (
        CALLS,
        "valid_from = 2019-01-01",
        "valid_from = 2019-01-01\nvalid_to = 2018-01-01",
        "giá.toml",
        "không sau valid_from",
    ),
    (
        CALLS,
        "valid_from = 2019-01-01",
        "valid_from = 2018-01-01\nvalid_to = 2020-01-01",
        "giá.toml",
        "chồng lên 3c.toml",
    ),
)


@pytest.mark.parametrize(("file", "stands", "written", "where", "what"), FAULTS)
def test_a_fault_in_a_plan_is_said_in_vietnamese(
    app: Flask, file: str, stands: str, written: str, where: str, what: str
) -> None:
    text = shipped_tariffs()[file]
    assert stands in text
    said = refusal("plan", text.replace(stands, written, 1))
    with app.test_request_context():
        told_first, _, _ = told(said).partition(" (và")
        assert told_first.startswith("giá.toml")
        assert where in told_first
        assert what in told_first


def test_two_files_of_one_day_contradict_one_another(app: Flask) -> None:
    with app.test_request_context():
        assert told("a.toml: valid_from: b.toml is valid from 2019-01-01 too").startswith("a.toml: b.toml cũng có hiệu")


def test_every_sentence_about_a_plan_is_among_the_faults() -> None:
    """A pattern that nothing of the rater fits would be a sentence that nobody reads."""
    by_hand = {"valid_from: b.toml is valid from 2019-01-01 too"}
    said = by_hand | {
        refusal("plan", shipped_tariffs()[file].replace(stands, written, 1)) for file, stands, written, _, _ in FAULTS
    }
    heard = [_first_rule(each) for each in said]
    assert [pattern.pattern for pattern, _ in PLAN if pattern not in heard] == []


def _first_rule(said: str) -> object:
    what = said.partition(" (and ")[0]
    for start in (what.split(": ", count)[-1] for count in range(4)):
        for pattern, _ in PLAN:
            if pattern.fullmatch(start):
                return pattern
    raise AssertionError(said)


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("plan", "a = [", "giá.toml: không đúng cú pháp TOML: cuối tệp còn thiếu nội dung"),
        ("plan", "a = b", "giá.toml, dòng 1, cột 5: không đúng cú pháp TOML"),
        ("destinations", "3d,idd,Japan,81\n", "không có gói cước “3d”"),
        ("destinations", "ekyc,idd,Japan,81\n", "gói cước ekyc không có cước quốc tế"),
        ("destinations", "3c,preferred,Japan,81\n", "gói cước 3c không có giá cho điểm đến ưu đãi"),
        ("destinations", "3c,discount,Japan,81\n", "gói cước 3c không có giảm giá theo điểm đến"),
        ("destinations", "onecontact-2019,best,Japan,81\n", "“best” không thuộc"),
        ("destinations", "onecontact-2019,idd,Ja/pan,81\n", "không chứa /"),
        ("destinations", "onecontact-2019,idd,Home,849\n", "đầu số 849 nằm trong Việt Nam"),
        ("destinations", "onecontact-2019,idd,A,81\nonecontact-2019,idd,B,0081\n", "đã có ở dòng trước"),
        ("destinations", "plan,offer,name,prefix\n", "giá.toml: không có điểm đến nào"),
    ],
)
def test_other_faults_of_a_file(app: Flask, kind: str, text: str, said: str) -> None:
    with app.test_request_context():
        assert said in told(refusal(kind, text))


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("a.csv: line 3: byte 17 of the file is not UTF-8", "UTF-8"),
        ("a.csv: larger than 256 MB", "256 MB"),
        (
            (
                "a.csv: the settings would not hold any more: billing.bundles[1]: activated_at: hotline +84901234567 "
                "has bundle 8 then; another one can start on 2026-12-02T00:00:00+07:00 at the earliest, if that one "
                "is not renewed"
            ),
            "Hotline này đang có gói 8 vào lúc đó.",
        ),
    ],
)
def test_what_the_box_says_about_the_whole_file(app: Flask, sentence: str, said: str) -> None:
    with app.test_request_context():
        assert said in told(sentence)


def refusal(kind: str, text: str) -> str:
    with pytest.raises(RatingInputError) as refused:
        take(RateTables(), kind, text, "giá.toml")
    return str(refused.value)
