"""Requests of a plan that sells two products and changes in the month: the advice is what an invoice would say."""

import pytest

from tests.edge.rating.test_advise_options import options_agree

SECOND_PRODUCT = """
[requests.abc]
scheme = "graduated"
bands = [
    { tier = "1-3", from = 1, to = 3, vnd_per_request = 70 },
    { tier = ">3", from = 4, vnd_per_request = 50 },
]
"""


def request(number: int, product: str, day: int, count: int) -> dict:
    at = f"2026-11-{day:02}T09:00:00+07:00"
    return {"id": f"r{number}", "kind": "request", "product": product, "at": at, "count": count}


@pytest.fixture
def tariffs(texts):
    """From the 15th on a request costs 7 VND more."""
    first = texts["ekyc.toml"] + SECOND_PRODUCT
    dearer = first.replace("vnd_per_request = 1000", "vnd_per_request = 1007")
    return texts | {
        "ekyc.toml": first.replace("valid_from = 2019-01-01", "valid_from = 2019-01-01\nvalid_to = 2026-11-15"),
        "ekyc-2.toml": dearer.replace("valid_from = 2019-01-01", "valid_from = 2026-11-15"),
    }


def test_each_product_has_its_own_count_and_each_request_its_version(tariffs):
    records = [request(1, "ekyc", 3, 10), request(2, "abc", 4, 2), request(3, "ekyc", 20, 5), request(4, "abc", 21, 4)]
    costs = {cost.name: cost.requests_vnd for cost in options_agree(records, tariffs, "ekyc")}
    assert costs == {"request:ekyc": 10 * 1000 + 5 * 1007, "request:abc": 3 * 70 + 3 * 50}


def test_the_count_runs_on_over_a_change_of_version(tariffs):
    records = [request(1, "abc", 14, 2), request(2, "abc", 15, 3), request(3, "abc", 16, 1)]
    (cost,) = options_agree(records, tariffs, "ekyc")
    assert cost.requests_vnd == 3 * 70 + 3 * 50
