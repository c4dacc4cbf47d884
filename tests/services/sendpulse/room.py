"""SendPulse for tests: a client with a static API key that also sees into its own account."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import orjson

from mockserver.app import Application
from mockserver.core.account import Account
from mockserver.core.clock import Clock
from mockserver.core.context import Context
from mockserver.core.events import Event
from mockserver.core.messages import Message
from mockserver.transport import Transport

KEY = "mock-key"
NOW = 1_772_366_400.0
"""2026-03-01 12:00:00 UTC."""


class Room:
    """SendPulse as one account sees it. The account's clock stands at :data:`NOW`."""

    def __init__(self, app: Application, key: str = KEY) -> None:
        self.app = app
        self.http = httpx.Client(
            transport=Transport(app), base_url="https://api.sendpulse.com", headers={"Authorization": f"Bearer {key}"}
        )
        account = app.sandbox.accounts.open(key)
        assert account is not None
        self.account: Account = account
        self.clock: Clock = account.clock
        self.clock.freeze(NOW)

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The JSON of an answer that must be 200; ``body`` goes as JSON."""
        answer = self.send(method, path, body, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refuse(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, int, str]:
        """Status, code and message of an answer that must be a refusal in the usual envelope."""
        answer = self.send(method, path, body, **query)
        fields = answer.json()
        assert answer.status_code >= 400
        assert set(fields) == {"message", "error_code"}
        return answer.status_code, fields["error_code"], fields["message"]

    def send(self, method: str, path: str, body: Any = None, **query: Any) -> httpx.Response:
        content = None if body is None else orjson.dumps(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        return self.http.request(method, path, content=content, headers=headers, params=query or None)

    def form(self, method: str, path: str, content: str) -> httpx.Response:
        """A form, as PHP's http_build_query writes one."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.http.request(method, f"https://api.sendpulse.com{path}", content=content, headers=headers)

    @property
    def ctx(self) -> Context:
        return self.app.sandbox.context("sendpulse", self.account)

    @property
    def messages(self) -> list[Message]:
        return list(self.account.messages.oldest())

    @property
    def events(self) -> list[Event]:
        return list(self.account.events.oldest())

    def strict(self) -> None:
        self.account.profile = "strict"

    def new_list(self, name: str = "Readers", *emails: Any) -> int:
        """A mailing list with these e-mails in it."""
        id: int = self.call("POST", "/addressbooks", {"bookName": name})["id"]
        if emails:
            self.call("POST", f"/addressbooks/{id}/emails", {"emails": list(emails)})
        return id

    def mail(self, recipient: str = "ann@example.org", /, **more: Any) -> str:
        """Sends a mail and gives its id."""
        email = {
            "subject": "Hello",
            "text": "Hi",
            "from": {"email": "sender@example.com"},
            "to": [{"email": recipient}],
        }
        id: str = self.call("POST", "/smtp/emails", {"email": email | more})["id"]
        return id


def encode(text: str) -> str:
    """Base64, as the API wants some texts."""
    return base64.b64encode(text.encode()).decode()
