"""What each sentence must name: band, bundle, who called whom; for unrated usage what is missing and what to do."""

import pytest

from edge.rating.charge import Charge, Part, Status
from edge.rating.explain import explain
from edge.rating.tariff import NumberClass

ONE_PART = Part(1, 350, None, per_minute=False)
TIER, BUNDLE, FLAT = Part(180, 900, "1-1000"), Part(60, 0, None, 8), Part(60, 200, None)
PART, PIECE = Part(2, 350, None, per_minute=False), Part(3, 950, "5001-10000", per_minute=False)
RATED = [
    (
        "voice/outbound.off_net",
        (BUNDLE, TIER),
        2700,
        "An outside call (off-net): 60 s inside bundle 8: 0 + 180 s at 900 VND/min (tier 1-1000) = 2,700 VND.",
        "Gọi ra ngoài (ngoại mạng): 60 giây trong gói 8: 0 + 180 giây × 900 đ/phút (bậc 1-1000) = 2.700 đ.",
    ),
    (
        "voice/internal.ip.on_net",
        (FLAT,),
        200,
        "An internal call, IP caller (on-net): 60 s at 200 VND/min (a flat price, no tier) = 200 VND.",
        "Gọi nội bộ từ máy IP (nội mạng): 60 giây × 200 đ/phút (giá cố định, không theo bậc) = 200 đ.",
    ),
    (
        "voice/conference.initiator.on_net",
        (),
        0,
        "A conference, its initiator (on-net): free by the plan.",
        "Hội nghị, người khởi tạo (nội mạng): miễn phí theo bảng cước.",
    ),
    (
        "voice/conference.participant.off_net",
        (TIER,),
        2700,
        "A conference, a participant (off-net): 180 s at 900 VND/min (tier 1-1000) = 2,700 VND.",
        "Hội nghị, người tham gia (ngoại mạng): 180 giây × 900 đ/phút (bậc 1-1000) = 2.700 đ.",
    ),
    (
        "sms/other.off_net",
        (PART,),
        700,
        "SMS to somebody else (off-net): 2 parts at 350 VND each = 700 VND.",
        "SMS tới khách hàng (ngoại mạng): 2 bản tin × 350 đ = 700 đ.",
    ),
    (
        "sms/extension.off_net",
        (ONE_PART,),
        350,
        "SMS to an extension (off-net): 1 part at 350 VND = 350 VND.",
        "SMS tới máy lẻ (ngoại mạng): 1 bản tin × 350 đ = 350 đ.",
    ),
    (
        "requests/ekyc",
        (PIECE,),
        2850,
        "Ekyc requests: 3 at 950 VND each (tier 5001-10000) = 2,850 VND.",
        "Yêu cầu ekyc: 3 × 950 đ (bậc 5001-10000) = 2.850 đ.",
    ),
    (
        "voice/outbound.off_net",
        (Part(3_600_000, 0, None, 8), Part(45_000, 900, "1-1000")),
        675_000,
        (
            "An outside call (off-net): 3,600,000 s inside bundle 8: 0 + 45,000 s at 900 VND/min (tier 1-1000)"
            " = 675,000 VND."
        ),
        (
            "Gọi ra ngoài (ngoại mạng): 3.600.000 giây trong gói 8: 0 + 45.000 giây × 900 đ/phút (bậc 1-1000)"
            " = 675.000 đ."
        ),
    ),
    (
        "requests/ekyc",
        (Part(12_000, 1250, None, per_minute=False),),
        15_000_000,
        "Ekyc requests: 12,000 at 1,250 VND each = 15,000,000 VND.",
        "Yêu cầu ekyc: 12.000 × 1.250 đ = 15.000.000 đ.",
    ),
    (
        "special_numbers/113",
        (),
        0,
        "Special number 113: free by the plan.",
        "Số đặc biệt 113: miễn phí theo bảng cước.",
    ),
]
UNRATED = {
    "no_version": "tongdai tariff import --plan FILE",
    "no_voice": "",
    "no_sms": "",
    "no_request": "",
    "no_international": "[international]",
    "no_idd_price.+33612345678": "tongdai tariff import --idd FILE",
    "roaming": "",
    "sms_ip": "",
    "sms_international": "",
}


def charge(rule: str, parts: tuple[Part, ...], amount: int | None) -> Charge:
    status = Status.UNRATED if amount is None else Status.RATED
    return Charge("c", status, amount, 60, NumberClass.OFF_NET, f"3c@2019-01-01/{rule}", parts)


@pytest.mark.parametrize(("rule", "parts", "amount", "english", "vietnamese"), RATED, ids=[row[0] for row in RATED])
def test_a_rated_charge_says_how_it_came_about(rule, parts, amount, english, vietnamese):
    assert explain(charge(rule, parts, amount), "en") == f"{english} [3c@2019-01-01]"
    assert explain(charge(rule, parts, amount), "vi") == f"{vietnamese} [3c@2019-01-01]"


@pytest.mark.parametrize("name", UNRATED)
def test_an_unrated_one_says_what_is_missing_and_what_to_do(name):
    english, vietnamese = (explain(charge(f"unrated/{name}", (), None), language) for language in ("en", "vi"))
    assert english.startswith("Unrated: ")
    assert vietnamese.startswith("Chưa tính được: ")
    for sentence in (english, vietnamese):
        assert "; " in sentence
        assert "\n" not in sentence
        assert sentence.endswith(". [3c@2019-01-01]")
        assert UNRATED[name] in sentence
        assert name.partition(".")[2] in sentence
