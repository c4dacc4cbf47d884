"""Errors that depend on the plan: it has ended, it lacks the SMTP service, or it is used up.

No request changes a plan, so the control API does it: https://sendpulse.com/prices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from contract_tests.cases import case
from contract_tests.sendpulse.responses import api_error, encode, result
from sparkbox.testing.world import World

pytestmark = pytest.mark.sandbox_only

GONE = "gone@example.com"
RESUBSCRIPTION = {"email": GONE, "sender": "sender@example.com"}
MAIL = {
    "email": {
        "subject": "Hello", "text": "Hi", "from": {"email": "sender@example.com"}, "to": [{"email": "ann@example.com"}]
    }
}  # fmt: skip
LOOKUPS: dict[str, tuple[str, str, Any]] = {
    "list_sent_emails": ("GET", "/smtp/emails", None),
    "count_sent_emails": ("GET", "/smtp/emails/total", None),
    "get_sent_email": ("GET", "/smtp/emails/x", None),
    "get_sent_emails": ("POST", "/smtp/emails/info", {"emails": ["x"]}),
    "list_bounces": ("GET", "/smtp/bounces/day", None),
    "count_bounces": ("GET", "/smtp/bounces/day/total", None),
    "list_unsubscribed": ("GET", "/smtp/unsubscribe", None),
}
NO_SMTP_USER = (422, 400, "No such SMTP user, you need to create SMTP account first")
PLAN_LACKS = (422, 422, "Your tariff does not allow the operation")
PLAN_DENIED = (403, 3030303030, "Access denied! Please change your tariff plan")
LIMITED = (422, 422, "Sending from your account is currently limited. Please try later.")
QUOTA = (422, 422, "Sending quota or bandwidth exceeded")


@pytest.fixture
def change_plan(world: World) -> Callable[..., None]:
    """Change what the account pays for: ``change_plan(smtp="none")``."""

    def change(**fields: Any) -> None:
        url = f"{world.url}/_mock/services/sendpulse/simulations/plan"
        httpx.post(url, params={"account": world.credential}, json=fields, trust_env=False).raise_for_status()

    return change


@pytest.mark.parametrize(
    ("plan", "method", "path", "body", "expected"),
    [
        *(case(f"{id}:no_smtp_user", {"smtp": "none"}, *lookup, NO_SMTP_USER) for id, lookup in LOOKUPS.items()),
        *(case(f"{id}:plan_lacks", {"smtp": "expired"}, *lookup, PLAN_LACKS) for id, lookup in LOOKUPS.items()),
        case("send_email:no_smtp_user", {"smtp": "none"}, "POST", "/smtp/emails", MAIL, NO_SMTP_USER),
        case(
            "send_email:account_expired", {"smtp": "expired"}, "POST", "/smtp/emails", MAIL,
            (403, 403, "Account expired"),
        ),
        case("send_email:sending_limited", {"limited": True}, "POST", "/smtp/emails", MAIL, LIMITED),
        case("send_email:quota_exceeded", {"smtp_emails_left": 0}, "POST", "/smtp/emails", MAIL, QUOTA),
        case(
            "resubscribe_recipient:no_smtp_user_to_resubscribe", {"smtp": "none"}, "POST", "/smtp/resubscribe",
            RESUBSCRIPTION, (422, 503, "Smtp user not found"),
        ),
        case(
            "resubscribe_recipient:sending_limited", {"limited": True}, "POST", "/smtp/resubscribe", RESUBSCRIPTION,
            LIMITED,
        ),
        case(
            "resubscribe_recipient:quota_exceeded", {"smtp_emails_left": 0}, "POST", "/smtp/resubscribe",
            RESUBSCRIPTION, QUOTA,
        ),
        case(
            "create_mailing_list:plan_denied", {"records": 0}, "POST", "/addressbooks", {"bookName": "A"}, PLAN_DENIED
        ),
        case(
            "add_to_blacklist:plan_denied", {"records": 0}, "POST", "/blacklist", {"emails": encode(GONE)}, PLAN_DENIED
        ),
        case(
            "unsubscribe_recipients:plan_denied", {"records": 0}, "POST", "/smtp/unsubscribe", {"emails": [GONE]},
            PLAN_DENIED,
        ),
        case(
            "add_domain:plan_denied", {"records": 0}, "POST", "/smtp/domains", {"email": "me@example.net"}, PLAN_DENIED
        ),
        case(
            "add_sender_domain:plan_denied", {"records": 0}, "POST",
            "/v2/email-service/smtp/sender_domains/example.net", None, PLAN_DENIED,
        ),
        case(
            "create_webhooks:plan_denied", {"records": 0}, "POST", "/v2/email-service/webhook",
            {"url": "https://example.com/", "actions": ["open"]}, PLAN_DENIED,
        ),
    ],
)  # fmt: skip
def test_plan_limits_cause_their_errors(
    api: httpx.Client,
    change_plan: Callable[..., None],
    plan: dict[str, Any],
    method: str,
    path: str,
    body: Any,
    expected: tuple[int, int, str],
) -> None:
    result(api.post("/smtp/unsubscribe", json={"emails": [GONE]}))
    change_plan(**plan)
    assert api_error(api.request(method, path, json=body)) == expected


@pytest.mark.documented("get_cost:plan_ended")
def test_ended_plan_refuses_campaign_cost(
    api: httpx.Client, new_list: Callable[..., int], change_plan: Callable[..., None]
) -> None:
    id = new_list("ann@example.com")
    change_plan(ended=True)
    assert api_error(api.get(f"/addressbooks/{id}/cost")) == (422, 422, "Your tariff plan ended")
