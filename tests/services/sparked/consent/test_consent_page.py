"""The pages in a real browser: by mouse, by keyboard, without scripts, and accessible."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from sparkbox import Settings, Sparkbox, World
from tests.browser import ENTER, MISSING, SPACE, TAB, Browser, browse, faint

pytestmark = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))

SCHEMES = ("light", "dark")


class Callback:
    """The partner's own page, to which browsers return."""

    def __init__(self) -> None:
        self.arrived: SimpleQueue[dict[str, str]] = SimpleQueue()
        arrived = self.arrived

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.startswith("/callback"):
                    arrived.put(dict(parse_qsl(urlsplit(self.path).query)))
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(b"<title>Back at Acme</title>")

            def log_message(self, format: str, *args: Any) -> None:
                """Log nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever)
        self.url = f"http://127.0.0.1:{self._server.server_port}/callback"

    def __enter__(self) -> Callback:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="module")
def server() -> Iterator[Sparkbox]:
    with Sparkbox(Settings(validate_responses=True, rate_limits=False)) as server:
        yield server


@pytest.fixture
def world(server: Sparkbox) -> Iterator[World]:
    world = server.world()
    yield world
    world.drop()


@pytest.fixture
def callback() -> Iterator[Callback]:
    with Callback() as callback:
        yield callback


def consent_url(world: World, callback: Callback, scope: str = "read:profile write:gameplan read:mediakit") -> str:
    fields = {
        "response_type": "code", "client_id": world.sparked.client_id, "redirect_uri": callback.url,
        "scope": scope, "state": "s t&u",
    }  # fmt: skip
    return f"{world.sparked.url}/oauth/authorize?{urlencode(fields)}"


def tokens(world: World, callback: Callback) -> dict[str, Any]:
    """Exchange the code that the browser brought back."""
    brought = callback.arrived.get(timeout=10)
    assert brought["state"] == "s t&u"
    form = {"grant_type": "authorization_code", "code": brought["code"], "redirect_uri": callback.url}
    client = (world.sparked.client_id, world.sparked.client_secret)
    response = httpx.post(f"{world.sparked.url}/oauth/token", data=form, auth=client, trust_env=False)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def test_creator_approves_in_the_browser(browser: Browser, world: World, callback: Callback) -> None:
    browser.open(consent_url(world, callback))
    browser.find("button[value=approve]").click()
    browser.wait("document.title === 'Back at Acme'")
    granted = tokens(world, callback)
    assert (granted["scope"], granted["creator_id"]) == ("read:profile write:gameplan read:mediakit", "cr_mock")
    assert browser.log() == []


def test_another_creator_unticks_a_scope(browser: Browser, world: World, callback: Callback) -> None:
    browser.open(consent_url(world, callback))
    browser.find("label[for=write-gameplan]").click()
    creator = browser.all("input[name=creator]")[2]
    creator.click()
    id = creator.property("value")
    browser.find("button[value=approve]").click()
    granted = tokens(world, callback)
    assert (granted["scope"], granted["creator_id"]) == ("read:profile read:mediakit", id)


def test_creator_denies_in_the_browser(browser: Browser, world: World, callback: Callback) -> None:
    browser.open(consent_url(world, callback))
    browser.find("button[value=deny]").click()
    brought = callback.arrived.get(timeout=10)
    assert (brought["error"], brought["state"]) == ("access_denied", "s t&u")
    assert world.events == []


def test_consent_page_works_by_keyboard(browser: Browser, world: World, callback: Callback) -> None:
    browser.open(consent_url(world, callback))
    seen = []
    for _ in range(6):
        browser.press(TAB)
        seen.append(browser.focused.property("id") or browser.focused.property("value"))
        if seen[-1] == "read-mediakit":
            browser.press(SPACE)
    assert seen == ["read-profile", "write-gameplan", "read-mediakit", "cr_mock", "approve", "deny"]
    browser.open(consent_url(world, callback))
    browser.press(TAB, SPACE, TAB, TAB, TAB, TAB, ENTER)
    assert tokens(world, callback)["scope"] == "write:gameplan read:mediakit"


def test_consent_page_has_accessible_roles_and_labels(browser: Browser, world: World, callback: Callback) -> None:
    browser.open(consent_url(world, callback))
    heading = browser.find("h1").text
    assert "wants to use your Sparked data" in heading
    assert browser.title == heading
    assert browser.run("return document.documentElement.lang") == "en"
    assert browser.find("main").role == "main"
    groups = [(group.role, group.label) for group in browser.all("fieldset")]
    assert [role for role, _ in groups] == ["group", "group"]
    assert "will be able to" in groups[0][1]
    assert "Whose consent is it?" in groups[1][1]
    boxes = [(box.role, box.label, box.selected) for box in browser.all("input[type=checkbox]")]
    assert boxes == [
        ("checkbox", "See your profile", True),
        ("checkbox", "Add to your content plan makes changes", True),
        ("checkbox", "See and generate your media kit", True),
    ]
    radios = browser.all("input[type=radio]")
    assert [radio.role for radio in radios] == ["radio"] * 4
    assert all(re.fullmatch(r"\S+ .*\S+ cr_\w+", radio.label) for radio in radios)
    assert [(button.role, button.label) for button in browser.all("button")] == [
        ("button", "Approve"),
        ("button", "Deny"),
    ]
    described = browser.run(
        "return [...document.querySelectorAll('input[type=checkbox]')]"
        ".map(box => document.getElementById(box.getAttribute('aria-describedby')).innerText)"
    )
    assert described[0].startswith("Your name, handle, avatar and bio")


def test_pages_work_without_scripts(world: World, callback: Callback, tmp_path: Path) -> None:
    with browse(tmp_path, scripts=False) as browser:
        browser.open("data:text/html,<title>off</title><script>document.title='on'</script>")
        assert browser.title == "off"
        browser.open(consent_url(world, callback))
        browser.find("button[value=approve]").click()
        assert tokens(world, callback)["creator_id"] == "cr_mock"


def test_wrong_redirect_uri_is_shown_and_not_followed(browser: Browser, world: World, callback: Callback) -> None:
    wrong = consent_url(world, callback).replace("127.0.0.1%3A", "evil.example%3A")
    browser.open(wrong)
    assert browser.url == wrong
    alert = browser.find("[role=alert]")
    assert "has not registered" in alert.text
    assert browser.all("a, form") == []


def test_kit_page_is_shown_and_counted(browser: Browser, world: World) -> None:
    kit = httpx.get(
        f"{world.sparked.url}/api/v1/mediakit/cr_mock", headers=world.sparked.headers, trust_env=False
    ).json()
    browser.open(kit["url"])
    assert browser.title == kit["title"]
    assert browser.run("return document.images[0].naturalWidth") == 256
    assert browser.find("svg.chart").role in ("image", "img")
    assert browser.log() == []
    assert [event.type for event in world.events] == ["mediakit.viewed"]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("page", ["consent", "error", "kit"])
def test_page_text_has_enough_contrast(
    browser: Browser, world: World, callback: Callback, page: str, scheme: str
) -> None:
    open_page(browser, world, callback, page)
    browser.scheme(scheme)
    assert faint(browser) == []


@pytest.mark.parametrize("page", ["consent", "error", "kit"])
@pytest.mark.parametrize("width", [360, 500, 1200])
def test_pages_fit_the_screen(browser: Browser, world: World, callback: Callback, page: str, width: int) -> None:
    browser.screen(width)
    open_page(browser, world, callback, page)
    wide = browser.run("return [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    browser.screen(None)
    assert wide[0] <= wide[1] <= width


def open_page(browser: Browser, world: World, callback: Callback, page: str) -> None:
    match page:
        case "consent":
            browser.open(consent_url(world, callback))
        case "error":
            browser.open(f"{world.sparked.url}/oauth/authorize")
        case "kit":
            headers = world.sparked.headers
            browser.open(
                httpx.get(f"{world.sparked.url}/api/v1/mediakit/cr_mock", headers=headers, trust_env=False).json()[
                    "url"
                ]
            )
