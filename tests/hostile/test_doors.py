"""Who gets in: foreign hosts, cross-site requests, credentials of other services, forged links."""

from __future__ import annotations

import base64
import html
import http.client
import re
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from sparkbox import Sparkbox, create_app
from sparkbox.core.request.guard import Foreign, Guard
from sparkbox.core.state.config import Settings
from sparkbox.server.smtp.gateway import Gateway
from sparkbox.testing.transport import Transport

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
"""A path of each kind: the control API, the services, the start page."""

FOREIGN = [
    "evil.example.com", "evil.com:8025", "127.0.0.1.evil.com", "localhost.evil.com:8025", "evil.com.", "1.2.3",
    "sparkbox.dev", "api.sparkpost.com.evil.net", "xapi.sparkpost.com", "[::1].evil.com", "xn--80ak6aa92e.com",
    "127.0.0.1.nip.io", "evil.xn--p1ai", "localhost,evil.com", "localhost evil.com", "user@evil.com", "évil.com",
]  # fmt: skip
OURS = [
    "127.0.0.1:8025", "127.0.0.2", "[::1]:8025", "localhost:8025", "LOCALHOST", "localhost.", "a.localhost",
    "sparkbox:8025", "sandbox_1", "172.17.0.2:8025", "192.168.1.20", "10.0.0.7:80", "[fe80::1%eth0]:8025",
    "host.docker.internal:8025", "host.containers.internal", "mock.ci.svc.cluster.local", "mock.ci.svc", "mock.test",
    "registry.gitlab.com__group__sparkbox", "registry.gitlab.com-group-sparkbox", "api.sparkpost.com",
    "api.SENDPULSE.com:443", "acme.api.e.sparkpost.com", "api-gw.sendspark.com", "api.sparked.com", "",
]  # fmt: skip


@pytest.fixture(scope="module")
def app() -> httpx.ASGITransport:
    """A sandbox behind a container's port: all clients come from the bridge."""
    return httpx.ASGITransport(create_app(Settings(rate_limits=False)), client=("172.17.0.1", 4711))


@pytest.fixture
def bridge(app: httpx.ASGITransport) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=app, base_url="http://127.0.0.1:8025", headers=KEY)


@pytest.mark.asyncio
@pytest.mark.parametrize(("method", "path"), DOORS)
async def test_foreign_host_is_refused(bridge: httpx.AsyncClient, method: str, path: str) -> None:
    response = await bridge.request(method, path, headers={"host": "evil.example.com:8025"})
    assert response.status_code == 421
    error = response.json()["error"]
    assert error["code"] == "foreign_host"
    assert "SPARKBOX_ALLOWED_HOSTS=evil.example.com" in error["message"]


@pytest.mark.parametrize("host", FOREIGN)
def test_foreign_host_is_recognised(host: str) -> None:
    guard = Guard(["api.sparkpost.com", "*.api.e.sparkpost.com"])
    for headers in ([(b"host", host.encode())], [(b"host", b"localhost"), (b"host", host.encode())]):
        with pytest.raises(Foreign):
            guard.check("GET", headers)


@pytest.mark.asyncio
@pytest.mark.parametrize("host", OURS)
async def test_usual_hosts_are_accepted(bridge: httpx.AsyncClient, host: str) -> None:
    for method, path in DOORS:
        response = await bridge.request(method, path, headers={"host": host})
        assert response.status_code != 421, (path, response.text)
        assert response.status_code < 500


def test_hosts_are_remembered_up_to_a_limit() -> None:
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
    ("http://8.8.8.8", {}, 403),
    ("https://[2001:4860:4860::8888]:8443", {}, 403),
    ("http://8.8.8.8:80", {"host": "8.8.8.8:80"}, 401),
    ("http://192.168.1.20:3000", {}, 401),
    ("http://127.0.0.1:8025", {}, 401),
    ("http://localhost:3000", {}, 401),
    ("https://api.sparkpost.com", {}, 401),
    ("capacitor://localhost", {}, 401),
    ("chrome-extension://abcdefgh", {}, 401),
]


@pytest.mark.asyncio
@pytest.mark.parametrize(("origin", "more", "status"), ORIGINS)
async def test_cross_site_request_is_refused(
    bridge: httpx.AsyncClient, origin: str, more: dict[str, str], status: int
) -> None:
    """Without a credential: what gets in is a 401 of the service."""
    del bridge.headers["authorization"]
    headers = {"origin": origin, **more}
    response = await bridge.post("/sparkpost/api/v1/transmissions", headers=headers, content=b"{}")
    assert response.status_code == status
    assert (await bridge.get(EVENTS, headers=headers)).status_code == 401


# Links.


class Run:
    """One run of a sandbox, in which the ready accounts have sent a message of each kind that has links."""

    def __init__(self, seed: int | None = None) -> None:
        app = create_app(Settings(seed=seed, rate_limits=False))
        self.app = app
        self.http = httpx.Client(transport=Transport(app), base_url="http://127.0.0.1:8025")

    def post(self, path: str, headers: dict[str, str], json: object) -> dict[str, Any]:
        sent = self.http.post(path, headers=headers, json=json)
        assert sent.status_code < 300, sent.text
        response: dict[str, Any] = sent.json()
        return response

    def last_html(self, credential: str) -> str:
        account = self.app.sandbox.accounts.find(credential)
        assert account is not None
        (*_, message) = account.messages.oldest()
        return f"{message.html} {message.headers} {message.text}"

    def links(self) -> dict[str, tuple[str, str]]:
        """Return method and address of each kind of link."""
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
        signed = re.findall(r'name="request" value="([^"]+)"', page)[0]
        form = {"request": signed, "creator": "cr_mock", "scope": "read:profile", "decision": "approve"}
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
    return str(re.findall(rf"https?://[^\s\"'<>]*{path}[^\s\"'<>]*", html.unescape(text))[0])


def test_link_of_another_run_is_not_found() -> None:
    """The code, the ready credentials and all requests are not enough to forge a link."""
    victim, attacker = Run(), Run()
    ours, forged = victim.links(), attacker.links()
    assert set(ours) == set(forged)
    assert {kind: victim.follow(*link) for kind, link in forged.items()} == {
        kind: 400 if kind == "sparked consent" else 404 for kind in forged
    }
    assert all(victim.follow(*link) in (200, 302, 303) for link in ours.values())


def test_link_repeats_with_a_given_seed() -> None:
    first, second = Run(seed=0), Run(seed=0)
    links = first.links()
    second.links()
    assert all(second.follow(*link) in (200, 302, 303) for link in links.values())


# Credentials.

READY = {
    "sparkpost": "mock-sparkpost-key",
    "sendpulse": "mock-sendpulse-id",
    "engagespark": "mock-engagespark-token",
    "sendspark": "mock-sendspark-key",
    "sparked": "mock-sparked-id",
}
SECRETS = ["mock-sendpulse-secret", "mock-sendspark-secret", "mock-sparked-secret"]
SMTP_USERS = {"sparkpost": "SMTP_Injection", "sendpulse": "no-reply@acme.example"}
WAYS = [*READY, "smtp sparkpost", "smtp sendpulse", "oauth sendpulse", "oauth sparked"]
"""Every way to present a credential: each service's API, each mail relay, each token endpoint."""


class Doors:
    """A sandbox, and all ways to present a credential to it."""

    def __init__(self, **settings: Any) -> None:
        self.app = create_app(Settings(rate_limits=False, **settings))
        self.http = httpx.Client(transport=Transport(self.app), base_url="http://127.0.0.1:8025")
        self.gateway = Gateway(self.app.sandbox, tuple(SMTP_USERS), "http://127.0.0.1:8025")

    def takes(self, way: str, credential: str) -> bool:
        kind, _, name = way.rpartition(" ")
        if kind == "smtp":
            identity, reply = self.gateway.identify(SMTP_USERS[name], credential, "127.0.0.1")
            assert reply.startswith("235" if identity is not None else "535")
            return identity is not None
        secret = f"mock-{name}-secret"
        match way:
            case "sparkpost":
                status = self.get("/sparkpost/api/v1/templates", authorization=credential)
            case "sendpulse":
                status = self.get("/sendpulse/balance", authorization=f"Bearer {credential}")
            case "engagespark":
                path = "/engagespark/v1/organizations/1/contacts/"
                status = self.get(path, authorization=f"Token {credential}")
            case "sendspark":
                status = self.get("/sendspark/v1/workspaces", **{"x-api-key": credential, "x-api-secret": secret})
            case "sparked":
                status = self.get("/sparked/api/v1/creators/cr_mock", authorization=f"Bearer {credential}")
            case "oauth sendpulse":
                body = {"grant_type": "client_credentials", "client_id": credential, "client_secret": secret}
                status = self.http.post("/sendpulse/oauth/access_token", json=body).status_code
                status = {400: 401}.get(status, status)
            case _:
                form = {"token": "none", "client_id": credential, "client_secret": secret}
                status = self.http.post("/sparked/oauth/revoke", data=form).status_code
        assert status in (200, 401), (way, credential, status)
        return status == 200

    def get(self, path: str, **headers: str) -> int:
        return self.http.get(path, headers=headers).status_code

    def note(self) -> str | None:
        (*_, entry) = self.app.sandbox.anonymous.requests.oldest()
        return entry.note


def service_of(way: str) -> str:
    return way.rpartition(" ")[2]


@pytest.fixture(scope="module")
def doors() -> Doors:
    return Doors()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("owner", READY)
def test_ready_credential_opens_only_its_service(doors: Doors, owner: str, way: str) -> None:
    credential = READY[owner]
    assert doors.takes(way, credential) == (owner == service_of(way))
    if owner != service_of(way):
        assert doors.note() == f"{credential} is a credential of {owner}, and refused by {service_of(way)}"


@pytest.mark.parametrize("way", WAYS)
def test_ready_secret_is_not_a_key(doors: Doors, way: str) -> None:
    assert not any(doors.takes(way, secret) for secret in SECRETS)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("first", WAYS)
def test_credential_belongs_to_the_first_service_that_uses_it(doors: Doors, first: str, way: str) -> None:
    credential = f"mock-{first}-then-{way}".replace(" ", "_")
    assert doors.takes(first, credential)
    if service_of(first) == service_of(way):
        assert doors.takes(way, credential)
        return
    assert not doors.takes(way, credential)
    refused = f"{credential} is a credential of {service_of(first)}, and refused by {service_of(way)}"
    assert doors.note() == f"{refused}, where {credential}.{service_of(way)} opens the same account"
    assert doors.takes(first, credential)


@pytest.mark.parametrize("first", WAYS)
def test_account_has_a_credential_for_each_service(doors: Doors, first: str) -> None:
    credential = f"mock-all-{first}".replace(" ", "_")
    assert doors.takes(first, credential)
    accounts = len(doors.app.sandbox.accounts)
    for way in WAYS:
        for name in READY:
            assert doors.takes(way, f"{credential}.{name}") == (name == service_of(way))
    assert len(doors.app.sandbox.accounts) == accounts
    account = doors.app.sandbox.accounts.find(f"{credential}.sparked")
    assert account is not None
    assert set(account.stores) == set(READY)


def test_ready_secret_of_another_service_is_refused() -> None:
    doors = Doors()
    headers = {"x-api-key": "mock-fresh", "x-api-secret": "mock-sendpulse-secret"}
    assert doors.get("/sendspark/v1/workspaces", **headers) == 401
    assert doors.note() == "mock-sendpulse-secret is not one of sendspark's secrets"
    assert doors.app.sandbox.accounts.find("mock-fresh") is None
    assert doors.get("/sendspark/v1/workspaces", **{**headers, "x-api-secret": "mock-anything"}) == 200


@pytest.mark.parametrize("accept_any_key", [False, True])
def test_reset_frees_a_credential_for_another_service(accept_any_key: bool) -> None:
    doors = Doors(accept_any_key=accept_any_key)
    assert doors.takes("sparkpost", "mock-a")
    assert not doors.takes("sendpulse", "mock-a")
    doors.http.post("/_mock/reset", params={"account": "mock-a"})
    assert doors.takes("sendpulse", "mock-a")
    assert not doors.takes("sparkpost", "mock-a")
    assert not doors.takes("sparkpost", "mock-sendpulse-id")


def test_long_credential_is_read_in_linear_time() -> None:
    accounts = Doors().app.sandbox.accounts
    endless = "mock-a" + ".sparkpost" * 100_000
    assert accounts.open(endless, "sparkpost") is None
    assert accounts.root("mock-a" + ".sparkpost" * 400) == "mock-a"


def test_control_api_names_the_service_of_a_credential() -> None:
    doors = Doors()
    doors.takes("sparkpost", "mock-a")
    doors.takes("sendpulse", "mock-a.sendpulse")
    (account,) = doors.http.get("/_mock/accounts", params={"account": "mock-a.sendpulse"}).json()["accounts"]
    assert (account["credential"], account["service"]) == ("mock-a", "sparkpost")
    assert set(account["services"]) == {"sparkpost", "sendpulse"}
    taken = doors.http.post("/_mock/accounts", json={"credential": "mock-a.sparked"})
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "account_exists")
    fork = doors.http.post("/_mock/accounts", json={"credential": "mock-b.sparked", "from": "mock-a.sendpulse"})
    assert (fork.json()["credential"], fork.json()["service"]) == ("mock-b", None)
    assert doors.takes("engagespark", "mock-b")


# On the wire.

TARGETS = [
    ("http://evil.com/_mock/messages", "localhost", 421),
    ("http://evil.com:8025/sparkpost/api/v1/templates", "127.0.0.1", 421),
    ("HTTP://localhost/_mock/messages", "evil.com", 200),
    ("http://api.sparkpost.com/api/v1/templates?draft=true", "evil.com", 200),
    ("http://localhost", "localhost", 200),
    ("http://localhost?x=1", "localhost", 200),
    ("http://user@evil.com/_mock/messages", "localhost", 421),
    ("/_mock/messages", "evil.com", 421),
    ("/_mock/messages", "", 200),
    ("/_mock/messages", None, 200),
    ("evil.com:443", "localhost", 400),
    ("http:///_mock/messages", "localhost", 400),
    ("http://:80/_mock/messages", "localhost", 400),
    ("ftp://localhost/_mock/messages", "localhost", 400),
    ("http://user@localhost/_mock/messages", "localhost", 421),
    ("http://localhost:x@evil.com/_mock/messages", "localhost", 421),
    ("HTTP://LOCALHOST.:80/_mock/messages", "evil.com", 200),
    ("http://[::1]:8025/_mock/messages", "evil.com", 200),
    ("http://[::1/_mock/messages", "localhost", 421),
    ("http://[::1]:x@evil.com/_mock/messages", "localhost", 421),
    ("/_mock/messages", "localhost:x@evil.com", 421),
    ("/_mock/messages", "api.sparkpost.com:x@evil.com", 421),
    ("/_mock/messages", "[::1]:x@evil.com", 421),
    ("/_mock/messages", "localhost:", 200),
]
"""Request target, ``Host`` and status: the host of an absolute target counts."""


@pytest.mark.parametrize(("target", "host", "status"), TARGETS)
def test_host_of_an_absolute_target_counts(
    sparkbox_session: Sparkbox, target: str, host: str | None, status: int
) -> None:
    address = httpx.URL(sparkbox_session.url)
    wire = http.client.HTTPConnection(address.host, address.port or 80, timeout=10)
    wire.putrequest("GET", target, skip_host=True)
    for name, value in (("Host", host), ("Authorization", "mock-sparkpost-key")):
        if value is not None:
            wire.putheader(name, value)
    wire.endheaders()
    assert wire.getresponse().status == status
    wire.close()
