"""A client of Sparked for tests: an integration whose creators consent without a browser."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from sparkbox.app import Application
from sparkbox.core.logs.events import Event
from sparkbox.services.sparked.oauth.scopes import NAMES
from tests.services.view import View

ID = "mock-partner"
SECRET = "mock-partner-secret"
BACK = "http://127.0.0.1:4711/callback"


class Api(View):
    """An integration. The account's clock stands at :data:`NOW`."""

    service = "sparked"

    def __init__(self, app: Application, id: str = ID, secret: str = SECRET) -> None:
        super().__init__(app, id, "https://api.sparked.com")
        self.id = id
        self.secret = secret

    # The API.

    def send(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, **query: Any
    ) -> httpx.Response:
        """Send a request with a token; by default the client id, a token for ``cr_mock`` with all scopes."""
        headers = {"Authorization": f"Bearer {token or self.id}"}
        return self.http.request(method, path, json=body, headers=headers, params=query or None)

    def call(self, method: str, path: str, body: Any = None, *, token: str | None = None, **query: Any) -> Any:
        """Return the JSON of a response that must be a success."""
        response = self.send(method, path, body, token=token, **query)
        assert response.is_success, response.text
        return response.json() if response.content else None

    def get(self, path: str, *, token: str | None = None, **query: Any) -> Any:
        return self.call("GET", path, token=token, **query)

    def refuse(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, **query: Any
    ) -> tuple[int, str]:
        """Return status and code of a response that must be an API error."""
        response = self.send(method, path, body, token=token, **query)
        return api_error(response)

    # OAuth.

    def authorize(self, scope: str = "read:profile", **changes: str | None) -> httpx.Response:
        """Open the consent page; a change to ``None`` omits a parameter."""
        return self.http.get("/oauth/authorize", params=self.authorization(scope, **changes))

    def authorization(self, scope: str = "read:profile", **changes: str | None) -> dict[str, str]:
        """Return the parameters of an authorization request."""
        usual = {"response_type": "code", "client_id": self.id, "redirect_uri": BACK, "scope": scope, "state": "s t&u"}
        return {name: value for name, value in {**usual, **changes}.items() if value is not None}

    def decide(
        self,
        page: httpx.Response,
        decision: str = "approve",
        *,
        ticked: Iterable[str] | None = None,
        creator: str = "cr_mock",
        **headers: str,
    ) -> httpx.Response:
        """Submit the page's form as a browser would."""
        assert page.status_code == 200, page.text
        form = {
            "request": signed(page),
            "scope": list(scopes_on(page) if ticked is None else ticked),
            "creator": creator,
            "decision": decision,
        }
        target = re.search(r'action="authorize\?client_id=([^"]+)"', page.text)
        assert target is not None
        return self.http.post(f"/oauth/authorize?client_id={target[1]}", data=form, headers=headers)

    def code(self, scope: str = "read:profile", *, creator: str = "cr_mock", **changes: str | None) -> str:
        """Return a code for a creator's consent."""
        return returned(self.decide(self.authorize(scope, **changes), creator=creator))["code"]

    def exchange(self, code: str, **changes: str | None) -> httpx.Response:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, **changes}
        return self.post_form("/oauth/token", form)

    def refresh(self, token: str, **changes: str | None) -> httpx.Response:
        return self.post_form("/oauth/token", {"grant_type": "refresh_token", "refresh_token": token, **changes})

    def post_form(self, path: str, form: dict[str, str | None]) -> httpx.Response:
        """Post a form with the client's id and secret."""
        fields = {name: value for name, value in form.items() if value is not None}
        return self.http.post(path, data=fields, auth=(self.id, self.secret))

    def grant(self, scope: str = " ".join(NAMES), *, creator: str = "cr_mock") -> dict[str, Any]:
        """Return tokens for a creator's consent."""
        response = self.exchange(self.code(scope, creator=creator))
        assert response.status_code == 200, response.text
        tokens: dict[str, Any] = response.json()
        return tokens

    # The account behind it.

    def simulate(self, name: str, body: Any = None, status: int = 200) -> Any:
        """Run a simulation of the control API."""
        path = f"http://sandbox/_mock/services/sparked/simulations/{name}"
        response = self.http.post(path, json=body or {}, params={"account": self.id})
        assert response.status_code == status, response.text
        return response.json()

    @property
    def creators(self) -> list[str]:
        """Return the ids of the account's creators."""
        return [creator["id"] for creator in self.simulate("creators")["creators"]]

    def events_of(self, type: str | None = None) -> list[Event]:
        """Return the events of a type, or all."""
        return [event for event in self.events if type in (None, event.type)]


def api_error(response: httpx.Response) -> tuple[int, str]:
    """Return status and code of an API error, which must have the API's envelope."""
    assert response.status_code >= 400, response.text
    assert set(response.json()) == {"error"}
    fields = response.json()["error"]
    assert set(fields) == {"code", "message", "details", "request_id"}
    assert fields["request_id"] == response.headers["x-request-id"]
    return response.status_code, fields["code"]


def issues(response: httpx.Response) -> dict[str, str]:
    """Return what an API error says about each field."""
    return {detail["field"]: detail["issue"] for detail in response.json()["error"]["details"]}


def oauth_error(response: httpx.Response) -> tuple[int, str]:
    """Return status and error of an OAuth error, which must have the shape of RFC 6749, section 5.2."""
    assert set(response.json()) == {"error", "error_description"}
    assert response.headers["cache-control"] == "no-store"
    return response.status_code, response.json()["error"]


def returned(response: httpx.Response, to: str = BACK) -> dict[str, str]:
    """Return what the browser brings back to the partner."""
    assert response.status_code in (302, 303), response.text
    location = response.headers["location"]
    assert location.partition("?")[0] == to.partition("?")[0]
    return dict(parse_qsl(urlsplit(location).query))


def signed(page: httpx.Response) -> str:
    found = re.search(r'name="request" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def scopes_on(page: httpx.Response) -> list[str]:
    """Return the scopes on a consent page."""
    return re.findall(r'name="scope" value="([^"]+)"', page.text)
