"""Who gets in: requests under foreign names, of foreign pages, with other services' credentials, with forged links."""

from __future__ import annotations

import base64
import html
import re
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from mockserver import create_app
from mockserver.core.config import Settings
from mockserver.core.guard import Foreign, Guard
from mockserver.transport import Transport

KEY = {"authorization": "mock-sparkpost-key"}
PULSE = {"authorization": "Bearer mock-sendpulse-id"}
EVENTS = "/sparkpost/api/v1/events/message"
DOORS = [
    ("GET", "/_mock/messages"),
    ("POST", "/_mock/reset"),
    ("GET", EVENTS),
    ("POST", "/sendpulse/oauth/access_token"),
    ("GET", "/sparked/oauth/authorize"),
    ("GET", "/engagespark/v1/organizations/1/contacts/"),
    ("GET", "/sendspark/share/abcdefghijklmnop"),
    ("GET", "/"),
]
"""A path of each door: the control API, the services' own, and the way in."""

FOREIGN = [
    "evil.example.com", "evil.com:8025", "127.0.0.1.evil.com", "localhost.evil.com:8025", "evil.com.", "1.2.3",
    "mockserver.dev", "api.sparkpost.com.evil.net", "xapi.sparkpost.com", "[::1].evil.com", "xn--80ak6aa92e.com",
    "127.0.0.1.nip.io", "evil.xn--p1ai", "localhost,evil.com", "localhost evil.com", "user@evil.com", "évil.com",
]  # fmt: skip
OURS = [
    "127.0.0.1:8025", "127.0.0.2", "[::1]:8025", "localhost:8025", "LOCALHOST", "localhost.", "a.localhost",
    "mockserver:8025", "sandbox_1", "172.17.0.2:8025", "192.168.1.20", "10.0.0.7:80", "[fe80::1%eth0]:8025",
    "host.docker.internal:8025", "host.containers.internal", "mock.ci.svc.cluster.local", "mock.ci.svc", "mock.test",
    "registry.gitlab.com__group__mockserver", "registry.gitlab.com-group-mockserver", "api.sparkpost.com",
    "api.SENDPULSE.com:443", "acme.api.e.sparkpost.com", "api-gw.sendspark.com", "api.sparked.com", "",
]  # fmt: skip


@pytest.fixture(scope="module")
def app() -> httpx.ASGITransport:
    """A sandbox behind a container's port: whoever comes, comes from the bridge."""
    return httpx.ASGITransport(create_app(Settings(rate_limits=False)), client=("172.17.0.1", 4711))


@pytest.fixture
def bridge(app: httpx.ASGITransport) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=app, base_url="http://127.0.0.1:8025", headers=KEY)


@pytest.mark.asyncio
@pytest.mark.parametrize(("method", "path"), DOORS)
async def test_a_foreign_name_opens_no_door(bridge: httpx.AsyncClient, method: str, path: str) -> None:
    response = await bridge.request(method, path, headers={"host": "evil.example.com:8025"})
    assert response.status_code == 421
    error = response.json()["error"]
    assert error["code"] == "foreign_host"
    assert "MOCKSERVER_ALLOWED_HOSTS=evil.example.com" in error["message"]


@pytest.mark.parametrize("host", FOREIGN)
def test_foreign_names_are_known_as_such(host: str) -> None:
    guard = Guard(["api.sparkpost.com", "*.api.e.sparkpost.com"])
    for headers in ([(b"host", host.encode())], [(b"host", b"localhost"), (b"host", host.encode())]):
        with pytest.raises(Foreign):
            guard.check("GET", headers)


@pytest.mark.asyncio
@pytest.mark.parametrize("host", OURS)
async def test_what_people_call_it_opens_every_door(bridge: httpx.AsyncClient, host: str) -> None:
    for method, path in DOORS:
        response = await bridge.request(method, path, headers={"host": host})
        assert response.status_code != 421, (path, response.text)
        assert response.status_code < 500


def test_names_that_were_seen_are_remembered_up_to_a_bound() -> None:
    guard = Guard([])
    for number in range(2_000):
        guard.check("GET", [(b"host", b"mock-%d" % number)])
    assert len(guard._known) == 1_000


ORIGINS = [
    ("https://evil.com", {}, 403),
    ("http://127.0.0.1.evil.com:8025", {}, 403),
    ("null", {}, 403),
    ("null", {"sec-fetch-site": "cross-site"}, 403),
    ("null", {"sec-fetch-site": "same-origin"}, 401),
    ("http://127.0.0.1:8025", {}, 401),
    ("http://localhost:3000", {}, 401),
    ("https://api.sparkpost.com", {}, 401),
    ("capacitor://localhost", {}, 401),
    ("chrome-extension://abcdefgh", {}, 401),
]


@pytest.mark.asyncio
@pytest.mark.parametrize(("origin", "more", "status"), ORIGINS)
async def test_what_a_page_of_the_internet_posts_is_refused(
    bridge: httpx.AsyncClient, origin: str, more: dict[str, str], status: int
) -> None:
    """Without a credential: what gets past the door is a 401 of the service."""
    del bridge.headers["authorization"]
    headers = {"origin": origin, **more}
    response = await bridge.post("/sparkpost/api/v1/transmissions", headers=headers, content=b"{}")
    assert response.status_code == status
    assert (await bridge.get(EVENTS, headers=headers)).status_code == 401


# Links that the sandbox wrote.


class Run:
    """One run of a sandbox, in which the ready accounts have sent one thing of each kind that has a link."""

    def __init__(self, seed: int | None = None) -> None:
        app = create_app(Settings(seed=seed, rate_limits=False))
        self.app = app
        self.http = httpx.Client(transport=Transport(app), base_url="http://127.0.0.1:8025")

    def post(self, path: str, headers: dict[str, str], json: object) -> dict[str, Any]:
        response = self.http.post(path, headers=headers, json=json)
        assert response.status_code < 300, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def last_html(self, credential: str) -> str:
        account = self.app.sandbox.accounts.find(credential)
        assert account is not None
        (*_, message) = account.messages.oldest()
        return f"{message.html} {message.headers} {message.text}"

    def links(self) -> dict[str, tuple[str, str]]:
        """Method and address of each kind of link."""
        return {
            **self.sparkpost(),
            **self.sendpulse(),
            **self.confirmation(),
            **self.sendspark(),
            **self.sparked(),
        }

    def sparkpost(self) -> dict[str, tuple[str, str]]:
        content = {"from": "team@acme.example", "subject": "Hi", "html": "<body><a href='https://acme.example/'>x</a>"}
        options = {"click_tracking": True, "open_tracking": True}
        sent = {"recipients": [{"address": "wilma@flintstone.example"}], "content": content, "options": options}
        self.post("/sparkpost/api/v1/transmissions", KEY, sent)
        html = self.last_html("mock-sparkpost-key")
        return {
            f"sparkpost {kind}": (method, found(html, f"/sparkpost/{kind}/"))
            for kind, method in (("f", "GET"), ("q", "GET"), ("u", "POST"))
        }

    def sendpulse(self) -> dict[str, tuple[str, str]]:
        self.post("/_mock/services/sendpulse/simulations/smtp-tracking?account=mock-sendpulse-id", {}, {})
        mailbox = {"name": "A", "email": "team@acme.example"}
        html = base64.b64encode(b'<body><a href="https://acme.example/">x</a>').decode()
        mail = {"html": html, "text": "x", "subject": "Hi", "from": mailbox, "to": [mailbox]}
        self.post("/sendpulse/smtp/emails", PULSE, {"email": mail})
        html = self.last_html("mock-sendpulse-id")
        kinds = (("click", "GET"), ("open", "GET"), ("unsubscribe", "POST"))
        return {f"sendpulse {kind}": (method, found(html, f"/smtp/track/{kind}/")) for kind, method in kinds}

    def confirmation(self) -> dict[str, tuple[str, str]]:
        id = self.post("/sendpulse/addressbooks", PULSE, {"bookName": "A list"})["id"]
        body = {"emails": ["a@acme.example"], "confirmation": "force", "sender_email": "sender@example.com"}
        self.post(f"/sendpulse/addressbooks/{id}/emails", PULSE, body)
        return {"sendpulse confirmation": ("GET", found(self.last_html("mock-sendpulse-id"), "/confirmations/"))}

    def sendspark(self) -> dict[str, tuple[str, str]]:
        headers = {"x-api-key": "mock-sendspark-key", "x-api-secret": "mock-sendspark-secret"}
        base = "/sendspark/v1/workspaces/mock-workspace/dynamics"
        campaign = self.post(base, headers, {"name": "A campaign"})["_id"]
        prospect = {
            "contactName": "Wilma",
            "contactEmail": "wilma@flintstone.example",
            "backgroundUrl": "https://acme.example",
        }
        self.post(f"{base}/{campaign}/prospect", headers, {"processAndAuthorizeCharge": True, "prospect": prospect})
        self.post("/_mock/clock?account=mock-sendspark-key", {}, {"advance": 600})
        return {"sendspark share": ("GET", found(self.last_html("mock-sendspark-key"), "/sendspark/share/"))}

    def sparked(self) -> dict[str, tuple[str, str]]:
        headers = {"authorization": "Bearer mock-sparked-id"}
        kit = self.http.get("/sparked/api/v1/mediakit/cr_mock", headers=headers).json()["url"]
        query = {
            "response_type": "code",
            "client_id": "mock-sparked-id",
            "redirect_uri": "http://127.0.0.1:9000/",
            "scope": "read:profile",
        }
        page = self.http.get("/sparked/oauth/authorize", params=query).text
        sealed = re.findall(r'name="request" value="([^"]+)"', page)[0]
        form = {"request": sealed, "creator": "cr_mock", "scope": "read:profile", "decision": "approve"}
        return {
            "sparked kit": ("GET", kit),
            "sparked consent": ("POST", f"/sparked/oauth/authorize?client_id=mock-sparked-id&{urlencode(form)}"),
        }

    def follow(self, method: str, address: str) -> int:
        url = httpx.URL(address)
        if "request" in url.params:  # a form
            form = dict(url.params)
            client = form.pop("client_id")
            response = self.http.post(url.path, params={"client_id": client}, data=form)
        else:
            response = self.http.request(method, address)
        return response.status_code


def found(text: str, path: str) -> str:
    return re.findall(rf"https?://[^\s\"'<>]*{path}[^\s\"'<>]*", html.unescape(text))[0]


def test_a_link_that_another_run_has_written_leads_nowhere() -> None:
    """Who knows the sandbox's code, the ready credentials and all that was asked can write no link."""
    victim, attacker = Run(), Run()
    ours, forged = victim.links(), attacker.links()
    assert set(ours) == set(forged)
    assert {kind: victim.follow(*link) for kind, link in forged.items()} == {
        kind: 400 if kind == "sparked consent" else 404 for kind in forged
    }
    assert all(victim.follow(*link) in (200, 302, 303) for link in ours.values())


def test_a_seed_that_is_given_writes_the_same_links_again() -> None:
    first, second = Run(seed=0), Run(seed=0)
    links = first.links()
    second.links()
    assert all(second.follow(*link) in (200, 302, 303) for link in links.values())
