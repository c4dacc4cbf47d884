"""https://sendpulse.com/integrations/api/bulk-email#senders

A new sender gets a mail and cannot be told from the account's own, so most of this is for the sandbox alone.
"""

from __future__ import annotations

from collections.abc import Callable

import httpx
import orjson
import pytest

from contract_tests.cases import case
from contract_tests.sendpulse.responses import DONE, EMAIL_MISSING, EMAIL_SYNTAX, api_error, encode, result
from contract_tests.sendpulse.target import Sendpulse
from sparkbox import World

NOT_FOUND = (422, 1003, "The specified sender doesn’t exist")
NOTHING_TO_ACTIVATE = (422, 21, "No such email address awaiting activation")


@pytest.fixture
def inactive(api: httpx.Client, address: Callable[[str], str]) -> str:
    """A sender that was not activated yet."""
    email = address("sender")
    api.post("/senders", json={"email": email, "name": "A sender"}).raise_for_status()
    return email


@pytest.mark.documented("list_senders")
def test_senders_are_listed(api: httpx.Client, account: Sendpulse) -> None:
    (row,) = [row for row in result(api.get("/senders")) if row["email"] == account.sender]
    assert row["status"] == "Active"


@pytest.mark.documented("add_sender", "list_senders")
@pytest.mark.sandbox_only
def test_new_sender_is_inactive(api: httpx.Client, address: Callable[[str], str]) -> None:
    email = address("sender")
    assert result(api.post("/senders", json={"email": email, "name": "A sender"})) == DONE
    (row,) = [row for row in result(api.get("/senders")) if row["email"] == email]
    assert (row["name"], row["status"]) == ("A sender", "Inactive")


@pytest.mark.documented("request_activation_code", "activate_sender", "list_senders")
@pytest.mark.sandbox_only
def test_sender_is_activated_with_the_code_from_its_mail(api: httpx.Client, inactive: str, world: World) -> None:
    assert result(api.get(f"/senders/{inactive}/code")) == {"result": True, "email": inactive}
    code = orjson.loads(world.wait_for(2, to=inactive)[-1].metadata)["activation_code"]
    activated = result(api.post(f"/senders/{inactive}/code", json={"code": code}))
    assert activated == {"result": True, "email": inactive}
    (row,) = [row for row in result(api.get("/senders")) if row["email"] == inactive]
    assert row["status"] == "Active"


@pytest.mark.documented("delete_sender", "list_senders")
@pytest.mark.sandbox_only
def test_sender_is_deleted(api: httpx.Client, inactive: str) -> None:
    assert result(api.request("DELETE", "/senders", json={"email": inactive})) == DONE
    assert inactive not in {row["email"] for row in result(api.get("/senders"))}


@pytest.mark.documented("add_sender:sender_taken")
@pytest.mark.sandbox_only
def test_sender_is_added_once(api: httpx.Client, inactive: str) -> None:
    response = api.post("/senders", json={"email": inactive, "name": "A sender"})
    assert api_error(response) == (422, 902, "Email already in use")


@pytest.mark.documented("add_sender:sender_blacklisted")
@pytest.mark.sandbox_only
def test_blacklisted_address_cannot_be_a_sender(api: httpx.Client, address: Callable[[str], str]) -> None:
    email = address("blocked")
    result(api.post("/blacklist", json={"emails": encode(email)}))
    response = api.post("/senders", json={"email": email, "name": "A sender"})
    assert api_error(response) == (422, 904, "This email in blacklist")


@pytest.mark.parametrize(
    ("email", "name", "expected"),
    [
        case(
            "add_sender:sender_name_empty",
            "contract@example.com",
            " ",
            (422, 901, "Sender name not specified"),
            evidence="assumed",
            sandbox_only=True,
        ),
        case(
            "add_sender:sender_email_empty",
            " ",
            "A sender",
            (422, 903, "Sender email address not specified"),
            evidence="assumed",
        ),
        case(
            "add_sender:sender_free",
            "contract@gmail.com",
            "A sender",
            (422, 97, "Invalid email address type. Using free email services is not allowed."),
            evidence="assumed",
            sandbox_only=True,
        ),
        case("add_sender:argument_invalid", "nobody", "A sender", (422, 422, "Argument email is invalid")),
        case(
            "add_sender:sender_dmarc",
            "contract@dmarc.example.com",
            "A sender",
            (422, 422, "DMARC policy error. Please, use another sender domain."),
            sandbox_only=True,
        ),
        case("add_sender:argument_missing", None, "A sender", (422, 422, "Argument email missing"), id="email"),
        case(
            "add_sender:argument_missing",
            "contract@example.com",
            None,
            (422, 422, "Argument name missing"),
            id="name",
            sandbox_only=True,
        ),
    ],
)
def test_new_sender_is_validated(
    api: httpx.Client, email: str | None, name: str | None, expected: tuple[int, int, str]
) -> None:
    fields = {"email": email, "name": name}
    body = {field: value for field, value in fields.items() if value is not None}
    assert api_error(api.post("/senders", json=body)) == expected


@pytest.mark.assumed("add_sender:sender_quota")
@pytest.mark.sandbox_only
def test_free_plan_has_fifty_senders(api: httpx.Client) -> None:
    for number in range(50 - len(result(api.get("/senders")))):
        result(api.post("/senders", json={"email": f"contract-{number}@example.com", "name": "A sender"}))
    response = api.post("/senders", json={"email": "contract-one-more@example.com", "name": "A sender"})
    assert api_error(response) == (422, 905, "Sender address quota reached")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        case(
            "delete_sender:sender_email_empty",
            {},
            (422, 903, "Sender email address not specified"),
            evidence="assumed",
        ),
        case("delete_sender:email_syntax", {"email": "nobody"}, EMAIL_SYNTAX, evidence="assumed"),
        case(
            "delete_sender:sender_not_found",
            {"email": "contract-nobody@example.com"},
            NOT_FOUND,
            evidence="assumed",
        ),
    ],
)
def test_unknown_sender_cannot_be_deleted(
    api: httpx.Client, body: dict[str, str], expected: tuple[int, int, str]
) -> None:
    assert api_error(api.request("DELETE", "/senders", json=body)) == expected


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        case("request_activation_code:email_missing", "%20", EMAIL_MISSING, evidence="assumed"),
        case("request_activation_code:email_syntax", "nobody", EMAIL_SYNTAX, evidence="assumed"),
        case(
            "request_activation_code:sender_not_found",
            "contract-nobody@example.com",
            NOT_FOUND,
            evidence="assumed",
            sandbox_only=True,
        ),
    ],
)
def test_unknown_sender_gets_no_activation_code(api: httpx.Client, email: str, expected: tuple[int, int, str]) -> None:
    assert api_error(api.get(f"/senders/{email}/code")) == expected


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        case("activate_sender:email_missing", "%20", EMAIL_MISSING, evidence="assumed"),
        case("activate_sender:email_syntax", "nobody", EMAIL_SYNTAX, evidence="assumed"),
        case("activate_sender:sender_not_found", "contract-nobody@example.com", NOT_FOUND, evidence="assumed"),
    ],
)
def test_unknown_sender_is_not_activated(api: httpx.Client, email: str, expected: tuple[int, int, str]) -> None:
    assert api_error(api.post(f"/senders/{email}/code", json={"code": "0123456789"})) == expected


@pytest.mark.assumed("activate_sender:code_missing")
def test_activation_code_is_required(api: httpx.Client, account: Sendpulse) -> None:
    response = api.post(f"/senders/{account.sender}/code", json={})
    assert api_error(response) == (422, 1104, "Activation code not specified")


@pytest.mark.assumed("activate_sender:nothing_to_activate")
def test_active_sender_is_not_activated(api: httpx.Client, account: Sendpulse) -> None:
    response = api.post(f"/senders/{account.sender}/code", json={"code": "0123456789"})
    assert api_error(response) == NOTHING_TO_ACTIVATE


@pytest.mark.assumed("request_activation_code:nothing_to_activate")
@pytest.mark.sandbox_only
def test_active_sender_gets_no_code(api: httpx.Client, account: Sendpulse) -> None:
    assert api_error(api.get(f"/senders/{account.sender}/code")) == NOTHING_TO_ACTIVATE


@pytest.mark.documented("activate_sender:argument_invalid")
@pytest.mark.sandbox_only
def test_wrong_activation_code_is_refused(api: httpx.Client, inactive: str) -> None:
    response = api.post(f"/senders/{inactive}/code", json={"code": "0123456789"})
    assert api_error(response) == (422, 422, "Argument code is invalid")


@pytest.mark.assumed("request_activation_code:code_sent")
@pytest.mark.sandbox_only
def test_activation_code_is_sent_once_in_15_minutes(api: httpx.Client, inactive: str, world: World) -> None:
    result(api.get(f"/senders/{inactive}/code"))
    expected = (422, 1004, "The activation code has been sent. Wait 15 minutes to retry")
    assert api_error(api.get(f"/senders/{inactive}/code")) == expected
    world.clock.advance(15 * 60)
    assert result(api.get(f"/senders/{inactive}/code"))["result"] is True


@pytest.mark.assumed("request_activation_code:code_not_sent")
@pytest.mark.sandbox_only
def test_unreachable_sender_gets_no_activation_code(api: httpx.Client) -> None:
    email = "contract-sender@example.invalid"
    result(api.post("/senders", json={"email": email, "name": "A sender"}))
    assert api_error(api.get(f"/senders/{email}/code")) == (422, 1005, "Error sending confirmation")
