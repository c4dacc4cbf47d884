"""Metrics by reason, by link and by attempt."""

from __future__ import annotations

from collections import Counter

from sparkbox.services.sparkpost.events.bounce_classes import CATEGORY_IDS, CLASSES
from tests.services.sparkpost.api import Api
from tests.services.sparkpost.metrics.calls import metrics_of, record_event, trouble


def test_bounces_by_reason(api: Api) -> None:
    trouble(api)
    rows = metrics_of(api, "/bounce-reason", metrics="count_bounce,count_inband_bounce,count_outofband_bounce")
    assert rows == [
        {
            "reason": "550 no such user",
            "bounce_class_name": "Invalid Recipient",
            "bounce_class_description": CLASSES[10].description,
            "bounce_category_name": "Hard",
            "classification_id": 10,
            "bounce_category_id": 1,
            "count_bounce": 3,
            "count_inband_bounce": 3,
            "count_outofband_bounce": 0,
        },
        {
            "reason": "552 mailbox full",
            "bounce_class_name": "Mailbox Full",
            "bounce_class_description": CLASSES[22].description,
            "bounce_category_name": "Soft",
            "classification_id": 22,
            "bounce_category_id": CATEGORY_IDS["Soft"],
            "count_bounce": 1,
            "count_inband_bounce": 0,
            "count_outofband_bounce": 1,
        },
    ]
    (admin,) = metrics_of(api, "/bounce-reason", metrics="count_admin_bounce")
    assert (admin["reason"], admin["count_admin_bounce"]) == ("554 suppressed", 1)


def test_bounces_by_reason_and_domain(api: Api) -> None:
    trouble(api)
    rows = metrics_of(api, "/bounce-reason/domain", metrics="count_bounce", limit=2)
    assert [(row["domain"], row["reason"], row["count_bounce"]) for row in rows] == [
        ("mail.example", "550 no such user", 2),
        ("gmail.com", "550 no such user", 1),
    ]


def test_bounces_by_class(api: Api) -> None:
    trouble(api)
    rows = metrics_of(api, "/bounce-classification", metrics="count_bounce")
    assert [(row["classification_id"], row["count_bounce"]) for row in rows] == [(10, 3), (22, 1)]
    assert "reason" not in rows[0]


def test_rejections_by_reason(api: Api) -> None:
    trouble(api)
    rows = metrics_of(api, "/rejection-reason")
    assert sorted(rows, key=lambda row: row["rejection_category_id"]) == [
        {"reason": "refused", "rejection_category_id": 1, "rejection_type": "Policy Rejection", "count_rejected": 1},
        {
            "reason": "refused",
            "rejection_category_id": 2,
            "rejection_type": "Generation Rejection",
            "count_rejected": 1,
        },
        {"reason": "bad data", "rejection_category_id": 3, "rejection_type": "Generation Failure", "count_rejected": 1},
    ]
    domains = Counter(row["domain"] for row in metrics_of(api, "/rejection-reason/domain"))
    assert domains == {"mail.example": 2, "gmail.com": 1}


def test_delays_by_reason(api: Api) -> None:
    trouble(api)
    first = {"reason": "450 later", "count_delayed": 2, "count_delayed_first": 1}
    second = {"reason": "451 much later", "count_delayed": 1, "count_delayed_first": 0}
    assert metrics_of(api, "/delay-reason") == [first, second]
    rows = metrics_of(api, "/delay-reason/domain")
    assert rows == [{"domain": "mail.example", **first}, {"domain": "gmail.com", **second}]


def test_clicks_by_link(api: Api) -> None:
    for message, name in (("m1", "banner"), ("m1", "banner"), ("m2", "banner"), ("m2", "")):
        record_event(api, "click", message, target_link_name=name, target_link_url="https://shop.example/")
    assert metrics_of(api, "/link-name", metrics="count_clicked,count_raw_clicked") == [
        {"link_name": "banner", "count_clicked": 2, "count_raw_clicked": 3},
        {"link_name": "https://shop.example/", "count_clicked": 1, "count_raw_clicked": 1},
    ]


def test_deliveries_by_attempt(api: Api) -> None:
    for retries in ("0", "0", "1", "2", "7"):
        record_event(api, "delivery", num_retries=retries)
    assert metrics_of(api, "/attempt") == [
        {"attempt": "1", "count_delivered": 2},
        {"attempt": "2", "count_delivered": 1},
        {"attempt": "3+", "count_delivered": 2},
    ]
