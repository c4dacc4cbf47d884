"""Every field of every event, by whatever road it came about, has the JSON type that the vendor's samples show."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator

import httpx
import pytest

from contract_tests.mailers import MailRelay, logged_in
from contract_tests.receiver import Receiver
from contract_tests.sparkpost.events.event_fields import DOCUMENTED, JSON_TYPES, json_type, wrong_in
from contract_tests.sparkpost.responses import results
from contract_tests.sparkpost.target import Sparkpost
from sparkbox import World

SINK = "sink.sparkpostmail.com"
EVENTS, OLDER, HOOKS = "/api/v1/events/message", "/api/v1/message-events", "/api/v1/webhooks"
WEBHOOKS_ONLY = {type for type in DOCUMENTED if type.startswith(("relay_", "ab_test_"))} | {"success", "error"}
HTML = (
    '<p><a href="https://shop.example/a" data-msys-linkname="first">A</a> '
    '<a href="https://shop.example/out" data-msys-unsubscribe="1">B</a></p>'
)


@pytest.mark.observed("sample_events", "sample_message_events", "sample_webhook_events")
def test_samples_of_every_type_of_event_have_the_documented_fields_and_types(api: httpx.Client) -> None:
    searched = DOCUMENTED.keys() - WEBHOOKS_ONLY
    for path in (f"{EVENTS}/samples", f"{OLDER}/events/samples"):
        samples = results(api.get(path))
        assert {sample["type"] for sample in samples} == searched
        assert [wrong for sample in samples for wrong in wrong_in(sample, whole=True)] == []
    batch = [event for item in results(api.get(f"{HOOKS}/events/samples")) for event in item["msys"].values()]
    assert {event["type"] for event in batch} == DOCUMENTED.keys()
    assert [wrong for event in batch for wrong in wrong_in(event, whole=True)] == []


@pytest.mark.observed("document_events", "document_message_events", "document_webhook_events")
def test_documented_sample_values_have_the_same_types(api: httpx.Client) -> None:
    groups = results(api.get(f"{HOOKS}/events/documentation")).values()
    rows = [row["event"] for group in groups for row in group["events"].values()]
    rows += results(api.get(f"{EVENTS}/documentation")) + results(api.get(f"{OLDER}/events/documentation"))
    shown = {(name, json_type(field["sampleValue"])) for row in rows for name, field in row.items()}
    assert {(name, type) for name, type in shown if JSON_TYPES[name] != type} == set()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.mark.sandbox_only
@pytest.mark.observed("search_events", "search_message_events", "create_transmission", "create_webhook")
def test_events_of_all_sources_have_the_documented_types(
    api: httpx.Client,
    account: Sparkpost,
    world: World,
    tls: ssl.SSLContext,
    receiver: Receiver,
    pass_time: Callable[[float], object],
) -> None:
    world.profile = "easy"
    types = sorted(DOCUMENTED.keys() - WEBHOOKS_ONLY)
    api.post(HOOKS, json={"name": "All", "target": receiver.url, "events": types}).raise_for_status()
    pass_time(60)
    _transmit(api, account)
    _relay(account)
    _engage(world, tls)
    pass_time(3600)
    result = [event for batch in receiver.deliveries for item in batch.body for event in item["msys"].values()]
    found = results(api.get(EVENTS, params={"per_page": 10_000}))
    older = results(api.get(OLDER, params={"per_page": 10_000}))
    happened = {event["type"] for event in found}
    never = {"policy_rejection", "sms_status", "amp_open", "amp_click", "amp_initial_open"}
    assert happened >= DOCUMENTED.keys() - WEBHOOKS_ONLY - never
    assert {event["event_id"] for event in result} == {event["event_id"] for event in found}
    assert {event["event_id"] for event in older} == {event["event_id"] for event in found}
    assert sorted({wrong for event in (*result, *found, *older) for wrong in wrong_in(event)}) == []
    assert {event["subaccount_id"] for event in found if "subaccount_id" in event} == {"7", "123"}
    assert {event["recv_method"] for event in found} == {"rest", "esmtp"}


def _transmit(api: httpx.Client, account: Sparkpost) -> None:
    """Mail that is delivered, bounces, waits, comes back, is complained about, opened and unsubscribed from."""
    content = {"from": account.sender, "subject": "Hello types", "html": HTML}
    labels = ("accept", "bounce", "delay", "oob", "fbl", "openclick", "unsubscribe", "linkunsubscribe")
    api.put(f"/api/v1/suppression-list/gone@accept.{SINK}", json={"type": "non_transactional"}).raise_for_status()
    recipients = [{"address": f"Ada@{label}.{SINK}", "tags": ["a"], "metadata": {"n": 1}} for label in labels]
    broken = {"address": f"broken@accept.{SINK}", "substitution_data": {"items": 3}}
    body = {
        "campaign_id": "types",
        "options": {"open_tracking": True, "click_tracking": True},
        "recipients": [*recipients, {"address": f"gone@accept.{SINK}"}],
        "content": content,
    }
    for headers in ({}, {"X-MSYS-SUBACCOUNT": "7"}):
        results(api.post("/api/v1/transmissions", json=body, headers=headers))
    content = {**content, "html": "{{ each items }}{{ loop_var }}{{ end }}"}
    body = {"recipients": [{**broken, "substitution_data": {"items": [1]}}, broken], "content": content}
    results(api.post("/api/v1/transmissions", json=body))
    gone = {"recipients": [{"address": f"gone@accept.{SINK}"}], "content": {**content, "html": "Hi"}}
    assert api.post("/api/v1/transmissions", json=gone).status_code == 400


def _relay(account: Sparkpost) -> None:
    """Send mail by SMTP, for the main account and a subaccount, with and without ``X-MSYS-API``."""
    header = (
        'X-MSYS-API: {"campaign_id": "types", "metadata": {"n": 1}, "tags": ["a"], "options": {"open_tracking": true}}'
    )
    head = f"From: {account.sender}\r\nTo: Ada@openclick.{SINK}\r\nSubject: Hello\r\nContent-Type: text/html\r\n"
    for user in ("SMTP_Injection", "SMTP_Injection:X-MSYS-SUBACCOUNT=123"):
        with logged_in(MailRelay.at(account.smtp, user, account.key)) as client:
            for more in ("", f"{header}\r\n"):
                _deliver(client, account.sender, f"{head}{more}\r\n{HTML}\r\n")


def _deliver(client: smtplib.SMTP, sender: str, mail: str) -> None:
    client.sendmail(sender, [f"Ada@openclick.{SINK}"], mail)


def _engage(world: World, tls: ssl.SSLContext) -> None:
    """Opens, clicks and unsubscribes as a recipient does."""
    message = next(each for each in world.messages if each.to.lower() == f"ada@accept.{SINK}")
    html = message.html or ""
    one_click = re.findall(r"<(http[^>]+)>", dict(message.headers)["List-Unsubscribe"])[0]
    with httpx.Client(verify=tls) as anybody:
        for url in re.findall(r'(?:src|href)="([^"]+)"', html):
            anybody.get(url)
        assert anybody.post(one_click, data={"List-Unsubscribe": "One-Click"}).status_code == 200


@pytest.mark.documented
def test_the_table_names_a_type_for_every_field_of_every_event() -> None:
    """The table itself: no event has a field without a type."""
    assert {name for names in DOCUMENTED.values() for name in names} <= JSON_TYPES.keys()
