"""SendPulse for tests: a client with a static API key, and a view into its account."""

from __future__ import annotations

import base64
from typing import Any

import httpx

from sparkbox.app import Application
from sparkbox.testing.transport import Transport
from tests.services.view import View

KEY = "mock-key"


class Api(View):
    """SendPulse as one account sees it. The account's clock stands at :data:`NOW`."""

    service = "sendpulse"

    def __init__(self, app: Application, key: str = KEY) -> None:
        super().__init__(app, key, "https://api.sendpulse.com", {"Authorization": f"Bearer {key}"})

    def refuse(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, int, str]:
        """Return status, code and message of a response that must be an error in the usual shape."""
        response = self.send(method, path, body, **query)
        fields = response.json()
        assert response.status_code >= 400
        assert set(fields) == {"message", "error_code"}
        return response.status_code, fields["error_code"], fields["message"]

    def form(self, method: str, path: str, content: str) -> httpx.Response:
        """Send a form, as PHP's http_build_query writes one."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.http.request(method, f"https://api.sendpulse.com{path}", content=content, headers=headers)

    def new_list(self, name: str = "Readers", *emails: Any) -> int:
        """Create a mailing list with these e-mails; return its id."""
        id: int = self.call("POST", "/addressbooks", {"bookName": name})["id"]
        if emails:
            self.call("POST", f"/addressbooks/{id}/emails", {"emails": list(emails)})
        return id

    def simulate(self, name: str, status: int = 200, /, **fields: Any) -> Any:
        """Run a simulation in this account; return the response of the control API."""
        with httpx.Client(transport=Transport(self.app), base_url="http://localhost") as control:
            path = f"/_mock/services/sendpulse/simulations/{name}"
            response = control.post(path, params={"account": self.account.credential}, json=fields)
        assert response.status_code == status, response.text
        return response.json()

    def mail(self, recipient: str = "ann@example.org", /, **more: Any) -> str:
        """Send a mail; return its id."""
        email = {
            "subject": "Hello",
            "text": "Hi",
            "from": {"email": "sender@example.com"},
            "to": [{"email": recipient}],
        }
        id: str = self.call("POST", "/smtp/emails", {"email": email | more})["id"]
        return id


def encode(text: str) -> str:
    """Return a text in base64, as the API wants some."""
    return base64.b64encode(text.encode()).decode()
