"""What people see, in a real browser: mails with a video in them, share pages, their clips and events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mockserver import MockServer, Settings, World
from tests.browser import MISSING, Browser, browse

from .room import LONG_ENOUGH, WORKSPACE

pytestmark = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))

EMAIL = "ann@acme.example"


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(Settings(validate_answers=True, rate_limits=False)) as server:
        yield server


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browse(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    chromium.open("about:blank")
    chromium.resize(1000, 1000)
    chromium.log()
    return chromium


class Desk:
    """A campaign of a world of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        headers = world.sendspark.headers
        self.api = httpx.Client(base_url=world.sendspark.url, headers=headers, trust_env=False)
        self.campaign: str = self.call("POST", "/dynamics", {"name": "Spring"})["_id"]

    def call(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        answer = self.api.request(method, f"{WORKSPACE}{path}", json=body, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def video(self, **more: str) -> Any:
        """A prospect whose video is made, with what is pasted into mails."""
        prospect = {"contactEmail": EMAIL, "contactName": "Ann Example", "company": "Acme", **more}
        body = {"processAndAuthorizeCharge": True, "prospect": prospect}
        self.call("POST", f"/dynamics/{self.campaign}/prospect", body)
        self.world.clock.advance(LONG_ENOUGH)
        return self.call("GET", f"/dynamics/{self.campaign}/prospects/{EMAIL}", include="emailEmbedHTML")

    @property
    def told(self) -> list[str]:
        """What happened to the video once it was made."""
        found = [event.type for event in self.world.events if event.service == "sendspark"]
        return found[found.index("video_mp4_ready") + 1 :]


@pytest.fixture
def desk(server: MockServer) -> Iterator[Desk]:
    world = server.world()
    world.clock.freeze()
    desk = Desk(world)
    yield desk
    desk.api.close()
    world.drop()


def test_a_captured_mail_shows_the_thumbnail_and_leads_to_the_page(browser: Browser, desk: Desk) -> None:
    video = desk.video()
    mail = {
        "content": {"from": "sales@acme.example", "subject": "For you", "html": video["emailEmbedHTML"]},
        "recipients": [{"address": EMAIL}],
    }
    place = desk.world.sparkpost
    sent = httpx.post(f"{place.url}/api/v1/transmissions", json=mail, headers=place.headers, trust_env=False)
    assert sent.status_code == 200, sent.text
    [captured] = [message for message in desk.world.messages if message.channel == "email"]
    browser.open(f"{desk.world.url}/_mock/messages/{captured.number}/html")
    thumbnail = browser.find("img[width='480']")
    assert (thumbnail.property("naturalWidth"), thumbnail.property("naturalHeight")) == (480, 270)
    assert thumbnail.label == "Watch the video for Ann Example"
    assert [line for line in browser.log() if "favicon.ico" not in line] == []
    first = browser.windows[0]
    thumbnail.click()
    browser.switch(browser.windows[-1])
    browser.wait("document.title === 'Spring'")
    assert browser.url == video["shareUrl"]
    assert desk.told == ["video_viewed"]
    browser.close_window(first)


def test_a_captured_mail_loads_nothing_from_elsewhere(browser: Browser, desk: Desk) -> None:
    html = '<img id="out" src="https://elsewhere.example/pixel.gif"><script>document.title = "ran"</script>'
    mail = {
        "content": {"from": "sales@acme.example", "subject": "For you", "html": html},
        "recipients": [{"address": EMAIL}],
    }
    place = desk.world.sparkpost
    httpx.post(f"{place.url}/api/v1/transmissions", json=mail, headers=place.headers, trust_env=False)
    [captured] = desk.world.messages
    browser.open(f"{desk.world.url}/_mock/messages/{captured.number}/html")
    assert browser.title == ""
    refused = " ".join(browser.log())
    assert "elsewhere.example" in refused
    assert "Content Security Policy" in refused
