"""Who gets in: requests under foreign names, of foreign pages, with other services' credentials, with forged links."""

from __future__ import annotations

import httpx
import pytest

from mockserver import create_app
from mockserver.core.config import Settings
from mockserver.core.guard import Foreign, Guard

KEY = {"authorization": "mock-sparkpost-key"}
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
