"""The simulation ``plan``, and every error that depends on the plan."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.sendpulse.api import Api, encode

NO_SMTP_USER = (422, 400, "No such SMTP user, you need to create SMTP account first")
PLAN_LACKS = (422, 422, "Your tariff does not allow the operation")
PLAN_DENIED = (403, 3030303030, "Access denied! Please change your tariff plan")
LIMITED = (422, 422, "Sending from your account is currently limited. Please try later.")
QUOTA = (422, 422, "Sending quota or bandwidth exceeded")
MAIL = {
    "email": {
        "subject": "Hello", "text": "Hi", "from": {"email": "sender@example.com"}, "to": [{"email": "ann@example.org"}]
    }
}  # fmt: skip
RESUBSCRIPTION = {"email": "gone@example.org", "sender": "sender@example.com"}
LOOKUPS: list[tuple[str, str, Any]] = [
    ("GET", "/smtp/emails", None),
    ("GET", "/smtp/emails/total", None),
    ("GET", "/smtp/emails/x", None),
    ("POST", "/smtp/emails/info", {"emails": ["x"]}),
    ("GET", "/smtp/bounces/day", None),
    ("GET", "/smtp/bounces/day/total", None),
    ("GET", "/smtp/unsubscribe", None),
]
CASES: list[tuple[dict[str, Any], str, str, Any, tuple[int, int, str]]] = [
    *(({"smtp": "none"}, *lookup, NO_SMTP_USER) for lookup in LOOKUPS),
    *(({"smtp": "expired"}, *lookup, PLAN_LACKS) for lookup in LOOKUPS),
    ({"smtp": "none"}, "POST", "/smtp/emails", MAIL, NO_SMTP_USER),
    ({"smtp": "none"}, "POST", "/smtp/resubscribe", RESUBSCRIPTION, (422, 503, "Smtp user not found")),
    ({"smtp": "expired"}, "POST", "/smtp/emails", MAIL, (403, 403, "Account expired")),
    ({"limited": True}, "POST", "/smtp/emails", MAIL, LIMITED),
    ({"limited": True}, "POST", "/smtp/resubscribe", RESUBSCRIPTION, LIMITED),
    ({"smtp_emails_left": 0}, "POST", "/smtp/emails", MAIL, QUOTA),
    ({"smtp_emails_left": 0}, "POST", "/smtp/resubscribe", RESUBSCRIPTION, QUOTA),
    ({"ended": True}, "GET", "/addressbooks/100001/cost", None, (422, 422, "Your tariff plan ended")),
    ({"records": 1}, "POST", "/addressbooks", {"bookName": "Second"}, PLAN_DENIED),
    ({"records": 1}, "POST", "/addressbooks/100001/emails", {"emails": ["b@example.org"]}, PLAN_DENIED),
    ({"records": 0}, "POST", "/blacklist", {"emails": encode("b@example.org")}, PLAN_DENIED),
    ({"records": 0}, "POST", "/smtp/unsubscribe", {"emails": ["b@example.org"]}, PLAN_DENIED),
    ({"records": 0}, "POST", "/smtp/domains", {"email": "me@example.net"}, PLAN_DENIED),
    ({"records": 0}, "POST", "/v2/email-service/smtp/sender_domains/example.net", None, PLAN_DENIED),
    (
        {"records": 0},
        "POST",
        "/v2/email-service/webhook",
        {"url": "https://hooks.example/", "actions": ["open"]},
        PLAN_DENIED,
    ),
]


@pytest.mark.parametrize(("changes", "method", "path", "body", "api_error"), CASES)
def test_plan_simulation_causes_each_of_its_errors(
    api: Api, changes: dict[str, Any], method: str, path: str, body: Any, api_error: tuple[int, int, str]
) -> None:
    api.new_list("Readers", "a@example.org")
    api.call("POST", "/smtp/unsubscribe", {"emails": ["gone@example.org"]})
    shown = api.simulate("plan", **changes)
    assert {name: shown[name] for name in changes} == changes
    assert api.refuse(method, path, body) == api_error


def test_plan_simulation_keeps_other_fields(api: Api) -> None:
    first = api.simulate("plan", category="standard", smtp="expired", emails_left=3, records=7)
    assert first == {
        "category": "standard", "smtp": "expired", "ended": False, "limited": False, "emails_left": 3,
        "smtp_emails_left": 150_000, "records": 7,
    }  # fmt: skip
    api.simulate("plan", ended=True)
    again = api.simulate("plan", smtp="active", ended=False, records=None)
    assert again == first | {"smtp": "active", "records": None}
    assert api.call("GET", "/user/balance/detail")["email"]["tariff_name"] == "Standard"


def test_monthly_quota_of_mails_counts_down(api: Api) -> None:
    assert api.simulate("plan", smtp_emails_left=2)["smtp_emails_left"] == 2
    api.mail()
    assert api.simulate("plan")["smtp_emails_left"] == 1
    api.clock.advance(31 * 86_400)
    assert api.simulate("plan")["smtp_emails_left"] == 12_000


@pytest.mark.parametrize("fields", [{"category": "gold"}, {"smtp": True}, {"emails_left": -1}, {"records": "many"}])
def test_plan_simulation_refuses_unknown_plan(api: Api, fields: dict[str, Any]) -> None:
    api.simulate("plan", 422, **fields)
