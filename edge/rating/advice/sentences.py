"""What a choice assumes, as sentences in Vietnamese or English."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from edge.local_text import money_text, month_text, number_text
from edge.rating.advice.choices import Choice
from edge.rating.explain import Language

_SENTENCES: dict[str, dict[Language, str]] = {
    "usage": {
        "vi": "Mức sử dụng của {period} giữ nguyên như đã diễn ra: {calls} cuộc gọi, {messages} tin nhắn, "
        "{requests} yêu cầu, cùng thời điểm, cùng số máy.",
        "en": "The usage of {period} as it was: {calls} calls, {messages} messages, {requests} requests, "
        "at the same times and to the same numbers.",
    },
    "version": {"vi": "Tính theo phiên bản {version}.", "en": "By the version {version}."},
    "also": {
        "vi": "Trong tháng có phiên bản mới: {versions}; mỗi cuộc gọi tính theo phiên bản có hiệu lực lúc trả lời.",
        "en": "New versions within the month: {versions}; each call by the one that was valid when it was answered.",
    },
    "vat_included": {"vi": "Giá đã gồm thuế GTGT (VAT) {percent}%.", "en": "Prices include {percent}% VAT."},
    "vat_none": {"vi": "Giá không chịu thuế GTGT (VAT).", "en": "No VAT is charged."},
    "vat_unspecified": {
        "vi": "Bảng cước không nêu giá đã gồm thuế GTGT (VAT) hay chưa: không cộng thêm; nếu chưa gồm thì thực trả "
        "cao hơn.",
        "en": "The plan does not say whether prices include VAT: nothing is added; if they do not, more is to be paid.",
    },
    "fees": {
        "vi": "Cước thuê bao theo danh sách đã cho: {amount}, gồm cả phí lắp đặt nếu bắt đầu trong tháng.",
        "en": "Fees by the subscriptions given: {amount}, set-up included where one begins in the month.",
    },
    "no_fees": {
        "vi": "Không có danh sách thuê bao: chưa tính cước tháng và phí lắp đặt.",
        "en": "No subscriptions are given: monthly and set-up fees are left out.",
    },
    "unpriced_fees": {
        "vi": "Gói này không có giá cho {fees}: chưa nằm trong tổng.",
        "en": "The plan has no price for {fees}: not in the total.",
    },
    "no_bundle": {"vi": "Không mua gói thoại nào.", "en": "No bundle is bought."},
    "bundle": {
        "vi": "Gói {bundle} cho hotline {hotline} mua một lần, kích hoạt 00:00 ngày 1 và có hạn 31 ngày; ",
        "en": "Bundle {bundle} for hotline {hotline} is bought once, active from 00:00 on the 1st, for 31 days; ",
    },
    "renew": {
        "vi": "hết phút thì gia hạn ngay: {periods} kỳ bắt đầu trong tháng, đều đã tính.",
        "en": "spent, it is renewed at once: {periods} periods start in the month, all counted.",
    },
    "tiers": {
        "vi": "hết phút thì tính tiếp theo bậc cước; phút còn lại không được hoàn.",
        "en": "spent, the rest is charged by the tiers; minutes left over are not paid back.",
    },
    "after": {
        "vi": "Gói tự gia hạn khi hết 31 ngày; kỳ đó thuộc tháng sau, chưa tính ở đây.",
        "en": "Bundles renew by themselves after 31 days; that period belongs to the next month and is not counted.",
    },
    "discount": {
        "vi": "Giảm trừ cước quốc tế {amount}, làm tròn theo từng hotline.",
        "en": "Discount on calls abroad: {amount}, rounded per hotline.",
    },
    "unrated": {
        "vi": "{number} bản ghi chưa có giá trong gói này ({reasons}): không nằm trong tổng và không coi là 0, "
        "nên lựa chọn này xếp sau các lựa chọn tính đủ.",
        "en": "{number} records have no price in this plan ({reasons}): they are not in the total and not taken as 0, "
        "so this choice stands after those that price everything.",
    },
    "idd": {
        "vi": "Nhập bảng giá quốc tế để tính đủ: tongdai tariff import --idd FILE.",
        "en": "Import the international prices to have them rated: tongdai tariff import --idd FILE.",
    },
    "outside": {
        "vi": "Không gồm: cước của chính các SIM, internet, chuyển vùng, và cuộc gọi mà khách hay nhân viên tự gọi; "
        "ai đang trả thì vẫn trả.",
        "en": "Not included: the SIMs' own fees, internet, roaming, and calls that customers or employees dial from "
        "their own phones; whoever pays them now goes on paying.",
    },
}
_REASONS: dict[str, dict[Language, str]] = {
    "no_idd_price": {"vi": "thiếu giá quốc tế", "en": "no international price"},
    "no_international": {"vi": "gói không có cước quốc tế", "en": "no international section"},
    "no_voice": {"vi": "gói không có cước thoại", "en": "no voice prices"},
    "no_sms": {"vi": "gói không có cước SMS", "en": "no SMS prices"},
    "no_request": {"vi": "gói không có giá cho yêu cầu", "en": "no price for the product"},
    "no_version": {"vi": "chưa có phiên bản hiệu lực", "en": "no version valid then"},
    "roaming": {"vi": "chuyển vùng", "en": "roaming"},
    "sms_ip": {"vi": "SMS tới máy IP", "en": "SMS to an IP phone"},
    "sms_international": {"vi": "SMS quốc tế", "en": "SMS abroad"},
}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds for every choice."""

    period: str
    calls: int
    messages: int
    requests: int
    fees_known: bool


def assumptions(choice: Choice, of: Circumstances, language: Language) -> list[str]:
    """One sentence for each thing that was assumed, the same order for every choice."""

    def say(name: str, **words: object) -> str:
        return _SENTENCES[name][language].format(**words)

    cost = choice.cost
    said = [
        say(
            "usage",
            period=month_text(of.period, language),
            calls=number_text(of.calls, language),
            messages=number_text(of.messages, language),
            requests=number_text(of.requests, language),
        ),
        say("version", version=cost.version.version),
    ]
    if cost.also:
        said.append(say("also", versions=", ".join(version.version for version in cost.also)))
    said.append(say(f"vat_{cost.fees.vat.mode}", percent=cost.fees.vat.percent))
    said.append(say("fees", amount=money_text(choice.fees_vnd, language)) if of.fees_known else say("no_fees"))
    if cost.fees.unrated:
        missing = ", ".join(f"{number_text(row['quantity'], language)} × {row['code']}" for row in cost.fees.unrated)
        said.append(say("unpriced_fees", fees=missing))
    said += _bundle_sentences(choice, language)
    if choice.discount_vnd:
        said.append(say("discount", amount=money_text(-choice.discount_vnd, language)))
    said += _unrated_sentences(choice, language)
    said.append(say("outside"))
    return said


def _bundle_sentences(choice: Choice, language: Language) -> list[str]:
    if not choice.cost.sells_bundles:
        return []
    if not choice.bundles:
        return [_SENTENCES["no_bundle"][language]]
    said = []
    for hotline, option in choice.bundles:
        what = _SENTENCES["bundle"][language].format(bundle=option.bundle, hotline=hotline)
        then = _SENTENCES["renew" if option.renew else "tiers"][language].format(periods=option.periods)
        said.append(what + then)
    return [*said, _SENTENCES["after"][language]]


def _unrated_sentences(choice: Choice, language: Language) -> list[str]:
    reasons: Counter[str] = Counter()
    for group in choice.cost.groups:
        for rule, number in group.unrated.items():
            reasons[rule.partition(".")[0]] += number
    if not reasons:
        return []
    words = ", ".join(
        f"{_REASONS[reason][language] if reason in _REASONS else reason}: {number_text(number, language)}"
        for reason, number in sorted(reasons.items())
    )
    said = [_SENTENCES["unrated"][language].format(number=number_text(choice.unrated, language), reasons=words)]
    return [*said, _SENTENCES["idd"][language]] if "no_idd_price" in reasons else said
