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
        """Return status, code and text of a response that must be an error."""
        response = self.send(method, path, body, **query)
        fields = response.json()
        assert response.status_code >= 400, response.text
        return response.status_code, fields.get("errorCode"), fields["error"]

    def simulate(self, name: str, /, status: int = 200, **fields: Any) -> Any:
        """Run a simulation in this account; ``from_`` is the field ``from``."""
        url = f"http://localhost/_mock/services/engagespark/simulations/{name}"
        with httpx.Client(transport=Transport(self.app)) as client:
            response = client.post(url, params={"account": self.token}, json=_named(fields))
        assert response.status_code == status, response.text
        return response.json()

    @property
    def micro(self) -> int:
        """Return the balance in micro-dollars."""
        micro: int = self.call("GET", f"{ORG}/balance.json")["balanceMicro"]
        return micro

    def sms(self, to: str = GLOBE, message: str = "Hello", path: str = "/v1/sms/phonenumber", **more: Any) -> Any:
        """Send an SMS and return the response."""
        fields = {"orgId": 1, "from": "ACME", "message": message, "fullPhoneNumber": to}
        return self.call("POST", path, fields | more)

    def shown(self, message_id: str) -> Any:
        """Return an SMS as the API shows it."""
        return self.call("GET", f"{ORG}/messages/{message_id}/")

    def contact(self, number: str = GLOBE, **more: Any) -> Any:
        """Create a contact and return the response."""
        return self.call("POST", f"{ORG}/contacts/", {"fullPhoneNumber": number} | more)

    def topup(self, number: str = GLOBE, most: Any = 25, *, status: int = 200, **more: Any) -> Any:
        """Send a top-up and return the response; ``async_`` is the field ``async``."""
        fields = {"fullPhoneNumber": number, "maxAmount": most} | _named(more)
        return self.call("POST", f"{ORG}/topup/", fields, status=status)

    def upload(self, *files: tuple[str, bytes], status: int = 200, **query: str) -> Any:
        """Upload files by name and content."""
        parts = [("upload", file) for file in files]
        response = self.http.post(f"{ORG}/files/", files=parts, params={"category": "uploads"} | query)
        assert response.status_code == status, response.text
        return response.json()


def _named(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields whose names are keywords of Python have an underscore behind them."""
    return {name.rstrip("_"): value for name, value in fields.items()}
