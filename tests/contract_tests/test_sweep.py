"""The sweeps remove what a run made on a real service and nothing else; the loopback reports strays."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from contract_tests import loopback
from contract_tests.sendpulse import sweep as sendpulse_sweep
from contract_tests.sendpulse import target as sendpulse
from contract_tests.sparked import sweep as sparked_sweep
from contract_tests.sparkpost import sweep as sparkpost_sweep
from contract_tests.sparkpost import target as sparkpost
from contract_tests.targets import target_of
from sparkbox import Sparkbox, World

OURS, THEIRS = "contract-1", "newsletter"


@pytest.fixture(scope="module")
def server() -> Iterator[Sparkbox]:
    with Sparkbox() as server, server.intercept():
        yield server


@pytest.fixture
def world(server: Sparkbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An account that the environment names as the real one."""
    world = server.world()
    for service in ("sparkpost", "sendpulse", "sparked"):
        for name, value in target_of(service).sandbox(world).environment.items():
            monkeypatch.setenv(name, value)
    yield world
    world.drop()


def send(world: World, service: str, method: str, path: str, body: Any = None) -> None:
    place = getattr(world, service)
    httpx.request(method, place.url + path, headers=place.headers, json=body, trust_env=False).raise_for_status()


def use_sparkpost(world: World, name: str) -> None:
    """Something of every kind that can be left behind."""
    recipient = f"{name}@{sparkpost.SINK}"
    content = {"from": f"news@{sparkpost.DOMAIN}", "subject": "Hello", "text": "Hi"}
    start = (world.clock.now + timedelta(days=1)).isoformat()
    send(world, "sparkpost", "POST", "/api/v1/templates", {"id": name, "content": content, "published": True})
    send(world, "sparkpost", "POST", "/api/v1/recipient-lists", {"id": name, "recipients": [{"address": recipient}]})
    send(world, "sparkpost", "POST", "/api/v1/sending-domains", {"domain": f"unverified.{name}.example.com"})
    send(world, "sparkpost", "PUT", f"/api/v1/suppression-list/{recipient}", {"type": "transactional"})
    body = {"recipients": {"list_id": name}, "content": {"template_id": name}, "campaign_id": name}
    send(world, "sparkpost", "POST", "/api/v1/transmissions", {**body, "options": {"start_time": start}})


def use_sendpulse(world: World, name: str) -> None:
    """Something of every kind that can be left behind."""
    email = f"{name}@example.com"
    send(world, "sendpulse", "POST", "/addressbooks", {"bookName": name})
    send(world, "sendpulse", "POST", "/blacklist", {"emails": base64.b64encode(email.encode()).decode()})
    send(world, "sendpulse", "POST", "/smtp/unsubscribe", [{"email": email}])
    hook = {"url": f"https://hooks.example.com/?{name}", "actions": ["spam"]}
    send(world, "sendpulse", "POST", "/v2/email-service/webhook", hook)


def use_sparked(world: World, name: str) -> None:
    """Something of the one kind that can be left behind and removed."""
    place = world.sparked
    hook = {"url": "https://hooks.example.com/", "description": name}
    client = (place.client_id, place.client_secret)
    httpx.post(f"{place.url}/api/v1/webhooks", json=hook, auth=client, trust_env=False).raise_for_status()


def sizes(world: World, service: str) -> dict[str, int]:
    """How many records of each kind an account has, of those that there are some of."""
    account = world.server.sandbox.accounts.open(world.credential)
    assert account is not None
    return {kind: count for kind, count in account.stores[service].sizes().items() if count}


def test_sparkpost_sweep_removes_only_what_a_run_made(world: World) -> None:
    use_sparkpost(world, THEIRS)
    before = sizes(world, "sparkpost")
    use_sparkpost(world, OURS)
    assert len(list(loopback._leftovers(world))) == 5
    assert len(sparkpost_sweep.sweep("contract-")) == 5
    assert list(loopback._leftovers(world)) == []
    assert sizes(world, "sparkpost") == before


def test_sendpulse_sweep_removes_only_what_a_run_made(world: World) -> None:
    use_sendpulse(world, THEIRS)
    before = sizes(world, "sendpulse")
    use_sendpulse(world, OURS)
    assert {line.split()[4] for line in loopback._leftovers(world)} == {
        "MailingList",
        "ListName",
        "Blocked",
        "Unsubscribed",
        "Webhook",
    }
    assert len(sendpulse_sweep.sweep("contract-")) == 4
    assert list(loopback._leftovers(world)) == []
    assert sizes(world, "sendpulse") == before


def test_sparked_sweep_removes_only_what_a_run_made(world: World) -> None:
    for number in range(30):
        use_sparked(world, f"{THEIRS}-{number}")
    use_sparked(world, OURS)
    for number in range(30, 60):
        use_sparked(world, f"{THEIRS}-{number}")
    assert len(list(loopback._leftovers(world))) == 1
    assert sparked_sweep.sweep("contract-") == [f"the webhook {OURS}"]
    assert list(loopback._leftovers(world)) == []
    assert sizes(world, "sparked")["Subscription"] == 60


def test_sweep_leaves_what_other_runs_made(world: World) -> None:
    use_sparkpost(world, OURS)
    use_sendpulse(world, OURS)
    use_sparked(world, OURS)
    assert sparked_sweep.sweep("contract-2") == []
    assert sparkpost_sweep.sweep("contract-2") == []
    assert sendpulse_sweep.sweep("contract-2") == []


def test_message_to_a_stranger_is_reported(world: World) -> None:
    environment = {"CONTRACT_RECIPIENTS": f"{sendpulse.RECIPIENT}, barney@flintstone.example"}
    for to in (sendpulse.RECIPIENT, "fred@flintstone.example"):
        sender = {"email": sendpulse.SENDER}
        mail = {"subject": "Hello", "text": "Hi", "from": sender, "to": [{"email": to}]}
        send(world, "sendpulse", "POST", "/smtp/emails", {"email": mail})
    prepared = 1
    assert list(loopback._strays(world, prepared, environment)) == [
        "sendpulse has sent 'Hello' to fred@flintstone.example"
    ]
