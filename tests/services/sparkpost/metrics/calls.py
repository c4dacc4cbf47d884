"""Calls of the Metrics API that several tests make, and events for it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import orjson

from sparkbox.services.sparkpost.events import recorder
from tests.services.sparkpost.api import Api

CONTENT = {"from": "The Shop <news@shop.example>", "subject": "Hello", "text": "Dear customer"}
FROM = "2026-03-01T00:00"
DELIVERABILITY = "/metrics/deliverability"


def metrics_of(api: Api, path: str = "", subaccount: int | None = None, **query: Any) -> Any:
    """Return the results of a query; ``from`` defaults to the beginning of the day."""
    parameters = {"from": FROM, **{name.rstrip("_"): value for name, value in query.items()}}
    response = api.send("GET", f"{DELIVERABILITY}{path}?{urlencode(parameters)}", subaccount=subaccount)
    assert response.status_code == 200, response.text
    return response.json()["results"]


def total(api: Api, *metrics: str, **query: Any) -> dict[str, int]:
    """Return the summary of these metrics."""
    (row,) = metrics_of(api, metrics=",".join(metrics), **query)
    assert isinstance(row, dict)
    return row


def refused(api: Api, path: str, **query: Any) -> list[dict[str, Any]]:
    response = api.send("GET", f"{path}?{urlencode({name.rstrip('_'): value for name, value in query.items()})}")
    assert response.status_code == 400, response.text
    return list(response.json()["errors"])


def send(api: Api, *emails: str, subaccount: int | None = None, **fields: Any) -> None:
    recipients = [{"address": email} for email in emails or ("ada@mail.example",)]
    api.call("POST", "/transmissions", {"recipients": recipients, "content": CONTENT, **fields}, subaccount=subaccount)


def record_event(api: Api, type: str, message: str = "m1", domain: str = "mail.example", **more: Any) -> None:
    """Record an event of a message without an injection."""
    about = {"message_id": message, "recipient_domain": domain, "rcpt_to": f"ada@{domain}"}
    recorder.record(api.ctx, orjson.dumps(about), type, **more)


def trouble(api: Api) -> None:
    for domain in ("mail.example", "mail.example", "gmail.com"):
        record_event(api, "bounce", domain=domain, bounce_class="10", reason="550 no such user", num_retries="0")
    record_event(api, "out_of_band", bounce_class="22", reason="552 mailbox full")
    record_event(api, "bounce", bounce_class="25", reason="554 suppressed")
    record_event(api, "generation_failure", reason="bad data", domain="gmail.com")
    record_event(api, "generation_rejection", reason="refused")
    record_event(api, "policy_rejection", reason="refused")
    record_event(api, "delay", reason="450 later", num_retries="0")
    record_event(api, "delay", reason="450 later", num_retries="1")
    record_event(api, "delay", reason="451 much later", num_retries="1", domain="gmail.com")
