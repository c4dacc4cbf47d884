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


def ask(api: Api, path: str = "", subaccount: int | None = None, **query: Any) -> Any:
    """The results of a query; ``from`` is the beginning of the day unless it says otherwise."""
    asked = {"from": FROM, **{name.rstrip("_"): value for name, value in query.items()}}
    response = api.send("GET", f"{DELIVERABILITY}{path}?{urlencode(asked)}", subaccount=subaccount)
    assert response.status_code == 200, response.text
    return response.json()["results"]


def total(api: Api, *metrics: str, **query: Any) -> dict[str, int]:
    """The summary of these metrics."""
    (row,) = ask(api, metrics=",".join(metrics), **query)
    assert isinstance(row, dict)
    return row


def refused(api: Api, path: str, **query: Any) -> list[dict[str, Any]]:
    response = api.send("GET", f"{path}?{urlencode({name.rstrip('_'): value for name, value in query.items()})}")
    assert response.status_code == 400, response.text
    return list(response.json()["errors"])


def send(api: Api, *emails: str, subaccount: int | None = None, **fields: Any) -> None:
    recipients = [{"address": email} for email in emails or ("ada@mail.example",)]
    api.call("POST", "/transmissions", {"recipients": recipients, "content": CONTENT, **fields}, subaccount=subaccount)


def tell(api: Api, type: str, message: str = "m1", domain: str = "mail.example", **more: Any) -> None:
    """An event of a message that somebody else sent."""
    about = {"message_id": message, "recipient_domain": domain, "rcpt_to": f"ada@{domain}"}
    recorder.record(api.ctx, orjson.dumps(about), type, **more)


def trouble(api: Api) -> None:
    for domain in ("mail.example", "mail.example", "gmail.com"):
        tell(api, "bounce", domain=domain, bounce_class="10", reason="550 no such user", num_retries="0")
    tell(api, "out_of_band", bounce_class="22", reason="552 mailbox full")
    tell(api, "bounce", bounce_class="25", reason="554 suppressed")
    tell(api, "generation_failure", reason="bad data", domain="gmail.com")
    tell(api, "generation_rejection", reason="refused")
    tell(api, "policy_rejection", reason="refused")
    tell(api, "delay", reason="450 later", num_retries="0")
    tell(api, "delay", reason="450 later", num_retries="1")
    tell(api, "delay", reason="451 much later", num_retries="1", domain="gmail.com")
