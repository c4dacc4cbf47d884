"""Share pages and mails with a video, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sparkbox import Settings, Sparkbox, World
from sparkbox.services.sendspark.videos import clips
from tests.browser import ENTER, MISSING, TAB, Browser, browse, faint
from tests.services.sendspark.api import LONG_ENOUGH, WORKSPACE

V2 = "/v2/workspaces/mock-workspace"
pytestmark = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))

EMAIL = "ann@acme.example"
PLAYING = "document.images[0]?.src.endsWith('/clip.gif') && document.images[0].complete"
WATCHED = "document.images[0]?.dataset.watched === '100'"
LONG = "Bartholomew" * 20


@pytest.fixture(scope="module")
def server() -> Iterator[Sparkbox]:
    with Sparkbox(Settings(validate_responses=True, rate_limits=False)) as server:
        yield server


class Harness:
    """A campaign in its own world."""

    def __init__(self, world: World) -> None:
        self.world = world
        headers = world.sendspark.headers
        self.api = httpx.Client(base_url=world.sendspark.url, headers=headers, trust_env=False)
        self.campaign: str = self.call("POST", "/dynamics", {"name": "Spring"})["_id"]

    def call(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        response = self.api.request(method, f"{WORKSPACE}{path}", json=body, params=query)
        assert response.status_code == 200, response.text
        return response.json()

    def video(self, **more: str) -> Any:
        """Return a prospect with a completed video, and its HTML for mails."""
        prospect = {"contactEmail": EMAIL, "contactName": "Ann Example", "company": "Acme", **more}
        body = {"processAndAuthorizeCharge": True, "prospect": prospect}
        self.call("POST", f"/dynamics/{self.campaign}/prospect", body)
        self.world.clock.advance(LONG_ENOUGH)
        return self.call("GET", f"/dynamics/{self.campaign}/prospects/{EMAIL}", include="emailEmbedHTML")

    @property
    def events(self) -> list[Any]:
        """Return the events after the video was completed."""
        found = [event.json() for event in self.world.events if event.service == "sendspark"]
        made = [event["eventType"] for event in found].index("video_mp4_ready")
        return found[made + 1 :]

    @property
    def event_types(self) -> list[str]:
        return [event["eventType"] for event in self.events]

    def expect(self, type: str) -> None:
        """Wait for an event: a page that is left reports while the next one is already open."""
        for _ in range(5000):
            if type in self.event_types:
                return
            httpx.get(f"{self.world.url}/_mock/health", trust_env=False)
        raise AssertionError(f"{type} was not emitted, only {self.event_types}")


@pytest.fixture
def harness(server: Sparkbox) -> Iterator[Harness]:
    world = server.world()
    world.clock.freeze()
    harness = Harness(world)
    yield harness
    harness.api.close()
    world.drop()


def test_captured_mail_shows_the_thumbnail_and_links_to_the_page(browser: Browser, harness: Harness) -> None:
    video = harness.video()
    mail = {
        "content": {"from": "sales@acme.example", "subject": "For you", "html": video["emailEmbedHTML"]},
        "recipients": [{"address": EMAIL}],
    }
    place = harness.world.sparkpost
    sent = httpx.post(f"{place.url}/api/v1/transmissions", json=mail, headers=place.headers, trust_env=False)
    assert sent.status_code == 200, sent.text
    [captured] = [message for message in harness.world.messages if message.channel == "email"]
    browser.open(f"{harness.world.url}/_mock/messages/{captured.number}/html")
    thumbnail = browser.find("img[width='480']")
    assert (thumbnail.property("naturalWidth"), thumbnail.property("naturalHeight")) == (480, 270)
    assert thumbnail.label == "Watch the video for Ann Example"
    assert [line for line in browser.log() if "favicon.ico" not in line] == []
    first = browser.windows[0]
    thumbnail.click()
    browser.switch(browser.windows[-1])
    browser.wait("document.title === 'Spring'")
    assert browser.url == video["shareUrl"]
    assert harness.event_types == ["video_viewed"]
    browser.close_window(first)


def test_captured_mail_loads_nothing_from_elsewhere(browser: Browser, harness: Harness) -> None:
    html = '<img id="out" src="https://elsewhere.example/pixel.gif"><script>document.title = "ran"</script>'
    mail = {
        "content": {"from": "sales@acme.example", "subject": "For you", "html": html},
        "recipients": [{"address": EMAIL}],
    }
    place = harness.world.sparkpost
    httpx.post(f"{place.url}/api/v1/transmissions", json=mail, headers=place.headers, trust_env=False)
    [captured] = harness.world.messages
    browser.open(f"{harness.world.url}/_mock/messages/{captured.number}/html")
    assert browser.title == ""
    refused = " ".join(browser.log())
    assert "elsewhere.example" in refused
    assert "Content Security Policy" in refused


def test_playing_to_the_end_reports_100_per_cent(browser: Browser, harness: Harness) -> None:
    browser.open(harness.video()["shareUrl"])
    assert browser.title == "Spring"
    browser.find("button.play").click()
    browser.wait(PLAYING)
    assert browser.find("img.video").property("naturalWidth") == 480
    browser.wait(WATCHED)
    assert [step.text for step in browser.all(".step.done")] == ["25 %", "50 %", "75 %", "100 %"]
    assert harness.event_types == ["video_viewed", "video_played", "video_watched"]
    assert harness.events[-1]["watchPercentage"] == 100
    assert browser.log() == []


def test_leaving_early_reports_less(browser: Browser, harness: Harness) -> None:
    # Each reading of the page's clock advances it by half a clip, and timers never fire.
    clock = f"let now = 0; performance.now = () => (now += {clips.MILLISECONDS / 2}); window.setTimeout = () => 0"
    url = harness.video()["shareUrl"]
    with browser.beforehand(clock):
        browser.open(f"{url}/watch")
        browser.open("about:blank")
    harness.expect("video_watched")
    assert harness.events[-1]["watchPercentage"] == 50


def test_liking_does_not_report_an_early_leave(browser: Browser, harness: Harness) -> None:
    browser.open(harness.video()["shareUrl"])
    browser.find("button.play").click()
    browser.wait(PLAYING)
    browser.find("form[action$=like] button").click()
    browser.wait("document.querySelector('.liked')")
    browser.wait(WATCHED)
    assert harness.event_types == ["video_viewed", "video_played", "video_liked", "video_watched"]


def test_call_to_action_opens_its_link(browser: Browser, harness: Harness) -> None:
    link = f"{harness.world.url}/_mock/health"
    buttons = [{"position": 1, "label": "Talk to us", "link": link}]
    harness.api.patch(f"{V2}/dynamics/{harness.campaign}", json={"buttons": buttons}).raise_for_status()
    browser.open(harness.video()["shareUrl"])
    browser.find("a.cta").click()
    browser.wait("location.pathname === '/_mock/health'")
    assert harness.event_types == ["video_viewed", "video_cta_clicked"]


def test_embedded_video_plays(browser: Browser, harness: Harness) -> None:
    embed = harness.video()["embedUrl"]
    elsewhere = harness.world.url.replace("127.0.0.1", "localhost")
    browser.open(f"{elsewhere}/_mock/health")
    browser.run(f"document.body.innerHTML = '<iframe src=\"{embed}\" width=500 height=300></iframe>'")
    browser.post("/frame", {"id": 0})
    browser.wait("document.querySelector('button.play')")
    browser.find("button.play").click()
    browser.wait(WATCHED)
    assert harness.event_types == ["video_viewed", "video_played", "video_watched"]


def test_share_page_works_by_keyboard(browser: Browser, harness: Harness) -> None:
    browser.open(harness.video()["shareUrl"])
    browser.press(TAB)
    assert (browser.focused.role, browser.focused.label) == ("button", "A video for Ann Example: play")
    browser.press(ENTER)
    browser.wait(WATCHED)
    browser.press(TAB)
    assert (browser.focused.role, browser.focused.label.strip()) == ("button", "Like")
    browser.press(ENTER)
    browser.wait("document.querySelector('.liked')")
    assert "video_liked" in harness.event_types


def test_share_page_works_without_scripts(harness: Harness, tmp_path: Path) -> None:
    with browse(tmp_path, scripts=False) as browser:
        browser.open(harness.video()["shareUrl"])
        browser.find("button.play").click()
        browser.wait(PLAYING)
        browser.all(".step")[1].click()
        browser.wait("document.querySelector('.done')")
        assert [step.text for step in browser.all(".step.done")] == ["25 %", "50 %"]
    assert harness.event_types == ["video_viewed", "video_played", "video_watched"]
    assert harness.events[-1]["watchPercentage"] == 50


@pytest.mark.parametrize("page", ["", "/watch", "?again=1", "-nowhere"])
def test_share_page_text_has_enough_contrast(browser: Browser, harness: Harness, page: str) -> None:
    url = harness.video(contactName="小明")["shareUrl"]
    httpx.post(f"{url}/like", trust_env=False)
    browser.open(url + page)
    assert faint(browser) == []


@pytest.mark.parametrize("width", [320, 500, 1200])
@pytest.mark.parametrize("name", ["Ann Example", LONG, "小明" * 100, "محمد" * 60])
def test_share_page_fits_the_screen(browser: Browser, harness: Harness, width: int, name: str) -> None:
    more = {"title": name, "message": name, "buttons": [{"label": name, "link": "https://acme.example/"}]}
    harness.api.patch(f"{V2}/dynamics/{harness.campaign}", json=more).raise_for_status()
    url = harness.video(contactName=name, company=name)["shareUrl"]
    browser.screen(width)
    for page in (url, f"{url}/watch", url.replace("/share/", "/embed/")):
        browser.open(page)
        wide, screen = browser.run("return [document.documentElement.scrollWidth, window.innerWidth]")
        assert wide <= screen <= width


def test_name_in_any_script_is_shown_and_not_run(browser: Browser, harness: Harness) -> None:
    for name in ("小明", "محمد", "🎉", "<b>Bold</b>", "</bdi><script>document.title='ran'</script>", "\u202egnirts"):
        url = harness.video(contactName=name)["shareUrl"]
        browser.open(url)
        assert browser.run("return document.querySelector('.from b bdi').textContent") == name
        assert browser.title == "Spring"
        assert browser.find(".from").text.startswith("Sandy Box made a video for")
        assert browser.log() == []
