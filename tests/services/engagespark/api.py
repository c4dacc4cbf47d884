"""engageSPARK for tests: a client with a token that also sees into its own account."""

from __future__ import annotations

from typing import Any

import httpx

from sparkbox.app import Application
from sparkbox.testing.transport import Transport
from tests.services.view import View

TOKEN = "mock-token"

GLOBE = "639171234567"
SMART = "639181234567"

ORG = "/v1/organizations/1"


class Api(View):
    """engageSPARK as one account sees it. The account's clock stands at :data:`NOW`."""

    service = "engagespark"

    def __init__(self, app: Application, token: str = TOKEN) -> None:
        super().__init__(app, token, "https://api.engagespark.com", {"Authorization": f"Token {token}"})
        self.token = token

    def refuse(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, str | None, str]:
        """Status, code and text of an answer that must be a refusal."""
        response = self.send(method, path, body, **query)
        fields = response.json()
        assert response.status_code >= 400, response.text
        return response.status_code, fields.get("errorCode"), fields["error"]

    def simulate(self, name: str, /, status: int = 200, **fields: Any) -> Any:
        """Brings a simulation about in this account, through the control API."""
        url = f"http://localhost/_mock/services/engagespark/simulations/{name}"
        with httpx.Client(transport=Transport(self.app)) as client:
            response = client.post(url, params={"account": self.token}, json=fields)
        assert response.status_code == status, response.text
        return response.json()

    @property
    def micro(self) -> int:
        """The balance in micro-dollars."""
        micro: int = self.call("GET", f"{ORG}/balance.json")["balanceMicro"]
        return micro

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
        response = self.http.post(f"{ORG}/files/", files=parts, params={"category": "uploads"} | query)
        assert response.status_code == status, response.text
        return response.json()
