"""What each operation's documented request gets back has the fields of the documented response, in its JSON types.

The requests have the fields of the examples in the vendor's documents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from contract_tests.receiver import Receiver
from contract_tests.shapes import NO_RULES, differences
from contract_tests.sparkpost.documented_bodies import MORE, RESULTS
from contract_tests.sparkpost.domains.key_pair import PAIR
from contract_tests.sparkpost.responses import results
from contract_tests.sparkpost.target import SINK, Sparkpost


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Accept events and issues tokens."""
    with Receiver() as receiver:
        receiver.response = {"access_token": "token", "expires_in": 3600}
        yield receiver


def check(operation: str, response: httpx.Response) -> Any:
    """Compare a response with the table; return its results."""
    result = results(response)
    assert differences(RESULTS[operation], result, MORE.get(operation, NO_RULES)) == [], operation
    return result


@pytest.mark.documented("retrieve_account", "update_account")
@pytest.mark.sandbox_only
def test_account(api: httpx.Client) -> None:
    body = {"company_name": "Example Inc", "options": {"smtp_tracking_default": True}}
    check("update_account", api.put("/api/v1/account", json=body))
    check("retrieve_account", api.get("/api/v1/account", params={"include": "usage"}))


@pytest.mark.documented(
    "create_recipient_list", "retrieve_recipient_list", "update_recipient_list", "list_recipient_lists"
)
def test_recipient_lists(api: httpx.Client, name: Callable[[str], str]) -> None:
    path, id = "/api/v1/recipient-lists", name("list")
    more = {"tags": ["a", "b"], "metadata": {"age": "24"}, "substitution_data": {"job": "Driver"}}
    first = {"address": {"email": f"wilma@{SINK}", "name": "Wilma"}, **more}
    second = {"address": {"email": f"fred@{SINK}", "name": "Fred", "header_to": f"office@{SINK}"}, **more}
    body = {"name": "graduates", "description": "All of them", "attributes": {"internal_id": 112}}
    recipients = {"recipients": [first, second]}
    check("create_recipient_list", api.post(path, params={"num_rcpt_errors": 3}, json={"id": id, **body, **recipients}))
    check("retrieve_recipient_list", api.get(f"{path}/{id}", params={"show_recipients": True}))
    check("list_recipient_lists", api.get(path))
    check("update_recipient_list", api.put(f"{path}/{id}", json={**body, "recipients": [first]}))


@pytest.mark.documented(
    "create_sending_domain", "retrieve_sending_domain", "update_sending_domain", "list_sending_domains",
    "verify_sending_domain",
)  # fmt: skip
@pytest.mark.sandbox_only
def test_sending_domains(api: httpx.Client, name: Callable[[str], str]) -> None:
    path, domain = "/api/v1/sending-domains", f"{name('documented')}.example.com"
    check("create_sending_domain", api.post(path, json={"domain": domain, "shared_with_subaccounts": False}))
    check("verify_sending_domain", api.post(f"{path}/{domain}/verify", json={"dkim_verify": True}))
    mailbox = {"verification_mailbox_verify": True, "verification_mailbox": "susan.calvin"}
    check("verify_sending_domain:mailbox", api.post(f"{path}/{domain}/verify", json=mailbox))
    check("retrieve_sending_domain", api.get(f"{path}/{domain}"))
    check("list_sending_domains", api.get(path))
    results(api.post(f"{path}/{domain}/verify", json={"cname_verify": True}))
    body = {"dkim": {**PAIR, "selector": "hello_selector"}, "is_default_bounce_domain": True}
    check("update_sending_domain", api.put(f"{path}/{domain}", json=body))


@pytest.mark.documented(
    "create_dkim_key", "list_dkim_keys", "retrieve_dkim_key", "update_dkim_key", "verify_dkim_key"
)  # fmt: skip
def test_dkim_keys(api: httpx.Client, domain: str) -> None:
    path = f"/api/v1/sending-domains/{domain}/dkim-keys"
    drawn = {"id": "marketing", "signing_domain": domain, "headers": "from:to:subject"}
    check("create_dkim_key", api.post(path, json=drawn))
    check("create_dkim_key", api.post(path, json={"id": "own", **PAIR, "selector": "mkt2024"}))
    check("list_dkim_keys", api.get(path))
    check("retrieve_dkim_key", api.get(f"{path}/marketing"))
    check("update_dkim_key", api.put(f"{path}/marketing", json={"headers": "from:to"}))
    check("update_dkim_key", api.put(f"{path}/marketing", json={**PAIR, "selector": "mkt2025"}))
    check("verify_dkim_key", api.post(f"{path}/marketing/verify", json={}))


@pytest.mark.documented("update_suppressions", "retrieve_suppression", "search_suppressions", "summarize_suppressions")
def test_suppression_list(api: httpx.Client, recipient: str) -> None:
    path = "/api/v1/suppression-list"
    one = {"type": "transactional", "description": "Unsubscribe from newsletter", "list_id": "weekly.example1.com"}
    other = {"recipient": recipient, "type": "non_transactional", "description": "No newsletters"}
    second, subaccount = f"x{recipient}", {"X-MSYS-SUBACCOUNT": "146"}
    many = {"recipients": [other, {"recipient": second, **one}]}
    try:
        check("update_suppressions", api.put(f"{path}/", json=many))
        check("update_suppression", api.put(f"{path}/{recipient}", json=one))
        results(api.put(f"{path}/{recipient}", json=one, headers=subaccount))
        response = api.get(f"{path}/{recipient}")
        assert {row.get("subaccount_id", "") for row in check("retrieve_suppression", response)} == {"", "146"}
        assert differences({"results": [{}], "links": [], "total_count": 0}, {**response.json(), "results": []}) == []
        check("search_suppressions", api.get(path))
        check("summarize_suppressions", api.get(f"{path}/summary"))
    finally:
        api.delete(f"{path}/{recipient}", headers=subaccount)
        for address in (recipient, second):
            api.delete(f"{path}/{address}")


@pytest.mark.documented(
    "create_template", "retrieve_template", "list_templates", "preview_template", "preview_inline_content"
)
def test_templates(api: httpx.Client, account: Sparkpost, name: Callable[[str], str]) -> None:
    path, id = "/api/v1/templates", name("template")
    sender = {"email": account.sender, "name": "Marketing"}
    content = {"from": sender, "subject": "Deals for {{name}}", "reply_to": f"Deals <{account.sender}>"}
    content |= {"text": "Hi {{name}}", "html": "<p>Hi {{name}}</p>", "headers": {"X-Example-Header": "2014"}}
    options = {"open_tracking": False, "click_tracking": True}
    result = {"name": "Summer", "description": "A sale", "shared_with_subaccounts": False, "options": options}
    check("create_template", api.post(path, json={"id": id, "published": True, **result, "content": content}))
    check("retrieve_template", api.get(f"{path}/{id}"))
    check("list_templates", api.get(path))
    data = {"substitution_data": {"name": "Natalie", "age": 35, "member": True}}
    check("preview_template", api.post(f"{path}/{id}/preview", json=data))
    update = {"options": {"open_tracking": True}, "name": "A new name", "content": content}
    for body in (update, {"published": True}):
        assert api.put(f"{path}/{id}", json=body).json() == {}
    assert api.put(f"{path}/{id}", params={"update_published": True}, json=update).json() == {}
    mail = f"From: Marketing <{account.sender}>\r\nSubject: Hi {{{{name}}}}\r\n\r\nHi\r\n"
    whole = {"id": f"{id}-2", "name": "Summer", "published": True, "options": options}
    check("create_template", api.post(path, json={**whole, "content": {"email_rfc822": mail}}))
    inline = {"from": account.sender, "subject": "Hi {{name}}", "html": "<p>{{age}}</p>"}
    check("preview_inline_content", api.post("/api/v1/utils/content-previewer", json={**data, "content": inline}))


@pytest.mark.documented("create_transmission", "retrieve_transmission")
def test_transmissions(
    api: httpx.Client, account: Sparkpost, name: Callable[[str], str], recipient: str, soon: str
) -> None:
    path, list_id, template = "/api/v1/transmissions", name("list"), name("template")
    results(api.post("/api/v1/recipient-lists", json={"id": list_id, "recipients": [{"address": recipient}]}))
    content = {"from": account.sender, "subject": "Sale", "text": "Hi"}
    results(api.post("/api/v1/templates", json={"id": template, "published": True, "content": content}))
    body = {"name": "Fall Sale", "campaign_id": "fall", "options": {"start_time": soon}, "metadata": {"snow": "no"}}
    body |= {"recipients": {"list_id": list_id}, "content": {"template_id": template}}
    id = check("create_transmission", api.post(f"{path}/", json=body))["id"]
    check("retrieve_transmission", api.get(f"{path}/{id}"))
    assert api.delete(f"{path}/{id}").status_code == 204


@pytest.fixture
def soon(api: httpx.Client) -> str:
    """A start that is near enough to be taken, by the clock of the account."""
    from datetime import timedelta
    from email.utils import parsedate_to_datetime

    return (parsedate_to_datetime(api.get("/api/v1/account").headers["date"]) + timedelta(days=1)).isoformat()


@pytest.mark.documented(
    "create_webhook", "retrieve_webhook", "list_webhooks", "validate_webhook", "update_webhook", "list_batch_statuses"
)  # fmt: skip
@pytest.mark.sandbox_only
def test_webhooks(
    api: httpx.Client, account: Sparkpost, receiver: Receiver, recipient: str, pass_time: Callable[[float], object]
) -> None:
    path, events = "/api/v1/webhooks", ["delivery", "injection", "open", "click"]
    details = {
        "url": receiver.url,
        "body": {"client_id": "C", "client_secret": "s", "grant_type": "client_credentials"},
    }
    body: dict[str, Any] = {
        "name": "Example",
        "target": receiver.url,
        "custom_headers": {"x-api-key": "abcd"},
        "events": events,
    }
    body |= {"auth_type": "oauth2", "auth_request_details": details, "exception_subaccounts": [123]}
    hook = f"{path}/{check('create_webhook', api.post(path, json=body))['id']}"
    check("retrieve_webhook", api.get(hook, params={"timezone": "UTC"}))
    check("validate_webhook", api.post(f"{hook}/validate", json=[{"msys": {}}]))
    check("list_webhooks", api.get(path))
    pass_time(60)
    receiver.status = 500
    content = {"from": account.sender, "subject": "Hi", "text": "Hi"}
    results(api.post("/api/v1/transmissions", json={"recipients": [{"address": recipient}], "content": content}))
    pass_time(120)
    check("list_batch_statuses", api.get(f"{hook}/batch-status"))
    receiver.status = 200
    pass_time(3600)
    check("list_batch_statuses", api.get(f"{hook}/batch-status", params={"limit": 1000}))
    # In the document, the webhook with exceptions gets a subaccount.
    changes = {"name": "Renamed", "events": ["generation_rejection", "delay"], "subaccount_id": 123}
    check("update_webhook", api.put(hook, json={**changes, "auth_type": "none", "custom_headers": {"x-api-key": "a"}}))
    assert results(api.get(hook)).get("exception_subaccounts") is None
