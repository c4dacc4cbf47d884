"""The requests that are measured, about as large as those of real programs."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class HttpRequest:
    """One request, sent again and again."""

    path: str
    headers: dict[str, str]
    body: str = ""
    method: str = "GET"

    def wire(self, port: int) -> bytes:
        """Return the request as it goes over a connection."""
        lines = [f"{self.method} {self.path} HTTP/1.1", f"host: 127.0.0.1:{port}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body:
            lines.append(f"content-length: {len(self.body.encode())}")
        return ("\r\n".join(lines) + "\r\n\r\n" + self.body).encode()


KEY = {"authorization": "mock-sparkpost-key"}
JSON = {"content-type": "application/json"}

TEXT = "Hello {{ name }}, confirm your address: {{ link }}"
HTML = """<!doctype html>
<html><head><meta charset="utf-8"><title>Welcome to Acme</title></head>
<body style="margin:0;background:#f4f4f4;font-family:Helvetica,Arial,sans-serif">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">
<table role="presentation" width="600" style="background:#ffffff;border-radius:4px">
<tr><td style="padding:24px"><h1 style="font-size:22px">Hello {{ name }},</h1>
<p>thank you for joining Acme on the {{ plan }} plan. One step is left before you can order your first anvil.</p>
<p><a href="{{ link }}" style="background:#0a7;color:#fff;padding:12px 20px">Confirm your address</a></p>
<p>Not sure where to begin? <a href="https://acme.example/guides/first-anvil">Read how others did it</a>, or reply to
this mail: a human reads it.</p>
<p style="font-size:12px;color:#888">You get this mail because you signed up at acme.example.
<a href="https://acme.example/preferences?utm_source=welcome">Change what we send you</a></p>
</td></tr></table></td></tr></table></body></html>
"""
"""1 kB with three links."""

CONTENT = {
    "from": {"name": "The Acme team", "email": "team@mail.acme.example"},
    "subject": "Welcome, {{ name }}",
    "text": TEXT,
    "html": HTML,
}
TRANSMISSION: dict[str, Any] = {
    "campaign_id": "welcome",
    "metadata": {"plan": "free", "signup": "2026-02-27", "source": "landing-page"},
    "substitution_data": {"link": "https://acme.example/confirm/81a0", "plan": "free"},
    "recipients": [
        {"address": {"email": "wilma@flintstone.example", "name": "Wilma"}, "substitution_data": {"name": "Wilma"}}
    ],
    "content": CONTENT,
}
EMAIL = {
    "html": base64.b64encode(HTML.encode()).decode(),
    "text": TEXT,
    "subject": "Welcome, Wilma",
    "from": {"name": "The Acme team", "email": "team@mail.acme.example"},
    "to": [{"name": "Wilma", "email": "wilma@flintstone.example"}],
}
SMS = {"orgId": "1", "from": "ACME", "message": "Your code is 834 201.", "fullPhoneNumber": "639181234567"}

CREATE = HttpRequest(
    "/sparkpost/api/v1/templates",
    KEY | JSON,
    json.dumps({"id": "welcome", "name": "Welcome", "published": True, "content": CONTENT}),
    "POST",
)
READ = HttpRequest("/sparkpost/api/v1/templates/welcome", KEY)
SEND = HttpRequest("/sparkpost/api/v1/transmissions", KEY | JSON, json.dumps(TRANSMISSION), "POST")
SEND_SMS = HttpRequest(
    "/engagespark/v1/sms/phonenumber", {"authorization": "Token mock-engagespark-token"} | JSON, json.dumps(SMS), "POST"
)
RICH = HttpRequest(
    "/_mock/services/engagespark/simulations/balance?account=mock-engagespark-token",
    JSON,
    '{"balanceMicro": 1000000000000000}',
    "POST",
)
"""Makes the balance of the account that sends SMS last."""
HEALTH = HttpRequest("/_mock/health", {})
TOKEN = HttpRequest(
    "/sendpulse/oauth/access_token",
    JSON,
    json.dumps(
        {
            "grant_type": "client_credentials",
            "client_id": "mock-sendpulse-id",
            "client_secret": "mock-sendpulse-secret",
        }
    ),
    "POST",
)


def send_email(token: str) -> HttpRequest:
    """Return the request that sends a mail by SendPulse's SMTP service; ``token`` is what :data:`TOKEN` returns."""
    headers = {"authorization": f"Bearer {token}"} | JSON
    return HttpRequest("/sendpulse/smtp/emails", headers, json.dumps({"email": EMAIL}), "POST")


def send_to(count: int) -> HttpRequest:
    """Return a transmission to many recipients."""
    recipients = [{"address": f"person{number}@flintstone.example"} for number in range(count)]
    return HttpRequest(SEND.path, SEND.headers, json.dumps({**TRANSMISSION, "recipients": recipients}), "POST")
