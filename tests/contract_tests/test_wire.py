"""The guards: what goes out to real services, and what does not."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
import requests

from contract_tests.sparkpost.target import SINK
from contract_tests.wire import Forbidden, Wire, vendors_places

SPARKPOST, SENDPULSE = "https://api.sparkpost.com", "https://api.sendpulse.com"
SPARKED = "https://api.sparked.com"
FRIEND, STRANGER = "wilma@flintstone.example", "fred@flintstone.example"
CONTENT = {"from": "news@acme.example", "subject": "Hello", "text": "Hi"}


@pytest.fixture(autouse=True)
def recipients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTRACT_RECIPIENTS", f" {FRIEND.upper()} ,barney@flintstone.example")


class Vendor(httpx.MockTransport):
    """Takes whatever arrives."""

    def __init__(self) -> None:
        self.arrived: list[str] = []
        super().__init__(self._take)

    def _take(self, request: httpx.Request) -> httpx.Response:
        self.arrived.append(request.url.path)
        return httpx.Response(200, json={})


def send(method: str, url: str, body: Any = None, *, closed: bool = True, guarded: bool = False) -> list[str]:
    """Return the paths that arrived at the vendor."""
    vendor = Vendor()
    wire = Wire(vendors_places(), closed=closed, guarded=guarded)
    with wire.tapped(), httpx.Client(transport=vendor) as client:
        client.request(method, url, json=body)
    return vendor.arrived


def transmission(recipients: Any) -> dict[str, Any]:
    return {"recipients": recipients, "content": CONTENT}


def mail(**fields: Any) -> dict[str, Any]:
    return {"email": {"from": {"email": STRANGER}, "subject": "Hello", "text": "Hi", **fields}}


def slot(**fields: Any) -> dict[str, Any]:
    return {"platform": "tiktok", "scheduled_at": "2099-01-01T00:00:00Z", "title": "contract-1", **fields}


SLOTS, HOOKS = f"{SPARKED}/api/v1/gameplan/cr_1/slots", f"{SPARKED}/api/v1/webhooks"
TRANSMISSIONS = f"{SPARKPOST}/api/v1/transmissions"

ALLOWED = [
    ("POST", TRANSMISSIONS, transmission([{"address": f"x@{SINK}"}, {"address": {"email": FRIEND}}])),
    ("POST", TRANSMISSIONS, transmission([{"address": "nobody"}, {}])),
    ("POST", TRANSMISSIONS, transmission({"list_id": "contract-1"})),
    ("POST", f"{SPARKPOST}/api/v1/sending-domains/contract-1.example.com/verify", {"dkim_verify": True}),
    ("PUT", f"{SPARKPOST}/api/v1/transmissions", None),
    ("POST", f"{SENDPULSE}/smtp/emails", mail(to=[{"email": FRIEND}])),
    ("POST", f"{SENDPULSE}/smtp/emails", mail(to=json.dumps([{"email": FRIEND}]))),
    ("POST", f"{SENDPULSE}/addressbooks/1/emails", {"emails": [STRANGER]}),
    ("POST", f"{SENDPULSE}/addressbooks/1/emails", {"emails": [FRIEND], "confirmation": "force"}),
    ("POST", f"{SENDPULSE}/senders", {"email": FRIEND, "name": "Wilma"}),
    ("GET", f"{SENDPULSE}/senders/{FRIEND}/code", None),
    ("POST", SLOTS, slot(status="draft")),
    ("POST", SLOTS, {"slots": [slot(status="draft"), {"platform": "fax"}]}),
    ("POST", f"{SPARKED}/api/v1/mediakit/cr_1/generate", {"title": "contract-1"}),
    ("POST", HOOKS, {"url": "https://hooks.example.com/", "description": "contract-1"}),
    ("DELETE", f"{HOOKS}/wh_1", None),
]
FORBIDDEN = [
    ("POST", TRANSMISSIONS, transmission([{"address": f"x@{SINK}"}, {"address": STRANGER}])),
    ("POST", TRANSMISSIONS, transmission([{"address": {"email": STRANGER}}])),
    ("POST", TRANSMISSIONS, transmission([STRANGER])),
    ("POST", TRANSMISSIONS, transmission(STRANGER)),
    ("POST", TRANSMISSIONS, transmission([{"address": f"x@{SINK}.example"}])),
    ("POST", TRANSMISSIONS, transmission({"list_id": "customers"})),
    ("POST", f"{TRANSMISSIONS}/", transmission([{"address": STRANGER}])),
    ("POST", f"{SPARKPOST}/api/v1/recipient-lists", {"recipients": [{"address": STRANGER}]}),
    ("PUT", f"{SPARKPOST}/api/v1/recipient-lists/1", {"recipients": [{"address": STRANGER}]}),
    ("POST", f"{SPARKPOST}/api/v1/sending-domains/acme.example/verify", {"abuse_at_verify": True}),
    ("PUT", f"{SPARKPOST}/api/v1/transmissions", transmission([{"address": STRANGER}])),
    ("POST", f"{SENDPULSE}/smtp/emails", mail(to=[{"email": FRIEND}], bcc=[{"email": STRANGER}])),
    ("POST", f"{SENDPULSE}/smtp/emails", {"email": json.dumps(mail(to=[{"email": STRANGER}])["email"])}),
    ("POST", f"{SENDPULSE}//smtp/emails/", mail(to=[{"email": STRANGER}])),
    ("POST", f"{SENDPULSE}/smtp/resubscribe", {"email": STRANGER, "sender": FRIEND}),
    ("POST", f"{SENDPULSE}/addressbooks/1/emails", {"emails": json.dumps([STRANGER]), "confirmation": "force"}),
    ("POST", f"{SENDPULSE}/addressbooks/1/emails", {"emails": [{"email": STRANGER}], "confirmation": "force"}),
    ("POST", f"{SENDPULSE}/senders", {"email": STRANGER, "name": "Fred"}),
    ("GET", f"{SENDPULSE}/senders/{STRANGER}/code", None),
    ("POST", f"{SENDPULSE}/smtp/domains", {"email": STRANGER}),
    ("GET", f"{SENDPULSE}/smtp/domains/{STRANGER.replace('@', '%40')}", None),
    ("POST", f"{SENDPULSE}/v2/email-service/webhook", {"url": "https://a.example/", "actions": ["spam"]}),
    ("POST", f"{SPARKPOST}/api/v1/webhooks", {"name": "x", "target": "https://a.example/", "events": ["open"]}),
    ("POST", f"{SENDPULSE}/campaigns", {"list_id": 1, "body": "Hi"}),
    ("POST", SLOTS, slot()),
    ("POST", SLOTS, slot(status="draft", title="Spring")),
    ("POST", SLOTS, {"slots": [slot(status="draft"), slot(status="scheduled")]}),
    ("POST", f"{SPARKED}/api/v1/mediakit/cr_1/generate", {"title": "Spring"}),
    ("POST", HOOKS, {"url": "https://a.example/", "description": "contract-1"}),
    ("POST", HOOKS, {"url": "https://hooks.example.com/", "description": "Planner"}),
    ("PATCH", f"{HOOKS}/wh_1", {"url": "https://a.example/"}),
    ("POST", f"{SPARKED}/oauth/authorize", {"decision": "approve"}),
    ("POST", f"{SPARKED}/oauth/revoke", {"token": "spk_rt_1"}),
    ("GET", f"{SPARKED}/kit/kit_1", None),
    ("GET", "https://www.sparkpost.com/", None),
    ("GET", "https://api.sparkpost.com.example/api/v1/templates", None),
]


@pytest.mark.parametrize(("method", "url", "body"), ALLOWED)
def test_harmless_request_passes_the_guards(method: str, url: str, body: Any) -> None:
    assert len(send(method, url, body)) == 1


@pytest.mark.parametrize(("method", "url", "body"), FORBIDDEN)
def test_harmful_request_is_forbidden(method: str, url: str, body: Any) -> None:
    with pytest.raises(Forbidden):
        send(method, url, body)


def test_clients_that_use_requests_are_tapped() -> None:
    with Wire(vendors_places(), closed=True).tapped(), pytest.raises(Forbidden):
        requests.post(TRANSMISSIONS, data=json.dumps(transmission([{"address": STRANGER}])), timeout=1)


def test_streamed_body_is_forbidden() -> None:
    with Wire(vendors_places(), closed=True).tapped(), pytest.raises(Forbidden, match="looked into"):
        requests.post(TRANSMISSIONS, data=iter([b"{}"]), timeout=1)


@pytest.mark.parametrize("url", [TRANSMISSIONS, f"{SENDPULSE}/smtp/emails"])
def test_body_that_is_no_json_may_hold_no_address(url: str) -> None:
    with Wire(vendors_places(), closed=True).tapped(), pytest.raises(Forbidden), httpx.Client() as client:
        client.post(url, content=b'{"a": "fred@flintstone.example"', headers={"Content-Type": "application/json"})


def test_sandbox_accepts_everything_unless_guarded() -> None:
    body = transmission([{"address": STRANGER}])
    assert send("POST", TRANSMISSIONS, body, closed=False) == ["/api/v1/transmissions"]
    with pytest.raises(Forbidden):
        send("POST", TRANSMISSIONS, body, closed=False, guarded=True)


def test_service_without_a_guard_may_only_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contract_tests.wire.parts", lambda service, name: ())
    assert send("GET", f"{SENDPULSE}/senders") == ["/senders"]
    with pytest.raises(Forbidden, match="only be read"):
        send("DELETE", f"{SENDPULSE}/senders", {"email": FRIEND})


def test_message_events_are_asked_for_once_in_two_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contract_tests.sparkpost.guard._polls", [])
    url = f"{SPARKPOST}/api/v1/message-events"
    assert send("GET", url) == ["/api/v1/message-events"]
    with pytest.raises(Forbidden, match="two minutes"):
        send("GET", url)


def test_exchange_is_kept_with_operation_and_response() -> None:
    wire = Wire(vendors_places(), closed=True)
    with wire.tapped(), httpx.Client(transport=Vendor()) as client:
        client.get(f"{SENDPULSE}/senders")
        client.get(f"{SENDPULSE}/nowhere")
    first, second = wire.exchanges
    assert (first.call.service, first.call.operation and first.call.operation.id) == ("sendpulse", "list_senders")
    assert (first.status, first.response) == (200, {})
    assert second.call.operation is None
    assert wire.changed == set()
