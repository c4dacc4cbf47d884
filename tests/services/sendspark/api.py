"""A client of Sendspark for tests, with a view of its account."""

from __future__ import annotations

from typing import Any

import httpx

from sparkbox.app import Application
from sparkbox.testing.transport import Transport
from tests.services.view import View

KEY = "mock-key"
SECRET = "mock-secret"
BASE = "http://127.0.0.1:8025/sendspark"
WORKSPACE = "/v1/workspaces/mock-workspace"
LONG_ENOUGH = 100.0
"""Seconds after which every video is completed and can be downloaded, except slow ones."""


class Api(View):
    """A client with a key and a secret. The account's clock stands at :data:`NOW`."""

    service = "sendspark"

    def __init__(self, app: Application, key: str = KEY, base: str = BASE) -> None:
        super().__init__(app, key, base, {"x-api-key": key, "x-api-secret": SECRET})

    def refuse(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, str | None, str]:
        """Return status, code and message of a response that must be an API error."""
        response = self.send(method, path, body, **query)
        fields = response.json()
        assert set(fields) - {"code"} == {"statusCode", "error", "message"}, fields
        assert fields["statusCode"] == response.status_code >= 400
        return response.status_code, fields.get("code"), fields["message"]

    def visit(self, url: str, method: str = "GET", **form: str) -> httpx.Response:
        """Visit a share page as a browser, without a key; redirects are not followed."""
        with httpx.Client(transport=Transport(self.app)) as browser:
            return browser.request(method, url, data=form or None)

    @property
    def event_types(self) -> list[str]:
        return [event.type for event in self.events]

    def new_campaign(self, name: str = "Spring") -> str:
        id: str = self.call("POST", f"{WORKSPACE}/dynamics", {"name": name})["_id"]
        return id

    def add(self, campaign: str, email: str = "ann@acme.example", /, **more: Any) -> Any:
        """Add a prospect. Return it as in the response."""
        config = {name: more.pop(name) for name in ("prospectDepurationConfig",) if name in more}
        prospect = {"contactName": "Ann Example", "contactEmail": email, "company": "Acme", **more}
        body = {"processAndAuthorizeCharge": True, "prospect": prospect, **config}
        return self.call("POST", f"{WORKSPACE}/dynamics/{campaign}/prospect", body)["prospectList"][0]

    def add_list(self, campaign: str, rows: list[dict[str, Any]], **config: Any) -> Any:
        """Add prospects in bulk. Return the response."""
        body: dict[str, Any] = {"processAndAuthorizeCharge": True, "prospectList": rows}
        if config:
            body["prospectDepurationConfig"] = config
        return self.call("POST", f"{WORKSPACE}/dynamics/{campaign}/prospects/bulk", body)

    def find(self, campaign: str, email: str = "ann@acme.example", **query: Any) -> Any:
        """Return a prospect by address."""
        return self.call("GET", f"{WORKSPACE}/dynamics/{campaign}/prospects/{email}", **query)

    def members(self, campaign: str) -> list[Any]:
        """Return all prospects of a campaign."""
        found: list[Any] = self.call("GET", f"{WORKSPACE}/dynamics/{campaign}")["prospectList"]
        return found

    def shared(self, campaign: str, email: str = "ann@acme.example", /, **more: Any) -> str:
        """Add a prospect, complete its video and return its share link."""
        self.add(campaign, email, **more)
        self.clock.advance(LONG_ENOUGH)
        url: str = self.find(campaign, email)["shareUrl"]
        return url
