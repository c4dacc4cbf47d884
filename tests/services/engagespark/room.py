"""engageSPARK for tests: a client with a token that also sees into its own account."""

from __future__ import annotations

import json
from typing import Any

import httpx

from mockserver.app import Application
from mockserver.core.account import Account
from mockserver.core.clock import Clock
from mockserver.core.context import Context
from mockserver.core.events import Event
from mockserver.core.messages import Message
from mockserver.core.webhooks import Delivery
from mockserver.transport import Transport

TOKEN = "mock-token"
NOW = 1_772_366_400.0
"""2026-03-01 12:00:00 UTC, a Sunday."""

GLOBE = "639171234567"
SMART = "639181234567"

ORG = "/v1/organizations/1"


class Room:
    """engageSPARK as one account sees it. The account's clock stands at :data:`NOW`."""

    def __init__(self, app: Application, token: str = TOKEN) -> None:
        self.app = app
        self.token = token
        self.http = httpx.Client(
            transport=Transport(app),
            base_url="https://api.engagespark.com",
            headers={"Authorization": f"Token {token}"},
        )
        account = app.sandbox.accounts.open(token)
        assert account is not None
        self.account: Account = account
        self.clock: Clock = account.clock
        self.clock.freeze(NOW)

    def call(self, method: str, path: str, body: Any = None, *, status: int = 200, **query: Any) -> Any:
        """The JSON of an answer that must have this status; ``body`` goes as JSON."""
        answer = self.send(method, path, body, **query)
        assert answer.status_code == status, (answer.status_code, answer.text)
        return answer.json()

    def refuse(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, str | None, str]:
        """Status, code and text of an answer that must be a refusal."""
        answer = self.send(method, path, body, **query)
        fields = answer.json()
        assert answer.status_code >= 400, answer.text
        return answer.status_code, fields.get("errorCode"), fields["error"]

    def send(self, method: str, path: str, body: Any = None, **query: Any) -> httpx.Response:
        content = None if body is None else json.dumps(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        return self.http.request(method, path, content=content, headers=headers, params=query or None)

    def simulate(self, name: str, /, status: int = 200, **fields: Any) -> Any:
        """Brings a simulation about in this account, through the control API."""
        url = f"http://localhost/_mock/services/engagespark/simulations/{name}"
        with httpx.Client(transport=Transport(self.app)) as client:
            answer = client.post(url, params={"account": self.token}, json=fields)
        assert answer.status_code == status, answer.text
        return answer.json()

    @property
    def ctx(self) -> Context:
        return self.app.sandbox.context("engagespark", self.account)

    @property
    def messages(self) -> list[Message]:
        return list(self.account.messages.oldest())

    @property
    def events(self) -> list[Event]:
        return list(self.account.events.oldest())

    @property
    def webhooks(self) -> list[Delivery]:
        return list(self.account.deliveries.oldest())

    @property
    def micro(self) -> int:
        """The balance in micro-dollars."""
        micro: int = self.call("GET", f"{ORG}/balance.json")["balanceMicro"]
        return micro

    def strict(self) -> None:
        self.account.profile = "strict"

    def sms(self, to: str = GLOBE, message: str = "Hello", path: str = "/v1/sms/phonenumber", **more: Any) -> Any:
        """Sends an SMS and gives the answer."""
        fields = {"orgId": 1, "from": "ACME", "message": message, "fullPhoneNumber": to}
        return self.call("POST", path, fields | more)

    def shown(self, message_id: str) -> Any:
        """An SMS as the API shows it."""
        return self.call("GET", f"{ORG}/messages/{message_id}/")

    def contact(self, number: str = GLOBE, **more: Any) -> Any:
        """Creates a contact and gives the answer."""
        return self.call("POST", f"{ORG}/contacts/", {"fullPhoneNumber": number} | more)

    def topup(self, number: str = GLOBE, most: Any = 25, *, status: int = 200, **more: Any) -> Any:
        """Sends a top-up and gives the answer."""
        return self.call("POST", f"{ORG}/topup/", {"fullPhoneNumber": number, "maxAmount": most} | more, status=status)

    def upload(self, *files: tuple[str, bytes], status: int = 200, **query: str) -> Any:
        """Uploads files by name and content."""
        parts = [("upload", file) for file in files]
        answer = self.http.post(f"{ORG}/files/", files=parts, params={"category": "uploads"} | query)
        assert answer.status_code == status, answer.text
        return answer.json()
