"""Why a charge is what it is, as a sentence in Vietnamese or English.

A charge is self-contained: `rule` names plan version, table and row, `parts` the bands. So any stored charge can be
explained again in the other language, without the tariff.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from edge.local_text import money_text, number_text
from edge.rating.charge import Charge, Part, Status

Language = Literal["vi", "en"]

_GENERAL: dict[str, dict[Language, str]] = {
    "unanswered": {"vi": "Không ai trả lời: miễn phí.", "en": "Never answered: free."},
    "inbound": {"vi": "Cuộc gọi đến hotline: miễn phí.", "en": "A call to the hotline: free."},
    "no_duration": {"vi": "Thời lượng 0 giây: miễn phí.", "en": "It lasted 0 seconds: free."},
}
_UNRATED: dict[str, dict[Language, str]] = {
    "no_version": {
        "vi": "Chưa tính được: không có phiên bản bảng cước nào có hiệu lực vào thời điểm đó; "
        "hãy nhập phiên bản đó: tongdai tariff import --plan FILE.",
        "en": "Unrated: no version of the plan is valid at that time; "
        "import the one that was: tongdai tariff import --plan FILE.",
    },
    "no_voice": {
        "vi": "Chưa tính được: gói này không có cước thoại; hãy chọn gói có cước thoại.",
        "en": "Unrated: the plan has no voice prices; rate it by a plan that has.",
    },
    "no_sms": {
        "vi": "Chưa tính được: gói này không có cước SMS; hãy chọn gói có cước SMS.",
        "en": "Unrated: the plan has no SMS prices; rate it by a plan that has.",
    },
    "no_request": {
        "vi": "Chưa tính được: gói này không có giá cho sản phẩm đó; hãy chọn gói có giá cho sản phẩm.",
        "en": "Unrated: the plan has no price for that product; rate it by a plan that has.",
    },
    "no_international": {
        "vi": "Chưa tính được: gói này không có cước quốc tế; hãy thêm mục [international] vào bảng cước.",
        "en": "Unrated: the plan has no international prices; add an [international] section to its file.",
    },
    "no_idd_price": {
        "vi": "Chưa tính được: bảng giá IDD không có hướng {detail}; "
        "hãy nhập bảng giá có hướng này: tongdai tariff import --idd FILE.",
        "en": "Unrated: the IDD price table has no price for {detail}; "
        "import one that has: tongdai tariff import --idd FILE.",
    },
    "roaming": {
        "vi": "Chưa tính được: cước chuyển vùng quốc tế do nhà mạng tính; hãy xem hóa đơn của nhà mạng.",
        "en": "Unrated: roaming is charged by the operator; its bill says how much.",
    },
    "sms_ip": {
        "vi": "Chưa tính được: không có giá SMS tới máy IP; hãy gửi tới số di động của máy lẻ.",
        "en": "Unrated: no price for SMS to an IP phone; send it to the extension's mobile number.",
    },
    "sms_international": {
        "vi": "Chưa tính được: không có giá SMS quốc tế; nhà mạng tính riêng.",
        "en": "Unrated: no price for SMS to another country; the operator charges it by itself.",
    },
}
_NO_PRICE: dict[Language, str] = {"vi": "Chưa tính được: không có giá.", "en": "Unrated: there is no price."}
_SERVICES: dict[str, dict[Language, str]] = {
    "connect": {"vi": "hotline nối tới máy lẻ", "en": "the hotline connecting to an extension"},
    "callback": {"vi": "hotline gọi lại cho nhân viên", "en": "the hotline calling an employee back"},
    "forward": {"vi": "chuyển tiếp ra số ngoài", "en": "forwarding to an outside number"},
    "internal": {"vi": "gọi nội bộ", "en": "an internal call"},
    "outbound": {"vi": "gọi ra ngoài", "en": "an outside call"},
    "conference": {"vi": "hội nghị", "en": "a conference"},
    "extension": {"vi": "SMS tới máy lẻ", "en": "SMS to an extension"},
    "other": {"vi": "SMS tới khách hàng", "en": "SMS to somebody else"},
}
_CLASSES: dict[str, dict[Language, str]] = {
    "on_net": {"vi": "nội mạng", "en": "on-net"},
    "off_net": {"vi": "ngoại mạng", "en": "off-net"},
    "international": {"vi": "quốc tế", "en": "international"},
    "ip": {"vi": "máy IP", "en": "IP"},
}
_OFFERS: dict[str, dict[Language, str]] = {
    "preferred": {"vi": "hướng ưu đãi", "en": "a preferred destination"},
    "discount": {"vi": "giá IDD, giảm trừ trên hóa đơn", "en": "IDD price, discounted on the invoice"},
    "excluded": {"vi": "giá IDD, không giảm", "en": "IDD price, no discount"},
    "idd": {"vi": "giá IDD", "en": "IDD price"},
}
_ROLES: dict[str, dict[Language, str]] = {
    "initiator": {"vi": ", người khởi tạo", "en": ", its initiator"},
    "participant": {"vi": ", người tham gia", "en": ", a participant"},
}
_WORDS: dict[str, dict[Language, str]] = {
    "free": {"vi": "miễn phí theo bảng cước", "en": "free by the plan"},
    "bundle": {"vi": " giây trong gói {bundle}: 0", "en": " s inside bundle {bundle}: 0"},
    "seconds": {"vi": " giây × {price}/phút", "en": " s at {price}/min"},
    "sms": {"vi": " bản tin × {price}", "en": " parts at {price} each"},
    "one_sms": {"vi": " bản tin × {price}", "en": " part at {price}"},
    "units": {"vi": " × {price}", "en": " at {price} each"},
    "tier": {"vi": " (bậc {tier})", "en": " (tier {tier})"},
    "flat": {"vi": " (giá cố định, không theo bậc)", "en": " (a flat price, no tier)"},
    "special": {"vi": "số đặc biệt {detail}", "en": "special number {detail}"},
    "requests": {"vi": "yêu cầu {detail}", "en": "{detail} requests"},
    "calling": {"vi": " từ máy {detail}", "en": ", {detail} caller"},
}


@dataclass(frozen=True, slots=True)
class _Frame:
    """What a rule says whatever was used: the sentence around the parts."""

    whole: str
    """The sentence of a charge without parts."""
    before: str
    after: str
    one: str
    """How a single piece that is no voice is said."""
    piece: str
    """How several are."""


def explain(charge: Charge, language: Language = "en") -> str:
    """One sentence for people: plan version, rule, parts with price, what was free and why."""
    frame = _frame(charge.rule, charge.status is Status.UNRATED, language)
    if not charge.parts or charge.amount_vnd is None:
        return frame.whole
    parts = " + ".join([_part(part, frame.one if part.amount == 1 else frame.piece, language) for part in charge.parts])
    return f"{frame.before}{parts} = {money_text(charge.amount_vnd, language)}{frame.after}"


@lru_cache(maxsize=10_000)  # a tariff has some hundred rules; numbers abroad without a price make rules of their own
def _frame(rule: str, is_unrated: bool, language: Language) -> _Frame:
    version, table, row = rule.split("/", 2)
    name, _, detail = row.partition(".")
    if table == "general":
        return _whole(f"{_GENERAL[name][language]} [{version}]")
    if is_unrated:
        return _whole(f"{_UNRATED.get(name, _NO_PRICE)[language].format(detail=detail)} [{version}]")
    about = _about(table, row, language)
    about = about[0].upper() + about[1:]
    one, piece = ("one_sms", "sms") if table == "sms" else ("units", "units")
    return _Frame(
        whole=f"{about}: {_WORDS['free'][language]}. [{version}]",
        before=f"{about}: ",
        after=f". [{version}]",
        one=_WORDS[one][language],
        piece=_WORDS[piece][language],
    )


def _whole(sentence: str) -> _Frame:
    return _Frame(sentence, f"{sentence} ", "", "", "")


def _about(table: str, row: str, language: Language) -> str:
    name, _, detail = row.partition(".")
    match table:
        case "international":
            return f"{_CLASSES['international'][language]}, {detail} ({_OFFERS[name][language]})"
        case "special_numbers":
            return _WORDS["special"][language].format(detail=row)
        case "requests":
            return _WORDS["requests"][language].format(detail=row)
        case _:
            end, _, called = detail.rpartition(
                "."
            )  # "initiator.off_net", "ip.on_net" of a plan that looks at both ends
            return f"{_SERVICES[name][language]}{_other_end(end, language)} ({_CLASSES[called][language]})"


def _other_end(end: str, language: Language) -> str:
    if end in _CLASSES:
        return _WORDS["calling"][language].format(detail=_CLASSES[end][language].removeprefix("máy "))
    return _ROLES[end][language] if end else ""


def _part(part: Part, piece: str, language: Language) -> str:
    ending = _ending(part.price_vnd, part.tier, part.bundle, part.per_minute, piece, language)
    return number_text(part.amount, language) + ending


@lru_cache(maxsize=10_000)  # prices and bands of the plans, and their bundles
def _ending(
    price_vnd: int, tier: str | None, bundle: int | None, per_minute: bool, piece: str, language: Language
) -> str:
    """What stands behind the amount of a part."""
    if bundle is not None:
        return _WORDS["bundle"][language].format(bundle=bundle)
    words = (_WORDS["seconds"][language] if per_minute else piece).format(price=money_text(price_vnd, language))
    if tier is not None:
        return words + _WORDS["tier"][language].format(tier=tier)
    return words + _WORDS["flat"][language] if per_minute else words
